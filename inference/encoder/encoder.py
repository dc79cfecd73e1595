"""A verified ONNX graph and its one way of running."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference.encoder.manifest import Manifest, read_manifest, read_verified
from inference.encoder.model import Encoding, FloatArray
from inference.encoder.preprocess import PixelArray, central_square, prepare
from inference.encoder.runtime import FAILURES, onnxruntime
from inference.errors import ModelError
from inference.images import MedicalImage
from inference.locations import shipped

_BATCH = 16
_DESCRIPTION = ("embedding", "logits", "feature_map", "class_maps", "unfamiliarity")
_REINSTALL = "Install CaseLens again; if it stays so, send the message to whoever looks after it"


def usable_threads() -> int:
    """Threads for one encoder call: the CPUs this process may use, at most 4.

    More than four gain little on pictures of this size, and a consultation room's computer has
    other work to do.
    """
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(4, available or 1))


class Encoder:
    """Describes pictures with one model. Safe to call from several threads.

    Args:
        manifest: what the model is.
        content: the bytes of its verified file.
        threads: of one call; None for `usable_threads`.

    Raises:
        ModelError: onnxruntime refuses the graph.
    """

    def __init__(self, manifest: Manifest, content: bytes, *, threads: int | None = None) -> None:
        self.manifest = manifest
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
            raise ModelError(
                manifest.file, f"the model does not load ({error})", _REINSTALL
            ) from error

    @classmethod
    def load(
        cls, folder: Path | None = None, *, name: str | None = None, threads: int | None = None
    ) -> Encoder:
        """Load a shipped model.

        Args:
            folder: models folder; None for the one that came with the program.
            name: of the model; None for the manifest's default.
            threads: of one call; None for `usable_threads`.

        Raises:
            ModelError: it is missing, altered or does not load.
        """
        folder = folder or shipped("models")
        manifest = read_manifest(folder, name)
        return cls(manifest, read_verified(folder, manifest), threads=threads)

    def prepare(self, image: MedicalImage) -> PixelArray:
        """Cut and resize a picture for this model: uint8 (side, side, 3)."""
        return prepare(image.pixels, self.manifest.side)

    def embed(self, prepared: PixelArray) -> FloatArray:
        """Embed prepared pictures without their maps.

        Args:
            prepared: uint8 (n, side, side, 3) from `prepare`.

        Returns:
            float32 (n, 256), each row L2-normalised.
        """
        (embedding,) = self._run(["embedding"], prepared)
        return embedding

    def classify(self, prepared: PixelArray) -> tuple[FloatArray, FloatArray]:
        """Return embeddings (n, 256) and logits (n, classes) of prepared pictures."""
        embedding, logits = self._run(["embedding", "logits"], prepared)
        return embedding, logits

    def unfamiliarity(self, prepared: PixelArray) -> FloatArray:
        """Return `Encoding.unfamiliarity` of prepared pictures, (n,)."""
        (scores,) = self._run(["unfamiliarity"], prepared)
        return scores

    def encode(self, image: MedicalImage) -> Encoding:
        """Describe one picture.

        Raises:
            ModelError: the model failed, or answered with something that is not a number.
        """
        return self.encode_many([image])[0]

    def encode_many(self, images: Sequence[MedicalImage]) -> list[Encoding]:
        """Describe several pictures, in batches that bound memory."""
        encodings: list[Encoding] = []
        for begin in range(0, len(images), _BATCH):
            batch = images[begin : begin + _BATCH]
            prepared = np.stack([self.prepare(image) for image in batch])
            outputs = self._run(list(_DESCRIPTION), prepared)
            probabilities = self.probabilities(outputs[1])
            for i, image in enumerate(batch):
                encodings.append(
                    Encoding(
                        embedding=outputs[0][i],
                        logits=outputs[1][i],
                        probabilities=probabilities[i],
                        feature_map=outputs[2][i],
                        class_maps=outputs[3][i],
                        unfamiliarity=float(outputs[4][i]),
                        familiar=bool(outputs[4][i] <= self.manifest.unfamiliarity_limit),
                        classes=self.manifest.classes,
                        field=central_square(image.height, image.width),
                        model=self.manifest.sha256,
                    )
                )
        return encodings

    def probabilities(self, logits: FloatArray) -> FloatArray:
        """Calibrate logits (n, classes) into probabilities at the base rates of calibration."""
        scaled = logits / self.manifest.temperature + np.array(self.manifest.bias, np.float32)
        scaled = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return np.asarray(scaled / scaled.sum(axis=1, keepdims=True), np.float32)

    def _run(self, names: list[str], prepared: PixelArray) -> list[npt.NDArray[np.float32]]:
        try:
            outputs: list[npt.NDArray[np.float32]] = self._session.run(names, {"image": prepared})
        except FAILURES as error:
            raise ModelError(
                self.manifest.file, f"the model failed ({error})", _REINSTALL
            ) from error
        if not all(np.isfinite(output).all() for output in outputs):
            raise ModelError(
                self.manifest.file, "the model answered with invalid numbers", _REINSTALL
            )
        return outputs
