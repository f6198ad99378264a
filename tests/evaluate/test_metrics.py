"""Scores: hand-counted cases, and parity with the contract's scorer."""

from __future__ import annotations

import csv
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.evaluate import metrics
from lvmh_jax.evaluate.metrics import Score
from lvmh_jax.records import AFFIRMED, NEGATED, GoldNote, GoldSpan, Mention

GOLDEN = Path(__file__).parents[1] / "golden" / "scores.json"

NOTES = ("a", "b", "c", "d")
CONCEPTS = ("x", "y", "z")


def mention(
    note: str, concept: str, start: int | None = None, end: int | None = None, **more: Any
) -> Mention:
    return Mention(note, concept, "", start, end, confidence=0.5, **more)


GOLD = (
    GoldNote("a", (GoldSpan(0, 4, "x"), GoldSpan(6, 9, "x")), ("x", "y")),
    GoldNote("b", (GoldSpan(2, 5, "y"), GoldSpan(7, 8, "x", negated=True)), ("y",)),
)
FOUND = (
    mention("a", "x", 0, 4),  # exact
    mention("a", "x", 5, 8),  # overlaps the second gold span
    mention("a", "x", 7, 9),  # overlaps it too, but it is taken
    mention("b", "z"),  # wrong, without a span
    mention("b", "x", 7, 8),  # the negated gold span does not hold
    mention("b", "y", 2, 5, polarity=NEGATED),  # does not count
    mention("zz", "y", 0, 1),  # no gold note
)


def test_hand_counted_scores() -> None:
    scores = metrics.score_mentions(GOLD, FOUND)
    assert scores.notes == 2
    assert scores.note_level == Score(tp=1, predicted=3, gold=3)
    # x: found in a and b, gold in a -> 2/3; y: never found -> 0; z is not in gold.
    assert scores.macro_f1 == pytest.approx(1 / 3)
    assert scores.gold_concepts == 2
    assert scores.span_strict == Score(tp=1, predicted=4, gold=3)
    assert scores.span_relaxed == Score(tp=2, predicted=4, gold=3)


def test_touching_spans_do_not_overlap() -> None:
    gold = [GoldNote("a", (GoldSpan(4, 8, "x"),), ("x",))]
    found = [mention("a", "x", 0, 4), mention("a", "x", 8, 9)]
    assert metrics.score_mentions(gold, found).span_relaxed.tp == 0


def test_exact_pairs_are_matched_before_overlaps() -> None:
    # By start alone, (0, 6) would take the gold span of the exact (4, 6).
    gold = [GoldNote("a", (GoldSpan(4, 6, "x"),), ("x",))]
    found = [mention("a", "x", 0, 6), mention("a", "x", 4, 6)]
    assert metrics.score_mentions(gold, found).span_relaxed.tp == 1


def test_nothing_found_scores_zero_and_nothing_to_find_too() -> None:
    for gold, found in ((GOLD, ()), ((), FOUND), ((), ())):
        scores = metrics.score_mentions(gold, found)
        assert scores.note_level.f1 == scores.macro_f1 == scores.span_relaxed.f1 == 0.0


def test_duplicate_mentions_count_once() -> None:
    assert metrics.score_mentions(GOLD, FOUND + FOUND) == metrics.score_mentions(GOLD, FOUND)


def test_dict_has_the_contract_keys_and_null_spans_without_gold_spans() -> None:
    values = metrics.score_mentions(GOLD, FOUND).to_dict()
    assert values["precision"] == pytest.approx(1 / 3)
    assert {"precision", "recall", "f1"} < set(values["span_strict"])
    only_notes = (GoldNote("a", (), ("x",)),)
    values = metrics.score_mentions(only_notes, FOUND).to_dict()
    assert values["span_strict"] is values["span_relaxed"] is None
    assert json.loads(json.dumps(values)) == values


def test_scores_by_bucket_and_by_language() -> None:
    buckets = metrics.score_by_bucket(GOLD, FOUND, {"x": "intent", "y": "lifestyle"})
    assert buckets["intent"].note_level == Score(tp=1, predicted=2, gold=1)
    assert buckets["lifestyle"].note_level == Score(tp=0, predicted=0, gold=2)
    assert buckets[metrics.OUTSIDE_LEXICON].note_level == Score(tp=0, predicted=1, gold=0)
    languages = metrics.score_by_language((*GOLD, GoldNote("c", (), ())), FOUND, {"a": "FR"})
    assert languages["FR"].note_level == Score(tp=1, predicted=1, gold=2)
    assert languages[metrics.UNKNOWN_LANGUAGE].note_level == Score(tp=0, predicted=2, gold=1)
    assert languages[metrics.UNKNOWN_LANGUAGE].notes == 2  # b, and c which holds nothing


def test_what_is_denied_is_scored_by_itself() -> None:
    gold = (*GOLD, GoldNote("c", (), ()), GoldNote("d", (), ("z",)))
    found = (
        mention("b", "x", 7, 8, polarity=NEGATED),
        mention("b", "x", 9, 12, polarity=NEGATED),  # the same concept of the same note
        mention("c", "y", 0, 2, polarity=NEGATED),  # a note that denies nothing
        mention("d", "y", 0, 2, polarity=NEGATED),  # annotated as a whole: nobody knows
        mention("zz", "y", 0, 1, polarity=NEGATED),  # no gold note
    )
    assert metrics.score_denied(gold, found) == Score(tp=1, predicted=2, gold=1)
    assert metrics.score_denied(gold, FOUND) == Score(tp=0, predicted=1, gold=1)
    assert metrics.score_mentions(gold, found).note_level.predicted == 0


def test_coverage_names_what_the_lexicon_lacks() -> None:
    coverage = metrics.measure_coverage(GOLD, ["y"])
    assert coverage.outside == ("x",)
    assert coverage.outside_share == 0.5
    assert coverage.recall_ceiling == pytest.approx(2 / 3)
    assert metrics.measure_coverage((), ["y"]).recall_ceiling == 1.0


spans = st.tuples(st.integers(0, 12), st.integers(1, 5)).map(lambda s: (s[0], s[0] + s[1]))
gold_spans = st.builds(
    lambda span, concept, negated: GoldSpan(*span, concept, negated),
    spans,
    st.sampled_from(CONCEPTS),
    st.booleans(),
)
gold_notes = st.lists(
    st.builds(
        GoldNote,
        note_id=st.sampled_from(NOTES[:3]),
        spans=st.lists(gold_spans, max_size=6).map(tuple),
        concepts=st.lists(st.sampled_from(CONCEPTS), max_size=3).map(tuple),
    ),
    max_size=3,
    unique_by=lambda note: note.note_id,
).map(tuple)
mentions = st.lists(
    st.builds(
        lambda note, concept, span, polarity: mention(note, concept, *span, polarity=polarity),
        st.sampled_from(NOTES),
        st.sampled_from(CONCEPTS),
        st.one_of(st.just((None, None)), spans),
        st.sampled_from((AFFIRMED, AFFIRMED, NEGATED)),
    ),
    max_size=12,
)


@given(gold_notes, mentions)
def test_counts_per_note_and_breakdowns_add_up(
    gold: tuple[GoldNote, ...], found: list[Mention]
) -> None:
    whole = metrics.score_mentions(gold, found).note_level
    counts_N3 = metrics.count_per_note(gold, found)
    assert counts_N3.shape == (len(gold), 3)
    assert Score(*counts_N3.sum(0).tolist()) == whole
    for parts in (
        metrics.score_by_bucket(gold, found, {"x": "intent"}),
        metrics.score_by_language(gold, found, {"a": "FR"}),
    ):
        levels = [part.note_level for part in parts.values()]
        assert sum(each.tp for each in levels) == whole.tp
        assert sum(each.predicted for each in levels) == whole.predicted
        assert sum(each.gold for each in levels) == whole.gold


@given(gold_notes, mentions, st.randoms())
def test_scores_do_not_depend_on_order(
    gold: tuple[GoldNote, ...], found: list[Mention], random: Any
) -> None:
    shuffled = random.sample(found, len(found))
    assert metrics.score_mentions(gold[::-1], shuffled) == metrics.score_mentions(gold, found)


# Parity with the contract's scorer: run it where ../shared exists, else compare with its record.


def seeded_case(seed: int) -> tuple[tuple[GoldNote, ...], list[Mention]]:
    rng = np.random.default_rng(seed)

    def span() -> tuple[int, int]:
        start = int(rng.integers(0, 20))
        return start, start + int(rng.integers(1, 6))

    def concept() -> str:
        return f"c{rng.integers(0, 4)}"

    gold = tuple(
        GoldNote(
            f"n{i}",
            tuple(GoldSpan(*span(), concept(), bool(rng.random() < 0.2)) for _ in range(5)),
            tuple(concept() for _ in range(rng.integers(0, 4))),
        )
        for i in range(6)
    )
    found = []
    for _ in range(60):
        start, end = span() if rng.random() < 0.8 else (None, None)
        polarity = NEGATED if rng.random() < 0.1 else AFFIRMED
        note = f"n{rng.integers(0, 7)}"  # n6 has no gold
        found.append(mention(note, concept(), start, end, polarity=polarity))
    # Copies of some gold spans, or a random case would hold hardly an exact pair.
    found += [mention(n.note_id, s.concept_id, s.start, s.end) for n in gold for s in n.spans[:2]]
    return gold, found


def as_gold_rows(gold: tuple[GoldNote, ...]) -> list[dict[str, Any]]:
    return [
        {
            "note_id": note.note_id,
            "spans": [
                {"start": s.start, "end": s.end, "concept_id": s.concept_id, "negated": s.negated}
                for s in note.spans
            ],
            "concepts": list(note.concepts),
        }
        for note in gold
    ]


def as_table_rows(found: list[Mention]) -> list[dict[str, str]]:
    return [
        {
            "note_id": each.note_id,
            "concept_id": each.concept_id,
            "evidence_span_start": "" if each.start is None else str(each.start),
            "evidence_span_end": "" if each.end is None else str(each.end),
            "polarity": each.polarity,
        }
        for each in found
    ]


def as_contract_scores(scores: metrics.Scores) -> dict[str, Any]:
    def level(score: Score) -> dict[str, Any]:
        figures = {"p": score.precision, "r": score.recall, "f1": score.f1}
        rounded = {key: round(value, 4) for key, value in figures.items()}
        return {**rounded, "tp": score.tp, "pred": score.predicted, "gold": score.gold}

    return {
        "notes": scores.notes,
        "note_level": level(scores.note_level),
        "macro_f1": round(scores.macro_f1, 4),
        "gold_concepts": scores.gold_concepts,
        "span_strict": level(scores.span_strict),
        "span_relaxed": level(scores.span_relaxed),
    }


def load_contract_scorer(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", shared / "tools" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_parity_with_the_contract_scorer(shared: Path) -> None:
    scorer = load_contract_scorer(shared)
    strict, relaxed = 0, 0
    for seed in range(200):
        gold, found = seeded_case(seed)
        expected = scorer.score(as_gold_rows(gold), as_table_rows(found))
        assert as_contract_scores(metrics.score_mentions(gold, found)) == expected
        strict += expected["span_strict"]["tp"]
        relaxed += expected["span_relaxed"]["tp"]
    assert 0 < strict < relaxed  # the cases reach both ways of matching


def test_parity_with_the_contract_scorer_as_a_command(shared: Path, tmp_path: Path) -> None:
    gold, found = seeded_case(0)
    (tmp_path / "data" / "gold").mkdir(parents=True)
    lines = [json.dumps(row) + "\n" for row in as_gold_rows(gold)]
    (tmp_path / "data" / "gold" / "dev.jsonl").write_text("".join(lines), encoding="utf-8")
    rows = as_table_rows(found)
    with (tmp_path / "found.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    script = shared / "tools" / "score.py"
    command = [sys.executable, script, tmp_path, tmp_path / "found.csv", "--split", "dev"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    mine = as_contract_scores(metrics.score_mentions(gold, found))
    assert mine.items() <= json.loads(done.stdout).items()


def test_parity_with_the_record_of_the_contract_scorer(
    rewrite_golden: bool, request: pytest.FixtureRequest
) -> None:
    if rewrite_golden:
        scorer = load_contract_scorer(request.getfixturevalue("shared"))
        record = {}
        for seed in range(3):
            gold, found = seeded_case(seed)
            record[str(seed)] = scorer.score(as_gold_rows(gold), as_table_rows(found))
        GOLDEN.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    for seed, expected in json.loads(GOLDEN.read_text(encoding="utf-8")).items():
        scores = metrics.score_mentions(*seeded_case(int(seed)))
        assert as_contract_scores(scores) == expected
