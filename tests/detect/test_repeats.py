"""A concept that a note names already is named again only where that span is likely by itself."""

from __future__ import annotations

import numpy as np

from lvmh_jax.detect.decode import OFF, REPEATED, drop_repeats, select_likely
from tests.detect.builders import make_candidates

# Note, start, end, concept, exact, confidence, probability of the span, whether it is denied.
Row = tuple[int, int, int, int, int, float, float, int]
LIKELY, UNLIKELY = REPEATED + 0.01, REPEATED - 0.01


def make(rows: list[Row]):
    note, start, end, concept, exact, sure, likely, denied = np.array(rows).T
    spans = {"note_N": note, "start_N": start, "end_N": end, "concept_N": concept, "exact_N": exact}
    found = make_candidates(
        alias_N=concept.astype(np.int64), **{k: v.astype(np.int64) for k, v in spans.items()}
    )
    logits_N2 = np.stack([np.log(likely / (1 - likely)), 2 * denied - 1], axis=1)
    return found, sure.astype(np.float32), logits_N2.astype(np.float32)


def keep(rows: list[Row]) -> list[int]:
    found, sure, logits_N2 = make(rows)
    return drop_repeats(found, np.arange(len(rows)), sure, logits_N2).tolist()


def test_the_surest_stays_and_of_the_others_what_is_likely() -> None:
    first = (0, 0, 3, 7, 0, 0.8, UNLIKELY, 0)
    assert keep([first, (0, 5, 8, 7, 0, 0.9, UNLIKELY, 0)]) == [1]
    assert keep([first, (0, 5, 8, 7, 0, 0.7, LIKELY, 0)]) == [0, 1]
    assert keep([first, (0, 5, 8, 7, 1, 0.9, LIKELY, 0)]) == [1]


def test_another_concept_note_or_polarity_is_no_repeat() -> None:
    first = (0, 0, 3, 7, 0, 0.9, UNLIKELY, 0)
    others = [(0, 5, 8, 6, 0), (1, 5, 8, 7, 0), (0, 5, 8, 7, 0)]
    for other, denied in zip(others, (0, 0, 1), strict=True):
        assert keep([first, (*other, 0.8, UNLIKELY, denied)]) == [0, 1]


def test_dictionary_matches_stay() -> None:
    assert keep([(0, 0, 3, 7, 0, 0.9, UNLIKELY, 0), (0, 5, 8, 7, 1, 0.8, UNLIKELY, 0)]) == [0, 1]


def test_what_is_dropped_displaces_nothing() -> None:
    """Across the repeat stands another concept, less sure; another note has its own repeat."""
    rows = [
        (0, 0, 3, 7, 0, 0.9, LIKELY, 0),
        (0, 5, 9, 7, 0, 0.8, UNLIKELY, 0),
        (0, 6, 9, 8, 0, 0.7, UNLIKELY, 0),
        (1, 0, 3, 7, 0, 0.6, UNLIKELY, 0),
    ]
    found, sure, logits_N2 = make(rows)
    everything = np.ones(len(rows), bool)
    assert select_likely(found, sure, everything, logits_N2, OFF).tolist() == [0, 2, 3]
    assert everything.all()
