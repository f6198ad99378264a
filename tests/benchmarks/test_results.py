"""RESULTS.md: sections stay apart, tables are whole, a disputed figure is not written."""

from __future__ import annotations

import doctest
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import quality, sections, speed
from lvmh_jax.errors import InvalidInputError, LvmhError, NotFoundError

FIGURES = {
    "protocol": "gold-dev-crossval",
    "precision": {"value": 0.9, "ci_low": 0.85, "ci_high": 0.95},
    "recall": {"value": 0.8, "ci_low": 0.75, "ci_high": 0.85},
    "f1": {"value": 0.84706, "ci_low": 0.8, "ci_high": 0.9},
    "macro_f1": 0.7,
    "span_strict": {"precision": 0.5, "recall": 0.5, "f1": 0.5},
    "span_relaxed": None,
    "dictionary": {"f1": 0.6},
    "calibration_error": 0.04,
}
SCORED = {
    "note_level": {"p": 0.9, "r": 0.8, "f1": 0.8471},
    "macro_f1": 0.7,
    "span_strict": {"p": 0.5, "r": 0.5, "f1": 0.5, "gold": 4},
    "span_relaxed": {"p": 0.0, "r": 0.0, "f1": 0.0, "gold": 0},
}


@pytest.mark.parametrize("module", [quality, sections, speed])
def test_examples_in_docstrings(module) -> None:
    assert doctest.testmod(module).failed == 0


# Sections.


def test_a_section_replaces_only_itself() -> None:
    document = "# Results\n"
    for name, body in (("quality", "old"), ("speed", "fast"), ("quality", "new\n\nlines")):
        document = sections.replace_section(document, name, body)
    assert document == (
        "# Results\n\n<!-- begin quality -->\nnew\n\nlines\n<!-- end quality -->\n\n"
        "<!-- begin speed -->\nfast\n<!-- end speed -->\n"
    )
    assert sections.replace_section(document, "speed", "fast") == document


@pytest.mark.parametrize(
    "lines",
    [
        ["<!-- begin speed -->"],
        ["<!-- end speed -->"],
        ["<!-- end speed -->", "<!-- begin speed -->"],
        ["<!-- begin speed -->", "<!-- end speed -->"] * 2,
    ],
)
def test_broken_markers_lose_nothing(lines: list[str], tmp_path: Path) -> None:
    path = tmp_path / "RESULTS.md"
    path.write_text("\n".join([*lines, "precious"]), encoding="utf-8")
    with pytest.raises(InvalidInputError, match="do not enclose"):
        sections.write_section(path, "speed", "fast")
    assert path.read_text(encoding="utf-8").endswith("precious")


def test_a_missing_file_is_made_with_its_head(tmp_path: Path) -> None:
    path = tmp_path / "new" / "RESULTS.md"
    sections.write_section(path, "speed", "fast")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Results\n")
    assert text.endswith("<!-- begin speed -->\nfast\n<!-- end speed -->\n")
    assert [file.name for file in path.parent.iterdir()] == ["RESULTS.md"]


def test_a_ragged_table_is_refused() -> None:
    with pytest.raises(ValueError, match="as long as its head"):
        sections.markdown_table(("a", "b"), [("1",)])


def test_commit_says_whether_the_tree_is_changed(tmp_path: Path) -> None:
    out = tmp_path / "RESULTS.md"
    assert sections.read_commit(tmp_path, out) == "unknown"
    identity = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run(["git", "-C", str(tmp_path), *identity, *words], check=True)
    out.write_text("figures", encoding="utf-8")  # as the script before this one left it
    clean = sections.read_commit(tmp_path, out)
    assert clean.isalnum()
    (tmp_path / "code.py").touch()
    assert sections.read_commit(tmp_path, out) == f"{clean}+changes"


def test_a_section_starts_with_command_commit_and_machine() -> None:
    start = sections.describe_run("benchmarks/speed.py", ["--workspace", "a b"], sections.RESULTS)
    command, _, rest = start.splitlines()
    assert command == "    python benchmarks/speed.py --workspace 'a b'"
    assert rest.startswith("Commit ")
    assert " cores, " in rest
    assert "jax" in rest


# The table of quality.


def test_table_has_mean_and_spread_over_seeds() -> None:
    other = {**FIGURES, "f1": {"value": 0.86, "ci_low": 0.81, "ci_high": 0.91}}
    outcomes = [quality.Outcome(FIGURES, "full", 61.0), quality.Outcome(other, "full", 63.0)]
    one = quality.Result("clienteling", quality.USED, outcomes)
    two = quality.Result("origin", quality.NONE, [quality.Outcome(FIGURES, "dictionary", 60.0)])
    head, rule, first, second = quality.make_table([one, two]).splitlines()
    assert head.count("|") == rule.count("|") == first.count("|") == second.count("|")
    cells = dict(zip(quality.HEAD, (cell.strip() for cell in first.split("|")[1:-1]), strict=True))
    assert cells["F1"] == "0.854 (0.847..0.860)"
    assert cells["train s"] == "62 (61..63)"
    assert cells["span relaxed F1"] == "-"
    assert cells["protocol"] == "gold-dev-crossval"
    assert cells["best peer F1"] == "0.769 n-gram TF-IDF"
    assert cells["decides"] == "full"
    assert "| 0.847 |" in second
    assert second.endswith("| - | dictionary |")


# Whole runs, with a fake in the place of the product.


def make_shared(folder: Path, scored: dict[str, Any]) -> Path:
    """An owners' folder with `authored`, `clienteling`, `origin`, and a scorer that says this."""
    for name in ("authored", "clienteling", "origin"):
        for file in ("taxonomy/lexicon_v1.json", "data/processed/notes_clean.parquet"):
            path = folder / "data" / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        if name != "origin":
            gold = folder / "data" / name / "data" / "gold" / "dev.jsonl"
            gold.parent.mkdir()
            gold.touch()
    tool = folder / "tools" / "score.py"
    tool.parent.mkdir()
    tool.write_text(f"print({json.dumps(scored)!r})", encoding="utf-8")
    return folder


@pytest.fixture
def fake_cli(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, bool]]:
    """Replaces the command line; what was run: (command, workspace, did it see gold)."""
    seen = []

    def run(*words: Any, cache: Path | None = None) -> speed.Finished:
        at = Path(words[words.index("--workspace") + 1])
        seen.append((words[0], at.name, (at / "data" / "gold").exists()))
        assert (at / "taxonomy" / "lexicon_v1.json").is_file()
        assert (at / "data" / "processed" / "notes_clean.parquet").is_file()
        model = {"model_path": "m", "metrics": {"learned_matches": "full"}}
        payload = model if words[0] == "train" else FIGURES
        return speed.Finished(f"log\n{json.dumps(payload)}\n", 60.0, 2**30)

    monkeypatch.setattr(quality, "run_cli", run)
    return seen


def test_quality_trains_with_and_without_gold(tmp_path: Path, fake_cli, capsys) -> None:
    out, shared = tmp_path / "R.md", make_shared(tmp_path / "shared", SCORED)
    assert quality.main(["--shared", str(shared), "--out", str(out), "--size", "tiny"]) == 0
    assert fake_cli == [
        ("train", "clienteling", True),
        ("evaluate", "clienteling", True),
        ("train", "plain", False),
        ("evaluate", "clienteling", True),
        ("train", "authored", True),
        ("evaluate", "authored", True),
        ("train", "origin", False),
        ("evaluate", "origin", False),
    ]
    text = out.read_text(encoding="utf-8")
    assert capsys.readouterr().out.strip() in text
    assert "authored has no line without gold" in text
    assert text.count("\n| clienteling |") == 2 * 3  # figures, languages, buckets
    assert "Size tiny, seed 0." in text


@pytest.mark.parametrize(
    ("level", "key", "name"),
    [("note_level", "f1", "f1"), ("span_strict", "r", "span_strict recall")],
)
def test_disagreement_with_the_scorer_is_exit_6(
    level: str, key: str, name: str, tmp_path: Path, fake_cli, capsys
) -> None:
    scored = {**SCORED, level: {**SCORED[level], key: SCORED[level][key] + 1e-4}}
    out, shared = tmp_path / "R.md", make_shared(tmp_path / "shared", scored)
    words = ["--shared", str(shared), "--out", str(out), "--workspaces", "authored"]
    assert quality.main(words) == 6
    assert f"Error: authored: {name} is " in capsys.readouterr().err
    assert not out.exists()


def test_a_span_figure_that_only_the_scorer_has_is_a_disagreement() -> None:
    scored = {**SCORED, "span_relaxed": {"p": 0.1, "r": 0.1, "f1": 0.1, "gold": 3}}
    with pytest.raises(LvmhError, match="span_relaxed precision is None"):
        quality.compare_scores(FIGURES, scored, "authored")


def test_a_broken_scorer_is_named(tmp_path: Path) -> None:
    shared = make_shared(tmp_path, {})
    (shared / "tools" / "score.py").write_text("raise SystemExit('boom')", encoding="utf-8")
    with pytest.raises(LvmhError, match=r"score\.py: ended with 1: boom"):
        quality.run_scorer(shared, shared / "data" / "authored", tmp_path / "found.csv")


@pytest.mark.parametrize(
    "run",
    [
        lambda folder: quality.main(["--shared", str(folder / "shared")]),
        lambda folder: speed.main(["--workspace", str(folder / "shared" / "data" / "x")]),
    ],
)
def test_missing_shared_folder_is_one_clean_line(run, tmp_path: Path, capsys) -> None:
    assert run(tmp_path) == 4
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert f"Error: {tmp_path / 'shared' / 'data'}" in said.err
    assert "No data found" in said.err


def test_unknown_workspace_names_the_nearest(tmp_path: Path, capsys) -> None:
    shared = make_shared(tmp_path, SCORED)
    assert quality.main(["--shared", str(shared), "--workspaces", "autored"]) == 4
    assert "did you mean 'authored'?" in capsys.readouterr().err


# Measuring a process.


def test_a_command_is_measured(tmp_path: Path) -> None:
    done = speed.run_cli("--version", cache=tmp_path)
    assert "lvmh-jax" in done.stdout
    assert 0 < done.seconds < 60
    assert 5e6 < done.peak_rss_bytes < 4e9


def test_a_command_that_fails_is_named_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(LvmhError, match=r"`lvmh-jax list` ended with 4: Error: .*no such folder"):
        speed.run_cli("list", "--models-dir", tmp_path / "none", "--workspace", tmp_path)


def test_speed_tells_when_two_runs_differ(tmp_path: Path, monkeypatch, capsys) -> None:
    """Two trainings of the same seed, one byte apart: the figures are written, the exit is 6."""
    count = iter(range(100))

    def run(*words: Any, cache: Path | None = None) -> speed.Finished:
        payload: dict[str, Any] = {"notes": 2000, "notes_per_second": 310.0}
        if words[0] == "train":
            model = tmp_path / f"model{next(count)}"
            model.mkdir()
            (model / "weights.safetensors").write_bytes(model.name.encode())
            (model / "embeddings.safetensors").write_bytes(b"same")
            payload = {"model_path": str(model), "metrics": {"learned_matches": "full"}}
        return speed.Finished(json.dumps(payload), 60.0, 1_500_000_000)

    monkeypatch.setattr(speed, "run_cli", run)
    out, shared = tmp_path / "R.md", make_shared(tmp_path / "shared", SCORED)
    workspace = str(shared / "data" / "clienteling")
    assert speed.main(["--workspace", workspace, "--out", str(out)]) == 6
    assert "two runs with one seed differ in weights.safetensors" in capsys.readouterr().err
    text = out.read_text(encoding="utf-8")
    assert "| the same bytes twice: embeddings.safetensors, weights.safetensors | no |" in text
    assert "| `detect`, clienteling, 2,000 notes, full, cold | 310 notes/s |" in text
    assert "| 60.0 s | peak RSS 1.50 GB |" in text


def test_a_model_without_arrays_is_not_the_same_twice(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no array files"):
        speed.digest_weights(tmp_path)


def test_scripts_start_as_files() -> None:
    for script in (quality, speed):
        command = [sys.executable, str(script.__file__), "--help"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/")
        assert "--out" in done.stdout


def test_what_is_published_is_printed_and_written(tmp_path, capsys) -> None:
    out = tmp_path / "RESULTS.md"
    assert sections.publish(out, "speed", lambda: "## Speed\n") == 0
    assert capsys.readouterr().out == "## Speed\n"
    assert "<!-- begin speed -->\n## Speed\n<!-- end speed -->" in out.read_text()


def test_a_failed_measurement_is_one_line_and_writes_nothing(tmp_path, capsys) -> None:
    def fail() -> str:
        raise NotFoundError("no notes", where="here", fix="give some")

    out = tmp_path / "RESULTS.md"
    assert sections.publish(out, "speed", fail) == NotFoundError.exit_code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("Error: ")
    assert said.err.count("\n") == 1
    assert not out.exists()
