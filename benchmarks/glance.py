"""Says what the glance before the closer look leaves out, and which mentions it loses.

    python benchmarks/glance.py MODEL@WORKSPACE [MODEL@WORKSPACE ...]

Every pair is a model folder and a workspace whose notes it detects, its own or another's, as it
does and looking closely at every candidate, at the thresholds of the model and at a low one. Writes
its section of benchmarks/RESULTS.md.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

if not __package__:  # run as a file: Python looks beside it, not in the checkout
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import sections
from benchmarks.speed import require_workspace
from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.detect.scorer import Scorer, Thresholds
from lvmh_jax.errors import UsageError
from lvmh_jax.io.runtime import enable_compile_cache
from lvmh_jax.io.workspace import stream_notes
from lvmh_jax.pipeline.loading import load_model
from lvmh_jax.records import Mention, Note

MOST_NOTES = 3000
LOW = 0.2  # a confidence from which `keywords` asks, lower than any threshold of detection
HEAD = ("model", "notes of", "threshold", "mentions", "candidates a note", "looked at")
HEAD += ("lost", "gained")


class Watched:
    """A scorer that counts what its glances drop; if `patient`, everything passes."""

    def __init__(self, scorer: Scorer, *, patient: bool) -> None:
        self.scorer, self.patient = scorer, patient
        self.asked = self.passed = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.scorer, name)

    def glance(self, features_NF: np.ndarray, *given: Any) -> np.ndarray:
        """Counts, and otherwise behaves like the scorer's `glance`."""
        passes_N = self.scorer.glance(features_NF, *given) | self.patient
        self.asked += len(passes_N)
        self.passed += int(passes_N.sum())
        return passes_N


def read_detector(path: Path) -> ConceptDetector:
    """Loads the detector of a model folder.

    Raises:
      UsageError: it has no scorer, so it never glances.
    """
    detector = load_model(path, warnings.warn).detector
    if detector.scorer is None:
        raise UsageError(f"{path} has no scorer", fix="name a model whose gate lets it add or drop")
    return detector


def name_places(mentions: Sequence[Mention]) -> set[tuple[Any, ...]]:
    """Key that identifies mentions: note, concept, span, polarity and confidence."""
    return {
        (m.note_id, m.concept_id, m.start, m.end, m.polarity, round(m.confidence, 5))
        for m in mentions
    }


def measure(pair: str) -> list[list[str]]:
    """Two table rows: at the model's thresholds, and at a low one."""
    model, _, workspace = pair.partition("@")
    detector = read_detector(Path(model))
    stream, _ = stream_notes(require_workspace(Path(workspace)))
    notes = tuple(islice(chain.from_iterable(stream), MOST_NOTES))
    names = [Path(model).parent.name, Path(workspace).name]
    own = detector.scorer.thresholds
    low = replace(own, add_learned=LOW)
    return [[*names, *compare(detector, notes, limits)] for limits in (own, low)]


def compare(detector: ConceptDetector, notes: Sequence[Note], limits: Thresholds) -> list[str]:
    """Compares detection with and without the glance at given thresholds."""
    scorer = replace(detector.scorer, thresholds=limits)
    watched, patient = (Watched(scorer, patient=each) for each in (False, True))
    found, closely = (
        name_places(replace(detector, scorer=each).detect(notes)) for each in (watched, patient)
    )
    return [
        f"{limits.add_learned:g}",
        f"{len(closely):,}",
        f"{watched.asked / max(len(notes), 1):.0f}",
        f"{watched.passed / max(watched.asked, 1):.0%}",
        f"{len(closely - found) / max(len(closely), 1):.3%}",
        f"{len(found - closely) / max(len(closely), 1):.3%}",
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes the section; returns the exit code of the contract."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pairs", nargs="+", metavar="MODEL@WORKSPACE")
    parser.add_argument("--out", type=Path, default=sections.RESULTS, help="results file")
    options = parser.parse_args(given)
    out = options.out.resolve()
    enable_compile_cache()

    def write() -> str:
        start = sections.describe_run("benchmarks/glance.py", given, out)
        rows = [row for pair in options.pairs for row in measure(pair)]
        return f"""## Glance

{start}

{sections.markdown_table(HEAD, rows)}

Candidates that one member of the scorer, without the words around, finds far below the threshold
are not looked at any closer (`Scorer.glance`). Threshold: from which a learned match is added.
Lost and gained: mentions (with their confidence) that are found without it or with it alone, of all
found without it, in at most {MOST_NOTES:,} notes.
"""

    return sections.publish(out, "glance", write)


if __name__ == "__main__":
    sys.exit(main())
