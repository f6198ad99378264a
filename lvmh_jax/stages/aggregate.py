"""From mentions to clients: which concepts each client has, and how characteristic they are.

Axes used in this folder: M clients, G segments, E relations.
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
    """The columns of a row of `note_concepts.csv` that matter for clients."""

    note_id: str
    client_id: str
    concept_id: str
    confidence: float
    polarity: str


@dataclass(frozen=True)
class ClientTable:
    """The concepts that clients have.

    Attributes:
      clients: ids, including clients without any concept.
      concepts: the columns.
      weight_MC: float64; for each concept the sum, over the client's notes, of its highest
        confidence.
      without_any: number of clients who have no concept at all. A row may also be empty because its
        client has only sensitive concepts; an empty row by itself does not say which.
      left_out: number of sensitive concepts that have no column.
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
    """The concepts, also sensitive if others of their id are: a mark may come after training."""
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
    """Adds up the concepts in the notes of each client.

    Args:
      findings: negated ones do not count; of several in one note only the most confident counts.
      clients: clients to have a row, in this order; further clients of the findings follow.
      concepts: concepts of the lexicon with which the findings were made.
      with_sensitive: whether to keep the concepts that are marked as sensitive.

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
                # If columns have shifted, it may be the text of a note.
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
    """What distinguishes clients: log of the weight, times the concept's rarity among clients.

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
    """Ids of each row's `most` heaviest concepts, heaviest first, ties in the lexicon's order."""
    tops = []
    for row in range(weight_MC.shape[0]):
        part = slice(weight_MC.indptr[row], weight_MC.indptr[row + 1])
        columns, weights = weight_MC.indices[part], weight_MC.data[part]
        order = np.lexsort((columns, -np.round(weights, 9)))[:most]
        tops.append([concepts[columns[place]].concept_id for place in order])
    return tops


def count_holders(holds_MC: sparse.csr_matrix) -> NDArray[np.int64]:
    """How many clients have each concept; int64 count_C."""
    return np.asarray(holds_MC.sum(0), np.int64).ravel()
