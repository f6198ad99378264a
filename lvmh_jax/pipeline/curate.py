"""Adds accepted aliases to a copy of a lexicon; it works with `detect --lexicon` at once."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lvmh_jax.data.lexicon import parse_lexicon
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.suggestions import (
    HEADER_ROWS,
    find_lexicon,
    read_document,
    read_suggestions,
    write_document,
)
from lvmh_jax.stages.suggestions import REASONS, Refusal, add_aliases, choose

DAMAGED = "damaged-characters"
_REASONS = REASONS | {DAMAGED: "it holds characters that a wrong encoding has damaged"}
# U+FFFD stands for what could not be read; C1 controls are bytes of Windows-1252, or of UTF-8,
# read as Latin-1. No keyboard writes either, and no note would ever match them.
_DAMAGED = re.compile("[\x80-\x9f\ufffd]")


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
      output: the new lexicon, JSON; None writes over the workspace's.
      min_confidence: takes rows without a mark, too.
      progress: warns of what is refused.

    Raises:
      InvalidInputError: no row is chosen, or none of the chosen can be added; nothing is written.
    """
    rows = read_suggestions(suggestions)
    source = find_lexicon(workspace_dir)
    document, lexicon = read_document(source)
    chosen = choose(rows, min_confidence)
    where = suggestions.as_posix()
    if not chosen:
        raise InvalidInputError(
            f"none of {len(rows)} rows is chosen",
            where=where,
            expected="yes in column accept of the rows to take",
            fix="or take the surest with --min-confidence P",
        )
    damaged = [each for each in chosen if _DAMAGED.search(each.alias)]
    sound = [each for each in chosen if not _DAMAGED.search(each.alias)]
    grown, added, refused = add_aliases(document, lexicon, sound)
    refused += [Refusal(each.row, each.concept_id, DAMAGED) for each in damaged]
    refused.sort(key=lambda each: each.row)
    counts = dict(Counter(each.reason for each in refused))
    if not added:
        told = ", ".join(f"{count} {_REASONS[reason]}" for reason, count in counts.items())
        raise InvalidInputError(f"all {len(chosen)} chosen rows are refused: {told}", where=where)
    parse_lexicon(grown, where)  # what is written has to be read again
    target = output or source
    write_document(target, grown)
    for reason, count in counts.items():
        first = next(each.row for each in refused if each.reason == reason) + HEADER_ROWS
        rows_are = "1 row is" if count == 1 else f"{count} rows are"
        progress.warn(f"{rows_are} refused: {_REASONS[reason]} (first: row {first})")
    return {
        "output": str(target),
        "lexicon": str(source),
        "rows": len(rows),
        "chosen": len(chosen),
        "added": len(added),
        "concepts": len({each.concept_id for each in added}),
        "refused": [{**asdict(each), "row": each.row + HEADER_ROWS} for each in refused],
        "refused_by_reason": counts,
    }
