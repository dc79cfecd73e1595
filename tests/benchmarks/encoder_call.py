"""How long the whole encoder call takes, over one EfficientNet-Lite0 pass at 224 px.

    python -m tests.benchmarks.encoder_call [--encoder NAME]

Needs the training environment, since the bare network is exported from its ImageNet weights. Both
run on two threads, turn about, so that whatever else the machine does hits both alike; what is
printed is the ratio of their medians, and what each half of the runs alone would say.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from inference.encoder import Encoder
from inference.encoder.runtime import onnxruntime
from inference.images import read
from inference.locations import shipped
from models.training.network import Encoder as Network
from tests.benchmarks.turn_about import asked, compare, told

THREADS = 2
SIDE = 224


def bare_pass(folder: Path) -> Callable[[], object]:
    """Return one pass of EfficientNet-Lite0 over one picture."""
    network = Network("lite0", 7)
    network.load_imagenet()
    backbone = network.backbone.eval()
    example = torch.zeros(1, 3, SIDE, SIDE)
    program = torch.onnx.export(backbone, (example,), dynamo=True, opset_version=20)
    assert program is not None
    program.save(str(folder / "bare.onnx"), external_data=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(folder / "bare.onnx"), options)
    name = session.get_inputs()[0].name
    pixels = np.random.default_rng(0).normal(size=(1, 3, SIDE, SIDE)).astype(np.float32)
    return lambda: session.run(None, {name: pixels})


def whole_call(name: str) -> Callable[[], object]:
    """Return one call of the product's encoder: cut, resize, encode, with all maps."""
    encoder = Encoder.load(name=name, threads=THREADS)
    image = read(shipped("resources") / "demo" / "queries" / "QUERY_bkl.jpg")
    return lambda: encoder.encode(image)


def main() -> None:
    """Print the ratio."""
    name, rounds = asked(__doc__, 200)
    with tempfile.TemporaryDirectory() as folder:
        found = compare(bare_pass(Path(folder)), whole_call(name), rounds)
    print(f"{name}: {told(found)}")


if __name__ == "__main__":
    main()
