"""Everything that the library says of one case: where it comes from, and under which terms."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from inference.search.model import Match
from viewer.labels import label
from viewer.vocabulary import diagnosis_words, site_words
from viewer.words import (
    age_words,
    confirmation_words,
    is_phantom,
    phantom_label,
    sex_words,
    similarity_words,
    source_words,
)

translate = QCoreApplication.translate

_WIDTH = 460


def case_rows(match: Match, library: str) -> list[tuple[str, str]]:
    """List (fact, words) of a match's case, in the order in which they are read.

    Args:
        match: the match.
        library: name of the library that holds it.
    """
    case, image = match.case, match.image
    unknown = translate("CaseSheet", "not stated")
    patient = ", ".join(words for words in (age_words(case), sex_words(case)) if words)
    return [
        (translate("CaseSheet", "Diagnosis"), diagnosis_words(case.diagnosis)),
        (translate("CaseSheet", "Confirmed by"), confirmation_words(case)),
        (translate("CaseSheet", "Similarity"), similarity_words(match)),
        (translate("CaseSheet", "Patient"), patient or unknown),
        (translate("CaseSheet", "Body site"), site_words(case.site) or unknown),
        (translate("CaseSheet", "Source"), source_words(case)),
        (translate("CaseSheet", "Licence"), case.licence or unknown),
        (translate("CaseSheet", "Lesion"), case.lesion),
        (
            translate("CaseSheet", "Picture"),
            translate("CaseSheet", "{name}, {width} x {height} pixels").format(
                name=image.name, width=image.width, height=image.height
            ),
        ),
        (translate("CaseSheet", "Pictures of the case"), str(len(case.images))),
        (translate("CaseSheet", "Library"), library),
        (translate("CaseSheet", "SHA-256"), _in_two(image.content_hash)),
    ]


def _in_two(digest: str) -> str:
    """Break what has no space to break at."""
    half = (len(digest) + 1) // 2
    return f"{digest[:half]}\n{digest[half:]}"


class CaseSheet(QDialog):
    """Shows the facts of one match beside the window, which goes on; Escape closes it."""

    def __init__(self, match: Match, library: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Match {n}").format(n=match.rank))
        self.rows = case_rows(match, library)
        facts = QFormLayout()
        facts.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        facts.setHorizontalSpacing(16)
        for name, words in self.rows:
            shown = _selectable(words)
            shown.setAccessibleName(name)
            caption = label(name, "muted")
            caption.setBuddy(shown)
            facts.addRow(caption, shown)
        buttons = QDialogButtonBox()
        copy = buttons.addButton(self.tr("&Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        close = buttons.addButton(self.tr("C&lose"), QDialogButtonBox.ButtonRole.RejectRole)
        copy.clicked.connect(self._copy)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        if is_phantom(match.case):
            layout.addWidget(label(phantom_label(), "phantom"), 0, Qt.AlignmentFlag.AlignLeft)
        layout.addLayout(facts)
        layout.addWidget(buttons)
        self.setMinimumWidth(_WIDTH)
        close.setFocus()

    def _copy(self) -> None:
        text = "\n".join(f"{name}: {words}" for name, words in self.rows)
        QGuiApplication.clipboard().setText(text)


def _selectable(words: str) -> QLabel:
    made = label(words)
    made.setWordWrap(True)
    made.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return made
