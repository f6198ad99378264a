"""Peers that fail are told, projections spare minutes, verdicts follow from the figures."""

from __future__ import annotations

import contextlib
import doctest
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks import picture, sections, throughput, turns
from benchmarks.throughput import DEFAULT, DICTIONARY, MEDCAT, NGRAMS, RULES, WORKERS
from benchmarks.turns import Absent, Ended, Run, System, Timing
from lvmh_jax.errors import LvmhError
from tests.conftest import REPOSITORY

LEXICON = Path("taxonomy", "lexicon_v1.json")
needs_matplotlib = pytest.mark.skipif(
    find_spec("matplotlib") is None, reason="extra `bench` is not installed"
)

# Both count the notes of the workspace they are given (here each has gold), so that other notes
# would be noticed.
COUNT = """
import json, pathlib, sys
def count(root):
    return len(pathlib.Path(root, "data/gold/dev.jsonl").read_text().splitlines())
"""
OURS = f"""{COUNT}
at = dict(zip(sys.argv[2:], sys.argv[3:]))
if sys.argv[1] == "train":
    print(json.dumps({{"model_path": at["--models-dir"]}}))
else:
    rate = 9000.0 if "--dictionary-only" in sys.argv else 600.0
    pathlib.Path(at["--output"]).write_text("rows")
    said = {{"notes": count(at["--workspace"]), "seconds": 0.5, "notes_per_second": rate}}
    print("loading", json.dumps(said), sep="\\n")
"""
PEER = f"""{COUNT}
said = {{"notes": count(sys.argv[1]), "train_seconds": 0.1, "detect_seconds": SECONDS,
        "notes_per_second": RATE}}
print(json.dumps(said))
"""


def make_timing(rate: float, seconds: float = 1.0, notes: int = 1_000, peak: int = 10**9) -> Timing:
    return Timing((Run(notes, rate, seconds, seconds, peak),))


@pytest.fixture(scope="module")
def notes_of_thirty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("throughput") / "clienteling"
    with throughput.make_workspace(REPOSITORY / LEXICON, 30) as workspace:
        shutil.copytree(workspace, folder)
    return folder


@pytest.fixture
def shared(tmp_path: Path, notes_of_thirty: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An owners' folder whose runners, and a `detect`, print what they are told to."""
    folder = tmp_path / "shared"
    shutil.copytree(notes_of_thirty, folder / "data" / "clienteling")
    (folder / "peers").mkdir()
    for name, script in throughput.PEERS.items():
        rate, seconds = ("100.0", "50.0") if name == MEDCAT else ("300.0", "0.2")
        text = PEER.replace("SECONDS", seconds).replace("RATE", rate)
        (folder / "peers" / script).write_text(text, encoding="utf-8")
    program = tmp_path / "ours.py"
    program.write_text(OURS, encoding="utf-8")
    monkeypatch.setattr(throughput, "PROGRAM", (sys.executable, str(program)))
    monkeypatch.setattr(throughput, "IN_MEMORY", (sys.executable, str(program)))
    return folder


@pytest.mark.parametrize("module", [picture, throughput, turns])
def test_examples_in_docstrings(module) -> None:
    assert doctest.testmod(module).failed == 0


# A process and what it says.


def test_other_lines_around_the_figures_are_passed_over() -> None:
    said = 'warn {\n{"notes": 1}\n{"notes": 2}\n[3]\n4\n'
    assert Ended(said, 1.0, 0).payload == {"notes": 2}
    with pytest.raises(LvmhError, match="printed no figures"):
        _ = Ended("[3]\nnothing\n", 1.0, 0).payload


def test_figures_of_other_notes_are_refused() -> None:
    said = {"notes": 10, "notes_per_second": 5.0, "train_seconds": 1, "detect_seconds": 2}
    ended = Ended(json.dumps(said), 4.0, 7)
    run = turns.read_run(ended, 10, turns.PEER_SECONDS)
    assert run == Run(10, 5.0, 4.0, 3, 7)
    assert turns.read_run(ended, None, turns.PEER_SECONDS) == run
    with pytest.raises(LvmhError, match="10 notes of 11"):
        turns.read_run(ended, 11, turns.PEER_SECONDS)
    with pytest.raises(LvmhError, match="printed no seconds"):
        turns.read_run(ended, 10, ("seconds",))


def test_memory_is_that_of_a_process_and_all_below_it(tmp_path: Path) -> None:
    tree = {10: (1, 5, "sh"), 11: (10, 7, "a) b ("), 12: (11, 9, "c"), 13: (1, 100, "other")}
    for pid, (parent, pages, name) in tree.items():
        (tmp_path / str(pid)).mkdir()
        fields = ["S", str(parent), *["0"] * 19, str(pages), "0"]
        (tmp_path / str(pid) / "stat").write_text(f"{pid} ({name}) {' '.join(fields)}")
    (tmp_path / "14").mkdir()  # ended between the listing and the reading
    page = turns.os.sysconf("SC_PAGE_SIZE")
    assert turns.read_tree_rss_bytes(10, tmp_path) == 21 * page
    assert turns.read_tree_rss_bytes(12, tmp_path) == 9 * page
    assert turns.read_tree_rss_bytes(10, tmp_path / "none") == 0


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="no /proc")
def test_memory_of_a_real_child_counts() -> None:
    child = "held = b'x' * 200_000_000; print('ready', flush=True); input()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    command = [sys.executable, "-c", parent]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert 200e6 < turns.read_tree_rss_bytes(process.pid) < 400e6
        process.communicate(b"\n")


def test_a_process_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    child = f"import time, pathlib; time.sleep(1.6); pathlib.Path({str(mark)!r}).touch()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with pytest.raises(LvmhError, match="stopped after 1 s"):
        turns.run_process([sys.executable, "-c", parent], limit_s=1.0)
    subprocess.run([sys.executable, "-c", "import time; time.sleep(1)"], check=True)
    assert not mark.exists()


# In turns.


def make_system(name: str, folder: Path, code: str, ours: bool = False) -> System:
    path = folder / f"{name}.py"
    path.write_text(code, encoding="utf-8")
    return System(name, (sys.executable, str(path)), ours)


def test_a_failed_peer_is_told_and_not_tried_again(tmp_path: Path) -> None:
    log = tmp_path / "log"
    say = f"import sys; open({str(log)!r}, 'a').write(sys.argv[0][-4]);"
    figures = {"notes": 5, "notes_per_second": 2.0, "train_seconds": 1, "detect_seconds": 2}
    good = make_system("a", tmp_path, f"{say} print({json.dumps(figures)!r})")
    bad = make_system("b", tmp_path, f"{say} print({json.dumps(figures)!r}); import no_such_thing")
    outcomes = turns.measure_in_turns([bad, good], tmp_path, 5, rounds=2)
    assert log.read_text() == "baa"
    assert outcomes["b"] == Absent("failed: ModuleNotFoundError: No module named 'no_such_thing'")
    assert isinstance(outcomes["a"], Timing)
    assert [run.notes_per_s for run in outcomes["a"].runs] == [2.0, 2.0]


def test_our_failure_ends_everything(tmp_path: Path) -> None:
    ours = make_system("ours", tmp_path, "raise SystemExit('no such model')", ours=True)
    with pytest.raises(LvmhError, match="ours: no such model"):
        turns.measure_in_turns([ours], tmp_path, 5, rounds=1)


def test_medians_and_the_largest_memory() -> None:
    timing = Timing(tuple(Run(10, rate, rate / 2, 1.0, int(rate)) for rate in (4.0, 100.0, 6.0)))
    assert (timing.notes_per_s, timing.process_s, timing.peak_rss_bytes) == (6.0, 3.0, 100)


@contextlib.contextmanager
def pretend_notes(lexicon: Path, notes: int) -> Iterator[Path]:
    """A workspace that the fakes count, in no time."""
    with tempfile.TemporaryDirectory() as folder:
        gold = Path(folder, "data", "gold", "dev.jsonl")
        gold.parent.mkdir(parents=True)
        gold.write_text("{}\n" * notes, encoding="utf-8")
        yield Path(folder)


def test_peers_stop_where_they_would_take_too_long(shared: Path, monkeypatch) -> None:
    monkeypatch.setattr(throughput, "make_workspace", pretend_notes)
    peers = [System(n, (sys.executable, str(shared / "peers" / throughput.PEERS[n])), False)
             for n in (RULES, MEDCAT)]  # fmt: skip
    outcomes = throughput.measure_curve(peers, REPOSITORY / LEXICON, (40, 20, 80), 1, 40.0)
    assert list(outcomes) == [(RULES, 20), (MEDCAT, 20), (RULES, 40), (MEDCAT, 40), (RULES, 80)]
    assert isinstance(outcomes[RULES, 80], Timing)
    # 50 s for 20 notes are 100 s for 40; what it took to start does not double.
    assert outcomes[MEDCAT, 40] == Absent("not run: about 50 s")


def test_peers_pick_thresholds_on_the_first_few_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throughput, "DEV_NOTES", 3)
    with throughput.make_workspace(REPOSITORY / LEXICON, 10) as workspace:
        gold = (workspace / "data" / "gold" / "dev.jsonl").read_text(encoding="utf-8")
        assert [json.loads(line)["note_id"] for line in gold.splitlines()] == [
            "SYN_000000000",
            "SYN_000000001",
            "SYN_000000002",
        ]
        assert (workspace / LEXICON).read_bytes() == (REPOSITORY / LEXICON).read_bytes()
    assert not workspace.exists()


# Verdicts.


@pytest.mark.parametrize(
    ("default", "workers", "verdict"),
    [
        (500.0, 400.0, "**reached**, ours 5.00 times; ours, `--workers 2` 4.00 times."),
        (499.0, 500.0, "**reached by ours, `--workers 2` alone**, ours 4.99 times;"),
        (499.0, 499.0, "**not reached**, ours 4.99 times;"),
    ],
)
def test_the_default_decides(default: float, workers: float, verdict: str) -> None:
    outcomes = {DEFAULT: make_timing(default), WORKERS: make_timing(workers)}
    asked = (MEDCAT, 5.0, (DEFAULT, WORKERS))
    said = throughput.judge_ratio({**outcomes, MEDCAT: make_timing(100.0)}, *asked)
    assert said.startswith(f"5 times the notes/s of MedCAT: {verdict}")
    said = throughput.judge_ratio({**outcomes, MEDCAT: Absent("failed: no torch")}, *asked)
    assert said == "5 times the notes/s of MedCAT: **not measured**, failed: no torch."
    assert "**not measured**, not run." in throughput.judge_ratio(outcomes, *asked)


@pytest.mark.parametrize(
    ("seconds", "peak", "verdict"),
    [
        (600.0, 2_000_000_000, "reached"),
        (601.0, 2_000_000_000, "not reached"),
        (600.0, 2_100_000_000, "not reached"),
    ],
)
def test_a_million_notes_are_judged_by_seconds_and_memory(
    seconds: float, peak: int, verdict: str
) -> None:
    curve = {(WORKERS, 10**6): make_timing(2_000.0, seconds, 10**6, peak)}
    first, second = throughput.judge_size(curve)
    assert first.startswith(f"1,000,000 notes in 10 minutes and 2 GB: **{verdict}**, ")
    assert "not measured" in second
    assert all("not measured" in line for line in throughput.judge_size({}))


@pytest.mark.parametrize(
    ("small_s", "small_rate", "verdict"),
    [
        (5.0, 2_000.0, "reached"),
        (6.2, 2_300.0, "reached"),
        (9.0, 2_000.0, "reached without start-up alone"),
        (5.0, 2_500.0, "reached with start-up alone"),
        (9.0, 1_500.0, "not reached"),
    ],
)
def test_a_note_costs_the_same_whatever_their_number(
    small_s: float, small_rate: float, verdict: str
) -> None:
    curve = {
        (WORKERS, 10**4): make_timing(small_rate, small_s, 10**4),
        (WORKERS, 10**6): make_timing(2_000.0, 500.0, 10**6),
    }
    second = throughput.judge_size(curve)[1]
    assert f": **{verdict}**, {5.0 / small_s:.2f} times the time of whole processes" in second


# Whole runs.


@needs_matplotlib
def test_a_run_writes_tables_verdicts_and_picture(tmp_path: Path, shared: Path, capsys) -> None:
    (shared / "peers" / throughput.PEERS[NGRAMS]).write_text("import no_such_thing")
    out = tmp_path / "R.md"
    words = ["--shared", str(shared), "--peers-python", sys.executable, "--out", str(out)]
    words += ["--peers", RULES, NGRAMS, MEDCAT, "--sizes", "20", "40", "--peer-seconds", "40"]
    assert throughput.main([*words, "--rounds", "1"]) == 0
    text = out.read_text(encoding="utf-8")
    assert capsys.readouterr().out.strip() in text
    assert "| rules | 300 | 300 | 300 | " in text
    assert " GB | 2 | 2 | 2 | 30 |" in text
    failed = "failed: ModuleNotFoundError: No module named 'no_such_thing'"
    assert text.count(failed) == 2  # the table and the verdict; on the curve it is not tried again
    assert "| MedCAT | 40 | not run: about 50 s |" in text
    assert "- 5 times the notes/s of MedCAT: **reached**, ours 6.00 times;" in text
    assert "- At least the notes/s of rules: **reached**, " in text
    tables = [line.count("|") for line in text.splitlines() if line.startswith("|")]
    assert set(tables) == {11, 7}
    drawn = out.with_name(throughput.PICTURE).read_text(encoding="utf-8")
    assert drawn.count("<!-- MedCAT -->") == 1
    assert drawn.count("workers 2 -->") == 1  # XML takes no two hyphens in a comment
    assert "n-gram" not in drawn


@needs_matplotlib
def test_a_quick_run_is_written_nowhere(shared: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(throughput, "make_workspace", pretend_notes)
    before = sections.RESULTS.read_bytes()
    words = ["--shared", str(shared), "--model", str(shared), "--quick", "--sizes", "20"]
    assert throughput.main(words) == 0
    said = capsys.readouterr().out
    assert "one run each" in said
    assert said.count("**not measured**") == 5
    assert sections.RESULTS.read_bytes() == before


@needs_matplotlib
def test_the_same_figures_give_the_same_picture(tmp_path: Path) -> None:
    curve = {(name, notes): make_timing(rate, notes=notes) for notes in (10, 100)
             for name, rate in ((WORKERS, 600.0), (DICTIONARY, 601.0), (RULES, 2e4))}  # fmt: skip
    for name in ("a", "b"):
        throughput.draw(tmp_path / f"{name}.svg", curve)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_every_system_has_its_own_look() -> None:
    assert throughput.LOOKS.keys() == {*throughput.ON_CURVE, *throughput.PEERS}
    assert len(set(throughput.LOOKS.values())) == len(throughput.LOOKS)


@needs_matplotlib
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--peers-python", "no-such-python"], "no Python to run"),
        (["--peers-python", sys.executable, "--shared", "{}/none"], "No data found"),
        (["--peers-python", sys.executable, "--peers", RULES], "no such runner"),
    ],
)
def test_what_is_missing_is_told_before_minutes_are_spent(
    words: list[str], said: str, tmp_path: Path, shared: Path, capsys
) -> None:
    (shared / "peers" / throughput.PEERS[RULES]).unlink()
    if "--peers" not in words:
        words = [*words, "--peers", MEDCAT]
    out = tmp_path / "R.md"
    given = ["--shared", str(shared), *(word.format(tmp_path) for word in words)]
    assert throughput.main([*given, "--out", str(out)]) == 4
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert said in told.err
    assert not out.exists()


@needs_matplotlib
def test_a_place_that_cannot_be_written_is_told_before(
    tmp_path: Path, shared: Path, capsys
) -> None:
    assert throughput.main(["--shared", str(shared), "--out", str(tmp_path)]) == 2
    told = capsys.readouterr()
    assert "cannot be written" in told.err
    assert told.err.count("\n") == 1


@pytest.mark.parametrize(
    "words", [["--peers", "medcatt"], ["--sizes", "0"], ["--sizes"], ["--rounds", "0"]]
)
def test_wrong_options_are_exit_2(words: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        throughput.parse_options(words)


def test_it_starts_as_a_file() -> None:
    command = [sys.executable, str(throughput.__file__), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/")
    assert "--peer-seconds" in done.stdout
