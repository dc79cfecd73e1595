"""Starts the application: the window first, everything heavy after it, on workers."""

from __future__ import annotations

import os
import sys

from PySide6.QtCore import QCoreApplication, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from inference.errors import CaseLensError
from viewer import language, theme
from viewer import settings as settings_module
from viewer.doorbell import Doorbell, ring, usual_name
from viewer.engine import Workstation
from viewer.intake import Offer, demonstration_query
from viewer.options import Options
from viewer.settings import Settings
from viewer.snapshot import Snapshot, table
from viewer.tasks import Tasks
from viewer.window import Window
from viewer.words import notice


def run(options: Options) -> int:
    """Show the window until it is closed, or write its picture; return the exit code."""
    return _picture(options) if options.picture is not None else _show(options)


def _show(options: Options) -> int:
    application = _application()
    alone = options.library is None and not options.demo
    if alone and ring(options.files, usual_name()):
        return 0
    store = settings_module.user_store()
    settings = settings_module.load(store)
    window = _window(application, settings, options)
    window.closed.connect(lambda: _remember(settings, store, options))
    window.show()
    bell = Doorbell(usual_name(), window)
    bell.rung.connect(window.open_from_outside)
    window.closed.connect(bell.close)
    # The first event of the loop: the window is on screen before anything heavy begins.
    QTimer.singleShot(0, lambda: begin(window, options))
    return application.exec()


def _picture(options: Options) -> int:
    assert options.picture is not None
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_SCALE_FACTOR"] = f"{options.scale:g}"
    application = _application()
    # The reader's own settings neither shape the picture nor are changed by it.
    window = _window(application, Settings(theme="light", language="en"), options)
    window.resize(*options.size)
    window.show()
    try:
        begin(window, options)
        snapshot = Snapshot(window)
        answer = snapshot.wait()
        if options.compare is not None:
            snapshot.compare(options.compare)
        snapshot.write(options.picture)
        sys.stdout.write(f"{table(answer)}\n{notice()}\nPicture: {options.picture}\n")
    except CaseLensError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    finally:
        window.close()
    return 0


def begin(window: Window, options: Options) -> None:
    """Open the library and ask about the first pictures, as the command line says.

    Raises:
        CaseLensError: a picture of the window is wanted, and there is no query to show.
    """
    if options.library is not None:
        window.shelf.open_folder(options.library)
    elif options.demo or options.picture is not None:
        window.shelf.open_demonstration()
    else:
        window.shelf.open_last()
    files = options.files
    if not files and options.demo:
        query = demonstration_query()
        files = (query,) if query is not None else ()
    if files:
        window.session.take(Offer(files))
    elif options.picture is not None:
        raise CaseLensError(
            "caselens-viewer", "a picture of the window needs a query", "Name a file, or add --demo"
        )


def _application() -> QApplication:
    present = QCoreApplication.instance()
    if isinstance(present, QApplication):
        return present
    application = QApplication(sys.argv[:1])
    application.setApplicationName("CaseLens")
    application.setOrganizationName("CaseLens")
    application.setStyle("Fusion")
    return application


def _window(application: QApplication, settings: Settings, options: Options) -> Window:
    if options.theme is not None:
        settings.theme = options.theme
    if options.language is not None:
        settings.language = options.language
    if options.arrangement is not None:
        settings.arrangement = options.arrangement
    language.install(application, settings.language)
    theme.apply(application, theme.colours(settings.theme))
    return Window(settings, Tasks(), Workstation())


def _remember(settings: Settings, store: QSettings, options: Options) -> None:
    if options.theme is not None:  # "for this start only"
        settings.theme = settings_module.load(store).theme
    if options.language is not None:
        settings.language = settings_module.load(store).language
    if options.arrangement is not None:
        settings.arrangement = settings_module.load(store).arrangement
    settings_module.save(settings, store)
