"""Trained networks run by onnxruntime, which on a CPU is faster than PyTorch."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from inference.encoder.runtime import onnxruntime
from models.training.familiarity import statistics
from models.training.graph import write_module
from models.training.passes import Passes, Seen

_OUTPUTS = ["embedding", "logits", "early"]


class _Facts(nn.Module):
    """Passes without their maps, in a form that can be exported."""

    def __init__(self, passes: Passes) -> None:
        super().__init__()
        self.passes = passes

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        seen: Seen = self.passes(image.permute(0, 3, 1, 2).float())
        codes = (seen.codes[bits] for bits in self.passes.bits)
        return (seen.embedding, seen.logits, statistics(seen.early), *codes)


class Sight:
    """Passes at one side, to describe many pictures with.

    Args:
        passes: trained networks.
        side: of the pictures in pixels.
    """

    def __init__(self, passes: Passes, side: int) -> None:
        self.side, self.bits = side, passes.bits
        names = [*_OUTPUTS, *(f"code{bits}" for bits in self.bits)]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "facts.onnx"
            write_module(_Facts(passes), names, side, file)
            self._session = onnxruntime.InferenceSession(file.read_bytes(), options)

    def __call__(self, image: npt.NDArray[np.uint8]) -> list[npt.NDArray[np.float32]]:
        """Describe uint8 (n, side, side, 3).

        Returns:
            Embeddings, logits, `familiarity.statistics`, and relaxed codes of each length.
        """
        found: list[npt.NDArray[np.float32]] = self._session.run(None, {"image": image})
        return found
