"""What a curator does to the cases of a library; every change can be taken back."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from inference.library.model import Case, Change
from inference.library.store import CurationStore


class Curation:
    """Changes to cases, their trail, and the search by words. Reached as `Library.curation`.

    Each change is recorded whole or not at all, with one entry of the audit, and every search
    honours it at once, also in other programs. ``who`` is what the audit says of its maker.

    Every method raises `LibraryError` when the library cannot be read, and those that change
    something when it cannot be written.
    """

    def __init__(self, store: CurationStore) -> None:
        self._store = store

    def edit(self, before: Case, after: Case, *, who: str = "") -> int | None:
        """Change the facts in which ``after`` differs from ``before``.

        Args:
            before: the case as the curator saw it.
            after: as it should be; ``id``, ``lesion`` and ``images`` stay as they are. Texts are
                stripped, tags and days sorted and taken once.
            who: made the change.

        Returns:
            The audit entry; None where nothing differs.

        Raises:
            LibraryError: the case is gone, somebody changed the same facts meanwhile, or a fact
                is not one that a case of this library can have.
        """
        return self._store.edit(before, after, who)

    def delete(
        self, cases: Collection[int] = (), *, images: Collection[int] = (), who: str = ""
    ) -> int:
        """Take cases, or single images of them, out of the library, all or none.

        A case goes with its last image. Until a purge, pictures, vectors and facts are kept, and
        an import does not bring back what was deleted.

        Returns:
            The audit entry.

        Raises:
            LibraryError: one of them is not there.
            ValueError: none was named.
        """
        return self._store.delete(cases, images, who)

    def merge(self, case: int, into: int, *, who: str = "") -> int:
        """Move all images of a case to another, which turned out to be the same lesion.

        That one also gets its tags, days and note. The lesion's name goes on standing for it: a
        search by words and a later import find the case that is left.

        Returns:
            The audit entry.

        Raises:
            LibraryError: one of them is not there, both are the same, or their diagnoses differ.
        """
        return self._store.merge(case, into, who)

    def undo(self, entry: int | None = None, *, who: str = "") -> Change:
        """Take a change back: an edit, a deletion, a merger or a whole import.

        Args:
            entry: of the audit; None for the newest change that can be taken back.
            who: takes it back.

        Returns:
            The change that was taken back.

        Raises:
            LibraryError: there is nothing to take back, it was already, what it deleted has been
                purged, or a later change stands on it.
        """
        return self._store.undo(entry, who)

    def history(self, limit: int | None = None) -> list[Change]:
        """Return the changes of the library, newest first; all without a ``limit``."""
        return self._store.changes(limit)

    def case_of(self, lesion: str) -> int | None:
        """Return the case of the lesion with this name, also after a merger; None without one."""
        return self._store.case_of(lesion)

    def search(self, text: str, *, limit: int | None = None) -> list[int]:
        """Return the ids of the cases that have every word of ``text``, best first.

        Looked for are the diagnosis (abbreviation and English name), lesion, site, tags, note,
        source and the pictures' names; the last word may be the beginning of one. No sign in
        ``text`` has a meaning.
        """
        return self._store.search(text, limit)

    def without_fingerprint(self) -> list[int]:
        """Return the ids of the images whose likeness to others is not known yet, ascending."""
        return self._store.without_fingerprint()

    def add_fingerprints(self, fingerprints: Mapping[int, int]) -> None:
        """Keep what images look like: image id to `inference.library.perceptual.fingerprint`."""
        self._store.add_fingerprints(fingerprints)

    def fingerprints(self) -> list[tuple[int, int, int]]:
        """Return (image, case, fingerprint) of each image that has one, ascending."""
        return self._store.fingerprints()
