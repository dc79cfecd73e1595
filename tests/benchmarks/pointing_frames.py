"""How long a frame takes while the reader points at spots of the query, in milliseconds.

    python -m tests.benchmarks.pointing_frames [--frames N] [--scale 2]

A frame is everything from a move of the mouse to the last card painted: the maps of the spot,
computed on a worker for all 16 matches, their colours or lines, and the painting of query and
gallery, off screen, in a window of 1366 x 768 on the demonstration library. Wall-clock time counts
what other programs take from the processor; the processor's own time does not.
"""

from __future__ import annotations

import argparse
import os
import time
from statistics import median, quantiles

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from viewer import theme
from viewer.app import begin
from viewer.engine import Workstation
from viewer.options import Options
from viewer.settings import Settings
from viewer.snapshot import Snapshot
from viewer.tasks import Tasks
from viewer.window import Window

WARM_UP = 5


def main() -> None:
    """Print the times of frames with filled maps and with lines."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--scale", type=float, default=1.0)
    asked = parser.parse_args()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_SCALE_FACTOR"] = f"{asked.scale:g}"
    application = QApplication(["caselens"])
    application.setStyle("Fusion")
    theme.apply(application, theme.LIGHT)
    window = Window(Settings(theme="light"), Tasks(), Workstation())
    window.resize(1366, 768)
    window.show()
    begin(window, Options(demo=True))
    Snapshot(window).wait()
    window.tools.pointing.frame_ms = 0
    window.commands.action("point").trigger()
    for mode in ("filled", "contours"):
        if window.maps.mode != mode:
            window.maps.toggle_contours()
        _tell(f"{mode}, 1366 x 768 at {asked.scale:g}x", _frames(window, asked.frames))
    window.close()


class _Painted(QObject):
    """Ends a loop when the gallery has been painted with the maps of the present spot."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._loop = QEventLoop(self)
        self._due = False
        window.tools.pointing.arrived.connect(self._await_paint)
        window.answer_page.gallery.viewport().installEventFilter(self)

    def wait(self) -> None:
        """Let events come until then."""
        self._due = False
        self._loop.exec()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """See paint events."""
        if event.type() == QEvent.Type.Paint and self._due:
            QTimer.singleShot(0, self._loop.quit)  # when all that is due has been painted
        return False

    def _await_paint(self) -> None:
        self._due = True


def _frames(window: Window, count: int) -> list[tuple[float, float]]:
    """Move the mouse over the query; return (wall-clock, processor) milliseconds of each frame."""
    painted, view = _Painted(window), window.answer_page.query.view
    middle, nothing = QPointF(view.rect().center()), Qt.MouseButton.NoButton
    times = []
    for number in range(count + WARM_UP):
        place = middle + QPointF(number % 80 - 40, number * 3 % 50 - 25)
        move = QMouseEvent(
            QEvent.Type.MouseMove, place, view.mapToGlobal(place), nothing, nothing,
            Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        wall, processor = time.perf_counter(), time.process_time()
        QCoreApplication.sendEvent(view, move)
        painted.wait()
        times.append((time.perf_counter() - wall, time.process_time() - processor))
    painted.deleteLater()
    return [(1000 * wall, 1000 * processor) for wall, processor in times[WARM_UP:]]


def _tell(what: str, frames: list[tuple[float, float]]) -> None:
    for name, times in zip(("wall clock", "processor"), zip(*frames, strict=True), strict=True):
        worst = quantiles(times, n=20)[-1]
        line = f"{what}: {name} {median(times):.1f} ms (95 of 100 within {worst:.1f})"
        print(line)


if __name__ == "__main__":
    main()
