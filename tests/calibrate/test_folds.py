"""Folds are even, do not depend on the order, and keep together what tells of each other."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.calibrate.folds import LEAST_TOLD, _find_groups, assign_folds
from lvmh_jax.records import GoldNote, Note


def list_notes(ids: list[str], client: str = "") -> list[Note]:
    return [Note(each, client, "") for each in ids]


@given(st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=30), st.integers(2, 6))
def test_folds_are_even_and_do_not_depend_on_the_order(ids: list[str], folds: int) -> None:
    fold_of = assign_folds(list_notes(ids), [], folds)
    assert set(fold_of) == set(ids)
    sizes = Counter(fold_of.values())
    assert set(sizes) <= set(range(folds))
    counts = [sizes[fold] for fold in range(folds)]
    assert max(counts) - min(counts) <= 1
    assert assign_folds(list_notes(ids[::-1]), [], folds) == fold_of


NAMES = [f"N{row:03}" for row in range(60)]
NOTES = list_notes(NAMES)


def test_folds_are_not_the_order_of_the_names() -> None:
    fold_of = assign_folds(NOTES, [], 5)
    assert [fold_of[name] for name in NAMES[:5]] != list(range(5))


def test_notes_of_a_client_have_one_fold() -> None:
    notes = [Note(name, f"C{row // 3}", "") for row, name in enumerate(NAMES)]
    fold_of = assign_folds(notes, [], 5)
    for client in range(20):
        assert len({fold_of[name] for name in NAMES[3 * client : 3 * client + 3]}) == 1
    assert Counter(fold_of.values()) == dict.fromkeys(range(5), 12)


def tell(name: str, concepts: range) -> GoldNote:
    return GoldNote(name, (), tuple(f"c{each}" for each in concepts))


def share_a_group(*told: range) -> bool:
    """Whether notes that say some concepts belong together."""
    gold = [tell(name, each) for name, each in zip(NAMES, told, strict=False)]
    groups = _find_groups(NOTES, gold, len(NOTES))
    assert len(set(groups.tolist())) >= len(NOTES) - 1
    return groups[0] == groups[1]


def test_notes_that_tell_one_story_belong_together() -> None:
    assert share_a_group(range(6), range(2, 8))  # four of eight
    assert not share_a_group(range(6), range(3, 9))  # three of nine
    assert share_a_group(range(LEAST_TOLD), range(LEAST_TOLD))
    assert not share_a_group(range(LEAST_TOLD - 1), range(LEAST_TOLD - 1))


def test_notes_that_belong_together_have_one_fold() -> None:
    gold = [
        tell(name, range(40 * (row // 4), 40 * (row // 4) + 6)) for row, name in enumerate(NAMES)
    ]
    fold_of = assign_folds(NOTES, gold, 5)
    for first in range(0, 60, 4):
        assert len({fold_of[name] for name in NAMES[first : first + 4]}) == 1


def list_alike(count: int, concepts: int, share: float) -> list[GoldNote]:
    """Notes that agree by chance, as in a small lexicon."""
    held = np.random.default_rng(0).random((count, concepts)) < share
    return [
        GoldNote(f"N{row:03}", (), tuple(f"c{c}" for c in np.flatnonzero(each)))
        for row, each in enumerate(held)
    ]


UNEVEN: dict[str, tuple[list[Note], list[GoldNote]]] = {
    "all by one client": (list_notes(NAMES, client="one"), []),
    "a client with most": (
        [Note(name, "one" if row < 50 else "", "") for row, name in enumerate(NAMES)],
        [],
    ),
    "a chain of stories": (
        NOTES,
        [tell(name, range(row, row + 9)) for row, name in enumerate(NAMES)],
    ),
    "a small lexicon": (NOTES, list_alike(60, 10, 0.5)),
    "a larger one": (NOTES, list_alike(60, 20, 0.25)),
}


@pytest.mark.parametrize("name", UNEVEN)
def test_what_is_more_than_a_fold_is_parted(name: str) -> None:
    sizes = Counter(assign_folds(*UNEVEN[name], 5).values())
    assert max(sizes.values()) - min(sizes.values()) <= 2
