"""Measures curation: removed aliases that come back, and what reviewed notes are worth.

    python benchmarks/curation.py

Aliases: 18 % of the lexicon's alias texts are removed at random, from every concept; a model is
trained without gold, and `keywords` suggests. Only a suggestion that is a removed alias of some
concept can be judged. Review: an encoder trained once, a simulated reviewer who answers with gold,
and what ships chosen anew on so many notes as `train` does; judged on notes that nobody reviews.
Writes its section of benchmarks/RESULTS.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

if not __package__:  # run as a file: Python looks beside it, not in the checkout
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import sections
from benchmarks.ablations import Annotatable, prepare
from benchmarks.speed import require_workspace, run_cli, without_gold
from lvmh_jax.calibrate.annotate import annotate
from lvmh_jax.calibrate.confidence import count_pairs, f1_of
from lvmh_jax.calibrate.fit import choose_scorer
from lvmh_jax.calibrate.gold import decode_annotated, look_up_pairs
from lvmh_jax.config import Settings
from lvmh_jax.data.matcher import DictionaryMatcher
from lvmh_jax.data.text import tokenize
from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.io.default_scorer import load_default_scorer
from lvmh_jax.io.runtime import enable_compile_cache
from lvmh_jax.io.workspace import LEXICON, read_workspace
from lvmh_jax.models.presets import make_settings
from lvmh_jax.pipeline.review import listen
from lvmh_jax.records import Alias, GoldNote, Note
from lvmh_jax.stages.informative import RANDOM, UNCERTAINTY, pick_notes
from lvmh_jax.stages.keywords import key_of

SHARE = 0.18
STEPS = (0, 10, 30, 60)
MOST_JUDGED = 300  # notes of a large gold that the curve is judged on
SUGGESTED_HEAD = ("workspace", "confidence from", "removed aliases in the notes")
SUGGESTED_HEAD += ("suggested back", "share", "right of judged", "precision", "unjudged")


@dataclass(frozen=True)
class Cut:
    """A workspace without gold and some aliases; maps folded text to the concepts that had it."""

    root: Path
    removed: dict[str, set[str]]


def cut_aliases(workspace: Path, into: Path, seed: int) -> Cut:
    """Makes a workspace in which 18 % of the alias texts are removed from every concept.

    A text that is also the label of a concept stays.
    """
    without_gold(workspace, into)
    (into / "taxonomy").unlink()
    document = json.loads((workspace / LEXICON).read_text(encoding="utf-8"))
    entries = {concept: _split(entry["aliases"]) for concept, entry in document.items()}
    labels = {entry["label"].casefold() for entry in document.values()}
    texts = sorted({alias.casefold() for each in entries.values() for alias in each} - labels)
    gone = set(random.Random(seed).sample(texts, round(SHARE * len(texts))))
    removed: dict[str, set[str]] = {}
    for concept, aliases in entries.items():
        document[concept]["aliases"] = [a for a in aliases if a.casefold() not in gone]
        for alias in aliases:
            if alias.casefold() in gone:
                removed.setdefault(key_of(tokenize(alias)), set()).add(concept)
    (into / "taxonomy").mkdir()
    (into / LEXICON).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return Cut(into, {key: owners for key, owners in removed.items() if key})


def _split(aliases: list[str] | str) -> list[str]:
    return aliases.split("|") if isinstance(aliases, str) else aliases


def find_occurring(cut: Cut, workspace: Path) -> set[str]:
    """Removed aliases that occur in the notes, found by a matcher with the full lexicon."""
    keys = list(cut.removed)
    matcher = DictionaryMatcher([Alias(key, row) for row, key in enumerate(keys)])
    found: set[str] = set()
    for note in read_workspace(workspace).notes:
        folded = " ".join(token.form for token in tokenize(note.text))
        found.update(keys[row] for hit in matcher.find(folded) for row in hit.aliases)
    return found


def measure_suggested(
    workspace: Path, size: str, seed: int, scratch: Path
) -> list[tuple[str, ...]]:
    """Rows of the table of suggestions, at several confidences."""
    name = "demo" if workspace == sections.ROOT else workspace.name
    cut = cut_aliases(workspace, scratch / f"cut-{name}", seed)
    common = ("--workspace", cut.root, "--quiet", "--json")
    model = run_cli("train", "--size", size, "--seed", str(seed), *common).payload["model_path"]
    run_cli("keywords", "--model-path", model, "--output", cut.root / "out", *common)
    occurring = find_occurring(cut, workspace)
    with (cut.root / "out/alias_suggestions.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return [
        (name, f"{least:.1f}", *judge(rows, cut.removed, occurring, least))
        for least in (0.4, 0.6, 0.8)
    ]


def judge(
    rows: Sequence[dict[str, str]],
    removed: dict[str, set[str]],
    occurring: set[str],
    least: float,
) -> tuple[str, ...]:
    """Cells of a line: see `SUGGESTED_HEAD`.

    >>> same = {"concept_id": "bag", "confidence": "0.9"}
    >>> rows = [{"alias": alias, **same} for alias in ("Tote", "Hat", "other")]
    >>> judge(rows, {"tote": {"bag"}, "hat": {"hats"}}, {"tote", "hat"}, 0.4)
    ('2', '1', '0.500', '1 of 2', '0.500', '1')
    """
    right: set[str] = set()
    judged = unjudged = hits = 0
    for row in rows:
        if float(row["confidence"]) < least:
            continue
        owners = removed.get(key_of(tokenize(row["alias"])))
        if owners is None:
            unjudged += 1
            continue
        judged += 1
        if row["concept_id"] in owners:
            hits += 1
            right.add(key_of(tokenize(row["alias"])))
    back = right & occurring
    share = len(back) / max(len(occurring), 1)
    precision = f"{hits / judged:.3f}" if judged else "-"
    count, told = str(len(occurring)), f"{hits} of {judged}"
    return (count, str(len(back)), f"{share:.3f}", told, precision, str(unjudged))


def split_gold(place: Annotatable, workspace: Path) -> tuple[list[GoldNote], list[GoldNote]]:
    """Splits gold into notes to review and to judge: train and dev, or halves of one split."""
    gold = read_workspace(workspace).gold
    if len(gold) > 1:
        return list(gold["train"]), list(gold["dev"])
    ranked = sorted(place.gold, key=lambda each: each.note_id)
    random.Random(0).shuffle(ranked)
    half = len(ranked) // 2
    return ranked[:half], ranked[half:][:MOST_JUDGED]


@dataclass(frozen=True)
class Loop:
    """A simulated review: notes to review, notes to judge, and how a scorer is fitted."""

    place: Annotatable
    pool: list[GoldNote]
    judges: list[GoldNote]
    settings: Settings

    def run(self, steps: Sequence[int], strategy: str, seed: int) -> Iterator[float]:
        """F1 after each number of reviewed notes; the previous model selects each round."""
        answers: list[GoldNote] = []
        detector = self.place.detector.dictionary_only()
        for step in steps:
            answers += self._ask(detector, answers, step - len(answers), strategy, seed)
            if not answers:
                yield self._judge_dictionary()
                continue
            notes = [note for note in self.place.notes if note.note_id in _ids(answers)]
            detector = self._train(notes, answers, seed)
            yield self._judge(detector)

    def _train(
        self, notes: Sequence[Note], answers: Sequence[GoldNote], seed: int
    ) -> ConceptDetector:
        """The detector that `train` would choose with these answers, for the same encoder."""
        default, scorer = load_default_scorer(), self.settings.scorer
        nobody = np.zeros(0, bool)
        given = (self.place.detector, notes, {"train": answers}, default, nobody, ())
        return choose_scorer(*given, scorer, seed).detector

    def _ask(
        self,
        detector: ConceptDetector,
        answers: Sequence[GoldNote],
        count: int,
        strategy: str,
        seed: int,
    ) -> list[GoldNote]:
        left = {each.note_id: each for each in self.pool if each not in answers}
        notes = [note for note in self.place.notes if note.note_id in left]
        found = listen(detector, notes) if count and strategy == UNCERTAINTY else []
        mentions = {name: list(group) for name, group in groupby(found, lambda m: m.note_id)}
        picked = pick_notes(notes, mentions, count, strategy, seed)
        return [left[note.note_id] for note, _ in picked]

    def _judge_dictionary(self) -> float:
        notes = [note for note in self.place.notes if note.note_id in _ids(self.judges)]
        return f1_of(look_up_pairs(self.place.detector, notes, self.judges))

    def _judge(self, detector: ConceptDetector) -> float:
        scorer = detector.scorer
        if scorer is None:
            return self._judge_dictionary()
        notes = [note for note in self.place.notes if note.note_id in _ids(self.judges)]
        seen = annotate(detector, notes, self.judges)
        given = (detector, notes, self.judges, seen, scorer, None, scorer.thresholds)
        return f1_of(count_pairs(decode_annotated(*given)))


def _ids(gold: Sequence[GoldNote]) -> set[str]:
    return {each.note_id for each in gold}


def measure_review(
    workspace: Path, settings: Settings, steps: Sequence[int], seeds: Sequence[int]
) -> tuple[str, list[tuple[str, ...]]]:
    """Table header, and one row per number of notes: selected by uncertainty, and at random."""
    place = prepare(workspace, settings)
    pool, judges = split_gold(place, workspace)
    steps = sorted({min(step, len(pool)) for step in steps})
    loop = Loop(place, pool, judges, settings)
    curves: dict[str, list[list[float]]] = {}
    for strategy in (UNCERTAINTY, RANDOM):
        for seed in seeds:
            curves.setdefault(strategy, []).append(list(loop.run(steps, strategy, seed)))
            sys.stderr.write(f"{workspace.name} {strategy} {seed}: {curves[strategy][-1]}\n")
    rows = []
    for column, step in enumerate(steps):
        cells = [[run[column] for run in curves[each]] for each in (UNCERTAINTY, RANDOM)]
        spread = f"{statistics.fmean(cells[1]):.3f} ({min(cells[1]):.3f} to {max(cells[1]):.3f})"
        rows.append((str(step), f"{statistics.fmean(cells[0]):.3f}", spread))
    name = "demo" if workspace == sections.ROOT else workspace.name
    return f"{name}: {len(pool)} notes may be reviewed, {len(judges)} others judge.", rows


def make_body(
    start: str,
    suggested: Sequence[tuple[str, ...]],
    reviews: Sequence[tuple[str, list[tuple[str, ...]]]],
    seeds: int,
) -> str:
    """The section in Markdown."""
    head = ("reviewed notes", "by uncertainty", "at random (lowest to highest)")
    tables = "\n\n".join(f"{t}\n\n{sections.markdown_table(head, r)}" for t, r in reviews)
    return f"""## Curation

{start}

Aliases suggested back by `keywords`, {SHARE:.0%} of the alias texts removed, trained without gold:

{sections.markdown_table(SUGGESTED_HEAD, suggested)}

Judged: suggestions that are a removed alias of some concept; right: of this one. The others are
wordings that no lexicon lists: whether they are right, nobody knows. The shipped scorer that judges
them on the demo was fitted on the demo's gold (it remembers no wording).

Note-level micro-F1 against the number of reviewed notes, mean of {seeds} seeds; 0 is the dictionary
alone, which also picks the first round:

{tables}
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes the section; returns the exit code of the contract."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    shared = sections.ROOT.parent / "shared"
    parser.add_argument("--shared", type=Path, default=shared, help="default: ../shared")
    parser.add_argument("--workspaces", nargs="*", default=["clienteling"], metavar="NAME")
    parser.add_argument("--reviews", nargs="*", default=["mabsa_hotel"], metavar="NAME")
    parser.add_argument("--seed", type=int, default=0, help="of the removed aliases and training")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2], help="of the review")
    parser.add_argument("--quick", action="store_true", help="the demo, tiny: does it run?")
    parser.add_argument("--out", type=Path, default=sections.RESULTS, help="results file")
    options = parser.parse_args(given)
    out, size = options.out.resolve(), "tiny" if options.quick else "base"
    settings = make_settings(size)
    steps, seeds = ((0, 10), [0]) if options.quick else (STEPS, options.seeds)
    enable_compile_cache()

    def write() -> str:
        start = sections.describe_run("benchmarks/curation.py", given, out)
        data, names = options.shared / "data", ([], []) if options.quick else ()
        asked = names or (options.workspaces, options.reviews)
        first, second = ([require_workspace(data / name) for name in part] for part in asked)
        with tempfile.TemporaryDirectory() as folder:
            suggested = [
                line
                for path in (sections.ROOT, *first)
                for line in measure_suggested(path, size, options.seed, Path(folder))
            ]
        sys.stderr.write("\n".join(map(str, suggested)) + "\n")
        reviews = [
            measure_review(path, settings, steps, seeds) for path in (sections.ROOT, *second)
        ]
        return make_body(start, suggested, reviews, len(seeds))

    return sections.publish(out, "curation", write)


if __name__ == "__main__":
    sys.exit(main())
