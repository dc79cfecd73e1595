"""Paints one match: thumbnail with its pair map, diagnosis, confirmation, similarity, source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QImage,
    QPainter,
    QPalette,
    QPen,
    QRegion,
)
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from inference.search.model import Match
from viewer import theme
from viewer.bar_painter import BAR_WIDTH, draw_bar
from viewer.gallery_layout import Section
from viewer.heat import Heat
from viewer.heat_painter import draw_heat
from viewer.maps import MapDisplay
from viewer.marks import found
from viewer.thumbnails import Thumbnails
from viewer.vocabulary import diagnosis_words
from viewer.words import confirmation_words, similarity_words, source_words

_MATCH_ROLE = int(Qt.ItemDataRole.UserRole)
_GAP = 4
_PADDING = 6
_BADGE = 22
_THUMBNAIL_RATIO = 0.75
_LINE_THICKNESS = 0.7
_MOST_FITTED = 32


Facts = Callable[[Match], tuple[str, ...]]


def usual_facts(match: Match) -> tuple[str, ...]:
    """Return how the diagnosis was confirmed, the similarity, and the source."""
    return (confirmation_words(match.case), similarity_words(match), source_words(match.case))


@dataclass(frozen=True, slots=True)
class Card:
    """What a card has below its picture.

    Attributes:
        preferred_width: that it is read well at, in pixels.
        lines: of text there is room for.
        titled: whether the diagnosis stands first; it may take two lines.
        facts: the lines that follow; the last ones give way.
    """

    preferred_width: int = 206
    lines: int = 5
    titled: bool = True
    facts: Facts = usual_facts


class GalleryDelegate(QStyledItemDelegate):
    """Draws a card; its size follows the width that the view gives it.

    Attributes:
        card: what stands below the picture.
    """

    def __init__(
        self,
        thumbnails: Thumbnails,
        maps: MapDisplay,
        heat_of: Callable[[int], Heat | None],
    ) -> None:
        super().__init__()
        self._thumbnails = thumbnails
        self._maps = maps
        self._heat_of = heat_of
        self.card = Card()
        self._size = QSize()
        self._region = QRegion()
        self._fitted: dict[tuple[int, int, int], QImage] = {}
        self.fit(self.card.preferred_width)

    def fit(self, width: int) -> QSize:
        """Take cards of this width, and return their size."""
        self._size = QSize(width, self.height_of(width))
        return self._size

    def height_of(self, width: int) -> int:
        """Return the height of a card of this width."""
        line = QFontMetrics(QApplication.font()).height()
        thumbnail = round((width - 2 * _GAP) * _THUMBNAIL_RATIO)
        return thumbnail + self.card.lines * line + 2 * _PADDING + 2 * _GAP

    def paint_within(self, region: QRegion) -> None:
        """Leave out words that lie outside a region of the view: setting them takes long."""
        self._region = region

    def picture_box(self, cell: QRect) -> QRect:
        """Return where the picture lies in the cell of a match."""
        card = _card(cell)
        return QRect(card.left(), card.top(), card.width(), round(card.width() * _THUMBNAIL_RATIO))

    def badge_box(self, cell: QRect) -> QRect:
        """Return where the badge lies that a click on shows all facts of the case."""
        picture = self.picture_box(cell)
        return QRect(picture.right() - 3 - _BADGE, picture.top() + 4, _BADGE, _BADGE)

    def sizeHint(  # noqa: N802 - Qt's name
        self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the size of every card."""
        return self._size

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the card of one match."""
        match = index.data(_MATCH_ROLE)
        if not isinstance(match, Match):
            return
        painter.save()
        cell: QRect = _member(option, "rect")
        card, picture = _card(cell), self.picture_box(cell)
        palette: QPalette = _member(option, "palette")
        # Base is the view's own background here: the style sheet sets it.
        painter.fillRect(card, palette.color(QPalette.ColorRole.AlternateBase))
        self._draw_picture(painter, picture, match, palette)
        _draw_rank(painter, picture, match.rank)
        text = card.adjusted(_PADDING, picture.height() + _PADDING, -_PADDING, -2)
        if self._region.intersects(text):
            _draw_text(painter, text, match, self.card, option)
        _draw_outline(painter, card, palette, _member(option, "state"))
        if _is_lively(_member(option, "state")):
            _draw_badge(painter, self.badge_box(cell))
        painter.restore()

    def _draw_picture(self, painter: QPainter, box: QRect, match: Match, palette: QPalette) -> None:
        painter.fillRect(box, palette.color(QPalette.ColorRole.Dark))
        image = self._thumbnails.get(match.image.id)
        if image is None:
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            missing = self._thumbnails.missing(match.image.id)
            words = self.tr("picture missing") if missing else self.tr("loading …")
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        whole = _within(image, box)
        painter.drawImage(whole, self._at_size(image, whole, painter.device().devicePixelRatioF()))
        heat = self._heat_of(match.image.id)
        if heat is not None:
            draw_heat(painter, whole, heat, self._maps.look, _LINE_THICKNESS)
        if match.where is not None:
            found(match.where).draw(painter, whole, theme.on_screen(palette), _LINE_THICKNESS)

    def _at_size(self, image: QImage, whole: QRectF, ratio: float) -> QImage:
        """Return a thumbnail with one pixel for each of the screen's, so that it is scaled once."""
        width, height = round(whole.width() * ratio), round(whole.height() * ratio)
        key = (image.cacheKey(), width, height)
        if key not in self._fitted:
            if len(self._fitted) >= _MOST_FITTED:
                self._fitted.clear()
            self._fitted[key] = image.scaled(
                width,
                height,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        return self._fitted[key]


def _card(cell: QRect) -> QRect:
    return cell.adjusted(_GAP, _GAP, -_GAP, -_GAP)


def _member(option: QStyleOptionViewItem, name: str) -> Any:  # noqa: ANN401
    # The members of style options are missing from PySide's type information.
    return getattr(option, name)


def _within(image: QImage, box: QRect) -> QRectF:
    scale = min(box.width() / image.width(), box.height() / image.height())
    width, height = image.width() * scale, image.height() * scale
    centre = QRectF(box).center()
    # On whole pixels, or it would be blurred.
    fitted = QRectF(centre.x() - width / 2, centre.y() - height / 2, width, height)
    return QRectF(fitted.toRect())


def _draw_rank(painter: QPainter, picture: QRect, rank: int) -> None:
    badge = QRect(picture.left() + 4, picture.top() + 4, 26, 19)
    painter.fillRect(badge, QColor(0, 0, 0, 190))
    painter.setPen(QColor("#ffffff"))
    painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, str(rank))


def draw_heading(
    painter: QPainter, place: QRect, section: Section, palette: QPalette, font: QFont
) -> None:
    """Draw a section's heading: its title, how many, and that as a bar."""
    bold = QFont(font)
    bold.setBold(True)
    painter.save()
    painter.setPen(palette.color(QPalette.ColorRole.WindowText))
    painter.setFont(bold)
    middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    words = place.adjusted(_GAP, 0, 0, 0)
    painter.drawText(words, middle, section.title)
    words.setLeft(words.left() + QFontMetrics(bold).horizontalAdvance(section.title) + 14)
    if section.bar is not None:
        room = QRect(words.left(), words.top() + 3, BAR_WIDTH, words.height() - 6)
        draw_bar(painter, room, section.bar, palette)
        words.setLeft(words.left() + BAR_WIDTH + 10)
    painter.setFont(font)
    painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
    painter.drawText(words, middle, section.words)
    painter.restore()


def _draw_text(
    painter: QPainter, box: QRect, match: Match, card: Card, option: QStyleOptionViewItem
) -> None:
    palette: QPalette = _member(option, "palette")
    font: QFont = _member(option, "font")
    bold = QFont(font)
    bold.setBold(True)
    metrics, plain = QFontMetrics(bold), QFontMetrics(font)
    line, room = metrics.height(), card.lines
    if card.titled:
        painter.setFont(bold)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        for words in _two_lines(diagnosis_words(match.case.diagnosis), metrics, box.width()):
            painter.drawText(QRect(box.left(), box.top(), box.width(), line), 0, words)
            box, room = box.adjusted(0, line, 0, 0), room - 1
    painter.setFont(font)
    painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
    for words in card.facts(match)[:room]:
        shown = plain.elidedText(words, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(QRect(box.left(), box.top(), box.width(), line), 0, shown)
        box = box.adjusted(0, line, 0, 0)


def _two_lines(words: str, metrics: QFontMetrics, width: int) -> list[str]:
    """Break ``words`` at a space into at most two lines; only the second may be cut short."""
    first, rest = "", words.split(" ")
    while rest and metrics.horizontalAdvance(f"{first} {rest[0]}".strip()) <= width:
        first = f"{first} {rest.pop(0)}".strip()
    if not first or not rest:
        return [metrics.elidedText(words, Qt.TextElideMode.ElideRight, width)]
    return [first, metrics.elidedText(" ".join(rest), Qt.TextElideMode.ElideRight, width)]


def _is_lively(state: QStyle.StateFlag) -> bool:
    """Say whether a card is chosen or under the pointer."""
    return bool(state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver))


def _draw_badge(painter: QPainter, box: QRect) -> None:
    """Draw the letter that stands for information, on a dark disc."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(0, 0, 0, 190))
    painter.setPen(QPen(QColor("#ffffff"), 1.5))
    painter.drawEllipse(QRectF(box).adjusted(1, 1, -1, -1))
    bold = QFont(painter.font())
    bold.setBold(True)
    painter.setFont(bold)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "i")


def _draw_outline(
    painter: QPainter, card: QRect, palette: QPalette, state: QStyle.StateFlag
) -> None:
    chosen = bool(state & QStyle.StateFlag.State_HasFocus)
    chosen = chosen or bool(state & QStyle.StateFlag.State_Selected)
    hovered = bool(state & QStyle.StateFlag.State_MouseOver)
    if not chosen and not hovered:
        return
    pen = QPen(palette.color(QPalette.ColorRole.Text if chosen else QPalette.ColorRole.Mid))
    pen.setWidth(3 if chosen else 2)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    painter.drawRect(card.adjusted(1, 1, -2, -2))
