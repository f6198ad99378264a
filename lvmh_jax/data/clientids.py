"""The client id of a note that names no client.

The note's own id is used. If a client already has that id, as happens where both are numbers, the
note would be attributed to that client, so it gets the prefix `note:`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

PREFIX = "note:"


class StandIns:
    """Names for the clients of notes that name none.

    The same notes give the same names in any order: all are looked at before the first is given.

    Attributes:
      moved: how many notes have the id of a client, and so another stand-in.
    """

    def __init__(self, read: Callable[[], Iterable[tuple[str, str]]]) -> None:
        """Takes what reads note id and client, "" where there is none, of all notes.

        It is called with the first note that names no client, and not where all do.
        """
        self._read, self.moved = read, 0

    def name(self, note_id: str) -> str:
        """The client of a note that names none.

        >>> notes = [("1", "2"), ("2", ""), ("3", "")]
        >>> [StandIns(lambda: notes).name(note_id) for note_id in ("2", "3")]
        ['note:2', '3']
        """
        clients, prefix = self._named
        if note_id not in clients:
            return note_id
        self.moved += 1
        return prefix + note_id

    @cached_property
    def _named(self) -> tuple[set[str], str]:
        """The clients, and a prefix with which none of them begins, and no other stand-in."""
        clients, alike = set(), set()
        for note_id, client in self._read():
            if client:
                clients.add(client)
            named = client or note_id
            if named.startswith(PREFIX):
                alike.add(named)
        prefix = PREFIX
        while any(named.startswith(prefix) for named in alike):
            prefix += PREFIX
        return clients, prefix
