"""What it costs to decode a file in a process of its own, over decoding it in this one.

    python -m tests.benchmarks.isolation [--rounds N]

Turn about, in one run, on drawn pictures: a JPEG of 12 megapixels and an uncompressed colour DICOM
file of 1 megapixel. Both ways end with a picture whose every pixel has been looked at, since
shared memory costs its reader something only then.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset

from inference.images import IsolatedReader, MedicalImage, read

Pixels = npt.NDArray[np.uint8]


def main() -> None:
    """Print the cost for each file, in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    files = {
        "JPEG, 4000 x 3000": _jpeg(_drawn(3000, 4000)),
        "DICOM, 1024 x 1024": _dicom(_drawn(1024, 1024)),
    }
    with IsolatedReader() as reader:
        for what, data in files.items():
            inside, isolated = _medians([read, reader.read], data, rounds)
            print(
                f"{what}, {len(data) / 2**20:.1f} MB: in this process {inside:.1f} ms, "
                f"isolated {isolated:.1f} ms, {isolated - inside:+.1f} ms"
            )


def _medians(
    readers: list[Callable[[bytes], MedicalImage]], data: bytes, rounds: int
) -> list[float]:
    """Return the median of each reader over rounds in turn, after three to warm up."""
    times = np.empty((rounds, len(readers)))
    for i in range(-3, rounds):
        for column, reader in enumerate(readers):
            begun = time.perf_counter()
            image = reader(data)
            assert int(image.pixels.max()) > 0
            if i >= 0:
                times[i, column] = (time.perf_counter() - begun) * 1e3
            del image
    return [float(x) for x in np.median(times, axis=0)]


def _drawn(height: int, width: int) -> Pixels:
    """Draw something that compresses about as a photo does: slopes, and noise of a sensor."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    picture = np.stack([180 + 30 * np.sin(x / 90), 120 + 40 * np.sin(y / 70), 90 + x / width * 50])
    noise = np.random.default_rng(0).normal(0, 4, (height, width)).astype(np.float32)
    return np.ascontiguousarray(
        np.clip(picture + noise, 0, 255).transpose(1, 2, 0).astype(np.uint8)
    )


def _jpeg(pixels: Pixels) -> bytes:
    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=90)
    return file.getvalue()


def _dicom(pixels: Pixels) -> bytes:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    dataset.SOPClassUID = uid.DermoscopicPhotographyImageStorage
    dataset.SOPInstanceUID = "1.2.3.4"
    dataset.PhotometricInterpretation, dataset.SamplesPerPixel = "RGB", 3
    dataset.PlanarConfiguration, dataset.PixelRepresentation = 0, 0
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit = 7
    dataset.PixelData = pixels.tobytes()
    dataset["PixelData"].VR = "OB"
    file = BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


if __name__ == "__main__":
    main()
