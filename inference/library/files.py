"""The helpers of `inference.files` whose failures, in this room, are about a library."""

from __future__ import annotations

from functools import partial
from typing import Final

from inference import files
from inference.errors import LibraryError

explained: Final = partial(files.explained, kind=LibraryError)
part_beside: Final = partial(files.part_beside, kind=LibraryError)
sync_folder: Final = partial(files.sync_folder, kind=LibraryError)
write_whole: Final = partial(files.write_whole, kind=LibraryError)
