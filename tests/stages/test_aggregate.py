"""Mentions to clients: what counts, how much, and what is left out."""

from __future__ import annotations

import numpy as np
import pytest

from lvmh_jax.errors import InvalidInputError
from lvmh_jax.records import AFFIRMED, NEGATED, Concept
from lvmh_jax.stages.aggregate import (
    Finding,
    aggregate_clients,
    list_top_concepts,
    weigh_concepts,
)

CONCEPTS = (Concept("bag", "Bag", ()), Concept("golf", "Golf", ()), Concept("ill", "Ill", ()))
SECRET = (*CONCEPTS[:2], Concept("ill", "Ill", (), sensitive=True))


def find(client: str, note: str, concept: str, sure: float = 0.5, said: str = AFFIRMED) -> Finding:
    return Finding(note, client, concept, sure, said)


def test_a_client_has_the_best_of_each_note_added_up() -> None:
    findings = [
        find("ann", "n1", "bag", 0.6),
        find("ann", "n1", "bag", 0.9),
        find("ann", "n2", "bag", 0.5),
        find("bob", "n3", "golf", 0.25),
    ]
    table = aggregate_clients(findings, ["eve", "bob"], CONCEPTS)
    assert table.clients == ("eve", "bob", "ann")
    expected = [[0, 0, 0], [0, 0.25, 0], [1.4, 0, 0]]
    assert table.weight_MC.toarray().tolist() == expected
    assert table.holds_MC.toarray().tolist() == [[0, 0, 0], [0, 1, 0], [1, 0, 0]]


def test_what_is_denied_does_not_count_and_its_client_does() -> None:
    findings = [find("ann", "n1", "bag", said=NEGATED), find("bob", "n2", "bag", said=NEGATED)]
    table = aggregate_clients([*findings, find("bob", "n2", "bag")], [], CONCEPTS)
    assert table.clients == ("ann", "bob")
    assert table.holds_MC.toarray()[:, 0].tolist() == [0, 1]


def test_sensitive_concepts_are_kept_only_when_asked_for() -> None:
    findings = [find("ann", "n1", "ill"), find("ann", "n1", "golf")]
    table = aggregate_clients(findings, [], SECRET)
    assert [each.concept_id for each in table.concepts] == ["bag", "golf"]
    assert table.weight_MC.toarray().tolist() == [[0, 0.5]]
    table = aggregate_clients(findings, [], SECRET, with_sensitive=True)
    assert table.weight_MC.toarray().tolist() == [[0, 0.5, 0.5]]


def test_a_concept_of_another_lexicon_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="concept 'boat' is not in the model's lexicon"):
        aggregate_clients([find("ann", "n1", "boat")], [], CONCEPTS)


def test_a_note_in_place_of_a_concept_is_cut_and_redacted() -> None:
    text = "Write to ann@example.com, she wants a bag for her sister and nobody is to know"
    with pytest.raises(InvalidInputError, match="is not in the model's lexicon") as caught:
        aggregate_clients([find("ann", "n1", text)], [], CONCEPTS)
    assert "concept 'Write to " in str(caught.value)
    assert "ann@" not in str(caught.value)
    assert "nobody" not in str(caught.value)


def test_what_all_hold_weighs_nothing() -> None:
    findings = [find(client, client, "bag") for client in ("ann", "bob")]
    table = aggregate_clients([*findings, find("bob", "bob", "golf")], [], CONCEPTS)
    golf = np.log(1 + 0.5) * np.log((1 + 2) / (1 + 1))
    assert weigh_concepts(table).toarray().tolist() == [[0, 0, 0], [0, pytest.approx(golf), 0]]


def test_what_all_hold_weighs_where_nothing_else_is_there() -> None:
    findings = [find(client, client, "bag") for client in ("ann", "bob")]
    weight = weigh_concepts(aggregate_clients(findings, ["eve"][:0], CONCEPTS)).toarray()
    assert weight.tolist() == [[np.log1p(0.5), 0, 0]] * 2


def test_tops_go_by_weight() -> None:
    findings = [
        find("ann", "n1", "bag", 0.9),
        find("ann", "n1", "golf", 0.9),
        find("bob", "n2", "bag", 0.9),
        find("eve", "n3", "ill", 0.9),
    ]
    table = aggregate_clients(findings, ["sue"], CONCEPTS)
    weight = weigh_concepts(table)
    assert list_top_concepts(weight, CONCEPTS, 5) == [[], ["golf", "bag"], ["bag"], ["ill"]]
    assert list_top_concepts(weight, CONCEPTS, 1)[1] == ["golf"]
