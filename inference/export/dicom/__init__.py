"""DICOM objects for keeping: the picture, the picture with its map, and a report of the answer.

They are loaded only when something is exported: highdicom takes a third of a second.
"""

from inference.export.dicom.capture import secondary_capture
from inference.export.dicom.photograph import photograph
from inference.export.dicom.report import measurement_report
from inference.export.dicom.study import Study, written

__all__ = ["Study", "measurement_report", "photograph", "secondary_capture", "written"]
