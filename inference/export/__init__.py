"""What leaves the program: an answer as a record or a table, a picture with its heatmap."""

from inference.export.picture import write_overlay, write_picture
from inference.export.record import FORMAT, answer_record, error_record
from inference.export.table import match_table

__all__ = [
    "FORMAT",
    "answer_record",
    "error_record",
    "match_table",
    "write_overlay",
    "write_picture",
]
