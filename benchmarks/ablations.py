"""Removes each part of the evidence in turn, and says what note-level F1 is left.

    python benchmarks/ablations.py --workspaces authored clienteling --seeds 0 1 2

One encoder a workspace; for each removed part the scorer is fitted anew. Cross-validated over
notes, and fitted on one workspace and used on another (no note of that one fits anything).
Writes its section of benchmarks/RESULTS.md.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import permutations
from pathlib import Path
from unittest.mock import patch

import numpy as np

if not __package__:  # run as a file: Python looks beside it, not in the checkout
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import sections
from benchmarks.speed import require_workspace
from lvmh_jax.calibrate.annotate import annotate
from lvmh_jax.calibrate.confidence import count_pairs, f1_of
from lvmh_jax.calibrate.folds import assign_folds
from lvmh_jax.calibrate.gold import GoldFit, decode_annotated, fit_on_gold
from lvmh_jax.config import Settings
from lvmh_jax.data.lexicon import list_aliases
from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.detect.evidence import FEATURES, Evidence, fill_context
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.runtime import enable_compile_cache
from lvmh_jax.io.workspace import read_workspace
from lvmh_jax.models.presets import make_settings
from lvmh_jax.pipeline.encoder import train_encoder
from lvmh_jax.pipeline.train import build_dictionary, prepare_examples
from lvmh_jax.records import GoldNote, Note

# Part -> how the names of its features begin.
PARTS: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "soft words": ("soft", "alias_covered", "span_covered", "words", "support"),
    "encoder": ("encoder", "nil", "cosine"),
    "likeness in writing": ("grams",),
    "context": ("context",),
    "frequency at large": ("zipf",),
    "neighbours": ("around_", "inside_", "across_", "own_around", "other_around", "same_span"),
    "casing": ("upper", "title"),
    "negation": ("cue_", "denied", "negative"),
    "memory": ("memory_",),
}


@dataclass(frozen=True)
class Annotatable:
    """A workspace with a trained encoder, ready for fitting scorers on its gold."""

    name: str
    detector: ConceptDetector
    notes: list[Note]
    gold: list[GoldNote]


def prepare(path: Path, settings: Settings) -> Annotatable:
    """Trains the encoder of a workspace."""
    workspace = read_workspace(path)
    aliases = list_aliases(workspace.lexicon)
    examples = prepare_examples(workspace, aliases, settings)
    with tempfile.TemporaryDirectory() as folder, Progress(sys.stderr) as progress:
        concepts = len(workspace.lexicon.concepts)
        fit = train_encoder(examples, concepts, settings, Path(folder), progress).fit
    gold = [each for name in ("train", "dev") for each in workspace.gold.get(name, ())]
    wanted = {each.note_id for each in gold}
    notes = [note for note in workspace.notes if note.note_id in wanted]
    return Annotatable(path.name, build_dictionary(workspace, aliases, settings, fit), notes, gold)


@contextmanager
def without(prefixes: tuple[str, ...]) -> Iterator[None]:
    """Silences the features whose names begin with a given prefix."""

    def silent(evidence: Evidence) -> np.ndarray:
        return np.zeros(len(evidence.candidates), np.float32)

    left = tuple(
        replace(feature, compute=silent) if feature.name.startswith(prefixes) else feature
        for feature in FEATURES
    )
    fill = leave_empty if prefixes and "context".startswith(prefixes) else fill_context
    with (
        patch("lvmh_jax.detect.evidence.FEATURES", left if prefixes else FEATURES),
        patch("lvmh_jax.detect.propose.fill_context", fill),
    ):
        yield


def leave_empty(features_NF: np.ndarray, context_N: np.ndarray) -> None:
    """Substitute for `fill_context` that leaves the column empty."""
    del features_NF, context_N


def measure_part(
    places: Sequence[Annotatable], part: str, settings: Settings, seed: int
) -> list[float]:
    """The figures of a line: see `make_head`."""
    remembering = part != "memory"
    with without(PARTS[part]):
        crossed = [fit(place, settings, seed, remembering) for place in places]
        portable = [fit(place, settings, seed, remembering=False) for place in places]
        figures = [each.f1 for each in crossed]
        figures += [
            transfer(portable[i], places[j]) for i, j in permutations(range(len(places)), 2)
        ]
        for place, each in zip(places, crossed, strict=True):
            if count_denied(place):
                figures += measure_polarity(place, each, settings)
        return figures


def make_head(places: Sequence[Annotatable]) -> tuple[str, ...]:
    """F1 of each workspace: by cross-validation, by the other workspaces' scorers, and polarity."""
    head = ["removed", *(f"{place.name}, cross-validated" for place in places)]
    head += [f"{a.name} to {b.name}" for a, b in permutations(places, 2)]
    for place in places:
        if denied := count_denied(place):
            head += [f"{place.name}, denied of {denied}", "precision"]
    return tuple(head)


def fit(place: Annotatable, settings: Settings, seed: int, remembering: bool) -> GoldFit:
    """Fits a scorer on a workspace's gold."""
    given = (place.detector, place.notes, place.gold, settings.scorer, seed)
    return fit_on_gold(*given, remembering=remembering)


def transfer(fit: GoldFit, place: Annotatable) -> float:
    """F1 of a scorer, with its thresholds, on a workspace that it was not fitted on."""
    seen = annotate(place.detector, place.notes, place.gold)
    scorer = fit.scorer
    decoded = decode_annotated(
        place.detector, place.notes, place.gold, seen, scorer, None, scorer.thresholds
    )
    return f1_of(count_pairs(decoded))


def count_denied(place: Annotatable) -> int:
    """Counts gold spans with negated polarity."""
    return sum(span.negated for each in place.gold for span in each.spans)


def measure_polarity(place: Annotatable, fit: GoldFit, settings: Settings) -> list[float]:
    """Number of negated gold spans detected as such, and the precision of negated mentions.

    A negated mention is right if gold negates its concept at that place. Notes are scored by models
    that did not see them.
    """
    names = [note.note_id for note in place.notes]
    fold_of = assign_folds(place.notes, place.gold, settings.scorer.folds)
    fold_N = np.array([fold_of[name] for name in names])[fit.annotated.candidates.note_N]
    given = (place.detector, place.notes, place.gold, fit.annotated, fit.scorer, fold_N)
    decoded = decode_annotated(*given, fit.scorer.thresholds)
    right = int((decoded.right_M & decoded.negated_M).sum())
    return [float(right), right / max(int(decoded.negated_M.sum()), 1)]


def make_body(
    start: str, places: Sequence[Annotatable], settings: Settings, seeds: Sequence[int]
) -> str:
    """Measures every part; returns the section in Markdown."""
    head = make_head(places)
    rows = []
    for part in PARTS:
        runs = [measure_part(places, part, settings, seed) for seed in seeds]
        means = [statistics.fmean(column) for column in zip(*runs, strict=True)]
        rows.append((part, *(f"{mean:.3f}" if mean <= 1 else f"{mean:.1f}" for mean in means)))
        sys.stderr.write(f"{rows[-1]}\n")
    return f"""## Ablations

{start} Note-level micro-F1, mean of {len(seeds)} scorer seeds, one encoder a workspace.

{sections.markdown_table(head, rows)}

Removed: the features of that part are zero, in fitting and in use; candidates are the same, except
that without memory annotated wordings are none. A line within .004 of the first is no finding.
"a to b": a scorer fitted on all gold of a, with its thresholds, on the gold of b. Denied: gold
spans that deny their concept, found as denials in that place; precision: the share of our denials
that is so.
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
    parser.add_argument("--out", type=Path, default=sections.RESULTS, help="results file")
    options = parser.parse_args(given)
    out = options.out.resolve()
    settings = make_settings("base")
    enable_compile_cache()

    def write() -> str:
        paths = [require_workspace(options.shared / "data" / name) for name in options.workspaces]
        start = sections.describe_run("benchmarks/ablations.py", given, out)
        places = [prepare(path, settings) for path in paths]
        return make_body(start, places, settings, options.seeds)

    return sections.publish(out, "ablations", write)


if __name__ == "__main__":
    sys.exit(main())
