"""Candidates that no concept covers, in groups: what the lexicon may lack altogether.

Candidates go together that are written or learned alike and stand in the same notes. Average
linkage, for a chain of near neighbours is no concept (scikit-learn, AgglomerativeClustering).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.cluster import AgglomerativeClustering

from lvmh_jax.data.announcers import TITLES
from lvmh_jax.data.frequency import zipf_of_form
from lvmh_jax.data.text import tokenize
from lvmh_jax.stages.keywords import CONCEPT, UNCLEAR, Judged, Wording, stack_places
from lvmh_jax.stages.vectors import to_unit

Floats = NDArray[np.float32]
NOTES_SHARE = 0.5  # of likeness: that they share notes; the rest is that their vectors are near
MOST_DISTANT = 0.45  # mean distance up to which two groups are one
MOST_GROUPED = 3000  # candidates: a matrix of 36 MB
MOST_CONFIDENCE = 0.5  # a candidate that is likelier than not a known concept's is no new one
MOST_KNOWN = 0.5  # share of its occurrences that lie in mentions of known concepts
NAMING = 4.5  # Zipf frequency: the rarest word of a candidate that names something is below
BORDER = 5.5  # ... and its first and last


@dataclass(frozen=True)
class NewConcept:
    """A group of candidates.

    Attributes:
      name: the most frequent one.
      members: most frequent first.
      notes: rows of the notes that hold one of them (of frequent members the first).
      note_count: in how many notes one of them stands, or fewer: of a member in more than
        `MOST_PLACES` notes it is not kept which all of them are.
      cohesion: mean likeness of its pairs; of one member alone 0.
    """

    number: int
    name: str
    members: tuple[Wording, ...]
    notes: tuple[int, ...]
    note_count: int
    cohesion: float


def names_something(wording: Wording) -> bool:
    """Whether a candidate has a rare word, ends in no frequent one, and has no number or title.

    >>> [names_something(Wording(text)) for text in ("falconry", "falconry and", "10k falconry")]
    [True, False, False]
    """
    forms = [token.form for token in tokenize(wording.text)]
    zipf = [zipf_of_form(form) for form in forms]
    named = bool(zipf) and min(zipf) < NAMING and max(zipf[0], zipf[-1]) < BORDER
    return named and TITLES.isdisjoint(forms) and not any(map(str.isdigit, wording.text))


def list_uncovered(judged: Sequence[Judged], min_notes: int) -> list[int]:
    """Rows of the candidates that may be of a new concept, the best first, at most 3,000."""
    rows = [
        row
        for row, each in enumerate(judged)
        if each.status == UNCLEAR
        and each.wording.candidates
        and each.wording.notes >= min_notes
        and each.confidence < MOST_CONFIDENCE
        and each.wording.known < MOST_KNOWN * each.wording.occurrences
        and names_something(each.wording)
    ]
    rows.sort(key=lambda row: (-judged[row].wording.notes, judged[row].wording.text))
    return rows[:MOST_GROUPED]


def compare_wordings(wordings: Sequence[Wording], vectors_ND: Floats) -> Floats:
    """How much wordings go together: 1 for equal vectors in the same notes; float32 alike_NN."""
    wording_E, note_E = stack_places(wordings)
    width = int(note_E.max(initial=0)) + 1
    ones_E = np.ones(len(note_E), np.float32)
    holds_NB = sparse.csr_matrix((ones_E, (wording_E, note_E)), shape=(len(wordings), width))
    size_N = np.maximum(np.sqrt(np.asarray(holds_NB.sum(1)).ravel()), 1)
    shared_NN = (holds_NB @ holds_NB.T).toarray() / (size_N[:, None] * size_N[None, :])
    unit_ND = to_unit(vectors_ND)
    near_NN = np.clip(unit_ND @ unit_ND.T, 0, 1)
    return np.asarray(NOTES_SHARE * shared_NN + (1 - NOTES_SHARE) * near_NN, np.float32)


def group_wordings(
    wordings: Sequence[Wording], vectors_ND: Floats, *, min_members: int
) -> list[NewConcept]:
    """Groups of wordings, those in the most notes first.

    Args:
      wordings: that no concept covers.
      vectors_ND: float32 unit vectors of them.
      min_members: of a group that is told.
    """
    if len(wordings) < 2:
        return []
    alike_NN = compare_wordings(wordings, vectors_ND)
    distance_NN = np.clip(1 - alike_NN, 0, None)
    np.fill_diagonal(distance_NN, 0)
    grouping = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=MOST_DISTANT
    )
    label_N = grouping.fit_predict(distance_NN)
    groups = []
    for label in range(int(label_N.max()) + 1):
        rows = np.flatnonzero(label_N == label)
        if len(rows) >= min_members:
            groups.append(
                _make_group([wordings[row] for row in rows.tolist()], alike_NN[rows][:, rows])
            )
    groups.sort(key=lambda each: (-each.note_count, -each.cohesion, each.name))
    return [replace(each, number=number) for number, each in enumerate(groups)]


def _make_group(members: Sequence[Wording], alike_KK: Floats) -> NewConcept:
    ranked = sorted(members, key=lambda one: (-one.notes, len(one.text), one.text))
    pairs = len(members) * (len(members) - 1)
    cohesion = float((alike_KK.sum() - np.trace(alike_KK)) / pairs) if pairs else 0.0
    notes = sorted({place for one in members for place in one.places})
    count = max(len(notes), ranked[0].notes)
    return NewConcept(0, ranked[0].text, tuple(ranked), tuple(notes), count, cohesion)


def mark_groups(judged: Sequence[Judged], groups: Sequence[NewConcept]) -> list[Judged]:
    """The same judgements, with those of grouped candidates as `new-concept`."""
    number_of = {id(one): group.number for group in groups for one in group.members}
    return [
        replace(each, status=CONCEPT, cluster=number_of[id(each.wording)])
        if id(each.wording) in number_of
        else each
        for each in judged
    ]
