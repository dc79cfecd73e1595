"""The helpers of `inference.files` whose failures, in this room, are about a library."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from inference import files
from inference.errors import LibraryError

explained: Final = partial(files.explained, kind=LibraryError)
part_beside: Final = partial(files.part_beside, kind=LibraryError)
sync_folder: Final = partial(files.sync_folder, kind=LibraryError)
write_whole: Final = partial(files.write_whole, kind=LibraryError)


def make_below(root: Path, folder: Path) -> None:
    """Make ``folder`` with its parents up to ``root``, which must be there already.

    So that nothing is made where a library was that has been deleted or unmounted meanwhile.

    Raises:
        LibraryError: ``root`` is gone, or the folder cannot be made.
    """
    with explained(root):
        place = root
        for name in folder.relative_to(root).parts:
            place /= name
            place.mkdir(exist_ok=True)
