from __future__ import annotations

import json

import pytest

from benchmarks import scale

RESULT = {
    "aliases": 50,
    "read_s": 1.0,
    "prepare_s": 2.0,
    "first_epoch_s": 3.0,
    "steps_per_s": 4.0,
    "peak_rss_bytes": 5e9,
}


@pytest.fixture
def measured(monkeypatch):
    sizes = []

    def measure(concepts, notes, seed):
        sizes.append((concepts, notes, seed))
        return {"concepts": concepts, "notes": notes, **RESULT}

    monkeypatch.setattr(scale, "measure_size", measure)
    return sizes


def test_a_size_that_is_kept_is_not_measured_again(tmp_path, measured) -> None:
    pytest.importorskip("matplotlib")
    keep, out = tmp_path / "sizes.jsonl", tmp_path / "RESULTS.md"
    command = ["--notes", "50", "--keep", str(keep), "--out", str(out)]
    assert scale.main([*command, "--concepts", "10", "20"]) == 0
    assert measured == [(10, 10_000, 0), (20, 10_000, 0), (1_000, 50, 0)]
    lines = [json.loads(line) for line in keep.read_text().splitlines()]
    assert [line["key"][0] for line in lines] == ["concepts", "concepts", "notes"]
    lines[0]["result"]["commit"] = "abcdef0"
    keep.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert scale.main([*command, "--concepts", "10", "20", "30"]) == 0
    assert measured[3:] == [(30, 10_000, 0)]
    section = out.read_text()
    assert section.count("| 5.00 GB |") == 4
    assert "at abcdef0 10 concepts with 10,000 notes." in section
    assert (tmp_path / "scale.svg").exists()


def test_another_seed_is_another_size(tmp_path, measured) -> None:
    kept = scale.KeptSizes(tmp_path / "sizes.jsonl", "abcdef0")
    for seed in (0, 1, 0):
        assert kept.measure("concepts", 10, 20, seed)["commit"] == "abcdef0"
    assert [seed for _, _, seed in measured] == [0, 1]


def test_the_seed_is_that_of_lexicon_notes_and_training(monkeypatch) -> None:
    told = []

    def run(command):
        told.append(command[command.index("--seed") + 1])
        return "{}"

    monkeypatch.setattr(scale, "_run", run)
    lexicons = []
    monkeypatch.setattr(
        scale, "write_lexicon", lambda path, _, seed: (path.touch(), lexicons.append(seed))
    )
    scale.measure_size(10, 20, 7)
    assert (lexicons, told) == ([7], ["7", "7"])
