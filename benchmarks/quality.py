"""Measures quality on every workspace of the owners' folder, beside the best peer there.

    python benchmarks/quality.py --workspaces clienteling authored --seeds 0 1 2

Each workspace is trained and evaluated through the real command line, once as it is and once
without its gold files. Every set of scored rows is scored again by shared/tools/score.py: exit
code 6 when the two disagree in the fourth digit. Writes its section of benchmarks/RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow
from pyarrow import parquet

if not __package__:  # run as a file: Python looks beside it, not in the checkout
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import sections
from benchmarks.speed import require_workspace, run_cli, without_gold
from lvmh_jax.errors import LvmhError, NotFoundError, QualityGateError, nearest_name

# Note-level F1 on gold/dev of the best other system, its threshold tuned on that same gold.
# Source: the table of issue 3; their runners are in shared/peers.
PEERS = {
    "clienteling": (0.769, "n-gram TF-IDF"),
    "authored": (0.624, "n-gram TF-IDF"),
    "mabsa_hotel": (0.413, "fuzzy"),
    "ncbi_disease_plus": (0.757, "MedCAT"),
    "bc5cdr_train": (0.754, "MedCAT"),
}
# The scorer that ships was fitted on this workspace's gold: without gold files it would be used,
# and score what it has seen.
FITS_THE_SHIPPED_SCORER = "authored"
USED, REMOVED, NONE = "used", "removed", "none there"
# Where notes are translations of each other, folds of notes have translations on both sides. There
# gold is used once more with all translations of a note as notes of one client, which folds keep.
GROUPED = "used, by review"
TRANSLATED = {"mabsa_hotel": re.compile(r"_[a-z]{2}_(?=(dev|test|train)_)")}
SHORT = {USED: "used", GROUPED: "grouped", REMOVED: "removed", NONE: "none"}
# Ours and the scorer's names of the same figures.
NAMES = {"precision": "p", "recall": "r", "f1": "f1"}
LEVELS = {"span_strict": "span strict", "span_relaxed": "span relaxed"}
HALF_A_DIGIT = 0.5e-4 + 1e-9  # the scorer rounds to four digits


@dataclass(frozen=True)
class Outcome:
    """One seed: output of `evaluate`, protocol of the decision, seconds of the `train` process."""

    figures: Mapping[str, Any]
    mode: str
    train_s: float


@dataclass(frozen=True)
class Result:
    """A table row: one workspace, one use of its gold, and one outcome per seed."""

    workspace: str
    gold: str
    outcomes: Sequence[Outcome]


def find_figure(figures: Mapping[str, Any], *path: str) -> float | None:
    """Looks up a figure by its keys; None if the protocol does not have it.

    >>> find_figure({"f1": {"value": 0.8, "ci_low": 0.7}}, "f1", "value")
    0.8
    >>> find_figure({"span_strict": None}, "span_strict", "f1")
    """
    value: Any = figures
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _reader(*path: str) -> Callable[[Outcome], float | None]:
    return lambda outcome: find_figure(outcome.figures, *path)


# Column -> how it is read, and its digits.
COLUMNS: dict[str, tuple[Callable[[Outcome], float | None], int]] = {
    "precision": (_reader("precision", "value"), 3),
    "recall": (_reader("recall", "value"), 3),
    "F1": (_reader("f1", "value"), 3),
    "95 % from": (_reader("f1", "ci_low"), 3),
    "to": (_reader("f1", "ci_high"), 3),
    "macro-F1": (_reader("macro_f1"), 3),
    **{f"{name} F1": (_reader(key, "f1"), 3) for key, name in LEVELS.items()},
    "dictionary F1": (_reader("dictionary", "f1"), 3),
    "ECE": (_reader("calibration_error"), 3),
    "train s": (lambda outcome: outcome.train_s, 0),
}
HEAD = ("workspace", "its gold", "protocol", "seeds", *COLUMNS, "best peer F1", "decides")


def summarize(values: Sequence[float | None], digits: int) -> str:
    """Mean over the seeds, with the range if there are several.

    >>> summarize([0.81, 0.83], 3), summarize([0.5], 3), summarize([None], 3)
    ('0.820 (0.810..0.830)', '0.500', '-')
    """
    known = [value for value in values if value is not None]
    if not known:
        return "-"
    mean = f"{statistics.fmean(known):.{digits}f}"
    if len(known) == 1:
        return mean
    return f"{mean} ({min(known):.{digits}f}..{max(known):.{digits}f})"


def make_table(results: Sequence[Result]) -> str:
    """The table in Markdown, one row per result."""
    rows = []
    for result in results:
        outcomes = result.outcomes
        protocols = dict.fromkeys(str(outcome.figures["protocol"]) for outcome in outcomes)
        modes = dict.fromkeys(outcome.mode for outcome in outcomes)
        peer = PEERS.get(result.workspace)
        cells = [
            summarize([read(outcome) for outcome in outcomes], digits)
            for read, digits in COLUMNS.values()
        ]
        beside = f"{peer[0]:.3f} {peer[1]}" if peer else "-"
        row = (result.workspace, result.gold, ", ".join(protocols), str(len(outcomes)))
        row = (*row, *cells, beside)
        rows.append((*row, ", ".join(modes)))
    return sections.markdown_table(HEAD, rows)


def make_group_table(results: Sequence[Result], kind: str) -> str:
    """F1 of each group (a language, a bucket) in Markdown, one row per result with gold."""
    judged = [result for result in results if result.gold != NONE]
    groups = sorted({g for r in judged for o in r.outcomes for g in o.figures.get(kind) or ()})
    rows = []
    for result in judged:
        found = [
            [find_figure(o.figures, kind, group, "f1") for o in result.outcomes] for group in groups
        ]
        # Without the spread: a table of twelve languages has no room for it.
        means = [[v for v in values if v is not None] for values in found]
        cells = [f"{statistics.fmean(values):.3f}" if values else "-" for values in means]
        rows.append((result.workspace, result.gold, *cells))
    return sections.markdown_table(("workspace", "its gold", *groups), rows)


def find_workspaces(shared: Path, wanted: Sequence[str] | None) -> list[Path]:
    """The workspaces to measure: those with a peer first, then the others by name.

    Raises:
      NotFoundError: no such folder, or no such workspace in it.
    """
    data = shared / "data"
    known = {path.parent.parent.name for path in data.glob("*/taxonomy/lexicon_v1.json")}
    if not known:
        fix = "get the owners' folder `shared` next to the checkout, or give --shared"
        raise NotFoundError("No data found", where=str(data / "*/taxonomy"), fix=fix)
    for name in wanted or ():
        if name not in known:
            raise NotFoundError(
                f"no workspace {name!r}", where=str(data), fix=nearest_name(name, known)
            )
    everything = [*(name for name in PEERS if name in known), *sorted(known - PEERS.keys())]
    return [require_workspace(data / name) for name in wanted or everything]


def plan_uses(workspace: Path) -> list[str]:
    """The ways in which a workspace's gold is used in training."""
    if not (workspace / "data" / "gold" / "dev.jsonl").is_file():
        return [NONE]
    if workspace.name == FITS_THE_SHIPPED_SCORER:
        return [USED]
    return [USED, *([GROUPED] if workspace.name in TRANSLATED else []), REMOVED]


def measure_seed(workspace: Path, gold: str, options: argparse.Namespace, seed: int) -> Outcome:
    """Trains with one seed, evaluates on the workspace's gold, and scores the rows again."""
    with tempfile.TemporaryDirectory(prefix="lvmh-quality-") as folder:
        scratch = Path(folder)
        source = workspace
        if gold == REMOVED:
            source = without_gold(workspace, scratch / "plain")
        elif gold == GROUPED:
            source = with_clients(workspace, scratch / "plain", TRANSLATED[workspace.name])
        common = ("--models-dir", scratch / "models", "--json", "--quiet")
        preset = ("--size", options.size, "--seed", str(seed))
        trained = run_cli("train", "--workspace", source, *preset, *common)
        found = scratch / "found.csv"
        model = ("--model-path", trained.payload["model_path"])
        where = ("--workspace", workspace, "--predictions", found)
        figures = run_cli("evaluate", *where, *model, *common).payload
        if gold != NONE:
            compare_scores(figures, run_scorer(options.shared, workspace, found), workspace.name)
    return Outcome(figures, trained.payload["metrics"]["learned_matches"], trained.seconds)


def with_clients(workspace: Path, into: Path, language: re.Pattern[str]) -> Path:
    """Copies a workspace so that translations of a note belong to one client.

    Args:
      workspace: workspace to copy.
      into: the new folder.
      language: part of a note's id that gives its language.
    """
    shutil.copytree(workspace, into)
    path = into / "data" / "processed" / "notes_clean.parquet"
    table = parquet.read_table(path)
    names = [language.sub("_", name) for name in table["note_id"].to_pylist()]
    place = table.schema.get_field_index("client_id")
    parquet.write_table(table.set_column(place, "client_id", pyarrow.array(names)), path)
    return into


def run_scorer(shared: Path, workspace: Path, found: Path) -> dict[str, Any]:
    """Figures of the scorer script on the rows that `evaluate` scored."""
    script = shared / "tools" / "score.py"
    command = [sys.executable, script, workspace, found, "--split", "dev"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        reason = said[-1] if said else "it said nothing"
        raise LvmhError(f"ended with {done.returncode}: {reason}", where=str(script))
    return json.loads(done.stdout)


def compare_scores(ours: Mapping[str, Any], theirs: Mapping[str, Any], where: str) -> None:
    """Compares our figures with those of the scorer script.

    Raises:
      QualityGateError: one differs in the fourth digit.
    """
    for name, mine, other in _pair_figures(ours, theirs):
        if mine is None or other is None or abs(mine - other) > HALF_A_DIGIT:
            raise QualityGateError(
                f"{name} is {mine} by evaluate and {other} by score.py",
                where=where,
                expected="the same to four digits",
            )


def _pair_figures(
    ours: Mapping[str, Any], theirs: Mapping[str, Any]
) -> Iterator[tuple[str, float | None, float | None]]:
    """Yields (name, our figure, the scorer's)."""
    for mine, other in NAMES.items():
        yield mine, find_figure(ours, mine, "value"), find_figure(theirs, "note_level", other)
    yield "macro_f1", find_figure(ours, "macro_f1"), find_figure(theirs, "macro_f1")
    for level in LEVELS:
        if ours.get(level) is None and not find_figure(theirs, level, "gold"):
            continue  # gold of notes only: we say that there is no figure, the scorer says 0
        for mine, other in NAMES.items():
            name = f"{level} {mine}"
            yield name, find_figure(ours, level, mine), find_figure(theirs, level, other)


class KeptOutcomes:
    """Outcomes on disk, one JSON line each, so that an interrupted run can continue."""

    def __init__(self, path: Path | None, commit: str) -> None:
        """Reads outcomes of the same commit; None keeps nothing."""
        self._path, self._commit = path, commit
        lines = path.read_text(encoding="utf-8").splitlines() if path and path.exists() else []
        entries = [json.loads(line) for line in lines]
        self._known = {tuple(e["key"]): Outcome(**e["outcome"]) for e in entries}

    def find(self, *key: str | int) -> Outcome | None:
        """The outcome of a workspace, use of gold, size and seed; None if not measured yet."""
        return self._known.get((self._commit, *key))

    def add(self, outcome: Outcome, *key: str | int) -> None:
        """Appends an outcome to the file."""
        if self._path is not None:
            line = json.dumps({"key": [self._commit, *key], "outcome": asdict(outcome)})
            with self._path.open("a", encoding="utf-8") as stream:
                stream.write(f"{line}\n")


def measure(workspaces: Sequence[Path], options: argparse.Namespace) -> list[Result]:
    """Trains and evaluates everything, one run after the other."""
    results = []
    kept = KeptOutcomes(options.keep, sections.read_commit(sections.ROOT, options.out.resolve()))
    for workspace in workspaces:
        for gold in plan_uses(workspace):
            if SHORT[gold] not in options.uses:
                continue
            outcomes = []
            seeds = options.seeds[:1] if workspace.name in options.once else options.seeds
            for seed in seeds:
                key = (workspace.name, gold, options.size, seed)
                outcome = kept.find(*key)
                if outcome is None:
                    outcome = measure_seed(workspace, gold, options, seed)
                    kept.add(outcome, *key)
                f1 = find_figure(outcome.figures, "f1", "value")
                line = f"{workspace.name}, gold {gold}, seed {seed}: F1 {f1}, {outcome.train_s:.0f}"
                sys.stderr.write(f"{line} s\n")
                outcomes.append(outcome)
            results.append(Result(workspace.name, gold, outcomes))
    return results


def make_body(start: str, options: argparse.Namespace, results: Sequence[Result]) -> str:
    """The section in Markdown."""
    seeds = ", ".join(map(str, options.seeds))
    several = " Several seeds: mean (lowest..highest)." if len(options.seeds) > 1 else ""
    left_out = ""
    if FITS_THE_SHIPPED_SCORER in {result.workspace for result in results}:
        left_out = f"""
{FITS_THE_SHIPPED_SCORER} has no line without gold: the scorer that ships, and that would be used
there, was fitted on its gold.
"""
    return f"""## {options.section.capitalize()}

{start} Size {options.size}, seed {seeds}.{several}

{make_table(results)}

F1 by language:

{make_group_table(results, "by_language")}

F1 by bucket:

{make_group_table(results, "by_bucket")}

Precision, recall and F1 are note-level micro, on gold/dev, with the bootstrap interval over notes.
Its gold: used in training (then every note is scored by models that did not see it), by review
(used, with all translations of a note hidden together: else models saw it in another language),
removed from the workspace before training, or none there (then the figures are on aliases hidden
from training, another measure). Dictionary: exact matches alone, on the same notes. ECE: expected
calibration error. Seconds of `train`: the whole process, compile cache as found. Peers: dev F1,
threshold tuned on that same gold. Decides: `dictionary` where learned matches did not win on
validation. Where there is gold, every figure equals that of shared/tools/score.py to four digits.
{left_out}"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes the section; returns the exit code of the contract."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    shared = sections.ROOT.parent / "shared"
    parser.add_argument("--workspaces", nargs="+", metavar="NAME", help="default: all there are")
    parser.add_argument("--shared", type=Path, default=shared, help="default: ../shared")
    parser.add_argument("--size", default="base", help="preset (default: base)")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0], help="default: 0")
    uses = list(SHORT.values())
    parser.add_argument("--uses", nargs="+", choices=uses, default=uses, help="of gold")
    parser.add_argument("--section", default="quality", help="of the results file")
    parser.add_argument("--once", nargs="*", default=[], metavar="NAME", help="the first seed only")
    parser.add_argument("--keep", type=Path, help="file of outcomes; those there are not redone")
    parser.add_argument("--out", type=Path, default=sections.RESULTS, help="results file")
    options = parser.parse_args(given)
    out = options.out.resolve()

    def write() -> str:
        workspaces = find_workspaces(options.shared, options.workspaces)
        start = sections.describe_run("benchmarks/quality.py", given, out)
        return make_body(start, options, measure(workspaces, options))

    return sections.publish(out, options.section, write)


if __name__ == "__main__":
    sys.exit(main())
