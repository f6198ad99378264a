"""Says what fewer candidates cost: note-level F1, recall and time under several settings of them.

    python benchmarks/pruning.py --workspaces authored clienteling --seeds 0 1

One encoder a workspace; for each setting the scorer is fitted anew, for it must know what it will
not see. Cross-validated over notes, and fitted on one workspace and used on another, as in
ablations.py. Writes its section of benchmarks/RESULTS.md.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

if not __package__:  # run as a file: Python looks beside it, not in the checkout
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import sections
from benchmarks.ablations import Annotatable, fit, prepare, transfer
from benchmarks.speed import require_workspace
from lvmh_jax.calibrate.folds import assign_folds
from lvmh_jax.calibrate.gold import GoldFit, decode_annotated
from lvmh_jax.config import Settings
from lvmh_jax.io.runtime import enable_compile_cache
from lvmh_jax.models.presets import make_settings

# Each line is the one above with something changed; the seventh is what ships.
CHANGES: dict[str, Mapping[str, Any]] = {
    "everything": {
        "tight": False,
        "min_coverage_alone": 0.0,
        "common_border": 9.0,
        "heard": False,
        "min_coverage": 0.35,
        "asked_words": 6,
    },
    "what a word less does not say": {"tight": True},
    "written in part and thinkable": {"min_coverage_alone": 0.5},
    "no common word at an end": {"common_border": 5.5},
    "a word like the lexicon's": {"heard": True},
    "coverage .4": {"min_coverage": 0.4},
    "asked of four words: ships": {"asked_words": 4},
    "asked of three": {"asked_words": 3},
    "coverage .45": {"asked_words": 4, "min_coverage": 0.45},
    "five words": {"min_coverage": 0.4, "max_words": 5},
    "two concepts a span": {"max_words": 6, "concepts_per_span": 2},
}
Pairs = set[tuple[int, int]]


class Seen(NamedTuple):
    """Result of a setting on a workspace: (note, concept) pairs of mentions and of candidates."""

    found: Pairs
    proposed: Pairs
    candidates: int


def look(place: Annotatable, fitted: GoldFit, settings: Settings) -> Seen:
    """The pairs of a workspace, each by models that did not see its note."""
    names = [note.note_id for note in place.notes]
    fold_of = assign_folds(place.notes, place.gold, settings.scorer.folds)
    c = fitted.annotated.candidates
    fold_N = np.array([fold_of[name] for name in names])[c.note_N]
    given = (place.detector, place.notes, place.gold, fitted.annotated, fitted.scorer, fold_N)
    decoded = decode_annotated(*given, fitted.scorer.thresholds)
    width = len(place.detector.concepts)
    affirmed = decoded.pair_M[~decoded.negated_M].tolist()
    proposed = set(zip(c.note_N.tolist(), c.concept_N.tolist(), strict=True))
    return Seen({divmod(pair, width) for pair in affirmed}, proposed, len(c))


def list_gold(place: Annotatable) -> Pairs:
    """Gold pairs whose concept is in the lexicon."""
    row_of = {each.concept_id: row for row, each in enumerate(place.detector.concepts)}
    place_of = {note.note_id: row for row, note in enumerate(place.notes)}
    return {
        (place_of[each.note_id], row_of[name])
        for each in place.gold
        for name in each.concepts
        if name in row_of
    }


def time_notes(place: Annotatable) -> float:
    """CPU milliseconds per note for candidates and features, with wordings in the cache."""
    took_s = []
    for _ in range(3):
        started_s = time.process_time()
        place.detector.propose(place.notes)
        took_s.append(time.process_time() - started_s)
    return 1000 * min(took_s) / len(place.notes)


def measure(
    places: Sequence[Annotatable], settings: Settings, seeds: Sequence[int], first: list[Pairs]
) -> list[str]:
    """The cells of a table row; `first` receives the result of the first row, for comparison."""
    crossed = [[fit(place, settings, seed, True) for place in places] for seed in seeds]
    portable = [[fit(place, settings, seed, False) for place in places] for seed in seeds]
    cells = [f"{statistics.fmean(run[i].f1 for run in crossed):.3f}" for i in range(len(places))]
    for i, j in permutations(range(len(places)), 2):
        moved = statistics.fmean(transfer(run[i], places[j]) for run in portable)
        cells.append(f"{moved:.3f}")
    for i, place in enumerate(places):
        seen = look(place, crossed[0][i], settings)
        compared = seen
        if len(first) <= i:
            first.append(seen.found)
            compared = look(place, crossed[-1][i], settings)  # what a seed changes by itself
        gold = list_gold(place)
        others = len(first[i] ^ compared.found) / (len(first[i]) + len(compared.found))
        cells += [
            f"{seen.candidates / len(place.notes):.0f}",
            f"{len(gold & seen.proposed) / max(len(gold), 1):.3f}",
            f"{others:.3f}",
            f"{time_notes(place):.2f}",
        ]
    return cells


def make_head(places: Sequence[Annotatable]) -> tuple[str, ...]:
    """F1 of each workspace and of each by another's scorer, then what is seen in each."""
    names = [place.name for place in places]
    head = ["candidates", *(f"F1 {name}" for name in names)]
    head += [f"F1 {a} to {b}" for a, b in permutations(names, 2)]
    for name in names:
        head += [f"{name}: a note", "recall", "other decisions", "CPU ms a note"]
    return tuple(head)


def make_body(
    start: str, places: Sequence[Annotatable], settings: Settings, seeds: Sequence[int]
) -> str:
    """Measures every setting; returns the section in Markdown."""
    first: list[Pairs] = []
    rows = []
    for name, change in CHANGES.items():
        settings = replace(settings, detect=replace(settings.detect, **change))
        own = [
            replace(place, detector=replace(place.detector, settings=settings.detect))
            for place in places
        ]
        rows.append((name, *measure(own, settings, seeds, first)))
        sys.stderr.write(f"{rows[-1]}\n")
    return f"""## Candidates

{start} Note-level micro-F1, mean of {len(seeds)} scorer seeds, one encoder a workspace.

{sections.markdown_table(make_head(places), rows)}

Each line keeps what the lines above it changed. A note: candidates of one. Recall: gold (note,
concept) pairs that are among the candidates. Other decisions: pairs that are found by this line or
by the first but not by both, of all that either finds, first seed; of the first line by its last
seed. The scorer is fitted anew for each line, so decisions move by that noise as well: differences
of F1 below .004 are no finding.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes the section; returns the exit code of the contract."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    shared = sections.ROOT.parent / "shared"
    names = ["authored", "clienteling"]
    parser.add_argument("--workspaces", nargs="+", default=names, metavar="NAME")
    parser.add_argument("--shared", type=Path, default=shared, help="default: ../shared")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0], help="of the scorer")
    parser.add_argument("--size", default="base", help="of the encoder")
    parser.add_argument("--out", type=Path, default=sections.RESULTS, help="results file")
    options = parser.parse_args(given)
    out = options.out.resolve()
    enable_compile_cache()

    def write() -> str:
        settings = make_settings(options.size)
        paths = [require_workspace(options.shared / "data" / name) for name in options.workspaces]
        start = sections.describe_run("benchmarks/pruning.py", given, out)
        places = [prepare(path, settings) for path in paths]
        return make_body(start, places, settings, options.seeds)

    return sections.publish(out, "candidates", write)


if __name__ == "__main__":
    sys.exit(main())
