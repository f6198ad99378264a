"""Linking: a result for every phrase, whatever it is, and the best concept first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvmh_jax.detect import link as link_module
from lvmh_jax.detect.link import LinkCalibration, Linked, link_phrases, soften
from tests.detect.builders import FORMS, make_detector
from tests.generators import texts

CALIBRATION = LinkCalibration(temperature=0.2, threshold=0.5)
COUNT = len(FORMS)


def link(phrases: list[str], best: int = COUNT) -> Linked:
    detector = make_detector()
    return link_phrases(phrases, detector.index, detector.encoder, CALIBRATION, best)


def name_of(row: int) -> str:
    return make_detector().concepts[row].concept_id


@settings(max_examples=40)
@given(st.lists(texts(20), max_size=5), st.integers(1, COUNT + 3))
def test_every_phrase_has_its_best_concepts(phrases: list[str], best: int) -> None:
    linked = link(phrases, best)
    shape = (len(phrases), min(best, COUNT))
    assert linked.concepts_NK.shape == linked.confidence_NK.shape == shape
    for concepts, sure in zip(linked.concepts_NK, linked.confidence_NK, strict=True):
        assert len(set(concepts.tolist())) == len(concepts)
        assert np.all((concepts >= 0) & (concepts < COUNT))
        assert np.all((sure >= 0) & (sure <= 1))
        assert np.all(np.diff(sure) <= 0)
        assert sure.sum() <= 1 + 1e-5


@pytest.mark.parametrize("phrase", ["", "   ", "👜", "...", "\u200d"])
def test_a_phrase_without_a_word_is_sure_of_nothing(phrase: str) -> None:
    detector = make_detector()
    known = detector.index, detector.encoder, LinkCalibration(threshold=0.0), COUNT
    linked = link_phrases(["red", phrase, "noir"], *known)
    assert linked.confidence_NK[1].tolist() == [0.0] * COUNT
    assert linked.nil_N.tolist() == [False, True, False]
    assert linked.confidence_NK[0, 0] > 0


def test_what_is_absent_is_linked_to_nothing_and_nothing_else_gains_by_it() -> None:
    detector = make_detector()
    (best,) = link(["red"], 1).concepts_NK[0].tolist()
    given = (["red", ""], detector.index, detector.encoder, CALIBRATION, COUNT)
    linked, whole = link_phrases(*given, absent={best}), link_phrases(*given)
    assert linked.concepts_NK.shape == (2, COUNT - 1)
    assert linked.concepts_NK[0].tolist() == whole.concepts_NK[0, 1:].tolist()
    assert linked.confidence_NK[0].tolist() == whole.confidence_NK[0, 1:].tolist()
    assert linked.confidence_NK[1].sum() == 0


def test_a_phrase_that_means_what_is_absent_is_nil() -> None:
    detector = make_detector()
    best, second = link(["red"]).concepts_NK[0, :2].tolist()
    given = (["red", ""], detector.index, detector.encoder, LinkCalibration(threshold=1e-9), COUNT)
    assert link_phrases(*given).nil_N.tolist() == [False, True]
    assert link_phrases(*given, absent={best}).nil_N.tolist() == [True, True]
    assert link_phrases(*given, absent={second}).nil_N.tolist() == [False, True]


def test_confidences_of_all_concepts_add_up_to_one() -> None:
    assert link(["red", "something else"]).confidence_NK.sum(1) == pytest.approx([1, 1], abs=1e-5)


@pytest.mark.parametrize(
    ("alias", "concept"),
    [(alias, concept) for concept, aliases in FORMS.items() for alias in aliases],
)
def test_an_exact_alias_ranks_first(alias: str, concept: str) -> None:
    sharing = [name for name, aliases in FORMS.items() if alias in aliases]
    for phrase in (alias, f"  {alias} ", alias.upper() if alias.isascii() else alias):
        best = [name_of(row) for row in link([phrase], len(sharing)).concepts_NK[0]]
        assert sorted(best) == sorted(sharing)
    assert concept in sharing


def test_a_phrase_is_linked_as_it_would_be_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    phrases = ["red", "", "sac a main", "blackish", "unheard of", "黒い", "gift. for her mother"]
    together = link(phrases)
    for row, phrase in enumerate(phrases):
        alone = link([phrase])
        np.testing.assert_array_equal(alone.concepts_NK[0], together.concepts_NK[row])
        np.testing.assert_allclose(alone.confidence_NK[0], together.confidence_NK[row], atol=1e-5)
    monkeypatch.setattr(link_module, "BLOCK", 2)
    blocked = link(phrases)
    np.testing.assert_array_equal(blocked.concepts_NK, together.concepts_NK)
    np.testing.assert_allclose(blocked.confidence_NK, together.confidence_NK, atol=1e-5)


def test_a_sentence_mark_does_not_part_a_phrase() -> None:
    apart, joined = link(["gift: for her. mother"], 1), link(["gift for her mother"], 1)
    assert name_of(apart.concepts_NK[0, 0]) == name_of(joined.concepts_NK[0, 0]) == "the_gift"


@pytest.mark.parametrize("temperature", [0.01, 0.1, 1.0])
def test_softening_is_the_softmax_of_the_scores(temperature: float) -> None:
    scores_NC = np.array([[1.0, 0.5, -2.0], [900.0, 899.9, 0.0]], np.float32)
    scaled = scores_NC.astype(np.float64) / temperature
    raised = np.exp(scaled - scaled.max(1, keepdims=True))
    expected = raised / raised.sum(1, keepdims=True)
    np.testing.assert_allclose(soften(scores_NC, temperature), expected, atol=2e-3)


def test_a_higher_temperature_is_less_sure() -> None:
    scores_NC = np.array([[1.0, 0.5, 0.0]], np.float32)
    sure = [soften(scores_NC, t)[0, 0] for t in (0.05, 0.2, 1.0)]
    assert sure == sorted(sure, reverse=True)
    assert sure[0] > sure[-1] + 0.3
