"""What stands above the matches when they mean less than usual: why, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from viewer.labels import label
from viewer.words import flag_sentence

translate = QCoreApplication.translate

POOR = ("blurred", "too_dark", "too_bright", "hair", "small_lesion", "low_resolution", "no_colour")
"""Words of caution that call for another picture."""

BANNERED = ("not_dermoscopy", "unlike_library", *POOR)
"""The words of caution that the banner says; the others stand under the picture."""


def banner_words(flags: Sequence[str]) -> tuple[str, str]:
    """Return title and sentences for an answer with these words of caution; "" for no banner.

    The gravest comes first, and names the state; a picture that is no dermoscopy has no quality
    to speak of.
    """
    if "not_dermoscopy" in flags:
        return translate("Banner", "Not dermoscopy"), flag_sentence("not_dermoscopy")
    said = [flag for flag in BANNERED if flag in flags]
    if not said:
        return "", ""
    title = (
        translate("Banner", "No close match")
        if said[0] == "unlike_library"
        else translate("Banner", "Poor picture")
    )
    return title, " ".join(flag_sentence(flag) for flag in said)


class CautionBanner(QFrame):
    """Title and sentences in a frame of their own; hidden when there is nothing to say."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._title = label("", "heading")
        self._words = label("")
        self._words.setWordWrap(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 5, 10, 5)
        row.setSpacing(12)
        row.addWidget(self._title)
        row.addWidget(self._words, 1)
        self.hide()

    def show_flags(self, flags: Sequence[str]) -> None:
        """Say what an answer's words of caution call for."""
        title, words = banner_words(flags)
        self._title.setText(title)
        self._words.setText(words)
        self.setAccessibleName(title)
        self.setAccessibleDescription(words)
        self.setVisible(bool(title))
