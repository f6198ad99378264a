"""Stand-ins for clients: nobody's name, whatever the ids are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.data.clientids import StandIns

NAMES = st.sampled_from(["1", "2", "note:1", "note:2", "note:note:1", "note:"])


def name_all(notes: list[tuple[str, str]]) -> dict[str, str]:
    stand_ins = StandIns(lambda: notes)
    return {note_id: stand_ins.name(note_id) for note_id, client in notes if not client}


@given(st.dictionaries(NAMES, st.one_of(st.just(""), NAMES)))
def test_nobody_stands_in_for_another(owners: dict[str, str]) -> None:
    notes = list(owners.items())
    named = name_all(notes)
    assert len(set(named.values())) == len(named)
    assert not set(named.values()) & {client for client in owners.values() if client}
    assert named == name_all(notes[::-1])
    taken = set(owners.values())
    assert all(named[note_id] == note_id for note_id in named if note_id not in taken)


def test_notes_are_not_looked_at_where_all_name_their_client() -> None:
    def read():
        raise AssertionError

    assert StandIns(read).moved == 0
