"""The one place that imports onnxruntime, with its telemetry off.

From 1.29 on, onnxruntime's own builds for Linux and macOS queue usage events in the user's cache
and send them to their maker as soon as the library is used. CaseLens works offline and tells
nobody anything, so the switch that the library reads while it is being imported is set before,
and the one for Windows right after. tests/inference/encoder/test_runtime.py holds this.
"""

from __future__ import annotations

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as _errors

onnxruntime.disable_telemetry_events()

FAILURES: tuple[type[Exception], ...] = (
    RuntimeError,
    *(
        kind
        for kind in vars(_errors).values()
        if isinstance(kind, type) and issubclass(kind, Exception)
    ),
)
"""Everything that onnxruntime raises; its errors share no base class below Exception."""

__all__ = ["FAILURES", "onnxruntime"]
