"""What needs no second network: crop where the map is and encode again; look from several sides.

python -m models.training.controls --stage rgb

The crop is the control of SE-CBIR that costs as much as its second pass. Views are the picture
turned and mirrored, whose descriptions are meaned (test-time augmentation), for queries alone.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from inference.encoder.preprocess import prepare
from inference.images import read
from models.training import turning
from models.training.calibration import Facts, choose_whitening, look, validation_figures
from models.training.data import Originals, originals
from models.training.dermoscopy import STAGES, Workshop
from models.training.descriptions import assemble
from models.training.network import EMBEDDING, Encoder
from models.training.saliency import maps_of
from models.training.sight import Sight

REACH = 2.0
"""Half the side of a crop, in deviations of the map about its centre."""

LEAST, MOST = 0.5, 0.9
"""Limits of a crop's side, as shares of the picture's: a map of a few cells is no outline."""

Pixels = npt.NDArray[np.uint8]


def crop(square: Pixels, saliency: npt.NDArray[np.uint8]) -> Pixels:
    """Cut a picture (s, s, 3) to the square about its map (h, w) that holds most of it."""
    weight = saliency.astype(np.float64) + 1e-6
    weight /= weight.sum()
    at = (np.arange(len(saliency)) + 0.5) / len(saliency)
    centres, spreads = [], []
    for axis in (1, 0):
        along = weight.sum(axis)
        centre = float(along @ at)
        centres.append(centre)
        spreads.append(float(np.sqrt(along @ (at - centre) ** 2)))
    share = min(max(2 * REACH * max(spreads), LEAST), MOST)
    size, length = len(square), round(share * len(square))
    top, left = (int(min(max(round(c * size - length / 2), 0), size - length)) for c in centres)
    return square[top : top + length, left : left + length]


def crops(first: Encoder, pictures: Originals, side: int, size: int = 64) -> Iterator[Pixels]:
    """Yield pictures cut to the first network's maps, uint8 (at most ``size``, side, side, 3)."""
    for begin in range(0, len(pictures.paths), size):
        squares = []
        for path in pictures.paths[begin : begin + size]:
            pixels = read(path).pixels
            squares.append(prepare(pixels, min(pixels.shape[:2])))
        maps = maps_of(first, squares, side)
        cut = [crop(square, one) for square, one in zip(squares, maps, strict=True)]
        yield np.stack([prepare(one, side) for one in cut])


def turned(batches: Iterable[Pixels], view: int) -> Iterator[Pixels]:
    """Yield batches of pictures in one of the views of `turning`."""
    for batch in batches:
        one = turning.turned(torch.from_numpy(batch).movedim(3, 1), view)
        yield np.ascontiguousarray(one.movedim(1, 3).numpy())


def together(many: Sequence[Facts]) -> Facts:
    """Mean the descriptions of the same pictures."""
    embedding = torch.stack([one.embedding for one in many]).mean(0)
    logits = torch.stack([one.logits for one in many]).mean(0)
    return replace(many[0], embedding=F.normalize(embedding, dim=1), logits=logits, codes={})


def main() -> None:
    """Print validation figures of the whole picture, of the crop, of both, and of views."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", choices=STAGES, default="rgb")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("runs/dermoscopy"))
    parser.add_argument("--threads", type=int, default=2, help="CPU threads; 1 on a busy machine")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    workshop = Workshop(arguments.data, arguments.out)
    side, first = STAGES[arguments.stage].config.side, workshop.encoder("first")
    sight = Sight(assemble(workshop, [arguments.stage]), side)
    queries, gallery = (originals(arguments.data, s).of("ham10000") for s in ("val", "train"))
    views = [look(sight, queries, turned(queries.batches(side), view)) for view in range(8)]
    whole = look(sight, gallery)
    report("whole", views[0], whole)
    for count in (2, 4, 8):
        report(f"{count} views of the query", together(views[:count]), whole)
    cut = look(sight, queries, crops(first, queries, side))
    gallery_cut = look(sight, gallery, crops(first, gallery, side))
    report("crop", cut, gallery_cut)
    report("whole and crop", together([views[0], cut]), together([whole, gallery_cut]))


def report(name: str, queries: Facts, gallery: Facts) -> None:
    """Print two rows of the table of controls: before whitening and after."""
    whitening = choose_whitening(queries, gallery, EMBEDDING)
    for how, found in (
        ("as trained", validation_figures(queries, gallery)),
        ("whitened", validation_figures(queries, gallery, whitening.embed)),
    ):
        row = {key: round(value, 4) for key, value in found.items() if "hash" not in key}
        print(f"{name}, {how}: {json.dumps(row)}", flush=True)


if __name__ == "__main__":
    main()
