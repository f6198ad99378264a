"""What stays of a row that lists notes: the others' marks and evidence, nothing of the client."""

from __future__ import annotations

import pytest

from lvmh_jax.data.forgetrows import forget_new_concept, forget_suggestion, is_theirs
from lvmh_jax.data.forgetting import Traces, forget_json

QUOTE = "She has collected glass paperweights since she was a child."
TRACES = Traces(
    frozenset({"CL_0042"}), {"12": f"Une écharpe bleue. {QUOTE}", "13": "A scarf, une Écharpe."}
)


def suggest(alias: str, notes: str, evidence: str, **more: str) -> dict[str, str]:
    return {"alias": alias, "notes": notes, "evidence_note_ids": evidence, "accept": "yes"} | more


@pytest.mark.parametrize(
    ("alias", "before", "after"),
    [
        ("echarpe", ("3", "12|13|20"), ("1", "20")),
        ("echarpe", ("9", "20|21|22|23|24"), ("7", "20|21|22|23|24")),  # beyond a full list
        ("echarpe", ("2", "12|20"), ("1", "20")),  # listed: a note of theirs does hold it
        ("echarpe", ("many", "12|20"), ("many", "20")),
        ("echarpe", ("2,0", "12|20"), ("1", "20")),
        ("tote", ("1", "120"), ("1", "120")),
        ("écharpe bleue", ("7", "12|13|12|13|12"), ("2", "")),
        ("echarpe", ("2", "12|13"), None),
        ("echarpe", ("8", "12|13"), None),  # the list is whole, and was the client's
        ("bleue", ("1", ""), None),
        (QUOTE, ("2", "20|21"), None),
    ],
)
def test_a_suggestion(alias: str, before: tuple[str, str], after: tuple[str, str] | None) -> None:
    left = forget_suggestion(suggest(alias, *before), TRACES)
    assert left == (after and suggest(alias, *after))


def test_a_cell_that_names_the_client_takes_the_row_along() -> None:
    row = suggest("tote", "3", "20|21", comment="ask CL_0042")
    assert forget_suggestion(row, TRACES) is None
    group = {"candidates": "tote|bag", "evidence_note_ids": "20", "comment": "CL_0042"}
    assert forget_new_concept(group, TRACES) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("tote", "tote|bag", "4", "20|21"), ("tote", "tote|bag", "4", "20|21")),
        (("echarpe", "echarpe|shawl", "3", "12|20"), ("shawl", "shawl", "1", "20")),
        (("mine", "scarf|shawl", "9", "20|21"), ("mine", "shawl", "8", "20|21")),
        (("echarpe", "echarpe|scarf", "2", "12|20"), None),
        (("tote", "tote|bag", "4", "12|20"), None),  # which of them the note gave is not known
    ],
)
def test_a_new_concept(before: tuple[str, ...], after: tuple[str, ...] | None) -> None:
    names = ("name", "candidates", "notes", "evidence_note_ids")
    left = forget_new_concept(dict(zip(names, before, strict=True)), TRACES)
    assert left == (after and dict(zip(names, after, strict=True)))


def test_a_row_of_any_columns() -> None:
    assert is_theirs(["a", "seen_note_ids"], ["1", "20|12"], TRACES)
    assert is_theirs(["a"], ["1", "see CL_0042"], TRACES)
    assert not is_theirs(["a", "notes"], ["1", "12"], TRACES)


def test_lists_of_ids_in_json_are_searched_joined_too() -> None:
    rows = [{"alias": "a", "evidence_note_ids": "20|12"}, {"alias": "b", "evidence_note_ids": "20"}]
    assert forget_json({"surest": rows}, TRACES) == ({"surest": rows[1:]}, 1)
