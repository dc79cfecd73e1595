"""Takes a shipped graph's networks back as finished stages, where their checkpoints are gone.

    python -m models.training.restore dermoscopy-4-guided --stages sharp guided second --guide first

A shipped graph holds its networks whole, condensed as they were when everything was fitted to
them: batch norms folded, weights in half precision. What is restored describes pictures as it did
when it was shipped, and can be joined with other stages and measured anew. It is trained on with
its batch norms folded (`train.Config.folded`), since their statistics are gone.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from inference.encoder.manifest import read_manifest, read_verified
from models.training.condense import fold, unfold
from models.training.dermoscopy import STAGES, finish, untrained
from models.training.network import Encoder

_STEM = "backbone._conv_stem.weight"
_MOVES = ("MatMul", "Slice", "Transpose")
"""What turns a map (`turning`) or brings it to another grid (`resampling`)."""


class Shipped:
    """The networks of a shipped graph.

    Args:
        content: of an ONNX file that `export.write` wrote.
    """

    def __init__(self, content: bytes) -> None:
        graph = onnx.load_from_string(content).graph
        self._values: dict[str, npt.NDArray[np.float32]] = {
            tensor.name.removesuffix(".half"): numpy_helper.to_array(tensor).astype(np.float32)
            for tensor in graph.initializer
        }
        self._nodes = list(graph.node)

    @property
    def owners(self) -> list[str]:
        """Prefixes of the networks' names: those that are joined, in order, then the guide's."""
        found = [name.removesuffix(_STEM) for name in self._values if name.endswith(_STEM)]
        return sorted(found, key=lambda prefix: ("first" in prefix, prefix))

    def into(self, encoder: Encoder, prefix: str) -> None:
        """Give an encoder one network's weights, its batch norms neutral.

        Hash heads of its own, in whose place others may have been shipped, stay as they are.

        Raises:
            ValueError: the weights are those of another architecture.
        """
        weights = {
            name.removeprefix(prefix): torch.from_numpy(value.copy())
            for name, value in self._values.items()
            if name.startswith(prefix)
        }
        weights["prototypes"], weights["log_scale"] = self._classifier(prefix)
        fold(encoder.backbone.eval())
        missing, unknown = encoder.load_state_dict(weights, strict=False)
        wrong = [*(name for name in missing if not name.startswith("hashes.")), *unknown]
        if wrong:
            raise ValueError(f"weights of another network: {wrong[:3]}")
        unfold(encoder.backbone)

    def _classifier(self, prefix: str) -> tuple[Tensor, Tensor]:
        """Find class directions and the logarithm of their scale, which the export has no name for.

        The way goes from the feature map to the product with the directions, and on to that with
        the scale: see `Encoder.class_terms`.
        """
        feature_map = self._readers(f"{prefix}project.weight", "Conv")[0].output[0]
        terms = self._reader_behind(feature_map, "Einsum")
        scaled = self._readers(terms.output[0], "Mul")[0]
        directions, scale = (
            next(self._values[name] for name in node.input if name in self._values)
            for node in (terms, scaled)
        )
        return torch.from_numpy(directions.copy()), torch.tensor(float(scale)).log()

    def _reader_behind(self, name: str, kind: str) -> onnx.NodeProto:
        """Return the node of a kind that reads a map as it is, turned, or on another grid."""
        waiting = [name]
        while True:
            name = waiting.pop(0)
            found = self._readers(name, kind)
            if found:
                return found[0]
            moved = [node for move in _MOVES for node in self._readers(name, move)]
            waiting += [node.output[0] for node in moved]

    def _readers(self, name: str, kind: str) -> list[onnx.NodeProto]:
        """Return the nodes of a kind that read a value, or its widened half."""
        wide = {name, f"{name}.half"}
        return [n for n in self._nodes if n.op_type == kind and wide & set(n.input)]


def restore(content: bytes, stages: list[str], guide: str | None, out: Path) -> None:
    """Write a graph's networks as the weights of finished stages.

    Args:
        content: of the graph's file.
        stages: which ones its joined networks are, in order.
        guide: which one its first pass is, if it has one; may be the last of ``stages``.
        out: folder of all stages.

    Raises:
        ValueError: the graph holds other networks.
    """
    shipped = Shipped(content)
    names = stages if guide is None else [*(s for s in stages if s != guide), guide]
    owners = shipped.owners
    if len(owners) != len(names):
        raise ValueError(f"the graph holds {len(owners)} networks, not {len(names)}")
    for name, owner in zip(names, owners, strict=True):
        encoder = untrained(name)
        shipped.into(encoder, owner)
        finish(encoder, out / name)


def main() -> None:
    """Restore the networks of a model of the manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="its name in the manifest")
    parser.add_argument("--stages", nargs="+", choices=STAGES, required=True)
    parser.add_argument("--guide", choices=STAGES)
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--out", type=Path, default=Path("runs/dermoscopy"))
    arguments = parser.parse_args()
    manifest = read_manifest(arguments.models, arguments.model)
    content = read_verified(arguments.models, manifest)
    restore(content, arguments.stages, arguments.guide, arguments.out)


if __name__ == "__main__":
    main()
