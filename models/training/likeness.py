"""The graphs of likeness, which hold no weights and serve every encoder: pairs, spots and regions.

    python -m models.training.likeness

writes both into the models folder and their hashes into its manifest. They take feature maps as a
row of positions, (channels, positions), and leave all sizes free.

With S the sum of a feature map F over its positions p and e the embedding of the other picture, the
cosine of two embeddings is the sum over p of <F(p), e> / |S|: `PairMaps` returns its terms, for one
query and n cases at once. See `inference.explain.maps` for what they mean.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import torch
from torch import Tensor, nn

from models.training.onnx_files import forget_where_it_was_made

OPSET = 20
TINY = 1e-9
GRAPHS = "graphs"


class PairMaps(nn.Module):
    """How much each position adds to the similarity of a query with each of n cases."""

    inputs = ("query", "query_embedding", "cases", "case_embeddings")
    outputs = ("on_query", "on_cases")

    def forward(
        self, query: Tensor, query_embedding: Tensor, cases: Tensor, case_embeddings: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Decompose the similarities.

        Args:
            query: (channels, p).
            query_embedding: (channels,), L2-normalised.
            cases: (n, channels, q).
            case_embeddings: (n, channels), each L2-normalised.

        Returns:
            (n, p) and (n, q): both rows of a pair sum to the cosine of its embeddings.
        """
        ours = torch.matmul(case_embeddings, query) / query.sum(1).norm().clamp_min(TINY)
        theirs = torch.matmul(query_embedding[None, None], cases).squeeze(1)
        return ours, theirs / cases.sum(2).norm(dim=1, keepdim=True).clamp_min(TINY)


class LocalMaps(nn.Module):
    """How like the query's features at some place are to those in each window of n cases."""

    inputs = ("query", "weights", "cases", "windows")
    outputs = ("cosines",)

    def forward(self, query: Tensor, weights: Tensor, cases: Tensor, windows: Tensor) -> Tensor:
        """Compare a weighted mean of the query's positions with such means of each case.

        Args:
            query: (channels, p).
            weights: (p,), of each position of the query.
            cases: (n, channels, q).
            windows: (q, w), weights of a case's positions in each window.

        Returns:
            (n, w): cosines in [-1, 1].
        """
        wanted = torch.matmul(query, weights)
        pooled = torch.matmul(cases, windows)
        likeness = torch.matmul(wanted[None, None], pooled).squeeze(1)
        lengths = wanted.norm() * pooled.norm(dim=1)
        return (likeness / lengths.clamp_min(TINY)).clamp(-1.0, 1.0)


def write_pair_maps(path: Path) -> None:
    """Export `PairMaps`."""
    example = (torch.rand(5, 6), torch.rand(5), torch.rand(3, 5, 7), torch.rand(3, 5))
    _write(PairMaps(), example, ["c p", "c", "n c q", "n c"], path)


def write_local_maps(path: Path) -> None:
    """Export `LocalMaps`."""
    example = (torch.rand(5, 6), torch.rand(6), torch.rand(3, 5, 7), torch.rand(7, 4))
    _write(LocalMaps(), example, ["c p", "p", "n c q", "q w"], path)


def _write(
    module: PairMaps | LocalMaps, example: tuple[Tensor, ...], axes: list[str], path: Path
) -> None:
    """Export with every axis free; equal letters are equal sizes."""
    letters = sorted(set("".join(axes).replace(" ", "")))
    sizes = {letter: torch.export.Dim(letter, min=1, max=1 << 20) for letter in letters}
    shapes = {
        name: {place: sizes[letter] for place, letter in enumerate(names.split())}
        for name, names in zip(module.inputs, axes, strict=True)
    }
    program = torch.onnx.export(
        module.eval(), example, dynamo=True, opset_version=OPSET,
        input_names=list(module.inputs), output_names=list(module.outputs), dynamic_shapes=shapes,
    )  # fmt: skip
    assert program is not None
    program.save(str(path), external_data=False)
    forget_where_it_was_made(path)


WRITERS = {"pair_maps": write_pair_maps, "local_maps": write_local_maps}


def main() -> None:
    """Write both graphs and enter them into the manifest."""
    parser = argparse.ArgumentParser(prog="python -m models.training.likeness", description=__doc__)
    parser.add_argument("--models", type=Path, default=Path("models"))
    models: Path = parser.parse_args().models
    manifest = models / "manifest.json"
    content = json.loads(manifest.read_text())
    content[GRAPHS] = {}
    for name, write in WRITERS.items():
        path = models / f"{name.replace('_', '-')}.onnx"
        write(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        content[GRAPHS][name] = {"file": path.name, "sha256": digest}
    part = manifest.with_suffix(".part")
    part.write_text(json.dumps(content, indent=2) + "\n")
    part.replace(manifest)


if __name__ == "__main__":
    main()
