"""The memory of annotated wordings: counts by fold, and nothing of a note's own fold."""

from __future__ import annotations

import numpy as np
import pytest

from lvmh_jax.config import DetectSettings
from lvmh_jax.detect.memory import NOBODY, MentionMemory, remember
from lvmh_jax.detect.spans import hash_spans, list_spans
from lvmh_jax.detect.stream import NoteStream, make_stream
from lvmh_jax.io.deciders import memory_arrays, read_memory
from lvmh_jax.records import GoldNote, GoldSpan

ROW_OF = {"bag": 0, "golf": 1}
TEXTS = ("She wants a pochette.", "A pochette, and golf.", "Passionate about golf.")
SPANS = (("pochette", "bag"), ("pochette", "bag"), ("golf", "golf"))


def annotate(note: int) -> GoldNote:
    word, concept = SPANS[note]
    start = TEXTS[note].index(word)
    span = GoldSpan(start, start + len(word), concept, negated=False)
    return GoldNote(note_id=str(note), spans=(span,), concepts=(concept,))


@pytest.fixture(scope="module")
def stream() -> NoteStream:
    return make_stream(TEXTS, 64)


@pytest.fixture(scope="module")
def memory(stream: NoteStream) -> MentionMemory:
    gold = [annotate(note) for note in range(3)]
    return remember([(stream, gold, np.array([0, 1, 1]))], ROW_OF, 2, DetectSettings())


def key_of(text: str) -> np.ndarray:
    stream = make_stream([text], 64)
    return hash_spans(stream, np.array([0]), np.array([len(stream.row_T) - 1]))


def recall(memory: MentionMemory, text: str, concept: str, without: int = NOBODY) -> list[float]:
    found = memory.recall(key_of(text), np.array([ROW_OF[concept]]), np.array([without]))
    return [float(np.expm1(found.right_N[0])), float(np.expm1(found.seen_N[0]))]


def test_a_wording_is_counted_where_it_stands(memory: MentionMemory) -> None:
    assert recall(memory, "pochette", "bag") == pytest.approx([2, 2])
    assert recall(memory, "pochette", "golf") == pytest.approx([0, 2])
    assert recall(memory, "GOLF", "golf") == pytest.approx([0, 0])
    assert recall(memory, "passionate about", "golf") == pytest.approx([0, 1])
    assert recall(memory, "opera", "golf") == pytest.approx([0, 0])


def test_the_fold_left_out_is_not_seen(memory: MentionMemory) -> None:
    assert recall(memory, "pochette", "bag", without=0) == pytest.approx([1, 1])
    assert recall(memory, "golf", "golf", without=1) == pytest.approx([0, 0])
    both = memory.recall(key_of("pochette"), np.array([0]), np.array([0]), also=1)
    assert both.right_N[0] == both.seen_N[0] == 0


def test_two_folds_left_out_that_are_one_count_once(memory: MentionMemory) -> None:
    once = memory.recall(key_of("pochette"), np.array([0]), np.array([1]))
    twice = memory.recall(key_of("pochette"), np.array([0]), np.array([1]), also=1)
    assert once.seen_N[0] == twice.seen_N[0] > 0


def test_the_prior_is_the_share_of_notes(memory: MentionMemory) -> None:
    bag = memory.recall(key_of("x"), np.array([0]), np.array([NOBODY])).prior_N[0]
    golf = memory.recall(key_of("x"), np.array([1]), np.array([NOBODY])).prior_N[0]
    assert bag > golf


def test_annotated_wordings_become_candidates_of_other_folds_only(
    memory: MentionMemory, stream: NoteStream
) -> None:
    first, last = list_spans(stream, 1, 1)
    keys = hash_spans(stream, first, last)
    words = {
        key: TEXTS[stream.note_T[t]][stream.start_T[t] : stream.end_T[t]]
        for t, key in enumerate(keys)
    }
    for without, wanted in (
        (NOBODY, {"pochette", "golf"}),
        (0, {"pochette", "golf"}),
        (1, {"pochette"}),
    ):
        span, concept = memory.list_concepts(keys, np.full(len(keys), without))
        assert {words[keys[row]] for row in span} == wanted
        assert len(set(zip(span.tolist(), concept.tolist(), strict=True))) == len(span)


def test_what_is_kept_still_answers(memory: MentionMemory) -> None:
    kept = memory.keep(key_of("Passionate about"))
    assert len(kept.keys_K) < len(memory.keys_K)
    for text, concept in (("pochette", "bag"), ("golf", "golf"), ("Passionate about", "bag")):
        assert recall(kept, text, concept) == pytest.approx(recall(memory, text, concept))


def test_negated_spans_are_seen_and_not_right(stream: NoteStream) -> None:
    start = TEXTS[2].index("golf")
    denied = GoldNote("2", (GoldSpan(start, start + 4, "golf", negated=True),), ())
    memory = remember(
        [(stream, [None, None, denied], np.zeros(3, int))], ROW_OF, 1, DetectSettings()
    )
    assert recall(memory, "golf", "golf") == pytest.approx([0, 1])


def test_it_survives_the_model_folder(memory: MentionMemory) -> None:
    again = read_memory(memory_arrays(memory), len(ROW_OF))
    for name in MentionMemory.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(again, name), getattr(memory, name))


def test_a_memory_of_another_lexicon_is_refused(memory: MentionMemory) -> None:
    with pytest.raises(ValueError, match="shapes"):
        read_memory(memory_arrays(memory), 3)
