"""Mentions to clients: which concepts each client holds, and how much they say of that client.

Axes beside those of STYLE.md: M clients, G segments, E relations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvmh_jax.data.documents import quote
from lvmh_jax.data.personal import redact_fully
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.records import NEGATED, Concept


class Finding(NamedTuple):
    """A row of `note_concepts.csv`, as far as clients are concerned."""

    note_id: str
    client_id: str
    concept_id: str
    confidence: float
    polarity: str


@dataclass(frozen=True)
class ClientTable:
    """What clients hold.

    Attributes:
      clients: ids, those without any concept included.
      concepts: the columns.
      weight_MC: float64; over the client's notes, the sum of the best confidence of each concept.
      without_any: clients who hold no concept at all. A row may be empty for another reason: what
        its client holds is sensitive, and an empty row alone says which of them no more.
      left_out: sensitive concepts that are no columns.
    """

    clients: tuple[str, ...]
    concepts: tuple[Concept, ...]
    weight_MC: sparse.csr_matrix
    without_any: int
    left_out: int

    @property
    def holds_MC(self) -> sparse.csr_matrix:
        """int64 ones where a client holds a concept."""
        holds = self.weight_MC.astype(bool).astype(np.int64)
        return sparse.csr_matrix(holds)


def mark_sensitive(concepts: Iterable[Concept], others: Iterable[Concept]) -> tuple[Concept, ...]:
    """The concepts, sensitive where others of their id are: a mark may come after training."""
    marked = {each.concept_id for each in others if each.sensitive}
    return tuple(
        replace(each, sensitive=True) if each.concept_id in marked else each for each in concepts
    )


def aggregate_clients(
    findings: Iterable[Finding],
    clients: Sequence[str],
    concepts: Sequence[Concept],
    *,
    with_sensitive: bool = False,
) -> ClientTable:
    """Adds up what the notes of each client hold.

    Args:
      findings: a negated one does not count; of several in one note the most confident does.
      clients: those to have a row, in this order; clients of findings that are not there follow.
      concepts: of the lexicon that the findings speak of.
      with_sensitive: keep the concepts that the lexicon marks as sensitive.

    Raises:
      InvalidInputError: a finding's concept is not in the lexicon.
    """
    kept = [each for each in concepts if with_sensitive or not each.sensitive]
    column_of = {each.concept_id: column for column, each in enumerate(kept)}
    known = {each.concept_id for each in concepts}
    row_of = {client: row for row, client in enumerate(dict.fromkeys(clients))}
    holding: set[int] = set()
    best: dict[tuple[int, str, int], float] = {}
    for finding in findings:
        if finding.concept_id not in known:
            raise InvalidInputError(
                # Where columns are shifted it may be a note's text.
                f"concept {quote(redact_fully(finding.concept_id))} is not in the model's lexicon",
                expected="the mentions that this model found",
                fix="name the model that wrote them with --model-path",
            )
        row = row_of.setdefault(finding.client_id, len(row_of))
        if finding.polarity == NEGATED:
            continue
        holding.add(row)
        column = column_of.get(finding.concept_id)
        if column is not None:
            cell = (row, finding.note_id, column)
            best[cell] = max(best.get(cell, 0.0), finding.confidence)
    rows = np.array([row for row, _, _ in best], np.int64)
    columns = np.array([column for _, _, column in best], np.int64)
    values = np.array([*best.values()], np.float64)
    weight = sparse.csr_matrix((values, (rows, columns)), shape=(len(row_of), len(kept)))
    bare, hidden = len(row_of) - len(holding), len(concepts) - len(kept)
    return ClientTable(tuple(row_of), tuple(kept), weight, without_any=bare, left_out=hidden)


def weigh_concepts(table: ClientTable) -> sparse.csr_matrix:
    """What sets clients apart: log of the weight, times the concept's rarity among clients.

    Returns: float64 weight_MC, rows of any length; what every client holds weighs nothing, unless
      nothing else is there.
    Source: Salton and Buckley, 1988, with the smoothed idf.
    """
    weight = sparse.csr_matrix(table.weight_MC, copy=True)
    count_C = np.diff(weight.tocsc().indptr)
    idf_C = np.log((1 + len(table.clients)) / (1 + count_C))
    if not idf_C[count_C > 0].any():  # one client, or all alike: then everything weighs the same
        idf_C = np.ones_like(idf_C)
    weight.data = np.log1p(weight.data) * idf_C[weight.indices]
    return weight


def list_top_concepts(
    weight_MC: sparse.csr_matrix, concepts: Sequence[Concept], most: int
) -> list[list[str]]:
    """Ids of each row's heaviest concepts, heaviest first, ties in the lexicon's order."""
    tops = []
    for row in range(weight_MC.shape[0]):
        part = slice(weight_MC.indptr[row], weight_MC.indptr[row + 1])
        columns, weights = weight_MC.indices[part], weight_MC.data[part]
        order = np.lexsort((columns, -np.round(weights, 9)))[:most]
        tops.append([concepts[columns[place]].concept_id for place in order])
    return tops


def count_holders(holds_MC: sparse.csr_matrix) -> NDArray[np.int64]:
    """How many clients hold each concept; int64 count_C."""
    return np.asarray(holds_MC.sum(0), np.int64).ravel()
