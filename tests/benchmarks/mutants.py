"""Reads mutants of files of every format as the window would, and counts what came out.

    python -m tests.benchmarks.mutants [--count N] [--seed N] [--keep DIR]

Each mutant is made from one of the drawn files below by a few random changes, from the seed and its
number alone, so that `--seed S --first K --count 1` makes it again. It must give a picture or the
domain error, within `MOST_SECONDS`. `--keep` writes what did neither, or ended the worker, to a
folder. The exit code is 1 where anything did.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt
from PIL import Image
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders.base import RLELosslessEncoder

from inference.errors import ImageError
from inference.images import IsolatedReader
from tests.benchmarks.corpora import LIMITS, MOST_SECONDS

Pixels = npt.NDArray[np.uint8]
FAILED = ("crash", "unforeseen")
EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def main() -> int:
    """Print the table; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    sound = seeds()
    names = sorted(sound)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    slowest, failed = 0.0, 0
    with IsolatedReader() as reader:
        for name, data in sound.items():
            reader.read(data, name=name)
        for number in range(arguments.first, arguments.first + arguments.count):
            name = names[number % len(names)]
            generator = np.random.default_rng([arguments.seed, number])
            data = mutant(sound, name, generator)
            result, seconds = _outcome(reader, data, name)
            counts[name][result] += 1
            slowest = max(slowest, seconds)
            if result in LIMITS.values() or seconds > MOST_SECONDS:
                failed += result in FAILED or seconds > MOST_SECONDS
                print(f"mutant {number} of {name}: {result}, {seconds:.1f} s", flush=True)
                if arguments.keep:
                    arguments.keep.mkdir(parents=True, exist_ok=True)
                    (arguments.keep / f"{number}-{name.replace(' ', '-')}").write_bytes(data)
    _print_table(counts)
    print(f"slowest: {slowest:.2f} s")
    return int(failed > 0)


def _outcome(reader: IsolatedReader, data: bytes, name: str) -> tuple[str, float]:
    begun = time.perf_counter()
    try:
        reader.read(data, name=name)
        result = "picture"
    except ImageError as error:
        assert error.subject == name
        result = next((what for word, what in LIMITS.items() if word in error.reason), "error")
    return result, time.perf_counter() - begun


def _print_table(counts: dict[str, Counter[str]]) -> None:
    columns = ("picture", "error", "time limit", "memory limit", *FAILED)
    print(f"| format | mutants | {' | '.join(columns)} |\n|---|{'---|' * (len(columns) + 1)}")
    total = sum(counts.values(), Counter[str]())
    for name, results in [*sorted(counts.items()), ("all", total)]:
        cells = " | ".join(str(results[column]) for column in columns)
        print(f"| {name} | {results.total()} | {cells} |")


def mutant(sound: dict[str, bytes], name: str, generator: np.random.Generator) -> bytes:
    """Return a file with one to five random changes; a PNG has its check sums made to fit."""
    data = bytearray(sound[name])
    names = sorted(sound)
    for _ in range(int(generator.integers(1, 6))):
        # Half of the changes hit the first part, where headers are.
        reach = len(data) if generator.random() < 0.5 else min(len(data), 512)
        place = int(generator.integers(0, max(reach, 1)))
        kind = int(generator.integers(0, 7))
        if kind == 0:
            data[place : place + 1] = bytes([int(generator.integers(0, 256))])
        elif kind == 1 and data:
            data[place] ^= 1 << int(generator.integers(0, 8))
        elif kind == 2:
            size = int(generator.choice([1, 2, 4]))
            value = EXTREMES[int(generator.integers(0, len(EXTREMES)))] & (256**size - 1)
            order = ("little", "big")[int(generator.integers(0, 2))]
            data[place : place + size] = value.to_bytes(size, order)
        elif kind == 3:
            del data[place : place + int(generator.integers(1, 64))]
        elif kind == 4:
            part = data[place : place + int(generator.integers(1, 256))]
            data[place:place] = part
        elif kind == 5:
            other = sound[names[int(generator.integers(0, len(names)))]]
            start = int(generator.integers(0, len(other)))
            data[place : place + 64] = other[start : start + 64]
        elif generator.random() < 0.3:
            del data[place:]
    return _with_check_sums(bytes(data)) if name.startswith("PNG") else bytes(data)


def _with_check_sums(png: bytes) -> bytes:
    """Correct the check sums of a PNG's chunks, behind which no change would come."""
    data, place = bytearray(png), 8
    while place + 12 <= len(data):
        end = place + 8 + int.from_bytes(data[place : place + 4])
        if end + 4 > len(data):
            break
        data[end : end + 4] = zlib.crc32(data[place + 4 : end]).to_bytes(4)
        place = end + 4
    return bytes(data)


def seeds() -> dict[str, bytes]:
    """Return a small drawn file of each format and compression."""
    y, x = np.mgrid[0:48, 0:64]
    skin = np.stack([190 + x // 2, 120 + y, 90 + (x + y) // 3], axis=-1).astype(np.uint8)
    skin[16:32, 24:40] = (40, 30, 110)
    return _photos(skin) | _dicoms(skin)


def _photos(skin: Pixels) -> dict[str, bytes]:
    picture, grey = Image.fromarray(skin), Image.fromarray(skin[..., 0])
    deep = Image.fromarray(skin[..., 0].astype(np.uint16) * 257)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    pages = {"save_all": True, "append_images": [picture, picture]}

    def saved(image: Image.Image, kind: str, **options: object) -> bytes:
        file = io.BytesIO()
        image.save(file, kind, **options)
        return file.getvalue()

    return {
        "JPEG": saved(picture, "JPEG", exif=exif),
        "JPEG progressive": saved(picture, "JPEG", progressive=True),
        "JPEG grey": saved(grey, "JPEG"),
        "JPEG CMYK": saved(picture.convert("CMYK"), "JPEG"),
        "PNG": saved(picture, "PNG", exif=exif),
        "PNG 16 bits": saved(deep, "PNG"),
        "PNG palette": saved(picture.quantize(32), "PNG"),
        "PNG alpha": saved(picture.convert("RGBA"), "PNG"),
        "PNG animated": saved(picture, "PNG", **pages),
        "TIFF": saved(picture, "TIFF", **pages),
        "TIFF LZW": saved(picture, "TIFF", compression="tiff_lzw"),
        "TIFF deflate": saved(deep, "TIFF", compression="tiff_adobe_deflate"),
        "TIFF JPEG": saved(picture, "TIFF", compression="jpeg"),
        "TIFF G4": saved(grey.convert("1"), "TIFF", compression="group4"),
        "WebP": saved(picture, "WEBP"),
        "WebP lossless": saved(picture, "WEBP", lossless=True),
        "WebP animated": saved(picture, "WEBP", **pages),
        "BMP": saved(picture, "BMP"),
        "BMP palette": saved(picture.quantize(16), "BMP"),
    }


def _dicoms(skin: Pixels) -> dict[str, bytes]:
    deep = skin[..., 0].astype(np.uint16) * 16
    jpeg = _photos(skin)["JPEG grey"]
    encoders: dict[str, tuple[uid.UID, Callable[[Any], bytes | bytearray]]] = {
        "JPEG lossless": (
            uid.JPEGLosslessSV1,
            lambda a: imagecodecs.jpeg8_encode(a, lossless=True, predictor=1),
        ),
        "JPEG-LS": (uid.JPEGLSLossless, imagecodecs.jpegls_encode),
        "JPEG 2000": (
            uid.JPEG2000Lossless,
            lambda a: imagecodecs.jpeg2k_encode(a, codecformat="j2k", reversible=True),
        ),
        "HTJ2K": (uid.HTJ2KLossless, imagecodecs.htj2k_encode),
    }
    found = {}
    both: dict[str, npt.NDArray[Any]] = {"colour": skin, "16 bits": deep}
    for name, (syntax, encode) in encoders.items():
        for what, samples in both.items():
            frame = bytes(encode(samples))
            found[f"DICOM {name}, {what}"] = dicom(samples, syntax, frame)
    for syntax in (
        uid.ImplicitVRLittleEndian,
        uid.ExplicitVRLittleEndian,
        uid.DeflatedExplicitVRLittleEndian,
    ):
        found[f"DICOM {syntax.keyword}"] = dicom(skin, syntax)
    rle = RLELosslessEncoder.encode(
        skin.tobytes(), encoding_plugin="pydicom", rows=48, columns=64, samples_per_pixel=3,
        bits_allocated=8, bits_stored=8, pixel_representation=0, number_of_frames=1,
        photometric_interpretation="RGB", planar_configuration=0,
    )  # fmt: skip
    found["DICOM RLE"] = dicom(skin, uid.RLELossless, rle)
    found["DICOM JPEG"] = dicom(skin[..., 0], uid.JPEGBaseline8Bit, jpeg)
    xl = dicom(skin, uid.HTJ2KLossless, bytes(imagecodecs.jpegxl_encode(skin, lossless=True)))
    found["DICOM JPEG XL"] = xl.replace(uid.HTJ2KLossless.encode(), b"1.2.840.10008.1.2.4.110", 1)
    found["DICOM window"] = dicom(deep, uid.ExplicitVRLittleEndian)
    return found


def dicom(samples: npt.NDArray[Any], syntax: uid.UID, frame: bytes | None = None) -> bytes:
    """Return a DICOM file of a picture, with what the reader looks at in its header."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.SOPClassUID = uid.DermoscopicPhotographyImageStorage
    dataset.SOPInstanceUID, dataset.Modality = "1.2.3.4", "DMS"
    colour = samples.ndim == 3
    dataset.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    dataset.SamplesPerPixel = 3 if colour else 1
    if colour:
        dataset.PlanarConfiguration = 0
    dataset.Rows, dataset.Columns = samples.shape[:2]
    dataset.BitsAllocated = dataset.BitsStored = samples.dtype.itemsize * 8
    dataset.HighBit, dataset.PixelRepresentation = dataset.BitsStored - 1, 0
    dataset.NumberOfFrames, dataset.PixelSpacing = 1, [0.02, 0.02]
    dataset.WindowCenter, dataset.WindowWidth = [2000, 100], [4000, 50]
    dataset.RescaleSlope, dataset.RescaleIntercept = 1, 0
    dataset.PixelData = samples.tobytes() if frame is None else encapsulate([frame])
    dataset["PixelData"].VR = "OW" if dataset.BitsAllocated > 8 and frame is None else "OB"
    dataset["PixelData"].is_undefined_length = frame is not None
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


if __name__ == "__main__":
    sys.exit(main())
