"""A client that was forgotten is nowhere, and everything else is where it was."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from lvmh_jax.data.privacy import pseudonym
from lvmh_jax.errors import InvalidInputError, LvmhError, NotFoundError, UsageError
from lvmh_jax.io.artefact import read_model
from lvmh_jax.io.deciders import memory_arrays
from lvmh_jax.io.export import unpack_model
from tests.generators import CANDIDATES, LEXICON, NOTES, write_file
from tests.pipeline.erasing import (
    CLIENT,
    MODEL,
    OTHER,
    OURS,
    SENTENCE,
    SHARED,
    SUGGESTIONS,
    THEIRS,
    make_memory,
    make_notes,
    run,
    traces_in,
)
from tests.pipeline.workshop import read_tree


def test_nothing_of_the_client_is_left_anywhere(site: Path) -> None:
    before = {name for name, _ in traces_in(site)}
    assert {
        "notes_clean.parquet", "candidates.csv", "lexicon_v1.json", "train.jsonl", "dev.jsonl",
        "test.jsonl", "note_concepts.csv", "client_profiles.csv", "found.json",
        "note_vectors.parquet", "training_examples.json", "held_out.json", "lexicon.json",
        "report.html",
    } <= before  # fmt: skip
    result = run(site)
    assert traces_in(site) == set()
    assert not (site / "data/outputs/page.html").exists()
    assert result["left"] == []
    assert result["notes"] == 2
    assert [*site.rglob("*.forget"), *site.rglob(".forget.json")] == []


def test_a_second_run_finds_nothing_and_changes_nothing(site: Path) -> None:
    run(site)
    before = read_tree(site)
    again = run(site)
    assert not again["found"]
    assert again["receipt"] is None
    assert again["files"] == []
    assert read_tree(site) == before


@pytest.mark.parametrize("client", ["CL_004", "nobody", "L_0042"])
def test_a_client_that_is_nowhere_changes_nothing(site: Path, client: str) -> None:
    before = read_tree(site)
    assert not run(site, client)["found"]
    assert read_tree(site) == before


def test_a_dry_run_tells_the_same_and_changes_nothing(site: Path) -> None:
    before = read_tree(site)
    told = run(site, dry_run=True)
    assert read_tree(site) == before
    assert told["files"] == run(site)["files"]


def test_a_note_without_client_is_its_own(site: Path) -> None:
    assert run(site, "N_104")["notes"] == 1
    assert "N_104" not in (site / "data/outputs/note_concepts.csv").read_text("utf-8")


def test_rows_of_others_keep_their_bytes(site: Path) -> None:
    before = read_tree(site)
    run(site)
    after = read_tree(site)
    for name in ("note_concepts.csv", "client_profiles.csv", "other.html", "relations.csv"):
        old, new = before[f"data/outputs/{name}"], after[f"data/outputs/{name}"]
        records = old.split(b"\r\n" if name == "note_concepts.csv" else b"\n")
        ours = (CLIENT.encode() + b",", b"N_101", b"N_103")
        kept = [each for each in records if not each.startswith(ours)]
        assert new == (b"\r\n" if name == "note_concepts.csv" else b"\n").join(kept)
    assert after["data/gold/train.jsonl"] == before["data/gold/train.jsonl"].splitlines(True)[0]
    assert after[CANDIDATES].decode() == (
        "candidate,language,freq_notes,avg_score,example_note_ids\n"
        "sac à main,FR,6,0.4,N_102\n"
        "gift,EN,2,0.4,N_100|N_104\n"
        "奥様,JA,8.0,0.4,\n"
    )
    lexicon = json.loads(before[LEXICON])
    for concept in lexicon.values():
        concept |= {"examples": ["N_100"], "freq_notes": 1}
        concept["aliases"] = [alias for alias in concept["aliases"] if alias != SENTENCE]
    assert after[LEXICON].decode() == json.dumps(lexicon, ensure_ascii=False, indent=2)


def test_rows_that_list_notes_keep_the_marks_of_the_others(site: Path) -> None:
    result = run(site)
    after = read_tree(site / "data/outputs")
    suggested = after["alias_suggestions.csv"].decode().split("\r\n")
    header, _, shared, others, end = SUGGESTIONS.split("\r\n")
    assert suggested == [header, shared.replace("2;N_101|N_102", "1;N_102"), others, end]
    assert after["new_concepts.csv"].decode() == (
        "cluster_id,name,candidates,notes,evidence_note_ids,cohesion\n"
        "0,bolso negro,bolso negro,1,N_102,0.5\n"
        "2,red,red|nothing red,1,N_104,0.3\n"
    )
    assert after["mine.csv"].decode() == "what;who\nsend card;x\n"
    removed = {each["path"].split("/")[-1]: each["rows"] for each in result["files"]}
    names = ("alias_suggestions.csv", "new_concepts.csv", "mine.csv")
    assert [removed[name] for name in names] == [2, 2, 1]


def test_a_sentence_that_others_say_too_is_nobodys(site: Path) -> None:
    write_file(site, "data/outputs/stock.html", f"<p>{SHARED}</p>")
    run(site)
    assert (site / "data/outputs/stock.html").exists()
    assert json.loads((site / "data/outputs/found.json").read_text("utf-8"))["said"] == [
        "x",
        SHARED,
    ]


def test_parquet_keeps_schema_groups_and_compression(site: Path) -> None:
    paths = [site / NOTES, site / "data/outputs/note_vectors.parquet"]
    before = [(parquet.read_table(path), parquet.read_metadata(path)) for path in paths]
    run(site)
    for path, (table, metadata) in zip(paths, before, strict=True):
        new, layout = parquet.read_table(path), parquet.read_metadata(path)
        assert new.schema.equals(table.schema, check_metadata=True)
        kept = [row for row in table.to_pylist() if row["note_id"] not in OURS]
        assert new.to_pylist() == kept
        assert len(kept) == 3
        codecs = [m.row_group(0).column(0).compression for m in (metadata, layout)]
        assert codecs[0] == codecs[1]
    assert parquet.read_metadata(paths[1]).num_row_groups == 3


def test_the_model_still_works_and_says_that_training_is_due(site: Path) -> None:
    folder = site / "models" / MODEL
    before = unpack_model(read_model(folder), "")
    result = run(site)
    contents = read_model(folder)  # against the manifest
    after = unpack_model(contents, "")
    assert contents.metadata["retrain_due"] is True
    assert result["models_marked"] == [MODEL]
    assert not (folder / "checkpoints").exists()
    assert not (folder / "report.html").exists()
    assert not (folder.parent / f".{MODEL}.part").exists()
    left = [alias for alias in before.detector.index.aliases if alias.text != SENTENCE]
    assert list(after.detector.index.aliases) == left
    assert len(after.held_A) == len(left)
    assert after.held_A.all()
    vector_of = dict(zip(before.detector.index.aliases, before.detector.index.vectors_AD))  # noqa: B905
    for alias, vector in zip(left, after.detector.index.vectors_AD, strict=True):
        assert (vector == vector_of[alias]).all()
    texts = [each["text"] for each in contents.documents["training_examples"]["context_examples"]]
    assert texts == list(THEIRS.values())
    assert len(after.fold_of) == 3
    assert len(after.held_notes) == 1


def test_the_model_remembers_what_the_others_said_alone(site: Path) -> None:
    run(site)
    contents = read_model(site / "models" / MODEL)
    expected = make_memory([note for note in make_notes() if note.note_id in THEIRS])
    for name, array in memory_arrays(expected).items():
        np.testing.assert_array_equal(contents.arrays["memory"][name], array, name)


def test_the_receipt_names_files_and_no_client(site: Path) -> None:
    result = run(site)
    path = Path(result["receipt"])
    receipt = json.loads(path.read_text("utf-8"))
    assert path.parent == site / "data"
    assert path.name.startswith("forget_receipt_")
    assert receipt["clients"] == [pseudonym(CLIENT, result["receipt_key"])]
    assert result["receipt_key"] not in path.read_text("utf-8")
    removed = {each["path"]: each["removed"] for each in receipt["files"]}
    assert removed[NOTES] == removed["data/outputs/note_concepts.csv"] == 2
    assert removed[f"models/{MODEL}/checkpoints/"] == "all"
    assert receipt["models_marked"] == [MODEL]
    assert {*removed} - {*receipt["looked_at"]} == {
        name for name in removed if name.startswith("models/")
    }


def break_parquet(root: Path) -> None:
    path = root / NOTES
    path.write_bytes(path.read_bytes()[:-40])


def break_vectors(root: Path) -> None:
    path = root / "data/outputs/note_vectors.parquet"
    path.write_bytes(path.read_bytes()[:-40])


def link_notes(root: Path) -> None:
    (root / NOTES).rename(root / "elsewhere.parquet")
    (root / NOTES).symlink_to(root / "elsewhere.parquet")


def link_output(root: Path) -> None:
    (root / "data/outputs/link.csv").symlink_to(root / CANDIDATES)


def change_model(root: Path) -> None:
    path = root / "models" / MODEL / "held_out.json"
    path.write_bytes(path.read_bytes() + b" ")


def block(root: Path) -> None:
    (root / "data/processed/.notes_clean.parquet.forget").mkdir()


FAULTS: list[tuple[Callable[[Path], object], type[LvmhError], str]] = [
    (break_parquet, InvalidInputError, "notes_clean.parquet"),
    (break_vectors, InvalidInputError, "note_vectors.parquet"),
    (link_notes, InvalidInputError, "symbolic link"),
    (link_output, InvalidInputError, "link.csv"),
    (change_model, InvalidInputError, "held_out.json"),
    (block, UsageError, "cannot be written"),
    (lambda root: (root / NOTES).unlink(), NotFoundError, "No data found"),
    (lambda r: write_file(r, "data/gold/dev.jsonl", "{oops"), InvalidInputError, "dev.jsonl:1"),
    (lambda r: write_file(r, CANDIDATES, "a,b\n1,2\n"), InvalidInputError, "candidates.csv"),
    (lambda r: write_file(r, LEXICON, "[]"), InvalidInputError, "lexicon_v1.json"),
    (lambda r: write_file(r, "data/outputs/x.csv", "note_id,b\n1\n"), InvalidInputError, "x.csv"),
    (lambda r: write_file(r, "data/outputs/y.csv", b"\xc3\xa9\n\xff"), InvalidInputError, "UTF-8"),
]


@pytest.mark.parametrize(("spoil", "error", "told"), FAULTS)
def test_what_is_broken_is_refused_and_nothing_changes(
    site: Path, spoil: Callable[[Path], object], error: type[LvmhError], told: str
) -> None:
    spoil(site)
    before = read_tree(site)
    with pytest.raises(error, match=told) as raised:
        run(site)
    assert CLIENT not in str(raised.value)
    assert "\n" not in str(raised.value)
    assert read_tree(site) == before


def test_what_is_no_output_is_told_and_stays(site: Path) -> None:
    write_file(site, "data/raw/mail.txt", f"about {CLIENT}")
    write_file(site, "data/raw/scan.bin", b"\x00")
    result = run(site)
    assert result["left"] == ["data/raw/mail.txt"]
    assert result["not_read"] == ["data/raw/scan.bin"]


def test_outputs_elsewhere_and_named_twice(site: Path, tmp_path: Path) -> None:
    write_file(tmp_path, f"else/{CLIENT}.html", "<p>a page</p>")
    write_file(tmp_path, "else/found.csv", f"client_id\n{CLIENT}\n{OTHER}\n")
    given = [tmp_path / "else", Path(os.path.relpath(tmp_path / "else/found.csv"))]
    result = run(site, outputs=given)
    assert (tmp_path / "else/found.csv").read_text() == f"client_id\n{OTHER}\n"
    assert not (tmp_path / f"else/{CLIENT}.html").exists()
    assert CLIENT not in json.dumps(result).replace(OTHER, "")
    assert traces_in(tmp_path) == set()


def test_several_clients_at_once(site: Path) -> None:
    assert run(site, CLIENT, OTHER)["notes"] == 4
    assert parquet.read_table(site / NOTES)["note_id"].to_pylist() == ["N_104"]
    assert not (site / "data/gold/train.jsonl").exists()  # an empty file would be refused
