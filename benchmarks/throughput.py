"""Times `detect` beside other systems on the same notes, and over ever more notes, with a picture.

    python benchmarks/throughput.py --peers-python ../peers/bin/python

First `../shared/data/clienteling`: a model is trained there, or given with --model, and `detect`
and the runners of `../shared/peers` take turns. Then synthetic workspaces of the same lexicon
(synthetic.py), one of each size; a peer is left out where it would take more than --peer-seconds.
A peer that fails is told by its last line. `--quick` is a smoke run: tiny, few notes, written only
where --out says. Notes and rows lie below TMPDIR meanwhile.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

if not __package__:  # run as a file: Python looks beside it, not in the checkout
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import sections
from benchmarks.picture import Look, draw_rates
from benchmarks.speed import require_workspace
from benchmarks.turns import Absent, Outcome, System, Timing, measure_in_turns, run_process
from lvmh_jax.errors import LvmhError, NotFoundError
from lvmh_jax.io.outputs import require_writable

SHARED = sections.ROOT.parent / "shared"
PROGRAM: tuple[str, ...] = (sys.executable, "-m", "lvmh_jax")
IN_MEMORY: tuple[str, ...] = (sys.executable, str(sections.ROOT / "benchmarks" / "in_memory.py"))
DEFAULT, WORKERS, DICTIONARY = "ours", "ours, `--workers 2`", "ours, `--dictionary-only`"
OURS = {DEFAULT: (), WORKERS: ("--workers", "2"), DICTIONARY: ("--dictionary-only",)}
# From notes to rows in memory: what the peers' own figures are.
MEMORY, MEMORY_WORKERS = "ours, in memory", "ours, in memory, `--workers 2`"
MEMORY_DICTIONARY = "ours, dictionary in memory"
OURS_IN_MEMORY = {
    MEMORY: (),
    MEMORY_WORKERS: ("--workers", "2"),
    MEMORY_DICTIONARY: ("--dictionary-only",),
}
LINES = (*OURS, *OURS_IN_MEMORY)
COMPARED = (DEFAULT, MEMORY, MEMORY_WORKERS, MEMORY_DICTIONARY)  # with each peer, in the table
ON_CURVE = (WORKERS, DICTIONARY)
RULES, NGRAMS, MEDCAT = "rules", "n-gram TF-IDF", "MedCAT"
PEERS = {
    RULES: "run_rules.py",
    "spaCy phrases": "run_spacy_phrase.py",
    "fuzzy (symspell)": "run_symspell.py",
    NGRAMS: "run_ngram_knn.py",
    "fastText": "run_fasttext.py",
    "TF-IDF + LR": "run_tfidf_lr.py",
    MEDCAT: "run_medcat.py",
}
SIZES, QUICK_SIZES = (1_000, 10_000, 100_000, 1_000_000), (200, 2_000)
REPEATED = 10_000  # notes up to which ours is measured --rounds times: more are not noisy
DEV_NOTES = 500  # synthetic notes with gold, by which peers pick their thresholds
LEARNED = (DEFAULT, WORKERS, MEMORY, MEMORY_WORKERS)
# What is asked: (whose notes/s, how many times, by which of our lines; the first one decides).
ASKED = (
    (MEDCAT, 5.0, LEARNED),
    (NGRAMS, 3.0, LEARNED),
    (RULES, 1.0, (DICTIONARY, MEMORY_DICTIONARY)),
)
LARGE, SMALL, LARGE_S, LARGE_BYTES, SPREAD = 1_000_000, 10_000, 600.0, 2e9, 0.2
PICTURE = "throughput.svg"
# Okabe and Ito's colours, which colour-blind readers tell apart; markers and dashes tell the rest.
LOOKS = {
    WORKERS: Look("#000000", "o", bold=True),
    DICTIONARY: Look("#000000", "s", "--", bold=True),
    RULES: Look("#0072B2", "v"),
    "spaCy phrases": Look("#009E73", "^"),
    "fuzzy (symspell)": Look("#CC79A7", "D"),
    NGRAMS: Look("#D55E00", "X"),
    "fastText": Look("#56B4E9", "P"),
    "TF-IDF + LR": Look("#E69F00", "<"),
    MEDCAT: Look("#777777", ">"),
}
Outcomes: TypeAlias = dict[tuple[str, int], Outcome]  # by system and number of notes


def measure_workspace(
    systems: Sequence[System], workspace: Path, rounds: int
) -> dict[str, Outcome]:
    """Times all systems on one workspace, after an untimed run of ours that fills its cache."""
    first = measure_in_turns([system for system in systems if system.ours], workspace, None, 1)
    (notes,) = {outcome.notes for outcome in first.values() if isinstance(outcome, Timing)}
    return measure_in_turns(systems, workspace, notes, rounds)


def measure_curve(
    systems: Sequence[System], lexicon: Path, sizes: Sequence[int], rounds: int, peer_s: float
) -> Outcomes:
    """Times all systems on synthetic notes of every size; peers only while within `peer_s`."""
    outcomes: Outcomes = {}
    last: dict[str, Outcome] = {}
    for notes in sorted(set(sizes)):
        with make_workspace(lexicon, notes) as workspace:
            for system in systems:
                before = last.get(system.name)
                if isinstance(before, Absent):
                    continue
                projected_s = before.project_s(notes) if before else 0.0
                if not system.ours and projected_s > peer_s:
                    outcome: Outcome = Absent(f"not run: about {projected_s:,.0f} s")
                else:
                    times = rounds if system.ours and notes <= REPEATED else 1
                    outcome = measure_in_turns([system], workspace, notes, times)[system.name]
                outcomes[system.name, notes] = last[system.name] = outcome
    return outcomes


@contextlib.contextmanager
def make_workspace(lexicon: Path, notes: int) -> Iterator[Path]:
    """Makes a synthetic workspace, with gold for the first few notes; removed at the end."""
    with tempfile.TemporaryDirectory(prefix="lvmh-throughput-") as scratch:
        folder = Path(scratch, "synthetic")
        script = sections.ROOT / "benchmarks" / "synthetic.py"
        words = ("--lexicon", str(lexicon), "--notes", str(notes), "--out", str(folder), "--gold")
        run_process([sys.executable, str(script), *words])
        gold = folder / "data" / "gold" / "dev.jsonl"
        with gold.open(encoding="utf-8") as stream:
            first = list(itertools.islice(stream, DEV_NOTES))
        gold.write_text("".join(first), encoding="utf-8")
        yield folder


# Tables, verdicts, picture.


def make_table(outcomes: Mapping[str, Outcome]) -> str:
    """Table of all systems on the workspace, with speed ratios for some of ours."""
    ours = [(name, outcomes[name]) for name in COMPARED if name in outcomes]
    rows = []
    for name, outcome in outcomes.items():
        if isinstance(outcome, Absent):
            rows.append((name, outcome.reason, *[""] * (4 + len(ours))))
            continue
        rates = [run.notes_per_s for run in outcome.runs]
        ratios = [
            "" if name in LINES else f"{line.notes_per_s / outcome.notes_per_s:.3g}"
            for _, line in ours
            if isinstance(line, Timing)
        ]
        rows.append(
            (name, f"{outcome.notes_per_s:,.0f}", f"{min(rates):,.0f}", f"{max(rates):,.0f}",
             f"{outcome.process_s:.1f}", _gigabytes(outcome), *ratios)
        )  # fmt: skip
    head = ("system", "notes/s", "lowest", "highest", "process s", "peak RSS")
    return sections.markdown_table((*head, *(f"{name} / it" for name, _ in ours)), rows)


def make_curve_table(outcomes: Outcomes) -> str:
    """One row per system and size."""
    rows = []
    for name in dict.fromkeys(name for name, _ in outcomes):
        for (system, notes), outcome in outcomes.items():
            if system != name:
                continue
            if isinstance(outcome, Absent):
                rows.append((name, f"{notes:,}", outcome.reason, "", "", ""))
                continue
            whole_s = outcome.process_s
            rows.append(
                (name, f"{notes:,}", f"{outcome.notes_per_s:,.0f}", f"{whole_s:,.1f}",
                 f"{1e3 * whole_s / notes:.3f}", _gigabytes(outcome))
            )  # fmt: skip
    return sections.markdown_table(
        ("system", "notes", "notes/s", "process s", "process ms a note", "peak RSS"), rows
    )


def _gigabytes(outcome: Timing) -> str:
    return f"{outcome.peak_rss_bytes / 1e9:.2f} GB"


def judge_ratio(
    outcomes: Mapping[str, Outcome], peer: str, asked: float, lines: Sequence[str]
) -> str:
    """Whether our systems are `asked` times as fast as a peer; the first one decides."""
    what = f"{'At least' if asked == 1 else f'{asked:g} times'} the notes/s of {peer}"
    theirs = outcomes.get(peer) or Absent("not run")
    if isinstance(theirs, Absent):
        return f"{what}: **not measured**, {theirs.reason}."
    ratios = {
        name: line.notes_per_s / theirs.notes_per_s
        for name in lines
        if isinstance(line := outcomes.get(name), Timing)
    }
    passed = [name for name, ratio in ratios.items() if ratio >= asked]
    verdict = "reached" if lines[0] in passed else "not reached"
    if passed and verdict != "reached":
        verdict = f"reached by {passed[0]} alone"
    return f"{what}: **{verdict}**, {'; '.join(f'{n} {r:.2f} times' for n, r in ratios.items())}."


def judge_size(outcomes: Outcomes) -> list[str]:
    """Whether a million notes meet the limits of time and memory, at the speed of ten thousand."""
    large, small = outcomes.get((WORKERS, LARGE)), outcomes.get((WORKERS, SMALL))
    first = f"{LARGE:,} notes in {LARGE_S / 60:.0f} minutes and {LARGE_BYTES / 1e9:.0f} GB"
    second = f"A note of {LARGE:,} within {SPREAD:.0%} of one of {SMALL:,}"
    if not isinstance(large, Timing):
        return [f"{each}: **not measured**, not among the sizes." for each in (first, second)]
    fits = large.process_s <= LARGE_S and large.peak_rss_bytes <= LARGE_BYTES
    figures = f"{large.process_s:,.0f} s, {_gigabytes(large)}"
    said = [f"{first}: **{'reached' if fits else 'not reached'}**, {figures} ({WORKERS})."]
    if not isinstance(small, Timing):
        return [*said, f"{second}: **not measured**, {SMALL:,} not among the sizes."]
    whole = (large.process_s / LARGE) / (small.process_s / SMALL)
    alone = small.notes_per_s / large.notes_per_s
    near = [abs(ratio - 1) <= SPREAD for ratio in (whole, alone)]
    verdict = "reached" if all(near) else "not reached"
    if any(near) and not all(near):
        verdict = f"reached {'with' if near[0] else 'without'} start-up alone"
    figures = f"{whole:.2f} times the time of whole processes, {alone:.2f} without start-up"
    return [*said, f"{second}: **{verdict}**, {figures}."]


def draw(path: Path, outcomes: Outcomes) -> None:
    """Draws the curves of the systems that ran."""
    points: dict[str, list[tuple[int, float]]] = {}
    for (name, notes), outcome in outcomes.items():
        if isinstance(outcome, Timing):
            points.setdefault(name, []).append((notes, outcome.notes_per_s))
    draw_rates(path, points, LOOKS)


def make_body(
    start: str, times: Mapping[str, Outcome], curve: Outcomes, options: argparse.Namespace
) -> str:
    """The section in Markdown."""
    verdicts = [*(judge_ratio(times, *asked) for asked in ASKED), *judge_size(curve)]
    size = "tiny" if options.quick else "base"
    trained = "A model that was given" if options.model else f"Size {size}, trained there"
    repeated = "one run each" if options.rounds == 1 else f"medians of {options.rounds} in turns"
    return f"""## Throughput

{start}

{options.workspace.name}, {repeated}:

{make_table(times)}

Synthetic notes of its lexicon, with the same model:

{make_curve_table(curve)}

![notes/s over the number of notes]({PICTURE})

{chr(10).join(f"- {verdict}" for verdict in verdicts)}

{trained}; fresh processes, compile cache warm. notes/s are what each says
of itself, without start-up, training and tuning: ours from reading the notes to the last row
written, peers and ours "in memory" (in_memory.py) from notes to rows in memory. "/ it": our notes/s
through that system's. Process: all of it; of a peer with its training and tuning. Peak RSS: sum
over a process and its children, shared pages counted for each. Synthetic notes: ours up to
{REPEATED:,} {repeated}, all else once; a peer is left out where its process would take over
{options.peer_seconds:,.0f} s, by the size before.
"""


# The command.


def parse_options(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, default=SHARED, help="(default: ../shared)")
    parser.add_argument("--workspace", type=Path, help="(default: SHARED/data/clienteling)")
    parser.add_argument("--model", type=Path, help="model folder (default: trained on it first)")
    parser.add_argument("--peers-python", type=Path, help="of an environment with the peers")
    parser.add_argument(
        "--peers", nargs="*", choices=PEERS, default=list(PEERS), metavar="NAME",
        help=f"of {', '.join(map(repr, PEERS))} (default: all)",
    )  # fmt: skip
    parser.add_argument("--sizes", nargs="+", type=int, metavar="N",
                        help=f"synthetic notes (default: {' '.join(map(str, SIZES))})")  # fmt: skip
    parser.add_argument("--rounds", type=int, help="runs of each (default: 3)")
    parser.add_argument("--peer-seconds", type=float, default=120.0, metavar="S",
                        help="longest run of a peer on synthetic notes (default: 120)")  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="smoke run: tiny, few notes")
    parser.add_argument("--out", type=Path, help="results file (default: RESULTS.md; quick: none)")
    options = parser.parse_args(arguments)
    if options.sizes is None:
        options.sizes = QUICK_SIZES if options.quick else SIZES
    if options.rounds is None:
        options.rounds = 1 if options.quick else 3
    if min(options.rounds, *options.sizes, 1) < 1:
        parser.error("--rounds and --sizes must be at least 1")
    if options.out is None and not options.quick:
        options.out = sections.RESULTS
    return options


def find_peers(options: argparse.Namespace) -> list[System]:
    """The peers to run; none without a Python interpreter for them.

    Raises:
      NotFoundError: the interpreter or a runner is missing; checked before the long measurement.
    """
    if options.peers_python is None:
        return []
    # Not resolved: the link into a virtual environment is what makes it one.
    python = options.peers_python.absolute()
    fix = "see ../shared/peers/README.md, or leave --peers-python out"
    systems = []
    for name in options.peers:
        script = options.shared.resolve() / "peers" / PEERS[name]
        if not script.is_file():
            raise NotFoundError("no such runner", where=str(script), fix=fix)
        systems.append(System(name, (str(python), str(script)), ours=False))
    try:
        subprocess.run([python, "-c", ""], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        raise NotFoundError("no Python to run", where=str(python), fix=fix) from None
    return systems


def find_ours(options: argparse.Namespace, scratch: Path) -> list[System]:
    """Our systems, with the given model or one trained here."""
    model = options.model
    if model is None:
        sys.stderr.write(f"train: {options.workspace.name}\n")
        size = ("--size", "tiny") if options.quick else ()
        folders = ("--workspace", str(options.workspace), "--models-dir", str(scratch))
        words = [*PROGRAM, "train", *size, *folders, "--json", "--quiet"]
        model = run_process(words).payload["model_path"]
    common = (*PROGRAM, "detect", "--model-path", str(Path(model).resolve()), "--json", "--quiet")
    lines = {name: (*common, *words) for name, words in OURS.items()}
    for name, words in OURS_IN_MEMORY.items():
        lines[name] = (*IN_MEMORY, str(Path(model).resolve()), *words)
    return [System(name, words, ours=True) for name, words in lines.items()]


def measure(options: argparse.Namespace) -> tuple[dict[str, Outcome], Outcomes]:
    """Runs all measurements of this script: on the workspace, and on synthetic notes."""
    peers = find_peers(options)
    with tempfile.TemporaryDirectory(prefix="lvmh-throughput-") as folder:
        ours = find_ours(options, Path(folder))
        times = measure_workspace([*ours, *peers], options.workspace, options.rounds)
        lexicon = options.workspace / "taxonomy" / "lexicon_v1.json"
        alive = [peer for peer in peers if isinstance(times[peer.name], Timing)]
        systems = [*(each for each in ours if each.name in ON_CURVE), *alive]
        given = (systems, lexicon, options.sizes, options.rounds, options.peer_seconds)
        return times, measure_curve(*given)


def write(out: Path, body: str, curve: Outcomes) -> None:
    """Writes the section and the picture beside it."""
    sections.write_section(out, "throughput", body)
    draw(out.with_name(PICTURE), curve)
    if out == sections.RESULTS:  # docs/results.md includes it, and the link then means docs/
        draw(sections.ROOT / "docs" / PICTURE, curve)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes the section; returns the exit code of the contract."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = parse_options(given)
    try:
        if find_spec("matplotlib") is None:
            raise NotFoundError("no matplotlib", fix="pip install -e '.[bench]'")
        wanted = options.workspace or options.shared / "data" / "clienteling"
        options.workspace = require_workspace(wanted)
        out = (options.out or sections.RESULTS).resolve()
        if options.out is not None:
            require_writable(out)
        start = sections.describe_run("benchmarks/throughput.py", given, out)
        start += f" Load average before: {os.getloadavg()[0]:.1f}."
        times, curve = measure(options)
        body = make_body(start, times, curve, options)
        try:
            if options.out is not None:
                write(out, body, curve)
        finally:  # last, so that a reader who closes the pipe loses nothing
            sys.stdout.write(body)
    except LvmhError as error:
        sys.stderr.write(f"Error: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
