"""What leaves the program: an answer as a record or a table, a picture with its heatmap."""

from inference.export.deidentify import Box, Deidentified, Pseudonyms, deidentify
from inference.export.picture import write_overlay, write_picture
from inference.export.record import FORMAT, answer_record, error_record
from inference.export.table import match_table

__all__ = [
    "FORMAT",
    "Box",
    "Deidentified",
    "Pseudonyms",
    "answer_record",
    "deidentify",
    "error_record",
    "match_table",
    "write_overlay",
    "write_picture",
]
