"""`MedicalImage` to `Encoding`: ONNX sessions behind a verified manifest."""

from inference.encoder.encoder import Encoder
from inference.encoder.manifest import Manifest
from inference.encoder.model import Brief, Encoding, Features, Field

__all__ = ["Brief", "Encoder", "Encoding", "Features", "Field", "Manifest"]
