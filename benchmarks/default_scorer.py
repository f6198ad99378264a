"""Fits the scorer that ships with the package, on all gold of the demo workspace.

    python benchmarks/default_scorer.py            writes lvmh_jax/detect/default/

Run it again whenever `lvmh_jax/detect/evidence.py` or the candidates change. Figures on the demo's
gold never use it: where a workspace has gold, the scorer is fitted anew, without the scored notes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

if __package__ in (None, ""):  # run as a script: the checkout, not what is installed
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lvmh_jax.calibrate.annotate import annotate
from lvmh_jax.calibrate.confidence import (
    Decoded,
    choose_prudent,
    choose_thresholds,
    fit_calibration,
    precision_curve,
)
from lvmh_jax.calibrate.folds import assign_folds
from lvmh_jax.calibrate.gold import decode_annotated, fit_on_gold, hash_text
from lvmh_jax.calibrate.hidden import measure_zipf, raise_limits
from lvmh_jax.config import Settings
from lvmh_jax.data.lexicon import list_aliases
from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.detect.scorer import ALL_NOTES, Calibration, Scorer
from lvmh_jax.io.deciders import scorer_arrays, scorer_document
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.runtime import enable_compile_cache
from lvmh_jax.io.workspace import read_workspace
from lvmh_jax.models.presets import make_settings
from lvmh_jax.pipeline.encoder import train_encoder
from lvmh_jax.pipeline.train import build_dictionary, prepare_examples
from lvmh_jax.records import GoldNote, Lexicon, Note, Workspace

Ints = NDArray[np.int64]
Curve: TypeAlias = list[tuple[float, float]]
ROOT = Path(__file__).resolve().parent.parent
SEEDS = 2  # encoders of the whole lexicon whose candidates it learns from
# Shares of the lexicon's concepts that other encoders know: what a note says of the rest looks like
# a concept and is none, as most of what is said outside the demo.
PARTS = (0.5, 0.35, 0.25, 0.15, 0.15, 0.1)
SHARED = 0.1  # of their aliases
OUT = ROOT / "lvmh_jax" / "detect" / "default"


def keep_shipped(scorer: Scorer) -> Scorer:
    """Keeps the models that saw all notes; those of the folds are only useful on the demo."""
    import jax

    kept = scorer.fit.group_G == ALL_NOTES
    fit = scorer.fit._replace(
        params_G=jax.tree.map(lambda x: np.asarray(x)[kept], scorer.fit.params_G),
        group_G=scorer.fit.group_G[kept],
    )
    return Scorer(fit, scorer.hidden, scorer.calibration, scorer.thresholds)


def keep_part(workspace: Workspace, share: float, seed: int) -> Workspace:
    """Reduces a workspace to a random share of its lexicon's concepts.

    Some aliases are also given to a second concept: other lexicons share aliases, and the demo's
    annotation alone would not teach which concept is meant.
    """
    rng = np.random.default_rng(seed)
    concepts = workspace.lexicon.concepts
    drawn = np.sort(rng.permutation(len(concepts))[: round(share * len(concepts))])
    kept = [concepts[row] for row in drawn]
    given: list[list[str]] = [[] for _ in kept]
    for row, concept in enumerate(kept):
        for alias in concept.aliases:
            if rng.random() < SHARED:
                given[(row + rng.integers(1, len(kept))) % len(kept)].append(alias)
    shared = [replace(c, aliases=(*c.aliases, *more)) for c, more in zip(kept, given, strict=True)]
    return replace(workspace, lexicon=Lexicon(tuple(shared)))


def decode_all(
    detectors: Sequence[ConceptDetector],
    notes: Sequence[Note],
    gold: Sequence[GoldNote],
    scorer: Scorer,
    fold_B: Ints,
) -> Decoded:
    """Cross-fitted mentions of each detector with one scorer, as if each had its own notes.

    Returns: mentions whose pair ids are note * concepts of the first detector + concept.
    """
    width = len(detectors[0].concepts)
    found = []
    for number, detector in enumerate(detectors):
        listed = {concept.concept_id for concept in detector.concepts}
        held = [replace(g, concepts=tuple(c for c in g.concepts if c in listed)) for g in gold]
        seen = annotate(detector, notes, held, fold_B)
        groups_N = fold_B[seen.candidates.note_N]
        decoded = decode_annotated(detector, notes, held, seen, scorer, groups_N)
        note_M, concept_M = np.divmod(decoded.pair_M, len(listed))
        pairs = (divmod(pair, len(listed)) for pair in decoded.gold)
        begin = number * len(notes)
        found.append(
            replace(
                decoded,
                pair_M=(begin + note_M) * width + concept_M,
                gold={(begin + note) * width + concept for note, concept in pairs},
            )
        )
    return Decoded(
        pair_M=np.concatenate([each.pair_M for each in found]),
        logit_M=np.concatenate([each.logit_M for each in found]),
        exact_M=np.concatenate([each.exact_M for each in found]),
        negated_M=np.concatenate([each.negated_M for each in found]),
        right_M=np.concatenate([each.right_M for each in found]),
        gold=set().union(*(each.gold for each in found)),
    )


def calibrate_all(scorer: Scorer, decoded: Decoded, concepts: int) -> tuple[Scorer, Curve]:
    """Calibrates the scorer for other lexicons and notes; returns it with its precision curve."""
    calibration = fit_calibration(decoded)
    confidence_M = calibration.confidence(decoded.logit_M, decoded.exact_M)
    limits, _ = choose_thresholds(decoded, confidence_M)
    limits = replace(limits, overlapping=scorer.thresholds.overlapping)
    least = choose_prudent(decoded, confidence_M, limits, concepts)
    ready = replace(scorer, calibration=calibration, thresholds=raise_limits(limits, least))
    return ready, precision_curve(decoded, confidence_M)


def with_seed(settings: Settings, seed: int) -> Settings:
    """The settings with another seed for the encoder."""
    return replace(settings, train=replace(settings.train, seed=seed))


def train_dictionary(workspace: Workspace, settings: Settings) -> ConceptDetector:
    """Trains an encoder and builds a detector without a scorer."""
    aliases = list_aliases(workspace.lexicon)
    examples = prepare_examples(workspace, aliases, settings)
    with tempfile.TemporaryDirectory() as folder, Progress(sys.stderr) as progress:
        concepts = len(workspace.lexicon.concepts)
        fit = train_encoder(examples, concepts, settings, Path(folder), progress).fit
    return build_dictionary(workspace, aliases, settings, fit)


def write_scorer(document: Mapping[str, Any], shipped: Scorer) -> None:
    """Writes the two files of the scorer to the package."""
    OUT.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    (OUT / "scorer.json").write_text(text, encoding="utf-8")
    (OUT / "scorer.safetensors").write_bytes(save(scorer_arrays(shipped)))


def main() -> None:
    """Trains the encoders at the defaults, fits the scorer, writes both files."""
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args()
    enable_compile_cache()
    settings = make_settings("base")
    workspace = read_workspace(ROOT)
    whole = [train_dictionary(workspace, with_seed(settings, seed)) for seed in range(SEEDS)]
    parts = [
        train_dictionary(keep_part(workspace, share, seed), with_seed(settings, seed))
        for seed, share in enumerate(PARTS)
    ]
    detector, *others = whole + parts
    gold = [*workspace.gold["train"], *workspace.gold["dev"]]
    names = {each.note_id for each in gold}
    notes = [note for note in workspace.notes if note.note_id in names]
    seed = settings.train.seed
    found = fit_on_gold(
        detector, notes, gold, settings.scorer, seed, remembering=False, others=others
    )
    folds = assign_folds(notes, gold, settings.scorer.folds)
    fold_B = np.array([folds[note.note_id] for note in notes], np.int64)
    raw = replace(found.scorer, calibration=Calibration())
    decoded = decode_all([detector, *parts], notes, gold, raw, fold_B)
    fitted, curve = calibrate_all(found.scorer, decoded, len(detector.concepts))
    shipped = keep_shipped(fitted)
    document = {
        "fitted_on": "gold of the demo workspace",
        "notes": len(gold),
        "note_hashes": sorted(hash_text(note.text) for note in notes),
        "cross_validated_f1": found.f1,
        "dictionary_f1": found.dictionary_f1,
        "dictionary_precision": found.dictionary_precision,
        "zipf": measure_zipf(detector.index),
        "precision_curve": curve,
        "scorer": scorer_document(shipped),
    }
    write_scorer(document, shipped)
    sys.stdout.write(
        f"{OUT}: F1 {found.f1:.4f}, dictionary {found.dictionary_f1:.4f}; "
        f"adds from {found.scorer.thresholds.add_learned} there, "
        f"{shipped.thresholds.add_learned} elsewhere\n"
    )


if __name__ == "__main__":
    main()
