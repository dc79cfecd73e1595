"""``caselens export``: a picture, its map and its matches as DICOM objects."""

from __future__ import annotations

import argparse
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from pydicom import dcmread

from inference.commands.query import Desk
from inference.diagnoses import diagnosis_name
from inference.explain import class_heatmap, overlay
from inference.export import Pseudonyms, deidentify
from inference.files import explained, write_whole
from inference.images import IsolatedReader, read_bytes

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from inference.commands import Commands
    from inference.images import MedicalImage


def add_to(commands: Commands) -> None:
    """Add ``export``."""
    parser = commands.add_parser(
        "export", help="write a picture, its map and its matches as DICOM objects"
    )
    parser.add_argument("image", type=Path, metavar="IMAGE")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR",
                        help="folder for picture.dcm, map.dcm and report.dcm")  # fmt: skip
    parser.add_argument("--library", type=Path, metavar="DIR",
                        help="library folder; without it, the demonstration library")  # fmt: skip
    parser.add_argument("--encoder", default="", metavar="NAME",
                        help="model (default: the one that described the library)")  # fmt: skip
    parser.add_argument("--dermoscopic", action="store_true",
                        help="a photo was taken through a dermatoscope")  # fmt: skip
    parser.set_defaults(run=_export)


def _export(arguments: argparse.Namespace) -> int:
    """Write the three objects, which belong to a study of their own and to nobody."""
    # Here, since highdicom takes a third of a second that no other command need wait for.
    from inference.export.dicom import (  # noqa: PLC0415
        Study,
        measurement_report,
        secondary_capture,
        written,
    )

    data = read_bytes(arguments.image)
    with IsolatedReader() as reader:
        image = reader.read(data, name=arguments.image.name)
    consultant = Desk(arguments.library, arguments.encoder).consultant()
    answer = consultant.ask_image(image)
    picture = _picture(data, image, dermoscopic=arguments.dermoscopic)
    heatmap = class_heatmap(answer.encoding)
    likeliest = max(answer.estimate, key=lambda name: answer.estimate[name])
    objects = {
        "picture": picture,
        "map": secondary_capture(
            overlay(image.pixels, heatmap),
            Study(uid=str(picture.StudyInstanceUID)),
            source=picture,
            description=f"Where the model sees evidence for {diagnosis_name(likeliest)}. "
            "Research and education, not a diagnosis.",
        ),
        "report": measurement_report(
            answer, consultant.encoder.manifest, consultant.library.name, source=picture
        ),
    }
    with explained(arguments.out):
        arguments.out.mkdir(parents=True, exist_ok=True)
    for name, dataset in objects.items():
        target = arguments.out / f"{name}.dcm"
        write_whole(target, written(dataset), durable=True)
        print(target)
    return 0


def _picture(data: bytes, image: MedicalImage, *, dermoscopic: bool) -> Dataset:
    """Return the query as a DICOM object that names nobody."""
    from inference.export.dicom import Study, photograph  # noqa: PLC0415

    if image.acquisition.format == "DICOM":
        return dcmread(BytesIO(deidentify(data, image.name, Pseudonyms()).data))
    return photograph(data, image, Study(), dermoscopic=dermoscopic)
