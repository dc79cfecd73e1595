"""`MedicalImage` to `Encoding`: ONNX sessions behind a verified manifest."""

from inference.encoder.model import Encoding, Field

__all__ = ["Encoding", "Field"]
