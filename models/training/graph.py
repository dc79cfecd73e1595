"""The graph that is shipped: written as ONNX, and compared with the network that it came from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from inference.encoder.runtime import onnxruntime
from models.training.familiarity import Unfamiliarity
from models.training.network import Encoder

OPSET = 20


class Graph(nn.Module):
    """The encoder as it is shipped: RGB uint8 in; embedding, logits, maps out.

    Normalisation happens here and nowhere else. Grad-CAM is its closed form
    (see `Encoder.class_maps`), so no gradient is taken at run time.
    """

    def __init__(self, encoder: Encoder, unfamiliarity: Unfamiliarity) -> None:
        super().__init__()
        self.encoder = encoder
        self.unfamiliarity = unfamiliarity
        self.eval()

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Describe uint8 (n, side, side, 3)."""
        described = self.encoder(image.permute(0, 3, 1, 2).float())
        return (
            described.embedding,
            described.logits,
            described.feature_map,
            self.encoder.class_maps(described),
            self.unfamiliarity(described),
        )


def write_graph(graph: Graph, side: int, path: Path) -> None:
    """Export to one self-contained ONNX file with a free batch dimension."""
    example = torch.zeros(2, side, side, 3, dtype=torch.uint8)
    program = torch.onnx.export(
        graph, (example,), dynamo=True, opset_version=OPSET,
        input_names=["image"],
        output_names=["embedding", "logits", "feature_map", "class_maps", "unfamiliarity"],
        dynamic_shapes={"image": {0: torch.export.Dim("n", min=1, max=1024)}},
    )  # fmt: skip
    assert program is not None
    program.save(str(path), external_data=False)


def check_agreement(graph: Graph, path: Path, pixels: npt.NDArray[np.uint8]) -> float:
    """Run the file with onnxruntime and PyTorch side by side; return the greatest difference.

    The difference is over embeddings and, relative to their largest value, logits and maps.
    """
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    ours = session.run(None, {"image": pixels})
    with torch.no_grad():
        theirs = [t.numpy() for t in graph(torch.from_numpy(pixels))]
    differences = [
        np.abs(a - b).max() / max(1.0, np.abs(b).max()) for a, b in zip(ours, theirs, strict=True)
    ]
    return float(np.max(differences))
