"""Looking closely: turning, actual pixels, loupe, tone and ruler; the answer stays what it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPointF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest

from tests.viewer.conftest import Desk
from tests.viewer.fakes import picture
from viewer.eye import PLAIN, Tone
from viewer.image_view import ImageView
from viewer.marks import Ruler
from viewer.measuring import length_words
from viewer.orientation import UPRIGHT, Orientation
from viewer.viewport import MOST_ZOOM

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def answered(desk: Desk, tmp_path: Path) -> Desk:
    """A window whose query is red at the left and green at the right, without its heatmap."""
    pixels = np.zeros((120, 160, 3), np.uint8)
    pixels[:, :80, 0] = pixels[:, 80:, 1] = 200
    Image.fromarray(pixels).save(tmp_path / "halves.png")
    desk.drop(tmp_path / "halves.png")
    desk.key(Qt.Key.Key_H)
    return desk


def view(desk: Desk) -> ImageView:
    return desk.window.answer_page.front()


def drawn(desk: Desk, right: int, down: int) -> str:
    """Name the colour that is drawn so far from the middle of the view."""
    image = view(desk).grab().toImage()
    colour = image.pixelColor(image.width() // 2 + right, image.height() // 2 + down)
    return "red" if colour.red() > colour.green() else "green"


@pytest.mark.parametrize(
    ("keys", "red"),
    [
        ("", (-40, 0)),
        ("T", (0, -40)),
        ("TT", (40, 0)),
        ("TTTT", (-40, 0)),
        ("t", (0, 40)),
        ("W", (40, 0)),
        ("TW", (0, -40)),
        ("WT", (0, 40)),
        ("TWU", (-40, 0)),
    ],
)
def test_keys_turn_and_mirror_the_picture_as_it_is_seen(
    answered: Desk, keys: str, red: tuple[int, int]
) -> None:
    for letter in keys:
        key = Qt.Key(ord(letter.upper()))
        answered.key(key, SHIFT if letter.islower() else Qt.KeyboardModifier.NoModifier)
    assert drawn(answered, *red) == "red" and drawn(answered, -red[0], -red[1]) == "green"


def test_the_heatmap_turns_with_the_picture(answered: Desk) -> None:
    """The fake engine's map lies in the upper left; a quarter turn takes it to the upper right."""

    def warmth(right: int, down: int) -> int:
        image = view(answered).grab().toImage()
        middle = image.rect().center()
        colour = image.pixelColor(middle.x() + right, middle.y() + down)
        return colour.red() + colour.green() + colour.blue()

    answered.key(Qt.Key.Key_T)
    bare = {place: warmth(*place) for place in ((90, -150), (-90, 150))}
    answered.key(Qt.Key.Key_H)
    assert warmth(90, -150) != bare[90, -150]
    assert warmth(-90, 150) == pytest.approx(bare[-90, 150], abs=160)


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_place_on_screen_is_the_same_place_of_the_picture_however_it_is_turned(
    answered: Desk, turns: int, mirrored: bool
) -> None:
    viewport = view(answered).viewport
    viewport.turn(turns)
    if mirrored:
        viewport.mirror()
    answered.key(Qt.Key.Key_P)
    to_screen = viewport.orientation.to_screen(QSizeF(view(answered).size()))
    whole = view(answered).picture_rect()
    place = to_screen.map(QPointF(whole.x() + whole.width() / 4, whole.y() + whole.height() / 3))
    QTest.mouseMove(view(answered), place.toPoint())
    answered.settle()

    assert answered.window.tools.pointing.spot == pytest.approx((40, 40), abs=1)
    before = answered.window.tools.pointing.spot
    answered.key(Qt.Key.Key_Right)
    after = to_screen.map(QPointF(*answered.window.tools.pointing.spot))
    assert after.x() > to_screen.map(QPointF(*before)).x(), "right is right on screen"


def test_dragging_moves_a_turned_picture_with_the_pointer(answered: Desk) -> None:
    answered.key(Qt.Key.Key_T)
    viewport = view(answered).viewport
    viewport.zoom_by(4)
    before = viewport.centre
    left = Qt.MouseButton.LeftButton
    middle = view(answered).rect().center()
    QTest.mousePress(view(answered), left, pos=middle)
    QTest.mouseMove(view(answered), middle.__class__(middle.x() + 30, middle.y()))
    QTest.mouseRelease(view(answered), left, pos=middle)
    # Turned to the right, what is right on screen is up on the picture.
    assert viewport.centre.y() > before.y() and viewport.centre.x() == pytest.approx(before.x())


def test_query_and_match_turn_together_and_another_query_is_upright(
    answered: Desk, tmp_path: Path
) -> None:
    answered.click_match(0)
    answered.key(Qt.Key.Key_T)
    compare = answered.window.answer_page.compare
    assert compare.case.viewport.orientation == compare.query.viewport.orientation != UPRIGHT
    answered.drop(picture(tmp_path, "b.png"))
    assert view(answered).viewport.orientation == UPRIGHT
    answered.click_match(0)
    assert compare.query.viewport.orientation == UPRIGHT


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_z_shows_each_pixel_as_one_of_the_screens(answered: Desk, ratio: float) -> None:
    view(answered).devicePixelRatioF = lambda: ratio  # type: ignore[method-assign]
    answered.key(Qt.Key.Key_Z)

    assert view(answered).picture_rect().width() * ratio == pytest.approx(160)
    answered.key(Qt.Key.Key_0)
    assert view(answered).viewport.zoom == 1
    answered.key(Qt.Key.Key_Plus)
    assert 1 < view(answered).viewport.zoom < MOST_ZOOM


def test_the_loupe_follows_pointer_and_keys_on_both_pictures_and_escape_puts_it_away(
    answered: Desk,
) -> None:
    answered.click_match(0)
    answered.key(Qt.Key.Key_G)
    compare = answered.window.answer_page.compare
    assert compare.query.viewport.loupe == QPointF(0.5, 0.5)
    compare.query.setFocus()
    answered.key(Qt.Key.Key_Left)
    moved = compare.case.viewport.loupe
    assert moved is not None and moved.x() < 0.5, "the key moves it, and steps to no other match"
    QTest.mouseMove(compare.query, compare.query.rect().center())
    assert compare.query.viewport.loupe != moved
    answered.key(Qt.Key.Key_Escape)
    assert answered.window.comparing()
    assert view(answered).viewport.loupe is None


def test_the_loupe_enlarges_what_lies_under_it(answered: Desk) -> None:
    view(answered).viewport.hold_loupe(QPointF(0.45, 0.5))
    whole = view(answered).picture_rect()
    shift = round(-0.05 * whole.width())
    # The edge of red and green lies an eighth to the right of the loupe, three times as far in it.
    assert drawn(answered, shift + round(0.1 * whole.width()), 0) == "red"
    answered.key(Qt.Key.Key_G)
    assert drawn(answered, shift + round(0.1 * whole.width()), 0) == "green"


def test_brightness_and_contrast_change_what_is_seen_and_nothing_else(answered: Desk) -> None:
    shown = answered.window.session.consultation
    answered.key(Qt.Key.Key_B)
    before = view(answered).grab().toImage()
    pixels = shown.answer.image.pixels.copy() if shown else None
    for _ in range(4):
        answered.key(Qt.Key.Key_Right)  # the first slider has the focus
    assert answered.window.eye.tone.brightness == 20
    assert view(answered).grab().toImage() != before
    assert answered.window.session.consultation is shown is not None
    assert np.array_equal(shown.answer.image.pixels, pixels if pixels is not None else [])
    answered.key(Qt.Key.Key_B)
    assert answered.window.eye.tone == PLAIN


def test_a_saved_picture_has_neither_tone_nor_turn(answered: Desk) -> None:
    answered.key(Qt.Key.Key_H)
    before = answered.window.answer_page.sheet()
    answered.window.eye.show(Tone(40, 40))
    answered.key(Qt.Key.Key_T)
    after = answered.window.answer_page.sheet()
    assert before is not None and after is not None
    assert after.panels[0].picture is before.panels[0].picture


@pytest.mark.parametrize(
    ("tone", "expected"),
    [
        (PLAIN, [0, 64, 128, 255]),
        (Tone(brightness=20), [51, 115, 179, 255]),
        (Tone(contrast=50), [0, 1, 129, 255]),
        (Tone(contrast=-100), [96, 112, 128, 159]),
    ],
)
def test_a_tone_moves_and_stretches_values(tone: Tone, expected: list[int]) -> None:
    """By hand: v * 4^(c/100) about the middle of 127.5, and 255 b / 100 added."""
    assert tone.table()[[0, 64, 128, 255]].tolist() == pytest.approx(expected, abs=1)
    image = QImage(3, 2, QImage.Format.Format_RGB32)
    image.fill(QColor(0, 64, 128))
    colour = tone.of(image).pixelColor(2, 1)
    seen = [colour.red(), colour.green(), colour.blue()]
    assert seen == pytest.approx(expected[:3], abs=1)


@pytest.mark.parametrize(
    ("spacing", "expected"),
    [((0.1, 0.2), "8.5 mm"), (None, "50 px (no scale in the file)")],
)
def test_a_length_is_in_millimetres_where_the_file_gives_them(
    spacing: tuple[float, float] | None, expected: str
) -> None:
    """A step of 40 columns at 0.2 mm and 30 rows at 0.1 mm: the root of 8² + 3²."""
    assert length_words((10, 10), (50, 40), spacing) == expected


def test_a_drag_lays_the_ruler_and_keys_move_its_ends(answered: Desk) -> None:
    answered.key(Qt.Key.Key_D)
    answered.drag((20, 60), (70, 60), (120, 60))
    measuring = answered.window.tools.measuring
    assert measuring.line[0] == pytest.approx((20, 60), abs=1)
    assert measuring.line[1] == pytest.approx((120, 60), abs=1)
    help_line = answered.window.answer_page.query.key.help.text()
    assert help_line.startswith(measuring.words) and "px" in measuring.words
    ends = measuring.line
    answered.key(Qt.Key.Key_Right)
    assert measuring.line[0] == ends[0] and measuring.line[1][0] > ends[1][0]
    answered.key(Qt.Key.Key_Left, SHIFT)
    assert measuring.line[0][0] < ends[0][0]
    mark = answered.window.tools.mark()
    assert isinstance(mark, Ruler) and mark.words == measuring.words
    answered.key(Qt.Key.Key_Escape)
    assert not measuring.active and answered.window.tools.mark() is None


def test_a_calibrated_picture_is_measured_in_millimetres(answered: Desk) -> None:
    shown = answered.window.session.consultation
    assert shown is not None
    image = replace(shown.answer.image, spacing_mm=(0.05, 0.05))
    answer = replace(shown.answer, image=image)
    answered.window.session.consultation = replace(shown, answer=answer, similar=answer)
    answered.key(Qt.Key.Key_D)
    assert answered.window.tools.measuring.words == "2.7 mm", "a third of 160 pixels"


def test_turning_twice_and_mirroring_twice_changes_nothing() -> None:
    for turns in range(4):
        one = Orientation(turns)
        assert one.turned(2).turned(2) == one
        assert one.mirrored_now().mirrored_now() == one
