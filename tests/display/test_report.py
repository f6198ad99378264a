"""The report: all it must say, nothing hostile, under 3 MB for a large lexicon."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from lvmh_jax.display.facts import Facts, Fresh, show_figure
from lvmh_jax.display.lexicon import count_languages, find_warnings
from lvmh_jax.display.report import render_report
from lvmh_jax.evaluate.basis import HELD_OUT
from lvmh_jax.evaluate.confusion import ConceptErrors, ConceptScore, Confusion
from lvmh_jax.records import BUCKETS, LANGUAGES, Concept

HOSTILE = "<script>alert(1)</script>"
FIGURES: dict[str, Any] = {
    "protocol": "gold-dev",
    "precision": {"value": 0.81, "ci_low": 0.71, "ci_high": 0.91},
    "recall": {"value": 0.61, "ci_low": 0.51, "ci_high": 0.71},
    "f1": {"value": 0.7, "ci_low": 0.6, "ci_high": 0.8},
    "dictionary": {"precision": 0.9, "recall": 0.3, "f1": 0.45, "gold": 321},
    "calibration_error": 0.057,
    "by_bucket": {"intent": {"f1": 0.66, "gold": 44, "notes": 30}},
    "by_language": {
        "FR": {"f1": 0.77, "gold": 55, "notes": 9},
        "KO": {"f1": 0.5, "gold": 7, "notes": 1},
    },
}
METADATA: dict[str, Any] = {
    "size": "base",
    "training_history": {
        "epochs": [1, 2],
        "loss": [4.0, 2.0],
        "accuracy": [0.4, 0.6],
        "train_loss": [5.0, 1.0],
        "train_accuracy": [0.1, 0.9],
    },
    "best_epoch": 2,
    "final_accuracy": 0.643,
    "validation": FIGURES,
    "thresholds": {
        "keep_exact": 0.125,
        "add_learned": 0.425,
        "note_level": None,
        "overlapping": 2.0,
    },
    "inputs": {"taxonomy/lexicon_v1.json": "ab" * 32},
    "package_versions": {"jax": "0.10.2"},
    "configuration": {"size": "base", "train": {"epochs": 30}},
    "num_notes": 40,
}
CONCEPTS = (
    Concept("ring", "Ring", ("ring", "gold"), "intent", ("FR", "EN")),
    Concept("gold", "Gold", ("Gold", "au"), "preferences", ("ALL",)),
    Concept("bare", "Bare", (), "other"),
)
FRESH = Fresh(
    command="lvmh-jax evaluate",
    figures={**FIGURES, "reliability": [{"confidence": 0.5, "accuracy": 0.4, "count": 12}]},
    intervals={"by_language": {"FR": (0.7, 0.84), "KO": (0.5, 0.5)}, "by_bucket": {}},
    dictionary_recall={"FR": 0.432},
    confusions=[Confusion("ring", "gold", 3, ("n1", 0, 9))],
    concepts=[ConceptScore("ring", 0.8, 0.5, 0.625, 9, (0.5, 0.75))],
    examples=["wants a golden ring from [NAME]"],
    errors=[ConceptErrors("ring", 4, 1, 9)],
    same_inputs={"taxonomy/lexicon_v1.json": False},
    warnings=["notes: 3 notes have no language"],
)
FACTS = Facts("model_one", METADATA, CONCEPTS, np.eye(3, 4, dtype=np.float32), "lvmh-jax train")


class Reader(HTMLParser):
    """Tags that are open, and whether each is closed in order."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs) -> None:
        self.seen.add(tag)
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attrs) -> None:
        self.seen.add(tag)

    def handle_data(self, data) -> None:
        self.words.append(data)


def read(facts: Facts) -> tuple[str, str]:
    """The page, and its text."""
    page = render_report(facts)
    reader = Reader(page)
    assert reader.open == []
    assert "script" not in reader.seen
    for word in ("http:", "https:", "url(", "@import", "src="):
        assert word not in page
    return page, " ".join(reader.words)


def test_a_report_of_the_folder_alone_tells_what_it_knows() -> None:
    page, text = read(FACTS)
    for told in (
        "model_one",
        "0.700 [0.600, 0.800]",
        "0.810 [0.710, 0.910]",
        "0.450",
        "321",
        "0.643",
        "kept: 2",
        "hidden aliases, 2: 2.000",
        "training, 2: 1.000",
        "FR: 0.770, 55 to find",
        "intent: 0.660, 44 to find",
        "0.125",
        "0.425",
        "never",
        "ab" * 32,
        "0.10.2",
        "lvmh-jax train",
        '"epochs": 30',
    ):
        assert told in text, told
    assert "There is no reliability curve. Measured on a workspace: run" in text
    assert "annotated notes, and there were none" not in text
    assert "viewport" in page
    assert "@media print" in page
    assert "prefers-color-scheme:dark" in page


def test_a_report_with_a_workspace_adds_what_was_measured_there() -> None:
    _, text = read(replace(FACTS, fresh=FRESH, curve=[(0.2, 0.6), (0.9, 1.0)]))
    for told in (
        "FR: 0.770, 95 % interval 0.700 to 0.840, 55 to find",
        "KO: 0.500, 7 to find",  # one note: an interval of no width would lie
        "confidence 0.50, right 0.40, 12 mentions",
        "precision, 0.9: 1.000",
        "One concept for another",
        "0.432",
        "another, or not there",
        "lvmh-jax evaluate",
        "3 notes have no language",
    ):
        assert told in text, told
    assert "no reliability curve" not in text
    without = replace(FRESH, figures={**FRESH.figures, "reliability": []})
    assert "curve. Measured on annotated notes, and" in read(replace(FACTS, fresh=without))[1]


@pytest.mark.parametrize(("concepts", "told"), [(230, True), (42, False), (1038, False)])
def test_what_a_good_accuracy_is_is_said_of_lexicons_of_such_a_size(
    concepts: int, told: bool
) -> None:
    _, text = read(replace(FACTS, metadata={**METADATA, "num_concepts": concepts}))
    assert ("About 0.65 is good on 230 concepts" in text) is told


def test_a_lexicon_that_tells_no_languages_has_no_columns_of_zeros() -> None:
    _, text = read(replace(FACTS, fresh=FRESH))
    assert "share dictionary recall" in text
    silent = tuple(replace(concept, languages=()) for concept in CONCEPTS)
    _, text = read(replace(FACTS, concepts=silent, fresh=FRESH))
    assert "share dictionary recall" not in text
    assert "FR 0.432" in text
    assert "No concept says in which languages its aliases are" in text


def test_a_model_that_knows_nothing_of_itself_is_still_shown() -> None:
    _, text = read(Facts("bare", {}, (), np.zeros((0, 4), np.float32), "lvmh-jax train"))
    assert "nothing was measured" in text
    assert "The lexicon is empty" in text


def test_nothing_hostile_becomes_markup() -> None:
    concept = Concept(HOSTILE, HOSTILE, (HOSTILE,), HOSTILE, (HOSTILE,))
    metadata = {
        **METADATA,
        "size": HOSTILE,
        "inputs": {HOSTILE: HOSTILE},
        "validation": {**FIGURES, "protocol": HOSTILE, "by_language": {HOSTILE: {"f1": 0.5}}},
        "thresholds": {HOSTILE: HOSTILE},
        "learned_matches": {
            "mode": HOSTILE,
            "decided_on": HOSTILE,
            "f1": {HOSTILE: 0.5, "dictionary": 0.25},
        },
        "configuration": {HOSTILE: HOSTILE},
    }
    fresh = replace(
        FRESH,
        command=HOSTILE,
        figures={**FIGURES, "protocol": HELD_OUT},
        confusions=[Confusion(HOSTILE, HOSTILE, 1, (HOSTILE, 0, 1))],
        examples=[HOSTILE],
        errors=[ConceptErrors(HOSTILE, 1, 1, 1)],
        warnings=[HOSTILE],
    )
    vectors_CD = np.ones((1, 4), np.float32)
    page, text = read(Facts(HOSTILE, metadata, (concept,), vectors_CD, HOSTILE, (), fresh))
    assert HOSTILE not in page
    assert text.count(HOSTILE) >= 16


def test_concepts_have_their_figures_with_support_and_interval() -> None:
    _, text = read(replace(FACTS, fresh=FRESH))
    for part in ("F1 by concept", "0.800", "0.625 [0.500, 0.750]"):
        assert part in text


FEW = {**FIGURES, "protocol": HELD_OUT, "dictionary": {"f1": 0.111, "gold": 3}}
BY_TRAIN = {
    "mode": "additions",
    "decided_on": "gold-train-crossval",
    "f1": {"dictionary": 0.943, "additions": 0.972},
    "scorer": "gold",
}
CURVE = [(0.2, 0.6), (0.9, 1.0)]


def tell(learned: dict[str, Any], **fresh: Any) -> str:
    """The text of a page that was measured on too few mentions, in one line."""
    metadata = {**METADATA, "validation": FEW, "learned_matches": learned}
    made = replace(FRESH, **{"figures": FEW, "errors": (), **fresh})
    facts = replace(FACTS, metadata=metadata, fresh=made, curve=CURVE)
    return " ".join(read(facts)[1].split())


def test_too_few_mentions_are_no_figure_and_what_decided_is_told() -> None:
    text = tell(BY_TRAIN)
    assert "F1 not measurable (3 mentions)" in text
    assert "Not measurable (3 mentions): 20 are the least." in text
    for figure in ("0.700", "0.111", "0.770", "0.660"):
        assert figure not in text
    assert text.count("0.972 with additions, 0.943 of the dictionary alone") == 2
    assert "gold-train-crossval : annotated notes (train), each judged by the fold" in text


@pytest.mark.parametrize(
    ("denied", "told"),
    [
        ({"precision": 0.515, "recall": 0.252, "f1": 0.335, "gold": 28}, "0.515 0.252 0.335 28"),
        ({"precision": 0.515, "recall": 0.252, "f1": 0.335, "gold": 3}, "not measurable (3 ment"),
    ],
)
def test_what_notes_deny_has_a_row_of_its_own(denied: dict[str, Any], told: str) -> None:
    assert f"concepts that a note denies {told}" in tell(
        BY_TRAIN, figures=FIGURES | {"denied": denied}
    )
    assert "note denies" not in tell(BY_TRAIN, figures=FIGURES)


def test_annotated_notes_that_decided_are_not_denied() -> None:
    text = tell(BY_TRAIN)
    assert text.count("there were none: those of train decided what ships") == 2
    assert "annotated notes, and there were none" not in text
    bare = tell({**BY_TRAIN, "decided_on": HELD_OUT, "scorer": "default"})
    assert bare.count("Measured on annotated notes, and there were none.") == 2
    good = tell(BY_TRAIN, figures={**FIGURES, "reliability": []})
    assert "No error on the annotated notes." in good


def test_a_precision_curve_says_whose_it_is() -> None:
    told = "Precision of mentions from a confidence up, on "
    assert f"{told}the annotated notes, each judged by the fold that did not see it" in tell(
        BY_TRAIN
    )
    demo = tell({**BY_TRAIN, "scorer": "default"})
    assert "from a confidence up of the shipped scorer, on the demo's annotated notes" in demo
    assert "Precision of mentions" not in tell({**BY_TRAIN, "scorer": "none"})


def test_a_confusion_is_shown_with_its_sentence() -> None:
    _, text = read(replace(FACTS, fresh=FRESH))
    assert "wants a golden ring from [NAME]" in text


def test_twelve_thousand_concepts_stay_under_three_megabytes() -> None:
    label = "Syndrome of a very long name, which goes on and on, type "
    concepts = [
        Concept(f"MESH:D{row:06d}", f"{label}{row}", (f"alias {row}",), BUCKETS[row % 7])
        for row in range(12_000)
    ]
    vectors_CD = np.random.default_rng(0).normal(size=(12_000, 32)).astype(np.float32)
    page = render_report(replace(FACTS, concepts=concepts, vectors_CD=vectors_CD))
    assert len(page.encode()) < 3_000_000
    assert page.count("h.01") == 12_000


def test_warnings_count_what_is_wrong_with_the_lexicon() -> None:
    assert list(find_warnings(FACTS)) == [
        "1 of 3 concepts have no alias: nothing can find them",
        "1 aliases belong to several concepts: only context can tell these apart",
        "1 aliases have at most 3 characters: they match words by chance",
        "40 notes are few: figures are unstable below 50",
    ]


def test_a_concept_of_all_languages_counts_in_each() -> None:
    counts, unsaid = count_languages(CONCEPTS)
    assert unsaid == 1
    assert set(counts) == set(LANGUAGES)
    assert (counts["FR"], counts["KO"]) == (2, 1)


@pytest.mark.parametrize(
    ("value", "told"),
    [(None, "-"), (3, "3"), (1234, "1,234"), (0.5, "0.500"), (float("nan"), "nan"), ({}, "-")],
)
def test_figures_for_people(value: object, told: str) -> None:
    assert show_figure(value) == told
