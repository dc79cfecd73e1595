"""What leaves the program: an answer as a record, a picture with its heatmap."""

from inference.export.picture import write_overlay
from inference.export.record import FORMAT, answer_record, error_record

__all__ = ["FORMAT", "answer_record", "error_record", "write_overlay"]
