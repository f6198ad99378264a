"""The detector's promises, whatever its parameters are."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvmh_jax.data.text import fold_with_offsets
from lvmh_jax.detect import detector as detector_module
from lvmh_jax.detect.detector import (
    ConceptDetector,
    batch_notes,
    batch_stream,
    cap_per_alias,
    list_rivals,
)
from lvmh_jax.detect.scorer import ALL_NOTES, Thresholds
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.records import (
    AFFIRMED,
    ML_ENHANCED,
    NEGATED,
    RULE_BASED,
    Alias,
    Lexicon,
    Mention,
    Note,
)
from tests.detect.builders import (
    FORMS,
    SENTENCES,
    build_detector,
    list_notes,
    make_detector,
    make_fitted,
    make_lexicon,
    make_scored,
    random_scorer,
)
from tests.generators import texts

EAGER = Thresholds(0.0, 0.0)
NFD = unicodedata.normalize("NFD", "Élégant sac à main noir")
HARD = (
    "👜black👜🏽",
    NFD,
    "حقيبة سوداء",
    "red\r\nblack\r\n",
    "",
    " \n\t",
    "a",
    "黒い",
    "ＢＬＡＣＫ",
)


def eager() -> ConceptDetector:
    """A detector that keeps whatever it proposes."""
    known = make_detector()
    settings = replace(known.settings, heard=False, common_border=9.0)
    return replace(known, scorer=replace(random_scorer(), thresholds=EAGER), settings=settings)


def labels(mentions: list[Mention]) -> list[tuple]:
    return [
        (m.note_id, m.concept_id, m.alias, m.start, m.end, m.method, m.polarity) for m in mentions
    ]


def confidences(mentions: list[Mention]) -> list[float]:
    return [mention.confidence for mention in mentions]


def check_mentions(mentions: list[Mention], notes: list[Note]) -> None:
    text_of = {note.note_id: note.text for note in notes}
    order = {note.note_id: place for place, note in enumerate(notes)}
    for mention in mentions:
        text = text_of[mention.note_id]
        assert isinstance(mention.start, int)
        assert isinstance(mention.end, int)
        assert 0 <= mention.start < mention.end <= len(text)
        surface = text[mention.start : mention.end]
        assert surface.strip() == surface
        assert 0 <= mention.confidence <= 1
        assert mention.method in (RULE_BASED, ML_ENHANCED)
        assert mention.polarity in (AFFIRMED, NEGATED)
        if mention.method == RULE_BASED:
            assert fold_with_offsets(surface)[0] == fold_with_offsets(mention.alias)[0]
    places = [(order[m.note_id], m.start) for m in mentions]
    assert places == sorted(places)


# Offsets.


@settings(max_examples=50)
@given(st.lists(texts(40), max_size=3), st.sampled_from((*SENTENCES, *HARD)), st.integers(0, 3))
def test_evidence_is_in_the_text(batch: list[str], known: str, place: int) -> None:
    notes = list_notes([*batch[:place], known, *batch[place:]])
    check_mentions(eager().detect(notes), notes)
    check_mentions(make_detector().detect(notes), notes)


@pytest.mark.parametrize("text", HARD)
def test_hard_texts_alone(text: str) -> None:
    notes = list_notes([text])
    found = eager().detect(notes)
    check_mentions(found, notes)
    assert bool(found) == any(char.isalnum() for char in text)


def test_learned_mentions_never_overlap() -> None:
    found = eager().detect(list_notes(SENTENCES))
    assert {m.method for m in found} == {RULE_BASED, ML_ENHANCED}
    for left, right in pairwise(found):
        assert left.note_id != right.note_id or left.end <= right.start


# Order and batches.


def test_no_notes_have_no_mentions() -> None:
    assert make_detector().detect([]) == []
    assert make_scored().detect([]) == []


@pytest.mark.parametrize("detector", [make_detector, make_scored])
def test_the_order_of_notes_does_not_matter(detector) -> None:
    notes = list_notes(SENTENCES)
    expected = detector().detect(notes)
    turned = sorted(
        detector().detect(notes[::-1]), key=lambda m: [n.note_id for n in notes].index(m.note_id)
    )
    assert labels(turned) == labels(expected)
    assert confidences(turned) == pytest.approx(confidences(expected), abs=1e-6)
    assert len(expected) > 10


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_a_stream_is_cut_as_all_of_it_would_be(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lvmh_jax.detect.detector.BATCH_NOTES", 4)
    monkeypatch.setattr("lvmh_jax.detect.detector.BATCH_CHARACTERS", 150)
    notes = list_notes(SENTENCES * 3)
    pieces = [tuple(notes[start : start + size]) for start in range(0, len(notes), size)]
    expected = [notes[rows.start : rows.stop] for rows in batch_notes(notes)]
    assert [list(batch) for batch in batch_stream([*pieces, ()])] == [*map(list, expected)]
    assert len(expected) > 3
    assert list(batch_stream([])) == list(batch_stream([()])) == []


@pytest.mark.parametrize(("most_notes", "most_characters"), [(1, 10**6), (2, 10**6), (99, 70)])
def test_the_size_of_batches_does_not_matter(
    most_notes: int, most_characters: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = list_notes(SENTENCES)
    expected = make_scored().detect(notes)
    monkeypatch.setattr(detector_module, "BATCH_NOTES", most_notes)
    monkeypatch.setattr(detector_module, "BATCH_CHARACTERS", most_characters)
    assert len(batch_notes(notes)) > 2
    found = make_scored().detect(notes)
    assert labels(found) == labels(expected)
    assert confidences(found) == pytest.approx(confidences(expected), abs=1e-6)


@given(st.lists(st.integers(0, 9), max_size=12), st.integers(1, 4), st.integers(1, 12))
def test_batches_are_all_notes_once_and_bounded(
    lengths: list[int], most_notes: int, most_characters: int
) -> None:
    notes = list_notes(["x" * length for length in lengths])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(detector_module, "BATCH_NOTES", most_notes)
        patch.setattr(detector_module, "BATCH_CHARACTERS", most_characters)
        batches = batch_notes(notes)
    assert [row for batch in batches for row in batch] == list(range(len(notes)))
    for batch in batches:
        assert 1 <= len(batch) <= most_notes
        assert len(batch) == 1 or sum(lengths[row] for row in batch) <= most_characters


def test_a_mention_at_the_end_of_a_very_long_note_is_found() -> None:
    filler = f"{'x' * 45} nothing, " * 2000
    notes = list_notes([filler + "bolso"])
    assert len(notes[0].text) > 100_000
    for detector in (make_detector(), replace(make_scored(), scorer=random_scorer(add=2.0))):
        (found,) = detector.detect(notes)
        assert (found.start, found.end) == (len(filler), len(filler) + 5)
        assert found.concept_id == "the_handbag"


# What decides.


def test_a_language_that_is_told_is_not_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(text: str) -> str:
        raise AssertionError("the model that tells languages is large")

    monkeypatch.setattr("lvmh_jax.detect.languages.detect_language", refuse)
    detector, _, _ = make_fitted()
    detector.warm_up()
    denial = "no handbag, pas de sac noir"
    detector.detect([Note("a", "a", denial, "EN")])
    with pytest.raises(AssertionError, match="is large"):
        detector.detect([Note("a", "a", denial)])


def test_dictionary_only_is_the_dictionary() -> None:
    notes = list_notes(SENTENCES)
    alone = make_scored().dictionary_only().detect(notes)
    assert labels(alone) == labels(make_detector().detect(notes))
    assert {m.method for m in alone} == {RULE_BASED}
    assert set(confidences(alone)) == {make_detector().dictionary_precision}
    assert labels(make_scored().detect(notes)) != labels(alone)


def test_every_match_of_an_alias_is_kept() -> None:
    text = "red black red black red"
    for detector in (make_detector(), replace(make_scored(), scorer=random_scorer(add=2.0))):
        found = detector.detect(list_notes([text]))
        assert [m.start for m in found if m.concept_id == "the_red"] == [0, 10, 20]


def test_concepts_that_share_an_alias_are_all_named_by_the_dictionary() -> None:
    found = make_detector().detect(list_notes(["noir"]))
    assert {m.concept_id for m in found} == {"the_black", "the_sale"}


def test_concepts_that_share_an_alias_compete_where_a_scorer_can_tell_them_apart() -> None:
    notes = list_notes(["noir"])
    proposed = eager().propose(notes).candidates
    rivals = {eager().concepts[row].concept_id for row in proposed.concept_N[proposed.exact_N > 0]}
    assert rivals == {"the_black", "the_sale"}
    assert len(eager().detect(notes)) == 1


def test_a_concept_is_named_once_a_place() -> None:
    places = [(m.note_id, m.start, m.concept_id) for m in eager().detect(list_notes(SENTENCES))]
    assert len(places) == len(set(places))


def test_the_dictionary_names_a_concept_once_a_place() -> None:
    forms = {**FORMS, "the_als": ("ALS", "als")}
    detector = build_detector(make_lexicon(forms), list_notes(SENTENCES))
    found = detector.detect(list_notes(["ALS"]))
    assert [(m.start, m.end, m.concept_id, m.alias) for m in found] == [(0, 3, "the_als", "ALS")]


def test_a_concept_without_aliases_is_no_obstacle() -> None:
    assert make_lexicon().concepts[-1].aliases == ()
    assert len(make_detector().concepts) == len(make_lexicon().concepts)


@pytest.mark.parametrize("most", [1, 2, 3])
def test_matches_of_an_alias_are_capped_a_note(most: int) -> None:
    text = "red rouge red red red rouge"
    settings = replace(make_detector().settings, max_per_alias=most)
    found = replace(make_detector(), settings=settings).detect(list_notes([text, text]))
    for note_id in ("N0", "N1"):
        starts = {
            alias: [m.start for m in found if (m.note_id, m.alias) == (note_id, alias)]
            for alias in ("red", "rouge")
        }
        assert starts == {"red": [0, 10, 14, 18][:most], "rouge": [4, 22][:most]}


def test_no_cap_keeps_all() -> None:
    mentions = [Mention("N", "c", "a", at, at + 1, 1.0) for at in range(5)]
    assert cap_per_alias(mentions, 0) == mentions
    assert cap_per_alias(mentions, 9) == mentions
    # Another concept of the same alias has a count of its own.
    other = mentions[0]._replace(concept_id="d")
    assert cap_per_alias([*mentions, other], 1) == [mentions[0], other]


def test_a_denial_takes_no_place_of_an_affirmation() -> None:
    affirmed = [Mention("N", "c", "a", at, at + 1, 1.0) for at in range(2)]
    denied = [each._replace(polarity=NEGATED) for each in affirmed]
    assert cap_per_alias([*denied, *affirmed], 1) == [denied[0], affirmed[0]]


def test_a_note_is_scored_by_the_models_of_its_group() -> None:
    notes = list_notes([SENTENCES[0], SENTENCES[0]])
    crossed = replace(make_detector(), scorer=random_scorer((0, 1, ALL_NOTES)))
    found = crossed.detect(notes, [0, 1])
    for note, group in ((notes[0], 0), (notes[1], 1)):
        own = [m for m in found if m.note_id == note.note_id]
        scorer = crossed.scorer
        assert scorer is not None
        rows = np.flatnonzero(scorer.fit.group_G == group)
        fit = scorer.fit._replace(
            params_G={"params": _take(scorer.fit.params_G["params"], rows)},
            group_G=np.array([ALL_NOTES]),
        )
        alone = replace(crossed, scorer=replace(scorer, fit=fit)).detect([note])
        assert labels(own) == labels(alone)
        assert confidences(own) == pytest.approx(confidences(alone), abs=1e-6)
    assert confidences(found) != pytest.approx(confidences(crossed.detect(notes)), abs=1e-3)


def _take(tree: dict, rows: np.ndarray) -> dict:
    return {k: _take(v, rows) if isinstance(v, dict) else v[rows] for k, v in tree.items()}


def look_up(detector: ConceptDetector, text: str) -> list[Mention]:
    return detector.dictionary_only().detect([Note("1", "c", text)])


def test_another_lexicon_changes_what_is_looked_for_and_nothing_else() -> None:
    detector, text = make_detector(), "the note speaks of a quantum umbrella"
    first, *others = detector.concepts
    assert look_up(detector, text) == []
    added = replace(first, aliases=(*first.aliases, "quantum umbrella"))
    (found,) = look_up(detector.with_lexicon(Lexicon((*others, added))), text)
    assert found.concept_id == first.concept_id
    assert text[found.start : found.end] == "quantum umbrella"
    same = detector.with_lexicon(Lexicon(detector.concepts))
    np.testing.assert_array_equal(same.index.vectors_AD, detector.index.vectors_AD)


def test_a_concept_that_another_lexicon_leaves_out_is_not_named() -> None:
    detector = make_detector()
    first, *others = detector.concepts
    left = detector.with_lexicon(Lexicon(tuple(others[::-1])))
    assert left.listed == tuple(range(len(others), 0, -1))
    assert left.absent == {0}
    assert first.concept_id in {m.concept_id for m in look_up(detector, first.aliases[0])}
    assert first.concept_id not in {m.concept_id for m in look_up(left, first.aliases[0])}


@pytest.mark.parametrize("learned", [True, False])
def test_what_a_lexicon_leaves_out_is_given_to_no_other_concept(learned: bool) -> None:
    """What is found is what the model finds of these concepts, whichever they are."""
    fitted, notes, _ = make_fitted()
    eager = replace(fitted, scorer=random_scorer(add=0.0)) if learned else fitted.dictionary_only()
    whole = eager.detect(notes)
    for size in (1, 2, len(fitted.concepts) - 1):
        kept = fitted.concepts[:size]
        names = {concept.concept_id for concept in kept}
        found = eager.with_lexicon(Lexicon(kept)).detect(notes)
        assert found == [mention for mention in whole if mention.concept_id in names]
        assert found


def test_a_wording_may_be_given_from_a_concept_that_is_left_out() -> None:
    detector = make_detector()
    gone, taker, *others = detector.concepts
    wording = gone.aliases[0]
    given = replace(taker, aliases=(*taker.aliases, wording.upper()))
    left = detector.with_lexicon(Lexicon((given, *others)))
    rows = {
        alias.row for alias in left.index.aliases if alias.text.casefold() == wording.casefold()
    }
    assert rows == {1}
    # What both had before is contested as it was.
    known = [Alias("gold", 0), Alias("Gold", 1), Alias("ring", 0)]
    assert list_rivals(known, known[1:2], {1}) == [known[0], known[2]]
    assert list_rivals(known, [*known[1:2], Alias("Ring", 1)], {1}) == [known[0]]


def test_nor_found_by_what_was_learned_of_it() -> None:
    # The encoder and the memory of annotated notes still know it.
    fitted, notes, _ = make_fitted()
    gone = "the_handbag"
    left = fitted.with_lexicon(Lexicon(tuple(c for c in fitted.concepts if c.concept_id != gone)))
    eager = [replace(each, scorer=random_scorer(add=0.0)) for each in (fitted, left)]
    before, after = ({m.concept_id for m in each.detect(notes)} for each in eager)
    assert gone in before
    assert before - after == {gone}


def test_a_concept_without_training_is_refused() -> None:
    detector = make_detector()
    stranger = replace(detector.concepts[0], concept_id="stranger")
    with pytest.raises(InvalidInputError, match=r"1 concepts that .* not trained with.*stranger"):
        detector.with_lexicon(Lexicon((stranger,)))
