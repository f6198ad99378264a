"""Synthetic notes: reproducible, in all languages, with spans that are their aliases."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from benchmarks import synthetic
from lvmh_jax.records import LANGUAGES

LEXICON = {
    "gift": {
        "label": "Gift",
        "aliases": [
            "gift for her",
            "cadeau pour elle",
            "Geschenk für sie",
            "ギフト",
            "선물",
            "礼物",
        ],
        "languages": "EN|FR|DE|JA|KO|ZH",
    },
    "golf": {"label": "Golf", "aliases": "golf|гольф|غولف|𝔤𝔬𝔩𝔣 ⛳", "languages": ""},
    "empty": {"label": "Nothing", "aliases": [], "languages": "EN"},
}


@pytest.fixture
def lexicon(tmp_path: Path) -> Path:
    path = tmp_path / "lexicon.json"
    path.write_text(json.dumps(LEXICON, ensure_ascii=False), encoding="utf-8")
    return path


def read_gold(folder: Path) -> list[dict]:
    lines = (folder / "data" / "gold" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def read_notes(folder: Path) -> list[dict]:
    return pq.read_table(folder / "data" / "processed" / "notes_clean.parquet").to_pylist()


def read_bytes(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_same_seed_same_bytes(lexicon: Path, tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        synthetic.write_workspace(lexicon, tmp_path / name, 100, seed, gold=True)
    first, again, other = (read_bytes(tmp_path / name) for name in "abc")
    assert first == again
    assert len(first) == 3
    assert first["data/gold/dev.jsonl"] != other["data/gold/dev.jsonl"]


def test_spans_are_aliases_of_their_concept(
    lexicon: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthetic, "ROW_GROUP", 40)  # several groups, the last one short
    synthetic.write_workspace(lexicon, tmp_path, 130, 0, gold=True)
    notes, gold = read_notes(tmp_path), read_gold(tmp_path)
    assert [row["note_id"] for row in gold] == [note["note_id"] for note in notes]
    assert len({note["note_id"] for note in notes}) == 130
    found = set()
    for note, row in zip(notes, gold, strict=True):
        for span in row["spans"]:
            alias = note["text"][span["start"] : span["end"]]
            assert alias in LEXICON[span["concept_id"]]["aliases"]
            found.add(alias)
        assert row["concepts"] == sorted({span["concept_id"] for span in row["spans"]})
        assert note["text"] == note["text"].strip() != ""
    assert {"𝔤𝔬𝔩𝔣 ⛳", "礼物", "Geschenk für sie"} <= found  # no script is left out


def test_notes_have_all_languages_and_the_contract_columns(lexicon: Path, tmp_path: Path) -> None:
    synthetic.write_workspace(lexicon, tmp_path, 24, 0, gold=False)
    table = pq.read_table(tmp_path / "data" / "processed" / "notes_clean.parquet")
    columns = ["note_id", "client_id", "date", "duration", "language", "length", "text"]
    assert table.column_names == columns
    assert set(table.column("language").to_pylist()) == set(LANGUAGES)
    assert read_bytes(tmp_path)["taxonomy/lexicon_v1.json"] == lexicon.read_bytes()
    assert not (tmp_path / "data" / "gold" / "dev.jsonl").exists()  # an empty one is invalid


@pytest.mark.parametrize(
    ("alias", "listed", "languages"),
    [
        ("подарок жене", [], ["RU"]),
        ("奥様へのプレゼント", [], ["JA"]),
        ("礼物", ["ZH"], ["ZH"]),
        ("gift for her", ["FR", "EN"], ["EN"]),
        ("cadeau pour sa femme", [], ["FR"]),
        ("golf", ["IT", "JA"], ["IT"]),
    ],
)
def test_languages_of_aliases(alias: str, listed: list[str], languages: list[str]) -> None:
    assert synthetic.guess_languages(alias, listed) == languages


def test_lexicon_without_aliases_is_refused() -> None:
    with pytest.raises(SystemExit, match="no alias"):
        synthetic.make_stock({"empty": LEXICON["empty"]})


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_notes(lexicon: Path, tmp_path: Path) -> None:
    def run(notes: int) -> dict:
        command = [sys.executable, synthetic.__file__, "--lexicon", lexicon, "--seed", "0"]
        command += ["--out", tmp_path / str(notes), "--notes", str(notes)]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)

    small, large = run(100_000), run(500_000)
    assert large["peak_rss_mb"] < 1.5 * small["peak_rss_mb"]
    assert large["peak_rss_mb"] < 500


def test_memory_is_measured_without_that_of_the_parent() -> None:
    held = bytearray(synthetic.read_peak_rss_bytes())
    code = "from benchmarks import synthetic; print(synthetic.read_peak_rss_bytes())"
    read = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert int(read.stdout) < len(held)
