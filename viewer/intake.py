"""What the reader hands over (drop, paste, Open) becomes a short queue of pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice, QMimeData
from PySide6.QtGui import QImage

from inference.errors import Cancelled, ImageError
from inference.locations import shipped

translate = QCoreApplication.translate

MOST_PICTURES = 50
"""A folder's queue is short: a consultation, not an archive."""

PICTURE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp", ".dcm", ".dicom"}
)


@dataclass(frozen=True, slots=True)
class Offer:
    """What came in, not looked at yet.

    Attributes:
        paths: files and folders.
        image: pixels from the clipboard or from another program, when there are no files.
    """

    paths: tuple[Path, ...] = ()
    image: QImage | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One picture to ask about.

    Attributes:
        content: the file, or the bytes of one.
        name: what to call it on screen.
        phantom: it is one of our own computer-drawn pictures.
    """

    content: Path | bytes
    name: str
    phantom: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that was handed over with others and is not asked about.

    Attributes:
        name: of the file.
        reason: why, without a full stop.
    """

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Queue:
    """The pictures of one offer, in order.

    Attributes:
        sources: at least one.
        folder: name of the folder they come from, or ``""``.
        left_out: how many more pictures were there.
        refused: files that are no pictures by their names.
    """

    sources: tuple[Source, ...]
    folder: str = ""
    left_out: int = 0
    refused: tuple[Refused, ...] = ()


def offer_of(mime: QMimeData | None) -> Offer | None:
    """Return what a drop or the clipboard holds, or None when it is nothing we can look at.

    Files win over pixels; a text is taken when it is the path of an existing file.
    """
    if mime is None:  # an empty clipboard, on some desktops
        return None
    local = tuple(Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile())
    if local:
        return Offer(paths=local)
    if mime.hasImage():
        image = mime.imageData()
        if isinstance(image, QImage) and not image.isNull():
            return Offer(image=image)
    text = mime.text().strip().strip('"') if mime.hasText() else ""
    if text and "\n" not in text and len(text) < 4096 and Path(text).is_absolute():
        return Offer(paths=(Path(text),))
    return None


def gather(offer: Offer, cancelled: Callable[[], bool]) -> Queue:
    """Turn an offer into a queue: a folder stands for its pictures. Belongs on a worker.

    Raises:
        ImageError: a folder holds no picture, or cannot be read.
        Cancelled: something else was offered meanwhile.
    """
    if offer.image is not None:
        return Queue((Source(_png(offer.image), translate("Intake", "Pasted picture")),))
    sources: list[Source] = []
    folders = [path for path in offer.paths if path.is_dir()]
    for path in offer.paths:
        if cancelled():
            raise Cancelled
        files = pictures_in(path) if path in folders else [path]
        sources.extend(_source(file) for file in files)
    sources, refused = _sorted_out(sources)
    return Queue(
        tuple(sources[:MOST_PICTURES]),
        folder=folders[0].name if len(folders) == 1 == len(offer.paths) else "",
        left_out=max(0, len(sources) - MOST_PICTURES),
        refused=refused,
    )


def _sorted_out(sources: list[Source]) -> tuple[list[Source], tuple[Refused, ...]]:
    """Take out what is no picture by its name, unless nothing else is there.

    One file alone is always asked about: what is wrong with it is then said exactly.
    """
    taken = [one for one in sources if _may_be_picture(one)]
    if len(sources) == 1 or not taken:
        return sources, ()
    reason = translate("Intake", "not a picture by its name")
    return taken, tuple(Refused(one.name, reason) for one in sources if one not in taken)


def _may_be_picture(source: Source) -> bool:
    path = source.content
    if not isinstance(path, Path):
        return True
    try:
        return _looks_like_picture(path)
    except OSError:  # it is said when it is asked about
        return True


def pictures_in(folder: Path) -> list[Path]:
    """List the pictures that lie directly in ``folder``, by name.

    Raises:
        ImageError: there is none, or the folder cannot be read.
    """
    try:
        found = sorted(_pictures(folder.iterdir()), key=lambda path: path.name.lower())
    except OSError as error:
        raise ImageError(
            folder,
            translate("Intake", "the folder cannot be read ({reason})").format(
                reason=error.strerror or error
            ),
            translate("Intake", "Copy the pictures to this computer and drop them from there"),
        ) from error
    if not found:
        raise ImageError(
            folder,
            translate("Intake", "the folder holds no picture"),
            translate("Intake", "Drop a folder with JPEG, PNG, TIFF, WebP, BMP or DICOM files"),
        )
    return found


def demonstration_query() -> Path | None:
    """Return the shipped picture that the demonstration asks about, if there is one."""
    path = shipped("resources") / "demo" / "queries" / "QUERY_mel.jpg"
    return path if path.is_file() else None


def _pictures(entries: Iterable[Path]) -> list[Path]:
    return [
        path
        for path in entries
        if not path.name.startswith(".") and path.is_file() and _looks_like_picture(path)
    ]


def _looks_like_picture(path: Path) -> bool:
    if path.suffix:
        return path.suffix.lower() in PICTURE_SUFFIXES
    with path.open("rb") as file:  # DICOM exports often have names without an ending
        return file.read(132)[128:] == b"DICM"


def _source(path: Path) -> Source:
    ours = path.resolve().is_relative_to((shipped("resources") / "demo").resolve())
    return Source(path, path.name or str(path), phantom=ours)


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())
