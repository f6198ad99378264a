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
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from safetensors.numpy import save

if __package__ in (None, ""):  # run as a script: the checkout, not what is installed
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lvmh_jax.calibrate.confidence import choose_prudent
from lvmh_jax.calibrate.folds import assign_folds
from lvmh_jax.calibrate.gold import (
    GoldFit,
    decode_annotated,
    fit_on_gold,
    hash_text,
)
from lvmh_jax.calibrate.hidden import measure_zipf, raise_limits
from lvmh_jax.config import ScorerSettings, Settings
from lvmh_jax.data.lexicon import list_aliases
from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.detect.scorer import ALL_NOTES, Scorer
from lvmh_jax.io.deciders import scorer_arrays, scorer_document
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.runtime import enable_compile_cache
from lvmh_jax.io.workspace import read_workspace
from lvmh_jax.models.presets import make_settings
from lvmh_jax.pipeline.encoder import train_encoder
from lvmh_jax.pipeline.train import build_dictionary, prepare_examples
from lvmh_jax.records import GoldNote, Note, Workspace

ROOT = Path(__file__).resolve().parent.parent
SEEDS = 5  # encoders whose candidates it learns from
OUT = ROOT / "lvmh_jax" / "detect" / "default"


def keep_shipped(scorer: Scorer) -> Scorer:
    """The models that saw all notes; those of the folds have no use outside the demo."""
    import jax

    kept = scorer.fit.group_G == ALL_NOTES
    fit = scorer.fit._replace(
        params_G=jax.tree.map(lambda x: np.asarray(x)[kept], scorer.fit.params_G),
        group_G=scorer.fit.group_G[kept],
    )
    return Scorer(fit, scorer.hidden, scorer.calibration, scorer.thresholds)


def be_prudent(
    detector: ConceptDetector,
    notes: Sequence[Note],
    gold: Sequence[GoldNote],
    found: GoldFit,
    settings: ScorerSettings,
) -> Scorer:
    """The scorer with a threshold for notes of another origin than those that fitted it."""
    annotated = {each.note_id for each in gold}
    kept = [note for note in notes if note.note_id in annotated]
    folds = assign_folds(kept, gold, settings.folds)
    fold_B = np.array([folds[note.note_id] for note in kept], np.int64)
    fold_N = fold_B[found.annotated.candidates.note_N]
    scorer = found.scorer
    decoded = decode_annotated(detector, kept, gold, found.annotated, scorer, fold_N)
    confidence_M = scorer.calibration.confidence(decoded.logit_M, decoded.exact_M)
    concepts = len(detector.concepts)
    least = choose_prudent(decoded, confidence_M, scorer.thresholds, concepts)
    return replace(scorer, thresholds=raise_limits(scorer.thresholds, least))


def with_seed(settings: Settings, seed: int) -> Settings:
    """The settings with a seed of the encoder."""
    return replace(settings, train=replace(settings.train, seed=seed))


def train_dictionary(workspace: Workspace, settings: Settings) -> ConceptDetector:
    """A trained encoder with the lexicon, before any scorer."""
    aliases = list_aliases(workspace.lexicon)
    examples = prepare_examples(workspace, aliases, settings)
    with tempfile.TemporaryDirectory() as folder, Progress(sys.stderr) as progress:
        concepts = len(workspace.lexicon.concepts)
        fit = train_encoder(examples, concepts, settings, Path(folder), progress).fit
    return build_dictionary(workspace, aliases, settings, fit)


def main() -> None:
    """Trains the encoder at the defaults, fits the scorer, writes both files."""
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args()
    enable_compile_cache()
    settings = make_settings("base")
    workspace = read_workspace(ROOT)
    detector, *others = (train_dictionary(workspace, with_seed(settings, s)) for s in range(SEEDS))
    gold = [*workspace.gold["train"], *workspace.gold["dev"]]
    names = {each.note_id for each in gold}
    annotated = [note for note in workspace.notes if note.note_id in names]
    found = fit_on_gold(
        detector,
        workspace.notes,
        gold,
        settings.scorer,
        settings.train.seed,
        remembering=False,
        others=others,
    )
    shipped = keep_shipped(be_prudent(detector, workspace.notes, gold, found, settings.scorer))
    document = {
        "fitted_on": "gold of the demo workspace",
        "notes": len(gold),
        "note_hashes": sorted(hash_text(note.text) for note in annotated),
        "cross_validated_f1": found.f1,
        "dictionary_f1": found.dictionary_f1,
        "dictionary_precision": found.dictionary_precision,
        "zipf": measure_zipf(detector.index),
        "precision_curve": found.curve,
        "scorer": scorer_document(shipped),
    }
    OUT.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    (OUT / "scorer.json").write_text(text, encoding="utf-8")
    (OUT / "scorer.safetensors").write_bytes(save(scorer_arrays(shipped)))
    sys.stdout.write(
        f"{OUT}: F1 {found.f1:.4f}, dictionary {found.dictionary_f1:.4f}; "
        f"adds from {found.scorer.thresholds.add_learned} there, "
        f"{shipped.thresholds.add_learned} elsewhere\n"
    )


if __name__ == "__main__":
    main()
