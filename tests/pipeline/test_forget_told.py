"""What `forget` leaves as it is and tells: files in the workspace itself, ids in other case."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest
from pyarrow import parquet

from lvmh_jax.io.progress import Progress
from lvmh_jax.io.workspace import LEXICON_TABLE, read_lexicon_file
from lvmh_jax.pipeline.forget import forget
from tests.generators import CANDIDATES, LEXICON, NOTES, write_file, write_parquet
from tests.pipeline.erasing import CLIENT, MODEL, OTHER, SENTENCE, TEXTS, run
from tests.pipeline.workshop import TRAIN, Shop, answer_of, read_tree, run_well


def test_data_in_the_workspace_itself_is_told_and_stays(site: Path) -> None:
    write_file(site, "export.csv", f"N° Client;Note\n{CLIENT};noir\n")
    write_file(site, "tasks.json", json.dumps([{"data": {"text": SENTENCE}}]))
    write_file(site, "others.jsonl", json.dumps({"client": OTHER}))
    write_file(site, "page.html", f"<p>about <b>{CLIENT}</b></p>")
    write_file(site, "old.tsv", f"id\ttext\nN_101\t{SENTENCE}\n")
    write_parquet(site, "raw.parquet", {"Client": [OTHER, CLIENT], "n": [1, 2]})
    (site / "utf16.csv").write_bytes(f"Client;Note\n{CLIENT};noir\n".encode("utf-16"))
    (site / "book.xlsx").write_bytes(b"PK")
    write_file(site, "notes.txt", CLIENT)
    write_file(site, "LICENSE", CLIENT)
    write_file(site, "lines.json", f'{{"client": "{CLIENT}"}}\n{{"client": "{OTHER}"}}\n')
    write_file(site, "broken.jsonl", f'{{"client": "{CLIENT}"')
    (site / "link.parquet").symlink_to(site / "data/processed/notes_clean.parquet")
    write_file(site, ".venv/data.csv", CLIENT)
    before = read_tree(site)
    result = run(site, CLIENT)
    left = ["broken.jsonl", "export.csv", "lines.json", "notes.txt", "old.tsv", "page.html"]
    left += ["raw.parquet", "tasks.json", "utf16.csv"]
    assert result["left"] == left
    assert result["not_read"] == ["book.xlsx"]
    after = read_tree(site)
    assert all(after[name] == before[name] for name in [*left, "others.jsonl", "book.xlsx"])


def test_what_commands_wrote_into_other_folders_is_erased_and_the_rest_told(site: Path) -> None:
    names = ("alias_suggestions.csv", "alias_suggestions.csv.bak", "new_concepts.csv")
    kept = site / "data/outputs"
    shutil.copy(kept / names[0], kept / names[1])
    for folder in ("kw2", "."):
        for name in names:
            shutil.copy(kept / name, write_file(site, f"{folder}/{name}", ""))
        write_file(site, f"{folder}/candidates.csv", (site / CANDIDATES).read_bytes())
    write_file(site, "kw2/export.csv", f"N° Client;Note\n{CLIENT};noir\n")
    write_file(site, "kw3/candidates.csv", f'who\n"{CLIENT}')
    write_file(site, "kw3/deeper/page.html", CLIENT)
    write_file(site, "kw3/.candidates.csv.forget", "left by a run that was killed")
    write_file(site, ".venv/candidates.csv", (site / CANDIDATES).read_bytes())
    (site / "kw4").symlink_to(site / "kw2")
    result = run(site, CLIENT)
    assert result["left"] == ["kw2/export.csv", "kw3/candidates.csv"]
    assert not (site / "kw3/.candidates.csv.forget").exists()
    after = read_tree(site)
    for folder in ("kw2/", ""):
        assert all(after[f"{folder}{name}"] == after[f"data/outputs/{name}"] for name in names)
        assert after[f"{folder}candidates.csv"] == after[CANDIDATES]
    assert b"N_101" in after[".venv/candidates.csv"]


def test_a_file_of_the_root_that_is_an_output_is_erased_not_told(site: Path) -> None:
    write_file(site, "found.csv", f"client_id\n{CLIENT}\n{OTHER}\n")
    assert run(site, CLIENT, outputs=[site / "found.csv"])["left"] == []
    assert (site / "found.csv").read_text() == f"client_id\n{OTHER}\n"


@pytest.mark.parametrize("written", [CLIENT.lower(), f" {CLIENT}", CLIENT.replace("_", " _ ")])
def test_an_id_in_other_case_is_told_and_not_shown(site: Path, written: str) -> None:
    before = read_tree(site)
    stream = io.StringIO()
    told = forget([written], site, site / "models", progress=Progress(stream, quiet=True))
    assert not told["found"]
    assert told["similar_ids"] == 1
    (line,) = stream.getvalue().splitlines()
    assert "1 client's id is the same but for case or spaces" in line
    assert CLIENT not in stream.getvalue()
    assert read_tree(site) == before
    assert run(site, "CL_004")["similar_ids"] == 0


def test_rows_go_from_a_table_of_windows_and_its_bytes_stay(site: Path) -> None:
    rows = f"CLIENT_ID;Note\r\n{OTHER};beurré\r\n{CLIENT};beurré\r\n".encode("cp1252")
    path = write_file(site, "data/outputs/windows.csv", rows)
    assert run(site, CLIENT)["left"] == []
    assert path.read_bytes() == rows[: rows.rindex(CLIENT.encode())]


@pytest.mark.parametrize("dry_run", [True, False])
def test_wordings_of_nobody_else_are_told_and_stay(site: Path, dry_run: bool) -> None:
    lexicon = json.loads((site / LEXICON).read_text("utf-8"))
    lexicon["the_gift"]["aliases"] += ["Laurent", "laurent & fils", "gift", "voyager"]
    lexicon["the_red"]["aliases"] += ["sulfures de Baccarat", CLIENT]
    write_file(site, LEXICON, json.dumps(lexicon))
    told = {
        (e["path"], e["concept_id"]): e for e in run(site, CLIENT, dry_run=dry_run)["left_aliases"]
    }
    ours = told[LEXICON, "the_gift"]
    assert (ours["count"], ours["aliases"]) == (2, ["Laurent", "laurent & fils"])
    assert told[LEXICON, "the_red"]["aliases"] == ["sulfures de Baccarat"]
    assert run(site, OTHER, dry_run=True)["left_aliases"] != []
    assert run(site, "nobody", dry_run=True)["left_aliases"] == []
    kept = json.loads((site / LEXICON).read_text("utf-8"))["the_gift"]["aliases"]
    assert {"Laurent", "laurent & fils"} <= {*kept}


def test_wordings_of_a_model_are_told_too(site: Path) -> None:
    told = [each["path"] for each in run(site, OTHER, dry_run=True)["left_aliases"]]
    assert f"models/{MODEL}/lexicon.json" in told


def test_the_key_is_told_where_no_note_is_left(site: Path) -> None:
    everybody = {client or name for name, (client, _) in TEXTS.items()}
    assert run(site, *everybody)["receipt_key"]
    assert parquet.read_table(site / NOTES).num_rows == 0


@pytest.mark.parametrize("more", [(",examples", ",N_101", ","), ("", "", "")])
def test_the_key_is_told_where_no_wording_is_left(site: Path, more: tuple[str, str, str]) -> None:
    """And of a lexicon that is a table, with examples or without."""
    (site / LEXICON).unlink()
    table = f'concept_id,label,aliases{more[0]}\nthe_gift,,"{SENTENCE}"{more[1]}\n'
    path = write_file(site, LEXICON_TABLE, table)
    result = run(site, CLIENT)
    assert result["receipt_key"]
    assert result["left"] == []
    assert path.read_text().splitlines()[1] == f"the_gift,,{more[2]}"
    assert [concept.aliases for concept in read_lexicon_file(path)[0].concepts] == [()]


def test_training_after_it_names_the_models_that_still_know_the_client(
    site: Path, shop: Shop
) -> None:
    models = site / "models"
    other = MODEL.replace("20261122", "20261121")
    shutil.copytree(models / MODEL, models / other)
    run(site)
    result = run_well(*TRAIN, "--workspace", shop.root, "--models-dir", models)
    (line,) = [line for line in result.stderr.splitlines() if "erased since" in line]
    assert line.startswith("Warning: 2 older models learned")
    assert MODEL in line
    assert other in line
    (best,) = [x for x in answer_of("list", "--models-dir", models)["models"] if x["is_best"]]
    assert f"model: {best['path']}" in result.stdout.splitlines()
