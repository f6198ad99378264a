"""What some notes said is taken out of a memory, and what is left is the memory of the others."""

from __future__ import annotations

import numpy as np
import pytest

from lvmh_jax.detect.memory import MentionMemory, remember
from lvmh_jax.detect.stream import make_stream
from lvmh_jax.detect.withdraw import withdraw
from lvmh_jax.records import GoldNote, Note
from tests.detect.builders import FORMS, TINY, annotated_notes

ROW_OF = {name: row for row, name in enumerate(FORMS)}
FOLDS = 4


def memory_of(pairs: list[tuple[int, Note, GoldNote]]) -> MentionMemory:
    """A memory of numbered notes; a note's fold comes from its number."""
    stream = make_stream([note.text for _, note, _ in pairs], TINY.model.buckets)
    fold_B = np.array([number % FOLDS for number, _, _ in pairs], np.int64)
    told = [gold for _, _, gold in pairs]
    return remember([(stream, told, fold_B)], ROW_OF, FOLDS, TINY.detect)


@pytest.mark.parametrize("theirs", [{0}, {3, 7}, {1, 2, 5, 8, 11}, set(range(12))])
def test_it_leaves_the_memory_of_the_others(theirs: set[int]) -> None:
    notes, gold = annotated_notes(12)
    pairs = list(zip(range(12), notes, gold, strict=True))
    every = memory_of(pairs)
    left = withdraw(every, memory_of([pair for pair in pairs if pair[0] in theirs]))
    others = [pair for pair in pairs if pair[0] not in theirs]
    if not others:
        assert not len(left.keys_K)
        assert not len(left.cell_P)
        assert not left.notes_F.any()
        return
    expected = memory_of(others)
    assert len(expected.keys_K) < len(every.keys_K)
    for name in MentionMemory.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(left, name), getattr(expected, name), name)


def test_wordings_that_a_memory_did_not_keep_are_no_matter() -> None:
    notes, gold = annotated_notes(12)
    pairs = list(zip(range(12), notes, gold, strict=True))
    few = memory_of(pairs).keep(np.zeros(0, np.uint64))
    left = withdraw(few, memory_of(pairs[:6]))
    expected = memory_of(pairs[6:]).keep(np.zeros(0, np.uint64))
    np.testing.assert_array_equal(left.right_PF, expected.right_PF)
    assert set(expected.keys_K.tolist()) <= set(left.keys_K.tolist())
