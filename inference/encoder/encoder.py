"""A model that describes pictures: what goes into its graph, and what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from inference.encoder.graph import Graph, Outputs
from inference.encoder.manifest import Manifest, read_manifest, read_verified
from inference.encoder.model import LOCAL_MAP, Brief, CodeArray, Description, Encoding, FloatArray
from inference.encoder.preprocess import PixelArray, central_square, prepare
from inference.images import MedicalImage
from inference.locations import shipped

_BATCH = 16
_DESCRIPTION = ("embedding", "logits", "feature_map", "class_maps", "unfamiliarity")


class Encoder:
    """Describes pictures with one model. Safe to call from several threads.

    Args:
        manifest: what the model is.
        content: the bytes of its verified file.
        threads: of one call; None for `graph.usable_threads`.

    Raises:
        ModelError: onnxruntime refuses the graph.
    """

    def __init__(self, manifest: Manifest, content: bytes, *, threads: int | None = None) -> None:
        self.manifest = manifest
        self._graph = Graph(manifest.file, content, threads=threads)

    @classmethod
    def load(
        cls, folder: Path | None = None, *, name: str | None = None, threads: int | None = None
    ) -> Encoder:
        """Load a shipped model.

        Args:
            folder: models folder; None for the one that came with the program.
            name: of the model; None for the manifest's default.
            threads: of one call; None for `graph.usable_threads`.

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
        found: FloatArray = self._outputs(prepared, "embedding")["embedding"]
        return found

    def describe(self, prepared: PixelArray) -> Description:
        """Say of prepared pictures what a library keeps of them.

        Args:
            prepared: uint8 (n, side, side, 3) from `prepare`.

        Returns:
            Embeddings, float32 (n, 256), each row L2-normalised; each of `Manifest.maps` to
            float32 (n, channels, rows, columns); and each of `Manifest.bits` to packed hash codes,
            uint8 (n, length / 8), see `Encoding.codes`.
        """
        found = self._outputs(prepared, "embedding", *self.manifest.maps, *self._optional("code"))
        maps = {name: found[name] for name in self.manifest.maps}
        return found["embedding"], maps, self._codes(found)

    def brief(self, prepared: PixelArray) -> Brief:
        """Describe prepared pictures without their maps."""
        found = self._outputs(prepared, "embedding", "logits", *self._optional("code"))
        return Brief(found["embedding"], found["logits"], self._codes(found))

    def unfamiliarity(self, prepared: PixelArray) -> FloatArray:
        """Return `Encoding.unfamiliarity` of prepared pictures, (n,)."""
        found: FloatArray = self._outputs(prepared, "unfamiliarity")["unfamiliarity"]
        return found

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
            encodings += self._encodings(
                batch,
                self._outputs(
                    prepared, *_DESCRIPTION, *self._optional("code", "saliency", LOCAL_MAP)
                ),
            )
        return encodings

    def _encodings(self, images: Sequence[MedicalImage], found: Outputs) -> list[Encoding]:
        probabilities, codes = self.probabilities(found["logits"]), self._codes(found)
        scores, saliency = found["unfamiliarity"], found.get("saliency")
        local = found.get(LOCAL_MAP)
        return [
            Encoding(
                embedding=found["embedding"][i],
                logits=found["logits"][i],
                probabilities=probabilities[i],
                feature_map=found["feature_map"][i],
                class_maps=found["class_maps"][i],
                codes={length: code[i] for length, code in codes.items()},
                saliency=None if saliency is None else saliency[i],
                local_map=None if local is None else local[i],
                unfamiliarity=float(scores[i]),
                familiar=bool(scores[i] <= self.manifest.unfamiliarity_limit),
                classes=self.manifest.classes,
                field=central_square(image.height, image.width),
                model=self.manifest.sha256,
            )
            for i, image in enumerate(images)
        ]

    def probabilities(self, logits: FloatArray) -> FloatArray:
        """Calibrate logits (n, classes) into probabilities at the base rates of calibration."""
        scaled = logits / self.manifest.temperature + np.array(self.manifest.bias, np.float32)
        scaled = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return np.asarray(scaled / scaled.sum(axis=1, keepdims=True), np.float32)

    def _optional(self, *names: str) -> list[str]:
        """Return those of ``code``, ``saliency`` and ``local_map`` that this model gives."""
        manifest = self.manifest
        present = {
            "code": bool(manifest.bits),
            "saliency": manifest.two_passes,
            LOCAL_MAP: manifest.local,
        }
        return [name for name in names if present[name]]

    def _codes(self, found: Outputs) -> dict[int, CodeArray]:
        """Take the codes of each length out of the output that holds them side by side."""
        if "code" not in found:
            return {}
        ends = np.cumsum([length // 8 for length in self.manifest.bits])
        parts = np.split(found["code"], ends[:-1], axis=1)
        return dict(zip(self.manifest.bits, parts, strict=True))

    def _outputs(self, prepared: PixelArray, *names: str) -> Outputs:
        """Run the graph and return the outputs asked for, by name."""
        return self._graph.run(names, {"image": prepared})
