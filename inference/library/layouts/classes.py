"""A folder for each diagnosis, with its pictures in it; nothing else is known of them.

Such folders may lie in folders for training and test.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from inference.diagnoses import is_known_spelling
from inference.library.files import explained
from inference.library.layouts.model import Found, Layout, Origin, Reading, found
from inference.library.layouts.pictures import holds_drawings, pictures_below

_SPLITS = ("train", "training", "val", "valid", "validation", "test", "testing")


def _class_folders(folder: Path) -> list[Path]:
    with explained(folder):
        inner = sorted(each for each in folder.iterdir() if _is_open_folder(each))
        if inner and all(each.name.lower() in _SPLITS for each in inner):
            return [
                each for split in inner for each in sorted(split.iterdir()) if _is_open_folder(each)
            ]
        return inner


def _is_open_folder(path: Path) -> bool:
    hidden = path.name.startswith((".", "__MACOSX"))
    return path.is_dir() and not hidden and not holds_drawings(Path(path.name))


def _fits(folder: Path) -> bool:
    # Folders of other names might be patients': those become diagnoses only when asked for.
    return any(is_known_spelling(each.name) for each in _class_folders(folder))


def _read(origin: Origin) -> Reading:
    return Reading(tuple(_found(origin, *each) for each in _pictures(origin.folder)))


CLASSES = Layout("folders", "a folder for each diagnosis", _fits, _read)


def _found(origin: Origin, path: Path, word: str) -> Found:
    name = path.relative_to(origin.folder).as_posix()
    return found(path, word, f"{origin.name}/{name}", source=origin.name, licence="")


def _pictures(folder: Path) -> Iterator[tuple[Path, str]]:
    for each in _class_folders(folder):
        for path in pictures_below(each):
            yield path, each.name
