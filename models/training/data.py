"""The training pictures: from the data folder to one packed file, and from that to memory.

A pack holds each picture as JPEG at no more than the side that training needs, so that the whole
of it fits into a few small transfers to a machine with a GPU. No test picture enters a pack.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import random
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from inference.encoder.preprocess import prepare
from inference.images import read

CLASSES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
SIDE = 224
PART_BYTES = 15_000_000
FOLDS = 2


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


def fold_of(group: str) -> int:
    """Return the fold of a lesion, from a hash of its name: the same on every machine."""
    return hashlib.sha256(group.encode()).digest()[0] % FOLDS


@dataclass
class Originals:
    """Pictures as the product reads them, and not through a pack's second compression.

    Calibration and the choice of a side must see what the reader's pictures will go through.
    They are read anew each time: all of them at once would not fit into memory.

    Attributes:
        paths: files.
        labels: indices into `CLASSES`.
        sources: archive of each.
        lesions: of each; what must not be split.
    """

    paths: list[Path]
    labels: npt.NDArray[np.int64]
    sources: list[str]
    lesions: list[str]

    def of(self, source: str) -> Originals:
        """Return those of one source."""
        return self.where([name == source for name in self.sources])

    def where(self, kept: Sequence[bool] | npt.NDArray[np.bool_]) -> Originals:
        """Return those marked True."""
        chosen = np.flatnonzero(np.asarray(kept)).tolist()
        return Originals(
            [self.paths[i] for i in chosen],
            self.labels[chosen],
            [self.sources[i] for i in chosen],
            [self.lesions[i] for i in chosen],
        )

    def first(self, most: int) -> npt.NDArray[np.bool_]:
        """Mark the first ``most`` pictures of each source."""
        taken: Counter[str] = Counter()
        kept = []
        for source in self.sources:
            taken[source] += 1
            kept.append(taken[source] <= most)
        return np.array(kept)

    def batches(self, side: int, size: int = 64) -> Iterator[npt.NDArray[np.uint8]]:
        """Yield them prepared for an encoder, uint8 (at most ``size``, side, side, 3)."""
        for begin in range(0, len(self.paths), size):
            some = self.paths[begin : begin + size]
            yield np.stack([prepare(read(path).pixels, side) for path in some])


def originals(data: Path, split: str, seed: int = 1) -> Originals:
    """Return the pictures of a split, shuffled."""
    rows = [entry for entry in _rows(data) if entry[2]["split"] == split]
    random.Random(seed).shuffle(rows)
    return Originals(
        [data / source / "images" / f"{row['image_id']}.jpg" for source, _, row in rows],
        np.array([CLASSES.index(label) for _, label, _ in rows]),
        [source for source, _, _ in rows],
        [row.get("lesion_id") or row["image_id"] for _, _, row in rows],
    )


def _rows(data: Path) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield (source, label, row) of every picture that training or selection may see."""
    for source, column in (("ham10000", "dx"), ("isic2017", "label"), ("derm7pt", "label")):
        with (data / source / "labels.csv").open(newline="") as file:
            for row in csv.DictReader(file):
                if row["split"] != "test" and row[column] in CLASSES:
                    yield source, row[column], row


def _jpeg(path: Path) -> bytes:
    """Return a file as it is, or its central square shrunk to `SIDE` where that is smaller."""
    with Image.open(path) as image:
        if min(image.size) <= SIDE:
            return path.read_bytes()
        pixels = np.asarray(image.convert("RGB"))
    out = io.BytesIO()
    Image.fromarray(prepare(pixels, SIDE)).save(out, "JPEG", quality=90)
    return out.getvalue()


def pack(data: Path, folder: Path) -> None:
    """Write ``part-<i>.bin`` and ``part-<i>.json``, each part at most `PART_BYTES` long.

    ``folder`` is there only when all of them are.
    """
    whole, folder = folder, folder.with_name(folder.name + ".part")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    records: list[Record] = []
    blob = io.BytesIO()
    part = 0

    def flush() -> None:
        (folder / f"part-{part:03}.bin").write_bytes(blob.getvalue())
        (folder / f"part-{part:03}.json").write_text(json.dumps([asdict(r) for r in records]))

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
    folder.rename(whole)


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
