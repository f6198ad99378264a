"""Removes a client's notes from table rows that list note ids as evidence.

A wording in such a row is written as in a note. It also belongs to somebody else only if a note of
theirs is listed as evidence; a wording that only the client used is removed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lvmh_jax.data.forgetting import FULL_EXAMPLES, Traces

EVIDENCE = "evidence_note_ids"
_ID_LIST = re.compile(r"(\w*_)?(note|client)_ids")


def forget_suggestion(row: Mapping[str, str], traces: Traces) -> dict[str, str] | None:
    """Removes the notes from a row of `alias_suggestions.csv`, and lowers its count.

    A reviewer's mark stays with the wording as long as a note of somebody else has it: one that is
    listed, or one that a full list leaves out. A cell that names the client removes the row.

    Returns: the row, or None if it is removed.
    """
    if _names_elsewhere(row, traces):
        return None
    listed, kept = _split_ids(row[EVIDENCE], traces)
    lost = max(len(listed) - len(kept), len(traces.holders(row["alias"])))
    if not lost:
        return dict(row)
    count = _lower(row.get("notes", ""), lost, len(kept))
    theirs = bool(listed) and len(listed) < FULL_EXAMPLES
    if not kept and (theirs or count in ("", "0")):
        return None
    return _with_less(row, count, kept)


def forget_new_concept(row: Mapping[str, str], traces: Traces) -> dict[str, str] | None:
    """Removes the notes, and the candidates that occur in them, from a row of `new_concepts.csv`.

    The evidence belongs to the whole group and does not say which candidates others used too, so
    every candidate that occurs in one of the notes is removed. If a listed note contains none of
    them literally, it is unknown which one it contributed, and all are removed. `cohesion` stays.

    Returns: the row, or None if it is removed.
    """
    if _names_elsewhere(row, traces):
        return None
    listed, kept = _split_ids(row[EVIDENCE], traces)
    members = [part for part in row["candidates"].split("|") if part]
    holders = {member: traces.holders(member) for member in members}
    holding = frozenset().union(*holders.values())
    if not holding and len(listed) == len(kept):
        return dict(row)
    left = [member for member in members if not holders[member]]
    if not (holding and left):
        return None
    lost = max(len(listed) - len(kept), len(holding))
    fewer = _with_less(row, _lower(row.get("notes", ""), lost, len(kept)), kept)
    name = left[0] if traces.holders(row.get("name", "")) else row.get("name", "")
    changed = {"name": name, "candidates": "|".join(left)}
    return fewer | {key: cell for key, cell in changed.items() if key in row}


def is_theirs(header: Sequence[str], cells: Sequence[str], traces: Traces) -> bool:
    """Whether a row of any table names a client or quotes a sentence of a note.

    In id columns, such as `note_ids`, every id counts; elsewhere only ids that are too distinctive
    to occur by chance.
    >>> traces = Traces(frozenset({"7"}), {"N_77": "Cherche un sac."})
    >>> is_theirs(["n"], ["7"], traces), is_theirs(["client_ids"], ["5|7"], traces)
    (False, True)
    """
    listed = (cell for name, cell in zip(header, cells, strict=False) if _ID_LIST.fullmatch(name))
    return traces.names(" ".join(cells)) or any(
        traces.is_id(part) for cell in listed for part in cell.split("|")
    )


def _names_elsewhere(row: Mapping[str, str], traces: Traces) -> bool:
    return any(traces.names(cell) for name, cell in row.items() if name != EVIDENCE)


def _split_ids(cell: str, traces: Traces) -> tuple[list[str], list[str]]:
    """Splits a list of ids into all ids, and those that are not the client's notes."""
    listed = [part for part in map(str.strip, cell.split("|")) if part]
    return listed, [part for part in listed if part not in traces.notes]


def _with_less(row: Mapping[str, str], count: str, kept: Sequence[str]) -> dict[str, str]:
    """A row with less evidence, and a lower count if it has a readable one."""
    fewer = {**row, EVIDENCE: "|".join(kept)}
    return {**fewer, "notes": count} if count else fewer


def _lower(written: str, by: int, at_least: int) -> str:
    """Lowers a count; "" if it was not a number."""
    whole = re.fullmatch(r"(\d{1,12})([.,]0+)?", written.strip())
    return str(max(int(whole[1]) - by, at_least)) if whole else ""
