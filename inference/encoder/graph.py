"""One ONNX graph and its one way of running, whatever it computes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from inference.encoder.runtime import FAILURES, onnxruntime
from inference.errors import ModelError

Outputs = dict[str, npt.NDArray[Any]]
_REINSTALL = "Install CaseLens again; if it stays so, send the message to whoever looks after it"


def usable_threads() -> int:
    """Threads for one encoder call: the CPUs this process may use, at most 4.

    More than four gain little on pictures of this size, and a consultation room's computer has
    other work to do.
    """
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(4, available or 1))


class Graph:
    """Runs a verified graph. Safe to call from several threads.

    Args:
        name: of its file, for errors.
        content: the bytes of that file.
        threads: of one call; None for `usable_threads`.

    Raises:
        ModelError: onnxruntime refuses the graph.
    """

    def __init__(self, name: str, content: bytes, *, threads: int | None = None) -> None:
        self._name = name
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or usable_threads()
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Waiting threads sleep: a viewer that keeps cores spinning drains a laptop.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"]
            )
        except FAILURES as error:
            raise ModelError(name, f"the model does not load ({error})", _REINSTALL) from error

    def run(self, wanted: tuple[str, ...], inputs: Mapping[str, npt.NDArray[Any]]) -> Outputs:
        """Run the graph and return the outputs asked for, by name.

        Raises:
            ModelError: it failed, or answered with something that is not a number.
        """
        try:
            outputs: list[npt.NDArray[Any]] = self._session.run(list(wanted), dict(inputs))
        except FAILURES as error:
            raise ModelError(self._name, f"the model failed ({error})", _REINSTALL) from error
        if not all(np.isfinite(output).all() for output in outputs):
            raise ModelError(self._name, "the model answered with invalid numbers", _REINSTALL)
        return dict(zip(wanted, outputs, strict=True))
