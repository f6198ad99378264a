"""Concepts of a whole note: named where no span is, and without one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lvmh_jax.detect import detector as detector_module
from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.detect.evidence import FEATURES
from lvmh_jax.detect.notehead import NOTHING, NoteHead, mark_spoken
from lvmh_jax.detect.scorer import ALL_NOTES, Calibration
from lvmh_jax.io.frames import mentions_to_frame
from lvmh_jax.io.outputs import write_mentions
from lvmh_jax.records import AFFIRMED, ML_ENHANCED, NEGATED, Mention
from tests.detect.builders import list_notes, make_detector, random_scorer
from tests.detect.heads import CONCEPT, ROWS, TELLING, make_head

NOTES = list_notes(["a pergola, black leather", "black leather", "PERGOLA pergola", ""])
SURE = 1 / (1 + np.exp(-4))


def spans_alone() -> ConceptDetector:
    """Its scorer keeps what the dictionary finds: an untrained one would name any concept."""
    return replace(make_detector(), scorer=random_scorer((0, 1, ALL_NOTES), keep=0.0, add=2.0))


def with_head(**of_head) -> ConceptDetector:
    return replace(spans_alone(), note_head=make_head(**of_head))


def whole(mentions: list[Mention]) -> list[Mention]:
    return [mention for mention in mentions if mention.start is None]


def test_a_telling_word_names_a_concept_without_a_span() -> None:
    expected = [
        Mention(note_id, CONCEPT, "", None, None, pytest.approx(SURE), ML_ENHANCED, AFFIRMED)
        for note_id in ("N0", "N2")
    ]
    assert whole(with_head().detect(NOTES)) == expected


def test_spans_stay_as_they_are_and_notes_in_order() -> None:
    mentions = with_head().detect(NOTES)
    spans = spans_alone().detect(NOTES)
    assert spans
    assert [mention for mention in mentions if mention.start is not None] == spans
    notes = [mention.note_id for mention in mentions]
    assert notes == sorted(notes)


def with_bias(bias: float) -> ConceptDetector:
    """Its head would name the concept in any note of which it reads something."""
    head = make_head()
    fit = head.fit._replace(bias_GC=np.full_like(head.fit.bias_GC, bias))
    return replace(spans_alone(), note_head=replace(head, fit=fit))


def test_batches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    detectors = with_head(), with_bias(1.0)
    together = [detector.detect(NOTES) for detector in detectors]
    monkeypatch.setattr(detector_module, "BATCH_NOTES", 1)
    for detector, found in zip(detectors, together, strict=True):
        again = detector.detect(NOTES)
        assert [each[:5] for each in again] == [each[:5] for each in found]


def test_a_note_of_which_a_head_reads_nothing_is_no_evidence() -> None:
    named = whole(with_bias(1.0).detect([*NOTES, *list_notes(["...", ""])]))
    assert [mention.note_id for mention in named] == ["N0", "N2"]


@pytest.mark.parametrize("polarity", [AFFIRMED, NEGATED])
def test_what_a_span_names_is_not_named_again(polarity: str) -> None:
    spans = spans_alone().detect(list_notes(["the black, the red, a handbag"]))
    named = next(mention for mention in spans if mention.polarity == AFFIRMED)
    notes = list_notes([f"{'no ' * (polarity == NEGATED)}{named.alias} pergola"])
    found = spans_alone().detect(notes)
    expected = [] if named.concept_id in {m.concept_id for m in found} else [named.concept_id]
    added = whole(with_head(concept=named.concept_id).detect(notes))
    assert [mention.concept_id for mention in added] == expected


def test_a_denied_concept_counts_as_named() -> None:
    spoken_BK = mark_spoken(np.array([0, 1]), np.array([2, 0]), 2, 3, np.array([0, 2]))
    assert spoken_BK.tolist() == [[False, True], [True, False]]


def test_the_model_of_a_fold_scores_its_notes() -> None:
    groups = [0, 0, 1, 1]
    assert [m.note_id for m in whole(with_head().detect(NOTES, groups))] == ["N2"]
    assert [m.note_id for m in whole(with_head().detect(NOTES, [1, 1, 0, -1]))] == ["N0"]


def test_below_the_threshold_nothing_is_named() -> None:
    assert len(whole(with_head(threshold=SURE - 0.01).detect(NOTES))) == 2
    assert not whole(with_head(threshold=SURE + 0.01).detect(NOTES))
    raised = replace(with_head(), note_head=make_head().require(SURE + 0.01))
    assert not whole(raised.detect(NOTES))
    assert make_head().require(0.1).threshold == 0.5


def test_confidence_is_calibrated() -> None:
    detector = with_head()
    calibration = Calibration(slope=0.5, offset=0.25)
    calibrated = replace(detector, note_head=replace(make_head(), calibration=calibration))
    confidence = whole(calibrated.detect(NOTES))[0].confidence
    assert confidence == pytest.approx(1 / (1 + np.exp(-(0.5 * 4 + 0.25))))


def test_a_cap_on_aliases_leaves_them() -> None:
    detector = with_head()
    capped = replace(detector, settings=replace(detector.settings, max_per_alias=1))
    assert whole(capped.detect(NOTES)) == whole(detector.detect(NOTES))


def test_the_dictionary_alone_names_none() -> None:
    assert not whole(with_head().dictionary_only().detect(NOTES))
    assert TELLING not in {m.alias for m in with_head().detect(NOTES)}


def test_what_another_concept_is_a_sign_of_is_named() -> None:
    found = with_head(sign="the_handbag").detect(list_notes(["a handbag", "a ring"]))
    assert [mention.note_id for mention in whole(found)] == ["N0"]


def test_a_head_that_is_silent_names_nothing_and_informs_all_the_same() -> None:
    silent = make_head(informs=True).silence()
    assert silent is not None
    assert make_head().silence() is None
    detector = replace(spans_alone(), note_head=silent)
    assert not whole(detector.detect(NOTES))
    proposals = detector.propose(list_notes(["a pergola, black leather"]))
    assert proposals.view is not None
    assert proposals.view.logits_BK.tolist() == [[pytest.approx(4)]]


def look(head: NoteHead | None, groups: list[int] | None = None) -> list[tuple[int, float, float]]:
    """What the scorer is told of whole notes, a row for each candidate of the black."""
    fold_B = None if groups is None else np.array(groups)
    found = replace(spans_alone(), note_head=head).propose(NOTES, fold_B)
    (rows,) = np.nonzero(found.candidates.concept_N == ROWS["the_black"])
    assert {0, 1} <= set(found.candidates.note_N[rows].tolist())
    columns = [name for name, feature in enumerate(FEATURES) if feature.name.startswith("note")]
    told_N2 = found.features_NF[rows][:, columns].round(4).tolist()
    notes = found.candidates.note_N[rows].tolist()
    return sorted({(note, *told) for note, told in zip(notes, told_N2, strict=True)})


def test_the_scorer_sees_what_a_head_says_where_it_informs() -> None:
    informing = make_head("the_black", informs=True)
    assert look(informing) == [(0, 4, 1), (1, NOTHING, 1)]
    assert look(informing, [0, 0, 1, 1]) == [(0, -4, 1), (1, NOTHING, 1)]
    assert look(make_head("the_red", informs=True)) == [(0, 0, 0), (1, 0, 0)]
    assert look(make_head("the_black")) == look(None) == [(0, 0, 0), (1, 0, 0)]


def test_frames_and_files_leave_alias_and_offsets_empty(tmp_path: Path) -> None:
    found = with_head().detect(NOTES)
    frame = mentions_to_frame(found, NOTES)
    empty = frame[["evidence_span_start", "evidence_span_end"]].isna().all(axis=1)
    assert frame[empty].note_id.tolist() == ["N0", "N2"]
    assert frame[empty].matched_alias.tolist() == ["", ""]
    assert str(frame.evidence_span_start.dtype) == "Int64"
    write_mentions(tmp_path / "found.csv", found, {note.note_id: "C" for note in NOTES})
    lines = (tmp_path / "found.csv").read_text(encoding="utf-8").splitlines()
    assert f"N2,C,{CONCEPT},,,,{SURE:.6f},ml-enhanced,affirmed" in lines
    assert mentions_to_frame(whole(found), NOTES).evidence_span_start.isna().all()
