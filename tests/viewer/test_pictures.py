"""Pictures, maps and thumbnails reach the screen as they are, sharp, and within a bound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from inference.encoder.model import Field
from inference.errors import Cancelled
from inference.explain import Heatmap
from inference.images import MedicalImage
from inference.library.model import LibraryInfo
from tests.viewer.conftest import Desk
from tests.viewer.fakes import (
    THUMBNAIL_COLOUR,
    FakeAdviser,
    FakeStore,
    InlineExecutor,
    picture,
)
from viewer.engine import Engine
from viewer.heat import Heat
from viewer.image_view import ImageView
from viewer.maps import MapDisplay
from viewer.pixels import Picture
from viewer.tasks import Tasks
from viewer.thumbnails import Thumbnails
from viewer.viewport import MOST_ZOOM, Viewport


def engine() -> tuple[Engine, FakeStore]:
    info = LibraryInfo("drawn", Path("drawn"), 1, 1, 1)
    store = FakeStore(info)
    return Engine(FakeAdviser(), store, info, model="Fake", demo=False), store


def test_a_match_is_painted_with_its_thumbnail_and_then_with_its_map(
    desk: Desk, tmp_path: Path
) -> None:
    desk.drop(picture(tmp_path))
    gallery, model = desk.window.answer_page.gallery, desk.window.answer_page.model
    card = gallery.visualRect(model.index(0))
    middle = card.center()
    middle.setY(card.top() + card.height() // 3)

    def painted() -> tuple[int, int, int]:
        colour = gallery.viewport().grab().toImage().pixelColor(middle)
        return colour.red(), colour.green(), colour.blue()

    mapped = painted()
    desk.window.maps.toggle()
    plain = painted()

    assert plain == THUMBNAIL_COLOUR
    # A map of ones is the yellow end of viridis, at full alpha, laid on at 40 %.
    yellow = (253, 231, 37)
    expected = [round(0.6 * p + 0.4 * y) for p, y in zip(THUMBNAIL_COLOUR, yellow, strict=True)]
    assert np.abs(np.array(mapped) - expected).max() <= 4


def test_thumbnails_are_fetched_once_and_not_while_painting(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path))
    desk.window.answer_page.gallery.viewport().grab()
    desk.window.answer_page.gallery.viewport().grab()

    assert sorted(desk.workstation.stores[0].thumbnails_read) == list(range(1, 17))


@pytest.fixture
def tasks(application: QApplication) -> Iterator[Tasks]:
    del application
    made = Tasks(InlineExecutor())
    yield made
    made.close()


def test_the_thumbnail_cache_stays_within_its_bound(tasks: Tasks) -> None:
    one = 80 * 60 * 4
    thumbnails = Thumbnails(tasks, most_bytes=3 * one)
    thumbnails.use(engine()[0])
    for image_id in range(6):
        assert thumbnails.get(image_id) is None
        QCoreApplication.processEvents()

    assert thumbnails.bytes_held == 3 * one
    assert thumbnails.get(5) is not None
    assert thumbnails.get(0) is None, "the oldest goes first"
    QCoreApplication.processEvents()


def test_a_thumbnail_that_the_library_cannot_give_is_not_asked_for_again(tasks: Tasks) -> None:
    opened, store = engine()
    store.broken = {7}
    thumbnails = Thumbnails(tasks)
    thumbnails.use(opened)
    for _ in range(3):
        thumbnails.get(7)
        QCoreApplication.processEvents()

    assert thumbnails.missing(7)
    assert store.thumbnails_read == [7]


def test_a_library_is_closed_after_the_last_work_on_it() -> None:
    opened, store = engine()
    with opened.in_use():
        opened.retire()
        assert store.closings == 0
    assert store.closings == 1
    opened.retire()  # a second time changes nothing
    with pytest.raises(Cancelled), opened.in_use():
        pytest.fail("work began on a library that was left")
    assert store.closings == 1


def test_a_large_picture_is_drawn_from_the_version_that_suffices() -> None:
    pixels = np.zeros((3000, 4000, 3), np.uint8)
    large = Picture(MedicalImage(pixels, "0" * 64, "large.png"))

    assert large.level(0.1).width() == 500
    assert large.level(0.2).width() == 1000
    assert large.level(0.26).width() == 2000
    assert large.level(1.0).width() == 4000
    assert large.level(8.0).width() == 4000


def test_a_map_covers_only_what_the_model_saw() -> None:
    # The central square of a 4:3 picture.
    field = Field(0, 50, 300, 300, 300, 400)
    image = Heat(Heatmap(np.ones((7, 7), np.float32), field)).image("viridis")

    assert (image.width(), image.height()) == (320, 240)
    assert image.pixelColor(30, 120).alpha() == 0
    assert image.pixelColor(160, 120).alpha() == 255
    assert image.pixelColor(290, 120).alpha() == 0


def test_the_square_that_the_model_saw_is_outlined_when_it_is_not_the_whole(
    application: QApplication,
) -> None:
    del application
    pixels = np.full((300, 400, 3), 128, np.uint8)
    none = np.zeros((7, 7), np.float32)
    changed = {}
    for name, field in {
        "part": Field(0, 50, 300, 300, 300, 400),
        "whole": Field(0, 0, 300, 400, 300, 400),
    }.items():
        maps = MapDisplay(visible=True, opacity=100)
        view = ImageView(Viewport(), maps, "view")
        view.resize(400, 300)
        view.show_picture(
            Picture(MedicalImage(pixels, "0" * 64, "p.png")), Heat(Heatmap(none, field))
        )
        drawn = view.grab().toImage()
        changed[name] = [x for x in range(400) if drawn.pixelColor(x, 150).red() != 128]
        view.close()
    assert changed["whole"] == []
    assert {50, 350} <= set(changed["part"]) <= {49, 50, 51, 349, 350, 351}


def test_a_picture_is_sharp_on_a_screen_with_two_device_pixels_each(
    application: QApplication,
) -> None:
    del application
    # One black and one white column in turn: any detour over a smaller pixmap makes grey of it.
    stripes = np.zeros((100, 200, 3), np.uint8)
    stripes[:, ::2] = 255
    maps = MapDisplay(visible=False, opacity=0)
    view = ImageView(Viewport(), maps, "picture")
    view.setMinimumSize(1, 1)
    view.resize(100, 50)
    view.show_picture(Picture(MedicalImage(stripes, "0" * 64, "stripes.png")))
    screen = QImage(200, 100, QImage.Format.Format_RGB32)
    screen.setDevicePixelRatio(2)
    view.devicePixelRatioF = lambda: 2.0  # type: ignore[method-assign]
    view.render(screen)
    view.deleteLater()
    QCoreApplication.sendPostedEvents(view, QEvent.Type.DeferredDelete)
    row = [screen.pixelColor(x, 50).red() for x in range(60, 64)]

    assert sorted(row) == [0, 0, 255, 255]


def test_the_point_under_the_pointer_stays_in_its_place_while_zooming() -> None:
    viewport = Viewport()
    anchor = QPointF(0.7, 0.4)
    viewport.zoom_by(2, QPointF(0.5, 0.5))
    before = (anchor - viewport.centre) * viewport.zoom
    viewport.zoom_by(1.5, anchor)
    after = (anchor - viewport.centre) * viewport.zoom

    assert after.x() == pytest.approx(before.x())
    assert after.y() == pytest.approx(before.y())


def test_zoom_and_pan_stay_within_the_picture() -> None:
    viewport = Viewport()
    viewport.pan_by(3, 3)
    assert viewport.centre == QPointF(0.5, 0.5), "a whole picture cannot be moved away"
    viewport.zoom_by(1000)
    viewport.pan_by(-9, 9)
    margin = 0.5 / MOST_ZOOM

    assert viewport.zoom == MOST_ZOOM
    inside = QRectF(margin, margin, 1 - 2 * margin, 1 - 2 * margin)
    assert inside.adjusted(-1e-9, -1e-9, 1e-9, 1e-9).contains(viewport.centre)
