"""Adds accepted aliases to a copy of a lexicon; it works with `detect --lexicon` at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lvmh_jax.data.lexicon import parse_lexicon
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.suggestions import (
    find_lexicon,
    read_document,
    read_suggestions,
    write_document,
    write_grown_table,
)
from lvmh_jax.stages.suggestions import REASONS, Suggestion, add_aliases, choose


def accept(
    suggestions: Path,
    workspace_dir: Path,
    *,
    output: Path | None,
    min_confidence: float | None,
    progress: Progress,
) -> dict[str, Any]:
    """Takes chosen suggestions into the lexicon.

    Args:
      suggestions: the CSV.
      workspace_dir: of the lexicon.
      output: the new lexicon, JSON, or `.csv` where that of the workspace is a table; None writes
        over the workspace's.
      min_confidence: takes rows without a mark, too.
      progress: warns of what is refused.

    Raises:
      InvalidInputError: no row is chosen, or none of the chosen can be added; nothing is written.
    """
    rows = read_suggestions(suggestions, progress.warn)
    source = find_lexicon(workspace_dir)
    document, lexicon = read_document(source, progress.warn)
    chosen = choose(rows, min_confidence)
    where = suggestions.as_posix()
    if not chosen:
        raise InvalidInputError(
            f"none of {len(rows)} rows is chosen",
            where=where,
            expected="yes in column accept of the rows to take",
            fix="or take the surest with --min-confidence P",
        )
    grown, added, refused = add_aliases(document, lexicon, chosen)
    counts = dict(Counter(each.reason for each in refused))
    if not added:
        told = ", ".join(f"{count} {REASONS[reason]}" for reason, count in counts.items())
        raise InvalidInputError(f"all {len(chosen)} chosen rows are refused: {told}", where=where)
    parse_lexicon(grown, where)  # what is written has to be read again
    target = output or source
    if target.suffix.lower() == ".csv":
        write_grown_table(source, target, _list_new(added))
    else:
        write_document(target, grown)
    for reason, count in counts.items():
        first = next(each.row for each in refused if each.reason == reason)
        rows_are = "1 row is" if count == 1 else f"{count} rows are"
        progress.warn(f"{rows_are} refused: {REASONS[reason]} (first: row {first})")
    return {
        "output": str(target),
        "lexicon": str(source),
        "rows": len(rows),
        "chosen": len(chosen),
        "added": len(added),
        "concepts": len({each.concept_id for each in added}),
        "refused": [asdict(each) for each in refused],
        "refused_by_reason": counts,
    }


def _list_new(added: Sequence[Suggestion]) -> dict[str, list[str]]:
    """Concept id to its new aliases."""
    new: dict[str, list[str]] = {}
    for each in added:
        new.setdefault(each.concept_id, []).append(each.alias)
    return new
