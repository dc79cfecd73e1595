"""Lays real pictures out in a folder as their archives are downloaded: also run as a program.

``python -m tests.inference.library.original_layouts DATA FOLDER [--count N]`` makes ``ham10000``
and ``release_v0`` (Derm7pt) in FOLDER from the folders ``ham10000`` and ``derm7pt`` of DATA. The
pictures there are reduced ones; where they lie and what the tables say of them is as downloaded.
"""

from __future__ import annotations

import argparse
import csv
import shutil
from collections.abc import Callable
from pathlib import Path

_HAM10000 = ("lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization")
_DERM7PT = ("case_num", "diagnosis", "seven_point_score", "location", "sex", "clinic", "derm")
_LETTERS = 3


def lay_out_ham10000(data: Path, folder: Path, count: int | None = None) -> Path:
    """Lay out the first pictures of HAM10000, all without ``count``; returns its folder."""
    rows, place = _rows(data / "ham10000", count), folder / "ham10000"
    place.mkdir(parents=True)
    with (place / "HAM10000_metadata.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(_HAM10000)
        for number, row in enumerate(rows):
            table.writerow([row[name] for name in _HAM10000])
            part = place / f"HAM10000_images_part_{1 if number < len(rows) / 2 else 2}"
            _copy(data / "ham10000", row["image_id"], part)
    return place


def lay_out_derm7pt(data: Path, folder: Path, count: int | None = None) -> Path:
    """Lay out the first pictures of Derm7pt, all without ``count``; returns its folder."""
    rows, place = _rows(data / "derm7pt", count), folder / "release_v0"
    (place / "meta").mkdir(parents=True)
    with (place / "meta" / "meta.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(_DERM7PT)
        for number, row in enumerate(rows, start=1):
            letters = row["image_id"][:_LETTERS].upper()
            picture = _copy(data / "derm7pt", row["image_id"], place / "images" / letters)
            clinic = f"{letters}/{letters}{number:03}.jpg"
            table.writerow(
                [number, row["diagnosis"], "", "", "", clinic, f"{letters}/{picture.name}"]
            )
    return place


ARCHIVES: dict[str, Callable[[Path, Path, int | None], Path]] = {
    "ham10000": lay_out_ham10000,
    "derm7pt": lay_out_derm7pt,
}


def _rows(archive: Path, count: int | None) -> list[dict[str, str]]:
    with (archive / "labels.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))[:count]


def _copy(archive: Path, image: str, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(archive / "images" / f"{image}.jpg", folder))


def main() -> None:
    """Lay out both archives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int)
    arguments = parser.parse_args()
    for lay_out in ARCHIVES.values():
        lay_out(arguments.data, arguments.folder, arguments.count)


if __name__ == "__main__":
    main()
