"""Remembering what was found changes nothing of what is found."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from lvmh_jax.data.examples import PHRASE_TOKENS
from lvmh_jax.detect import seen
from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.detect.rank import Borders, list_likely, rank_spans
from lvmh_jax.detect.seen import NameTable
from lvmh_jax.detect.spans import find_spans, gather_phrases
from lvmh_jax.detect.stream import make_stream
from tests.detect.builders import SENTENCES, list_notes, make_scored

LEAST = 0.25
NAMES = np.array([1, 2, 3], np.uint64) << np.uint64(60)


def test_rows_are_found_under_their_names() -> None:
    table = NameTable()
    assert not table.recall(NAMES, 2)[1].any()
    table.add(NAMES[:2], np.array([[1.5, 2.0], [3.0, 4.0]], np.float32))
    values, known = table.recall(NAMES[::-1], 2)
    assert known.tolist() == [False, True, True]
    assert values[1:].tolist() == [[3.0, 4.0], [1.5, 2.0]]


def test_another_width_forgets() -> None:
    table = NameTable()
    table.add(NAMES, np.ones((3, 1), np.float32))
    assert table.recall(NAMES, 1)[1].all()
    assert not table.recall(NAMES, 2)[1].any()
    table.add(NAMES[:1], np.ones((1, 2), np.float32))
    assert table.recall(NAMES, 2)[1].tolist() == [True, False, False]
    assert not table.recall(NAMES, 1)[1].any()


def test_names_that_share_a_place_are_not_mixed_up() -> None:
    table = NameTable()
    near = NAMES[0] + np.arange(3, dtype=np.uint64)
    table.add(near, np.arange(3, dtype=np.float32)[:, None])
    values, known = table.recall(near, 1)
    assert known.sum() == 1
    assert values[known, 0].tolist() == np.flatnonzero(known).tolist()


def test_a_row_is_never_half_of_another(monkeypatch) -> None:
    monkeypatch.setattr(seen, "PLACES_LOG2", 2)
    table = NameTable()

    def work(seed: int) -> bool:
        rng = np.random.default_rng(seed)
        for _ in range(300):
            names = rng.choice(200, 20, replace=False).astype(np.uint64) << np.uint64(56)
            values, known = table.recall(names, 64)
            if not (values[known] == names[known, None]).all():
                return False
            table.add(names, np.repeat(names[:, None].astype(np.float32), 64, axis=1))
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(8)))


def forgetful() -> ConceptDetector:
    """A detector that has seen nothing yet; its encoder, untrained, takes many spans for some."""
    known = make_scored()
    tables = {"ranked": NameTable(), "compared": NameTable()}
    settings = replace(known.settings, min_probability=LEAST)
    return replace(known, index=replace(known.index, **tables), settings=settings)


def test_what_is_found_does_not_depend_on_what_was_seen() -> None:
    notes = list_notes(SENTENCES)
    detector = forgetful()
    first, again = detector.propose(notes[:4]), detector.propose(notes[:4])
    np.testing.assert_array_equal(first.features_NF, again.features_NF)
    after, alone = detector.propose(notes[2:]), forgetful().propose(notes[2:])
    np.testing.assert_array_equal(after.features_NF, alone.features_NF)
    assert len(after.features_NF) > 50
    assert detector.detect(notes) == forgetful().detect(notes)


@pytest.mark.parametrize("best", [1, 3, 5])
def test_no_likely_span_is_left_out(best: int) -> None:
    detector = forgetful()
    encoder, index = detector.encoder, detector.index
    stream = make_stream(SENTENCES, encoder.settings.buckets)
    tokens_VD = encoder.embed_tokens(stream.table, index.rarity.of_table(stream.table))
    spans = find_spans(stream, detector.settings.max_words, detector.settings.max_chars)
    asked_U = np.ones(len(spans.sample_U), bool)
    ranking = rank_spans(stream, spans, asked_U, tokens_VD, index, encoder, best)
    first, last = spans.first_S, spans.last_S
    phrases = gather_phrases(stream, first, last, PHRASE_TOKENS)
    top = encoder.rank_concepts(tokens_VD, phrases, best)
    row, rank = np.nonzero(top.probabilities_NK >= LEAST)
    expected = set(zip(first[row], last[row], top.concepts_NK[row, rank], strict=True))
    everywhere = Borders(*np.ones((2, len(stream.row_T)), bool))
    loose = replace(detector.settings, tight=False)
    found = list_likely(stream, spans, ranking, everywhere, loose)
    assert set(zip(found.first_N, found.last_N, found.concept_N, strict=True)) == expected
    assert 0 < len(expected) < best * len(first)


def test_what_is_not_asked_is_not_answered() -> None:
    detector = forgetful()
    stream = make_stream(SENTENCES, detector.encoder.settings.buckets)
    table = stream.table
    tokens_VD = detector.encoder.embed_tokens(table, detector.index.rarity.of_table(table))
    spans = find_spans(stream, 3, 3)
    given = tokens_VD, detector.index, detector.encoder, 2
    asked_U = np.arange(len(spans.sample_U)) % 3 == 0
    some = rank_spans(stream, spans, asked_U, *given)
    every = rank_spans(stream, spans, np.ones(len(asked_U), bool), *given)
    np.testing.assert_array_equal(some.concepts_UK[asked_U], every.concepts_UK[asked_U])
    np.testing.assert_array_equal(some.probabilities_UK[asked_U], every.probabilities_UK[asked_U])
    assert not some.probabilities_UK[~asked_U].any()


def test_a_name_that_is_added_again_takes_no_second_place() -> None:
    table = NameTable()
    beside = NAMES[:1] ^ (seen.BESIDE << np.uint64(64 - seen.PLACES_LOG2))
    table.add(beside, np.array([[2.0]], np.float32))
    for _ in range(2):  # as two threads that met the same wording do
        table.add(NAMES[:1], np.array([[1.0]], np.float32))
    values, known = table.recall(np.append(NAMES[:1], beside), 1)
    assert known.all()
    assert values[:, 0].tolist() == [1.0, 2.0]
