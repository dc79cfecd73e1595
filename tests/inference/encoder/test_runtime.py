"""onnxruntime tells nobody anything: no event is queued on disk, no socket is opened."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from inference import locations

ROOT = Path(locations.__file__).resolve().parent.parent

USE = """
import os
import numpy as np
from inference.encoder import Encoder
encoder = Encoder.load(threads=1)
side = encoder.manifest.side
encoder.embed(np.zeros((1, side, side, 3), np.uint8))
links = [os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd")
         if os.path.lexists(f"/proc/self/fd/{n}")]
print(sum(link.startswith("socket:") for link in links))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_using_the_encoder_leaves_nothing_behind_and_opens_no_socket(tmp_path: Path) -> None:
    """Version 1.31.1 with its telemetry on writes Microsoft/DeveloperTools into the cache."""
    homes = {name: str(tmp_path / name) for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")}
    environment = {k: v for k, v in os.environ.items() if k != "ORT_DISABLE_TELEMETRY"}
    done = subprocess.run(
        [sys.executable, "-c", USE], env={**environment, **homes, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=True, timeout=120, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.stdout.strip() == "0"
    assert list(tmp_path.rglob("*")) == []


def test_one_module_alone_imports_onnxruntime() -> None:
    """Any other import could come first, before the switch is set."""
    importing = [
        path.relative_to(ROOT).as_posix()
        for folder in ("inference", "viewer", "models")
        for path in (ROOT / folder).rglob("*.py")
        if any(
            line.strip().startswith(("import onnxruntime", "from onnxruntime"))
            for line in path.read_text(encoding="utf-8").splitlines()
        )
    ]
    assert importing == ["inference/encoder/runtime.py"]
