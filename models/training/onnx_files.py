"""What is done to every ONNX file after its export."""

from __future__ import annotations

from pathlib import Path

import onnx


def forget_where_it_was_made(path: Path) -> None:
    """Take out source files and builds, so that the same recipe gives the same bytes anywhere."""
    model = onnx.load(path)
    model.producer_version = ""
    for part in (model, model.graph, *model.graph.node, *model.graph.value_info,
                 *model.graph.input, *model.graph.output, *model.graph.initializer):  # fmt: skip
        part.doc_string = ""
        del part.metadata_props[:]
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString(deterministic=True))
