"""Folds are even, do not depend on the order, and keep together what tells of each other."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.calibrate.folds import LEAST_TOLD, assign_folds
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


def share_a_fold(*told: range) -> bool:
    """Whether notes that say some concepts have one fold, however they are named."""
    pairs = [(f"N{a:03}", f"N{a + 20:03}") for a in range(10)]
    found = []
    for pair in pairs:
        gold = [tell(name, each) for name, each in zip(pair, told, strict=True)]
        fold_of = assign_folds(NOTES, gold, 5)
        found.append(fold_of[pair[0]] == fold_of[pair[1]])
    return all(found)


def test_notes_that_tell_one_story_have_one_fold() -> None:
    assert share_a_fold(range(6), range(2, 8))  # four of eight
    assert not share_a_fold(range(6), range(3, 9))  # three of nine
    assert share_a_fold(range(LEAST_TOLD), range(LEAST_TOLD))
    assert not share_a_fold(range(LEAST_TOLD - 1), range(LEAST_TOLD - 1))


def test_too_few_groups_part_what_belongs_together() -> None:
    fold_of = assign_folds(list_notes(NAMES, client="one"), [], 5)
    assert Counter(fold_of.values()) == dict.fromkeys(range(5), 12)
