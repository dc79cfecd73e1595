"""The words of a case library: cases, their images, and what is known of the whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

DRAWN = "drawn"
"""The confirmation of a computer-drawn phantom; every other word stands for a patient's case."""


@dataclass(frozen=True, slots=True)
class Case:
    """One lesion of one patient, with a confirmed diagnosis.

    Attributes:
        id: the library's own number for it, never used again after a deletion.
        lesion: the source's name of the lesion; unique within a library.
        diagnosis: ISIC/HAM10000 abbreviation, or the source's own word when it has none.
        confirmation: a key of `inference.diagnoses.CONFIRMATIONS`.
        age: years, or None when unknown.
        sex: ``"female"``, ``"male"`` or ``""``.
        site: body site in the source's words, or ``""``.
        source: where the case comes from, such as ``"HAM10000"``.
        licence: under which terms its images may be used, such as ``"CC BY-NC 4.0"``.
        images: ids of its images, in the order of their arrival.
        patient: the source's pseudonym of the patient, never a name; ``""`` when it has none.
        note: free text.
        tags: free words, ascending; two that differ in capitals only are one.
        follow_ups: days on which the lesion was seen again, ascending.
    """

    id: int
    lesion: str
    diagnosis: str
    confirmation: str
    age: float | None = None
    sex: str = ""
    site: str = ""
    source: str = ""
    licence: str = ""
    images: tuple[int, ...] = ()
    patient: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    follow_ups: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a library's audit trail.

    Attributes:
        id: number of the entry, ascending with time.
        at: in UTC, as ISO 8601 to the second.
        who: as the program was told, or ``""``.
        action: what kind, such as ``"edit"``, ``"delete"``, ``"import"``, ``"undo"``.
        case: id of the case, where it concerns one only.
        detail: what was changed, in words.
        undone_by: id of the entry that took it back, or None.
        can_undo: whether it can be taken back still, as far as the entry tells.
    """

    id: int
    at: str
    who: str
    action: str
    case: int | None
    detail: str
    undone_by: int | None
    can_undo: bool


@dataclass(frozen=True, slots=True)
class CaseImage:
    """One stored picture of a case.

    Attributes:
        id: the library's own number for it.
        case: id of its `Case`.
        name: the file's name at its source, such as ``"ISIC_0024306.jpg"``.
        content_hash: SHA-256 of the file's bytes.
        path: where the library keeps those bytes.
        height: rows of pixels.
        width: columns of pixels.
    """

    id: int
    case: int
    name: str
    content_hash: str
    path: Path
    height: int
    width: int


@dataclass(frozen=True, slots=True)
class NewCase:
    """A picture on its way into a library, with the case it belongs to.

    Attributes:
        path: the file to read.
        case: the facts of its case; ``id`` and ``images`` are ignored. A second picture with the
            same ``lesion`` joins the case that is already there.
    """

    path: Path
    case: Case


@dataclass(frozen=True, slots=True)
class LibraryInfo:
    """What the screen and the terminal say of a library.

    Attributes:
        name: shown name.
        folder: where it lies.
        cases: number of cases.
        images: number of images.
        embedded: number of images with a vector of ``model``.
        diagnoses: cases of each diagnosis, the library's base rates.
        confirmations: cases by how they were confirmed.
        model: SHA-256 of the encoder that most of its vectors come from, or ``""`` when it has
            none yet.
        phantoms: True when every case is computer-drawn, and the screen must say so; False when
            none is.
        bytes_on_disk: size of the folder.
        models: SHA-256 of each encoder with vectors here to how many images it describes, most
            first.
        deleted: number of images that were deleted and not purged yet; nothing else counts them.
    """

    name: str
    folder: Path
    cases: int
    images: int
    embedded: int
    diagnoses: dict[str, int] = field(default_factory=dict)
    confirmations: dict[str, int] = field(default_factory=dict)
    model: str = ""
    phantoms: bool = False
    bytes_on_disk: int = 0
    models: dict[str, int] = field(default_factory=dict)
    deleted: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far long work has come.

    Attributes:
        done: finished items.
        total: all items.
        per_second: items per second so far; 0 before the first.
        seconds_left: estimate, or None before there is one.
        stage: what is being done, such as ``"encoding"``.
    """

    done: int
    total: int
    per_second: float = 0.0
    seconds_left: float | None = None
    stage: str = ""
