"""``caselens library search``, ``show``, ``edit``, ``delete``, ``merge``, ``undo``, ``history``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inference.diagnoses import CONFIRMATIONS, diagnosis_name
from inference.errors import CaseLensError
from inference.library.library import Library
from inference.library.model import Case, Change

if TYPE_CHECKING:
    from inference.commands import Commands

_TEXTS = ("diagnosis", "confirmation", "sex", "site", "source", "licence", "patient", "note")
_SIGNED = ("--tag", "--follow-up")


def add_to(actions: Commands) -> None:
    """Add the actions on cases."""
    search = _action(actions, "search", "find cases by words", _search)
    search.add_argument("words", nargs="+", metavar="WORD",
                        help="of diagnosis, lesion, site, tags, note, source or a picture's name; "
                        "the last may be a beginning")  # fmt: skip
    search.add_argument("--limit", type=int, default=20, metavar="N", help="default 20")
    search.add_argument("--json", action="store_true", help="one JSON object a line")
    show = _action(actions, "show", "say all that is known of a case", _show)
    _case(show)
    show.add_argument("--json", action="store_true")
    edit = _action(actions, "edit", "change facts of a case", _edit)
    _case(edit)
    for name in _TEXTS:
        edit.add_argument(f"--{name}", help=_HELP.get(name))
    edit.add_argument("--age", metavar="YEARS", help='"" for unknown')
    edit.add_argument("--tag", action="append", default=[], metavar="+WORD|-WORD",
                      help="add or take away a tag; may be given several times")  # fmt: skip
    edit.add_argument("--follow-up", action="append", default=[], metavar="+DAY|-DAY",
                      help="likewise a day such as 2026-03-31")  # fmt: skip
    _who(edit)
    delete = _action(actions, "delete", "take cases or pictures out of the library", _delete)
    delete.add_argument("cases", nargs="*", metavar="CASE", help="its number or its lesion's name")
    delete.add_argument("--image", type=int, action="append", default=[], metavar="NUMBER",
                        help="a single picture, by its number")  # fmt: skip
    _who(delete)
    merge = _action(actions, "merge", "move the pictures of a case to another one", _merge)
    _case(merge)
    merge.add_argument("into", metavar="INTO", help="the case that is left")
    _who(merge)
    undo = _action(actions, "undo", "take a change back: an edit, deletion, merger, import", _undo)
    undo.add_argument("entry", nargs="?", type=int, metavar="ENTRY",
                      help="number in the history (default: the newest)")  # fmt: skip
    _who(undo)
    history = _action(actions, "history", "list the changes, newest first", _history)
    history.add_argument("--limit", type=int, default=50, metavar="N", help="default 50")
    history.add_argument("--json", action="store_true", help="one JSON object a line")
    purge = _action(actions, "purge", "forget for good what was deleted", _purge)
    _who(purge)


_HELP = {
    "confirmation": f"one of {', '.join(CONFIRMATIONS)}",
    "sex": 'female, male or ""',
    "patient": "the source's pseudonym, never a name",
}


def with_signs(words: Sequence[str]) -> list[str]:
    """Join ``--tag -x`` to ``--tag=-x``: argparse takes a word that begins so for an option."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in _SIGNED and word.startswith("-"):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def _action(
    actions: Commands, name: str, told: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=told)
    parser.add_argument("dir", type=Path, metavar="DIR", help="library folder")
    parser.set_defaults(run=run)
    return parser


def _case(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("case", metavar="CASE", help="its number or its lesion's name")


def _who(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--who", default="", metavar="NAME", help="written into the history")


def _search(arguments: argparse.Namespace) -> int:
    with Library.open(arguments.dir) as library:
        found = library.curation.search(" ".join(arguments.words), limit=arguments.limit)
        for number in found:
            case = library.case(number)
            print(json.dumps(_record(library, case)) if arguments.json else _line(case))
    if not found:
        print("No case has all of these words.", file=sys.stderr)
    return 0


def _show(arguments: argparse.Namespace) -> int:
    with Library.open(arguments.dir) as library:
        case = _named(library, arguments.case)
        if arguments.json:
            print(json.dumps(_record(library, case)))
            return 0
        print(_line(case))
        facts = {
            "confirmed by": CONFIRMATIONS.get(case.confirmation, case.confirmation),
            "age": "" if case.age is None else f"{case.age:g}",
            "sex": case.sex,
            "source": case.source,
            "licence": case.licence,
            "patient": case.patient,
            "tags": ", ".join(case.tags),
            "follow-up": ", ".join(day.isoformat() for day in case.follow_ups),
            "note": case.note,
        }
        for name, value in facts.items():
            if value:
                print(f"  {name:<13}{value}")
        for number in case.images:
            image = library.image(number)
            print(f"  picture {number:<5}{image.name}, {image.width} x {image.height}")
    return 0


def _edit(arguments: argparse.Namespace) -> int:
    with Library.open(arguments.dir) as library:
        case = _named(library, arguments.case)
        given = {name: getattr(arguments, name) for name in _TEXTS}
        facts: dict[str, Any] = {name: text for name, text in given.items() if text is not None}
        if arguments.age is not None:
            facts["age"] = _age(arguments.age)
        facts["tags"] = _signed(case.tags, arguments.tag)
        days = [day.isoformat() for day in case.follow_ups]
        facts["follow_ups"] = tuple(_day(day) for day in _signed(days, arguments.follow_up))
        entry = library.curation.edit(case, replace(case, **facts), who=arguments.who)
        print(_line(library.case(case.id)))
    print("Nothing was changed." if entry is None else _told(entry))
    return 0


def _delete(arguments: argparse.Namespace) -> int:
    if not arguments.cases and not arguments.image:
        raise CaseLensError(arguments.dir, "nothing to delete is named", "Name a case or --image")
    with Library.open(arguments.dir) as library:
        cases = [_named(library, word).id for word in arguments.cases]
        entry = library.curation.delete(cases, images=arguments.image, who=arguments.who)
    print(_told(entry))
    return 0


def _merge(arguments: argparse.Namespace) -> int:
    with Library.open(arguments.dir) as library:
        case, into = _named(library, arguments.case), _named(library, arguments.into)
        entry = library.curation.merge(case.id, into.id, who=arguments.who)
        print(_line(library.case(into.id)))
    print(_told(entry))
    return 0


def _undo(arguments: argparse.Namespace) -> int:
    with Library.open(arguments.dir) as library:
        change = library.curation.undo(arguments.entry, who=arguments.who)
    print(f"Taken back: {_change(change)}")
    return 0


def _history(arguments: argparse.Namespace) -> int:
    with Library.open(arguments.dir) as library:
        changes = library.curation.history(arguments.limit)
    for change in changes:
        print(json.dumps(asdict(change)) if arguments.json else _change(change))
    return 0


def _purge(arguments: argparse.Namespace) -> int:
    with Library.open(arguments.dir) as library:
        purged = library.purge(who=arguments.who)
    forgotten = f"{purged} picture{'s' * (purged != 1)}"
    print(f"{forgotten} forgotten, with their files. Backups may still hold them.")
    return 0


def _named(library: Library, word: str) -> Case:
    """Return the case with this number, or this lesion's name."""
    number = library.curation.case_of(word)
    if number is None and word.isdecimal():
        number = int(word)
    if number is None:
        raise CaseLensError(
            library.folder,
            f"it has no case {word}",
            f"Look for it with caselens library search DIR {word}",
        )
    return library.case(number)


def _signed(present: Sequence[str], changes: Sequence[str]) -> tuple[str, ...]:
    """Return words with some added (``+x`` or ``x``) and some taken away (``-x``)."""
    words = list(present)
    for change in changes:
        word = change.lstrip("+-").strip()
        if change.startswith("-"):
            words = [each for each in words if each.lower() != word.lower()]
        else:
            words.append(word)
    return tuple(words)


def _age(text: str) -> float | None:
    try:
        return float(text) if text.strip() else None
    except ValueError as error:
        raise CaseLensError("--age", f"{text!r} is not a number", "Correct it") from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CaseLensError(
            "--follow-up", f"{text!r} is not a day", "Write it as year-month-day"
        ) from error


def _record(library: Library, case: Case) -> dict[str, Any]:
    record = asdict(case)
    record["follow_ups"] = [day.isoformat() for day in case.follow_ups]
    names = [library.image(number).name for number in case.images]
    return {**record, "image_names": names}


def _line(case: Case) -> str:
    words = [f"{case.id:>6}  {case.lesion:<16}  {diagnosis_name(case.diagnosis)}"]
    words += [case.site] if case.site else []
    words += [f"[{', '.join(case.tags)}]"] if case.tags else []
    return "   ".join(words)


def _change(change: Change) -> str:
    who = f" {change.who}:" if change.who else ""
    case = f" case {change.case}:" if change.action == "edit" else ""
    undone = f"   (taken back by {change.undone_by})" if change.undone_by else ""
    return f"{change.id:>6}  {change.at}{who} {change.action}{case} {change.detail}{undone}"


def _told(entry: int) -> str:
    return f"Written as change {entry}; caselens library undo takes it back."
