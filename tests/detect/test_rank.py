"""What the encoder is asked, and which of its answers become candidates, against plain loops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from lvmh_jax.config import DetectSettings
from lvmh_jax.detect.candidates import Candidates, from_concepts, from_windows
from lvmh_jax.detect.rank import (
    Borders,
    Ranking,
    choose_spans,
    drop_unsupported,
    find_borders,
    hear_tokens,
    list_likely,
)
from lvmh_jax.detect.spans import Spans, find_spans
from lvmh_jax.detect.stream import NoteStream, make_stream
from lvmh_jax.detect.windows import Windows
from lvmh_jax.records import Concept, Lexicon
from tests.detect.builders import SENTENCES, list_notes, make_scored

TEXTS = ["the navy bag for her. of leather", "黒い鞄の 革", "a bag, navy bag"]
SETTINGS = DetectSettings(min_probability=0.2)


def open_all(stream: NoteStream) -> Borders:
    return Borders(*np.ones((2, len(stream.row_T)), bool))


def find_all(stream: NoteStream) -> Spans:
    return find_spans(stream, 4, 6)


def rank_at_random(spans: Spans, seed: int, concepts: int = 4) -> Ranking:
    """Three of a few concepts a distinct span, so that spans and those inside them often agree."""
    rng = np.random.default_rng(seed)
    number = len(spans.sample_U)
    concepts_UK = np.argsort(rng.random((number, concepts)), axis=1)[:, :3]
    # Of few values, so that some are the same.
    probabilities_UK = -np.sort(-rng.integers(0, 6, (number, 3)) / 10, axis=1)
    return Ranking(concepts_UK, probabilities_UK.astype(np.float32))


def list_slowly(
    spans: Spans, ranking: Ranking, borders: Borders, least: float
) -> set[tuple[int, int, int]]:
    """Span and concept where no word less at an end says it as well."""
    likely: dict[tuple[int, int], dict[int, float]] = {}
    for span, group in enumerate(spans.group_S.tolist()):
        place = int(spans.first_S[span]), int(spans.last_S[span])
        named = zip(ranking.concepts_UK[group], ranking.probabilities_UK[group], strict=True)
        likely[place] = {int(concept): float(sure) for concept, sure in named}
    tokens = len(borders.begins_T)
    found = set()
    for (first, last), named in likely.items():
        begin = next((t for t in range(first + 1, tokens) if borders.begins_T[t]), tokens)
        end = next((t for t in range(last - 1, -1, -1) if borders.ends_T[t]), -1)
        for concept, sure in named.items():
            inner = [likely.get(place, {}).get(concept, -1.0) for place in
                     ((begin, last), (first, end))]  # fmt: skip
            if sure >= least and max(inner) < sure:
                found.add((first, last, concept))
    return found


def as_set(found: Candidates) -> set[tuple[int, int, int]]:
    columns = (found.first_N, found.last_N, found.concept_N)
    return set(zip(*(column.tolist() for column in columns), strict=True))


# Where a mention may begin and end.


def test_a_common_word_is_no_border_unless_an_alias_has_it_there() -> None:
    stream = make_stream(["the bag of the", "の 鞄"], 512)
    forms = [form for form, _ in stream.table.row_of]
    index = replace(
        make_scored().index, first_forms=frozenset({"of"}), last_forms=frozenset({"the"})
    )
    zipf_V = np.where(np.isin(forms, ["the", "of", "の"]), 7.0, 3.0).astype(np.float32)
    borders = find_borders(stream, index, zipf_V, 5.5)
    assert borders.begins_T.tolist() == [False, True, True, False, True, True]
    assert borders.ends_T.tolist() == [True, True, False, True, True, True]
    assert all(each.all() for each in find_borders(stream, index, zipf_V, 9.0))


def test_the_index_knows_how_aliases_begin_and_end() -> None:
    index = make_scored().index
    for alias in index.aliases:
        words = alias.text.casefold().split()
        if words[0].isascii() and words[0].isalpha():
            assert words[0] in index.first_forms
        if words[-1].isascii() and words[-1].isalpha():
            assert words[-1] in index.last_forms
    assert len(index.first_forms | index.last_forms) > 10


def test_a_span_is_asked_for_where_it_is_bounded_or_written() -> None:
    stream = make_stream(["the bag of"], 512)
    spans = find_spans(stream, 3, 3)
    borders = Borders(np.array([False, True, True]), np.array([True, True, False]))
    none = from_concepts(stream, *np.zeros((3, 0), np.int64))

    def asked(written: Candidates) -> set[tuple[int, int]]:
        samples = spans.sample_U[choose_spans(stream, spans, borders, None, written, 2)]
        return set(
            zip(spans.first_S[samples].tolist(), spans.last_S[samples].tolist(), strict=True)
        )

    assert asked(none) == {(1, 1)}
    written = from_concepts(stream, np.array([0, 0]), np.array([1, 2]), np.array([0, 1]))
    assert asked(written) == {(1, 1), (0, 1), (0, 2)}


def test_a_span_is_asked_for_where_a_word_of_it_is_heard() -> None:
    stream = make_stream(["navy bag 黒革 xyzzy"], 512)
    spans = find_spans(stream, 2, 2)
    likeness = {"bag": 0.4}
    rows = [[likeness.get(word, 0.0)] for word in stream.words]
    heard_T = hear_tokens(stream, sparse.csr_matrix(np.array(rows)))
    assert heard_T.tolist() == [False, True, True, True, False]
    none = from_concepts(stream, *np.zeros((3, 0), np.int64))
    asked_U = choose_spans(stream, spans, open_all(stream), heard_T, none, 2)
    left = spans.sample_U[~asked_U]
    assert set(zip(spans.first_S[left], spans.last_S[left], strict=True)) == {(0, 0), (4, 4)}


def test_a_long_span_is_asked_for_where_it_is_written_or_has_no_spaces() -> None:
    stream = make_stream(["a navy bag 黒い鞄"], 512)
    spans = find_spans(stream, 3, 3)
    none = from_concepts(stream, *np.zeros((3, 0), np.int64))
    written = from_concepts(stream, np.array([0]), np.array([2]), np.array([1]))
    for given, left in ((none, {(0, 2), (1, 3), (2, 4)}), (written, {(1, 3), (2, 4)})):
        asked_U = choose_spans(stream, spans, open_all(stream), None, given, 2)
        samples = spans.sample_U[~asked_U]
        assert set(zip(spans.first_S[samples], spans.last_S[samples], strict=True)) == left


# What is taken.


@pytest.mark.parametrize("seed", range(8))
def test_what_a_word_less_says_as_well_is_not_taken(seed: int) -> None:
    stream = make_stream(TEXTS, 512)
    spans = find_all(stream)
    ranking = rank_at_random(spans, seed)
    rng = np.random.default_rng(seed)
    may_2V = rng.random((2, len(stream.table.row_of))) < 0.6
    borders = Borders(*may_2V[:, stream.row_T])
    found = list_likely(stream, spans, ranking, borders, SETTINGS)
    expected = list_slowly(spans, ranking, borders, 0.2)
    assert as_set(found) == expected
    loose = list_likely(stream, spans, ranking, borders, replace(SETTINGS, tight=False))
    assert as_set(found) < as_set(loose)
    assert len(loose) == len(as_set(loose))


def test_a_concept_that_a_shorter_span_does_not_name_stays() -> None:
    stream = make_stream(["navy bag"], 512)
    spans = find_spans(stream, 2, 2)
    names = {}
    for group, span in enumerate(spans.sample_U.tolist()):
        names[int(spans.first_S[span]), int(spans.last_S[span])] = group
    concepts_UK = np.zeros((3, 1), np.int64)
    probabilities_UK = np.full((3, 1), 0.5, np.float32)
    concepts_UK[names[0, 0]] = 1
    ranking = Ranking(concepts_UK, probabilities_UK)
    open_borders = open_all(stream)
    found = list_likely(stream, spans, ranking, open_borders, SETTINGS)
    assert as_set(found) == {(0, 0, 1), (1, 1, 0)}  # "bag" says 0 as well as "navy bag"
    probabilities_UK[names[0, 1]] = 0.6
    found = list_likely(stream, spans, ranking, open_borders, SETTINGS)
    assert as_set(found) == {(0, 0, 1), (1, 1, 0), (0, 1, 0)}


def test_what_is_not_asked_is_no_candidate_at_any_threshold() -> None:
    stream = make_stream(["navy bag"], 512)
    spans = find_spans(stream, 2, 2)
    ranking = Ranking(np.zeros((3, 2), np.int64), np.zeros((3, 2), np.float32))
    for tight in (True, False):
        anything = replace(SETTINGS, min_probability=0.0, tight=tight)
        assert len(list_likely(stream, spans, ranking, open_all(stream), anything)) == 0


# What is written in part.


def write(stream: NoteStream, score: float, concept: int, last: int = 1) -> Candidates:
    one, score_1 = np.array([0]), np.array([score], np.float32)
    windows = Windows(one, np.array([last]), one, score_1, score_1, score_1, one + 1)
    return from_windows(stream, windows, np.array([concept]), np.array([False]))


@pytest.mark.parametrize(
    ("score", "concept", "stays"),
    [
        (0.49, 1, True),  # listed, likely enough
        (0.49, 2, False),  # listed, not likely enough
        (0.5, 2, True),  # enough by itself
        (0.49, 3, False),  # not listed: no likelier than the last one that is
    ],
)
def test_what_is_written_in_part_needs_the_encoder(score: float, concept: int, stays: bool) -> None:
    stream = make_stream(["navy bag"], 512)
    spans = find_spans(stream, 2, 2)
    concepts_UK = np.tile([1, 2], (3, 1))
    probabilities_UK = np.tile(np.array([0.02, 0.019], np.float32), (3, 1))
    ranking = Ranking(concepts_UK, probabilities_UK)
    settings = replace(SETTINGS, min_coverage_alone=0.5, min_support=0.02)
    found = drop_unsupported(write(stream, score, concept), spans, ranking, settings)
    assert len(found) == stays
    # Of a concept that is not listed no more is known than that it is no likelier than the last.
    nearly = replace(settings, min_support=0.019)
    assert len(drop_unsupported(write(stream, score, 3), spans, ranking, nearly)) == 1


def test_dictionary_matches_stay_and_what_is_too_long_for_the_encoder_does_not() -> None:
    stream = make_stream(["a navy bag"], 512)
    spans = find_spans(stream, 2, 2)
    ranking = Ranking(np.zeros((5, 1), np.int64), np.ones((5, 1), np.float32))
    long = write(stream, 0.4, 0, last=2)
    assert len(drop_unsupported(long, spans, ranking, SETTINGS)) == 0
    exact = replace(long, exact_N=np.array([1]))
    assert len(drop_unsupported(exact, spans, ranking, SETTINGS)) == 1


def test_fewer_candidates_find_nothing_that_more_do_not() -> None:
    detector = make_scored()
    notes = list_notes(SENTENCES)
    few = detector.propose(notes).candidates
    loose = replace(
        detector.settings, tight=False, heard=False, min_coverage_alone=0.0, common_border=9.0
    )
    many = replace(detector, settings=loose).propose(notes).candidates
    assert as_set(few) < as_set(many)


SHOPS = [
    "革靴",
    "革のバッグ",
    "靴 xyz",
    "黒 革 bag",
    "黒革",
    "the bag",
    "bag of the",
    "navy bag, the",
]


def test_candidates_of_a_note_do_not_depend_on_the_others() -> None:
    known = make_scored()
    shoe = Concept("the_shoe", "Shoe", ("革靴", "靴下", "bag of"))
    lexicon = Lexicon((replace(shoe, concept_id=known.concepts[0].concept_id), *known.concepts[1:]))
    settings = replace(known.settings, min_probability=0.05)
    detector = replace(known.with_lexicon(lexicon), settings=settings)

    def propose(texts: list[str]) -> list[set[tuple[int, int, int]]]:
        found = detector.propose(list_notes(texts)).candidates
        columns = (found.note_N, found.start_N, found.end_N, found.concept_N)
        rows = list(zip(*(column.tolist() for column in columns), strict=True))
        return [{row[1:] for row in rows if row[0] == note} for note in range(len(texts))]

    alone = [propose([text])[0] for text in SHOPS]
    assert propose(SHOPS) == alone
    assert propose(SHOPS[::-1]) == alone[::-1]
    assert sum(map(len, alone)) > 20
