"""The training pictures: from the data folder to one packed file, and from that to memory.

A pack holds the central square of each picture as JPEG at no more than the side that training
needs, so that the whole of it fits into a small transfer to a machine with a GPU. Test pictures
of HAM10000 never enter a pack.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from inference.encoder.preprocess import central_square, prepare

CLASSES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
SIDE = 224
PART_BYTES = 15_000_000


@dataclass(frozen=True)
class Record:
    """One picture of a pack; ``group`` is its lesion, which is never split."""

    name: str
    source: str
    split: str
    label: int
    group: str
    offset: int = 0
    length: int = 0


@dataclass
class Pictures:
    """Decoded pictures: ``pixels`` uint8 (n, 224, 224, 3), one for each record."""

    records: list[Record]
    pixels: npt.NDArray[np.uint8]

    @property
    def labels(self) -> npt.NDArray[np.int64]:
        """Index into `CLASSES` of each picture."""
        return np.array([record.label for record in self.records])

    def where(self, *splits: str, source: str | None = None) -> npt.NDArray[np.int64]:
        """Indices of the pictures of these splits, of one source or of all."""
        return np.array(
            [
                i
                for i, record in enumerate(self.records)
                if record.split in splits and source in (None, record.source)
            ]
        )


def _rows(data: Path) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield (source, label, row) of every picture that training or selection may see."""
    for source, column in (("ham10000", "dx"), ("isic2017", "label"), ("derm7pt", "label")):
        with (data / source / "labels.csv").open(newline="") as file:
            for row in csv.DictReader(file):
                if row["split"] != "test" and row[column] in CLASSES:
                    yield source, row[column], row


def _jpeg(path: Path) -> bytes:
    """Return the central square as JPEG; a file that already is such a square goes as it is."""
    with Image.open(path) as image:
        field = central_square(image.height, image.width)
        if image.size == (SIDE, SIDE):
            return path.read_bytes()
        pixels = np.asarray(image.convert("RGB"))
    square = pixels[field.top : field.top + field.height, field.left : field.left + field.width]
    out = io.BytesIO()
    small = prepare(square, SIDE) if field.height > SIDE else square
    Image.fromarray(np.ascontiguousarray(small)).save(out, "JPEG", quality=90)
    return out.getvalue()


def pack(data: Path, folder: Path) -> None:
    """Write ``part-<i>.bin`` and ``part-<i>.json``, each part at most `PART_BYTES` long."""
    folder.mkdir(parents=True, exist_ok=True)
    records: list[Record] = []
    blob = io.BytesIO()
    part = 0

    def flush() -> None:
        (folder / f"part-{part}.bin").write_bytes(blob.getvalue())
        (folder / f"part-{part}.json").write_text(json.dumps([asdict(r) for r in records]))

    for source, label, row in _rows(data):
        name = row["image_id"]
        jpeg = _jpeg(data / source / "images" / f"{name}.jpg")
        if blob.tell() + len(jpeg) > PART_BYTES:
            flush()
            records, blob, part = [], io.BytesIO(), part + 1
        offset = blob.tell()
        blob.write(jpeg)
        records.append(
            Record(
                name=name, source=source, split=row["split"], label=CLASSES.index(label),
                group=f"{source}/{row.get('lesion_id') or name}", offset=offset,
                length=len(jpeg),
            )
        )  # fmt: skip
    flush()


def load(folder: Path, threads: int = 2) -> Pictures:
    """Decode all parts of a pack into memory, in the order they were written."""
    records: list[Record] = []
    jpegs: list[bytes] = []
    for path in sorted(folder.glob("part-*.bin")):
        blob = path.read_bytes()
        for entry in json.loads(path.with_suffix(".json").read_text()):
            record = Record(**entry)
            records.append(record)
            jpegs.append(blob[record.offset : record.offset + record.length])
    pixels = np.empty((len(jpegs), SIDE, SIDE, 3), np.uint8)

    def decode(i: int) -> None:
        square = np.asarray(Image.open(io.BytesIO(jpegs[i])).convert("RGB"))
        pixels[i] = prepare(square, SIDE)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(decode, range(len(jpegs)), chunksize=64))
    return Pictures(records, pixels)
