"""One file that holds many, with a manifest of their SHA-256: a ZIP without compression.

``manifest.json`` stands last: ``format`` (1), ``kind`` (what the file is), ``facts`` (of that
kind) and ``parts``, each with ``name``, ``size`` and ``sha256``. Nothing is read from such a file,
which may come from anywhere, that its manifest does not name; and no name leads out of the folder
that it is unpacked into.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from inference.errors import LibraryError
from inference.library.files import explained, make_below, part_beside, sync_folder

MANIFEST = "manifest.json"

_FORMAT = 1
_CHUNK = 1 << 20
_LARGEST_MANIFEST = 1 << 28
_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,120}")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MALFORMED = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
)
"""What `zipfile` and `json` raise on files that are not what they say."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file in a container.

    Attributes:
        name: path with slashes, below the folder it is unpacked into.
        size: in bytes.
        sha256: of its bytes.
    """

    name: str
    size: int
    sha256: str


def write(
    file: Path,
    kind: str,
    parts: Iterable[tuple[str, Path]],
    facts: Mapping[str, Any],
    *,
    told: Callable[[Part], None] = lambda _: None,
) -> None:
    """Write a container beside ``file``, and give it its name when it is whole on the disk.

    Args:
        file: replaced if it is there.
        kind: what it is, for `Container.open`.
        parts: name and file of each.
        facts: JSON, of the kind.
        told: of each part that is in it.

    Raises:
        LibraryError: a part cannot be read, the disk is full, or nothing can be written there.
    """
    with part_beside(file) as part:
        with zipfile.ZipFile(part, "x", zipfile.ZIP_STORED) as archive:
            known = []
            for name, path in parts:
                known.append(_add(archive, name, path))
                told(known[-1])
            manifest = {"format": _FORMAT, "kind": kind, "facts": dict(facts),
                        "parts": [asdict(each) for each in known]}  # fmt: skip
            archive.writestr(zipfile.ZipInfo(MANIFEST, _EPOCH), json.dumps(manifest, indent=1))
        with part.open("r+b") as written:
            os.fsync(written.fileno())
        part.replace(file)
    sync_folder(file.parent)


class Container:
    """A container that was opened for reading; use `open`."""

    def __init__(
        self, file: Path, archive: zipfile.ZipFile, parts: list[Part], facts: dict[str, Any]
    ) -> None:
        self.parts = parts
        self.facts = facts
        self._file = file
        self._archive = archive

    @classmethod
    @contextmanager
    def open(cls, file: Path, kind: str) -> Iterator[Container]:
        """Open a container of one kind, once its manifest and its names have proved sound.

        Raises:
            LibraryError: the file cannot be read, is of another kind or newer, or is damaged.
        """
        with explained(file), _malformed(file):
            archive = zipfile.ZipFile(file)
        with archive:
            with explained(file), _malformed(file):
                parts, facts = _read_manifest(file, archive, kind)
            yield cls(file, archive, parts, facts)

    def verify(self, told: Callable[[Part], None] = lambda _: None) -> None:
        """Read every part, and compare it with its hash.

        Raises:
            LibraryError: one of them is not what was written.
        """
        for part in self.parts:
            with explained(self._file):
                self._copy(part, None)
            told(part)

    def unpack(self, folder: Path, told: Callable[[Part], None] = lambda _: None) -> None:
        """Write every part below ``folder``, which is there; on the disk when this returns.

        Raises:
            LibraryError: a part is not what was written, or the disk is full.
        """
        folders = {folder}
        for part in self.parts:
            target = folder.joinpath(*part.name.split("/"))
            make_below(folder, target.parent)
            folders |= {target.parent, target.parent.parent} if target.parent != folder else set()
            with explained(target), target.open("xb") as out:
                self._copy(part, out)
                out.flush()
                os.fsync(out.fileno())
            told(part)
        for each in sorted(folders):
            sync_folder(each)

    def _copy(self, part: Part, out: IO[bytes] | None) -> None:
        digest, size = hashlib.sha256(), 0
        with _malformed(self._file), self._archive.open(part.name) as source:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                digest.update(chunk)
                if out is not None:
                    out.write(chunk)
        if (size, digest.hexdigest()) != (part.size, part.sha256):
            raise _damaged(self._file, f"{part.name} in it is not what was written")


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> Part:
    digest, size = hashlib.sha256(), 0
    entry = zipfile.ZipInfo(name, _EPOCH)
    with (
        explained(path),
        path.open("rb") as source,
        archive.open(entry, "w", force_zip64=True) as out,
    ):
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            digest.update(chunk)
            out.write(chunk)
    return Part(name, size, digest.hexdigest())


def _read_manifest(
    file: Path, archive: zipfile.ZipFile, kind: str
) -> tuple[list[Part], dict[str, Any]]:
    if archive.getinfo(MANIFEST).file_size > _LARGEST_MANIFEST:
        raise _damaged(file, "its manifest is larger than any manifest")
    found = json.loads(archive.read(MANIFEST))
    if found["kind"] != kind:
        raise LibraryError(file, f"it is not a {kind}", "Choose another file")
    if found["format"] != _FORMAT:
        raise LibraryError(
            file, "it was written by a newer CaseLens", "Install the newest CaseLens"
        )
    parts = [Part(**each) for each in found["parts"]]
    if sum(part.size for part in parts) > file.stat().st_size:
        # Parts that lie in one another: what is read grows with the square of the file.
        raise _damaged(file, "its parts are larger together than the file")
    for part in parts:
        if not _is_name(part.name):
            raise _damaged(file, f"{part.name!r} is no name of a part")
        entry = archive.getinfo(part.name)
        if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != part.size:
            raise _damaged(file, f"{part.name} in it has another size than its manifest says")
    names = [part.name.lower() for part in parts]
    inside = sorted(archive.namelist())
    if len(set(names)) < len(names) or inside != sorted([*(p.name for p in parts), MANIFEST]):
        raise _damaged(file, "it holds other files than its manifest says")
    return parts, dict(found["facts"])


def _is_name(name: object) -> bool:
    """Say whether a name stays below a folder, on every system."""
    return isinstance(name, str) and all(
        _SEGMENT.fullmatch(segment) and not segment.endswith(".") for segment in name.split("/")
    )


@contextmanager
def _malformed(file: Path) -> Iterator[None]:
    try:
        yield
    except _MALFORMED as error:
        raise _damaged(file, f"it cannot be read as what it should be ({error})") from error


def _damaged(file: Path, reason: str) -> LibraryError:
    return LibraryError(file, reason, "Choose another copy: this one is damaged or was altered")
