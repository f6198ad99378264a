"""Client ids for notes without a client.

The note's own id is used. If a client has the same id, which happens if both are numbers, the note
would be attributed to that client, so it gets the prefix `note:`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

PREFIX = "note:"


class StandIns:
    """Assigns client ids to notes without a client.

    The ids do not depend on the order of notes: all are read before the first is assigned.

    Attributes:
      moved: number of notes whose id is also a client's, and which therefore got a prefix.
    """

    def __init__(self, read: Callable[[], Iterable[tuple[str, str]]]) -> None:
        """Takes a function that reads (note id, client id or "") of all notes.

        It is called at the first note without a client, and not at all if every note has one.
        """
        self._read, self.moved = read, 0

    def name(self, note_id: str) -> str:
        """Client id for a note without a client.

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
        """The client ids, and a prefix that makes every stand-in unique."""
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
