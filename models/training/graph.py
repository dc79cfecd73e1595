"""The graph that is shipped: written as ONNX, and compared with the network that it came from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inference.encoder.runtime import onnxruntime
from models.training.codes import Codes
from models.training.condense import halve
from models.training.familiarity import Unfamiliarity, statistics
from models.training.onnx_files import forget_where_it_was_made
from models.training.passes import Passes, Seen
from models.training.whitening import Whitening

OPSET = 20
UNDECIDED = 1e-3
"""A relaxed code component this close to zero may come out as either bit."""


class Graph(nn.Module):
    """The encoder as it is shipped: RGB uint8 in; embedding, logits, maps, codes out.

    Normalisation happens here and nowhere else. Grad-CAM is its closed form
    (see `Encoder.class_terms`), so no gradient is taken at run time.

    Args:
        passes: the trained networks.
        whitening: fitted to training pictures.
        unfamiliarity: fitted to training pictures.
        codes: fitted to their embeddings; None for the codes of the networks' own heads.
    """

    weights: Tensor

    def __init__(
        self, passes: Passes, whitening: Whitening, unfamiliarity: Unfamiliarity,
        codes: Codes | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.passes = passes
        self.whitening = whitening
        self.unfamiliarity = unfamiliarity
        self.codes = codes
        self.register_buffer("weights", 2.0 ** torch.arange(7, -1, -1))
        self.bits = passes.bits
        self.eval()

    @property
    def output_names(self) -> list[str]:
        """Names of what `forward` returns."""
        names = ["embedding", "logits", "feature_map", "class_maps", "unfamiliarity", "local_map"]
        if self.bits:
            names.append("code")
        if self.passes.first is not None:
            names.append("saliency")
        return names

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Describe uint8 (n, side, side, 3)."""
        seen: Seen = self.passes(image.permute(0, 3, 1, 2).float())
        feature_map, embedding = self.whitening(seen.feature_map)
        found = [
            embedding,
            seen.logits,
            feature_map,
            F.relu(seen.terms),
            self.unfamiliarity(statistics(seen.early), seen.embedding),
            seen.local,
        ]
        if self.bits:
            found.append(self._packed(self.relaxed(seen, embedding)))
        if seen.saliency is not None:
            found.append(seen.saliency)
        return tuple(found)

    def relaxed(self, seen: Seen, embedding: Tensor) -> Tensor:
        """Return the relaxed codes of all lengths side by side, (n, bits) in (-1, 1)."""
        codes = seen.codes if self.codes is None else self.codes(embedding)
        return torch.cat([codes[bits] for bits in self.bits], 1)

    def _packed(self, relaxed: Tensor) -> Tensor:
        """Return their signs, uint8 (n, bits / 8), first bit highest."""
        eights = (relaxed > 0).float().reshape(-1, sum(self.bits) // 8, 8)
        return (eights * self.weights).sum(2).to(torch.uint8)


def write_graph(graph: Graph, side: int, path: Path) -> None:
    """Export to one self-contained ONNX file with a free batch dimension, weights halved."""
    write_module(graph, graph.output_names, side, path)
    halve(path)


def write_module(module: nn.Module, outputs: Sequence[str], side: int, path: Path) -> None:
    """Export a module that takes uint8 (n, side, side, 3), with n left free."""
    example = torch.zeros(2, side, side, 3, dtype=torch.uint8)
    program = torch.onnx.export(
        module.eval(), (example,), dynamo=True, opset_version=OPSET,
        input_names=["image"], output_names=list(outputs),
        dynamic_shapes={"image": {0: torch.export.Dim("n", min=1, max=1024)}},
    )  # fmt: skip
    assert program is not None
    program.save(str(path), external_data=False)
    forget_where_it_was_made(path)


@torch.no_grad()
def check_agreement(graph: Graph, path: Path, pixels: npt.NDArray[np.uint8]) -> float:
    """Run the file with onnxruntime and PyTorch side by side; return the greatest difference.

    The difference is over embeddings and, relative to their largest value, the other outputs. A
    bit that differs counts as 1, unless PyTorch's component is within `UNDECIDED` of zero.
    """
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    ours = session.run(None, {"image": pixels})
    theirs = [t.numpy() for t in graph(torch.from_numpy(pixels))]
    differences = [
        np.abs(a - b).max() / max(1.0, np.abs(b).max())
        for name, a, b in zip(graph.output_names, ours, theirs, strict=True)
        if name != "code"
    ]
    if graph.bits:
        seen = graph.passes(torch.from_numpy(pixels).permute(0, 3, 1, 2).float())
        relaxed = graph.relaxed(seen, torch.from_numpy(theirs[0])).numpy()
        bits = np.unpackbits(ours[graph.output_names.index("code")], axis=1).astype(bool)
        differences.append(float((bits != (relaxed > 0))[np.abs(relaxed) > UNDECIDED].any()))
    return float(np.max(differences))
