"""The one family of errors that a reader of CaseLens is meant to see.

Everything else that is raised is a bug. Third-party exceptions are turned into one of these in
three places only: reading a file, running a model, writing a file.
"""

from __future__ import annotations


class CaseLensError(Exception):
    """Something outside the program's control failed, and the reader can act on it.

    Attributes:
        subject: the file, folder or model that failed, as the reader would name it.
        reason: what is wrong with it, one sentence without a full stop.
        advice: what to do about it, one sentence without a full stop; may be empty.
    """

    def __init__(self, subject: object, reason: str, advice: str = "") -> None:
        self.subject = str(subject)
        self.reason = reason
        self.advice = advice
        super().__init__(self.subject, reason, advice)

    def __str__(self) -> str:
        """Say it in one line: ``scan.dcm: the pixel data is truncated. Export it again.``."""
        text = f"{self.subject}: {self.reason}."
        return f"{text} {self.advice}." if self.advice else text


class ImageError(CaseLensError):
    """A file is not a picture that CaseLens can read."""


class ModelError(CaseLensError):
    """A model file is missing, altered, of the wrong shape, or failed to run."""


class LibraryError(CaseLensError):
    """A case library cannot be opened, read, written or searched."""


class RegionError(CaseLensError):
    """A region that was drawn or typed cannot be searched for."""


class Cancelled(Exception):  # noqa: N818 - it is a request, not an error
    """The reader asked to stop; whatever was complete by then has been kept."""
