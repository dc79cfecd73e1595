"""Which encoder a library is opened with, and the shipped encoders to choose from."""

from __future__ import annotations

import os
import shlex
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

from inference.consultation import Consultant
from inference.encoder import Encoder, Manifest
from inference.encoder.manifest import read_manifest, read_manifests
from inference.errors import LibraryError
from inference.images import IsolatedReader
from inference.library.describe import describe
from inference.library.library import Library
from inference.library.model import LibraryInfo, Progress
from inference.locations import shipped


class Encoders:
    """The models of a models folder. Thread-safe.

    An encoder takes tens of megabytes: it stays loaded as long as somebody holds it, no longer.

    Args:
        folder: the models folder; None for the one that came with the program.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._loaded: WeakValueDictionary[str, Encoder] = WeakValueDictionary()
        self._lock = threading.Lock()

    def manifests(self) -> list[Manifest]:
        """Return what is known of each, the default one first.

        Raises:
            ModelError: the list of models is missing or damaged.
        """
        return read_manifests(self._place())

    def manifest(self, name: str = "") -> Manifest:
        """Return what is known of one; of the default one without a name.

        Raises:
            ModelError: the list of models is missing or damaged, or has no such model.
        """
        return read_manifest(self._place(), name or None)

    def load(self, name: str = "") -> Encoder:
        """Load one, or return it where it is loaded already; the default one without a name.

        Raises:
            ModelError: there is no such model, or it is missing, altered or does not load.
        """
        with self._lock:
            manifest = self.manifest(name)
            encoder = self._loaded.get(manifest.sha256)
            if encoder is None:
                encoder = Encoder.load(self._place(), name=manifest.name)
                self._loaded[manifest.sha256] = encoder
            return encoder

    def for_library(self, info: LibraryInfo, name: str = "") -> Manifest:
        """Choose the encoder for a library: the one of this name; without a name see `fitting`.

        Raises:
            ModelError: as `manifest` does.
        """
        return self.manifest(name) if name else fitting(self.manifests(), info)

    def _place(self) -> Path:
        return self._folder or shipped("models")


def fitting(manifests: Sequence[Manifest], info: LibraryInfo) -> Manifest:
    """Return the encoder that fits a library as it is.

    The default where it describes every picture, else the one that describes most of them, else
    the default: nobody has to wait, as long as some shipped encoder's vectors are there.

    Args:
        manifests: the shipped encoders, the default one first.
        info: of the library.
    """
    return max(manifests, key=lambda manifest: info.models.get(manifest.sha256, 0))


@dataclass(frozen=True, slots=True)
class Described:
    """A model with vectors in a library.

    Attributes:
        title: shown to the reader; "another model" for one that is not shipped.
        name: "" for one that is not shipped.
        sha256: of its file.
        pictures: how many it describes.
    """

    title: str
    name: str
    sha256: str
    pictures: int


def described_by(manifests: Sequence[Manifest], info: LibraryInfo) -> list[Described]:
    """List the models with vectors in a library, the one with most first."""
    known = {manifest.sha256: (manifest.title, manifest.name) for manifest in manifests}
    unknown = ("another model", "")
    return [
        Described(*known.get(sha256, unknown), sha256, count)
        for sha256, count in info.models.items()
    ]


def open_library(
    folder: Path, encoders: Encoders, name: str = "", *, reader: IsolatedReader | None = None
) -> Consultant:
    """Open a library with the encoder of this name, or the one that fits it.

    The library may lack vectors of that encoder: see `require_described` and `complete`.

    Args:
        folder: the library's.
        encoders: to choose from.
        name: of the encoder; "" for the one that fits.
        reader: decodes the files that are asked about; see `Consultant`.

    Raises:
        LibraryError: the folder holds no library that can be opened.
        ModelError: there is no such encoder, or it is missing, altered or does not load.
    """
    library = Library.open(folder)
    try:
        manifest = encoders.for_library(library.info(), name)
        return Consultant(encoders.load(manifest.name), library, reader)
    except BaseException:
        library.close()
        raise


def require_described(consultant: Consultant) -> int:
    """Refuse a library that holds pictures, but no vector of the encoder.

    Returns:
        How many of its pictures lack one, and so are not searched.

    Raises:
        LibraryError: there is none; the advice is the command that makes them.
    """
    library, manifest = consultant.library, consultant.encoder.manifest
    info = library.info()
    described = info.models.get(manifest.sha256, 0)
    if info.images and not described:
        raise LibraryError(
            library.folder,
            f"its pictures have not been described by {manifest.title} ({manifest.name})",
            # The command stands in the middle: a full stop after it would be copied with it.
            f"Run {describing_command(library.folder, manifest)} first",
        )
    return info.images - described


def describing_command(folder: Path, manifest: Manifest) -> str:
    """Return what to type so that a library is described by an encoder."""
    command = ["caselens", "library", "describe", str(folder), "--encoder", manifest.name]
    return subprocess.list2cmdline(command) if os.name == "nt" else shlex.join(command)


def complete(
    consultant: Consultant,
    *,
    progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> int:
    """Describe the pictures of a library that lack a vector of the encoder, if there are any.

    Where nothing can be written, a library is taken as it is if this encoder describes as many
    pictures as any other.

    Args:
        consultant: the library and the encoder.
        progress: told meanwhile; not called when nothing is missing.
        cancelled: True stops with everything recorded so far kept.

    Returns:
        How many pictures could not be described, and so are not searched.

    Raises:
        Cancelled: as ``cancelled`` asked; the next call continues.
        LibraryError: nothing can be written, the disk is full, the library vanished, or not one
            picture could be described.
        ModelError: the encoder failed.
    """
    library, manifest = consultant.library, consultant.encoder.manifest
    if not library.undescribed(manifest.sha256):
        return 0
    if library.writable:
        report = describe(library, consultant.encoder, progress=progress, cancelled=cancelled)
        if report.rejected and not (report.added or report.skipped):
            name, reason = report.rejected[0]
            raise LibraryError(
                library.folder,
                f"none of its pictures could be described; of {name} we know: {reason}",
                "Put back the library's folder from a backup, or build it again",
            )
        return len(report.rejected)
    info = library.info()
    described = info.models.get(manifest.sha256, 0)
    if described == 0 or described < info.embedded:
        raise LibraryError(
            library.folder,
            f"its pictures have not been described by {manifest.title}, and nothing can be "
            "written there",
            "Copy the whole folder to a place where you may write and open the copy, or choose "
            "the encoder that it was described by",
        )
    return info.images - described
