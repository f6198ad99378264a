"""No model is saved with a text that identifies a person, wherever in the folder it stands."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from lvmh_jax.data.personal import kinds_in
from lvmh_jax.errors import QualityGateError, UsageError
from lvmh_jax.io.artefact import ModelContents, read_model, write_model
from lvmh_jax.io.gate import check_allowed, check_lexicon
from lvmh_jax.records import Concept, Lexicon

MAIL = "anna.k@example.fr"
METADATA = {"model_type": "concept_detector", "schema_version": 1}


def contents(alias: str = "bag", sample: str = "a bag", texts: str = "redacted", **more):
    documents = {
        "lexicon": [{"concept_id": "bag", "label": "Bag", "aliases": [alias]}],
        "concept_mapping": {"concepts": ["bag"], "labels": ["Bag"], "buckets": ["intent"]},
        "training_examples": {
            "concept_examples": [{"concept": "bag", "keyword": alias, "bucket": "intent"}],
            "context_examples": [{"text": sample, "language": "FR", "client_id": "123456789012"}],
        },
        "held_out": {"notes": ["4111111111111111"], "folds": {"4111111111111111": 0}},
    }
    metadata = {**METADATA, "pii_report": {"texts": texts}}
    arrays = {"weights": {"table": np.zeros(2, np.float32)}}
    return ModelContents(metadata, documents, arrays, **{"readme": "# Model\n", **more})


def test_a_clean_model_is_saved_with_a_report(tmp_path: Path) -> None:
    report = write_model(tmp_path / "m", contents())
    found = read_model(tmp_path / "m").metadata["pii_report"]
    assert found == report
    assert found["texts"] == "redacted"
    assert found["hits"] == {}
    assert found["scanned_files"] == 7
    assert found["not_scanned"] == []


@pytest.mark.parametrize("alias", [MAIL, r"anna.k\u0040example.fr", "+33 6 12 34 56 78"])
def test_an_alias_that_identifies_stops_the_save_and_is_told_by_concept(
    alias: str, tmp_path: Path
) -> None:
    with pytest.raises(QualityGateError, match=r"1 concept has personal data .*: bag \(") as caught:
        write_model(tmp_path / "m", contents(alias))
    assert caught.value.exit_code == 6
    assert alias not in str(caught.value)
    assert "--allow-alias" in str(caught.value)
    assert not (tmp_path / "m").exists()


def test_an_allowed_concept_is_saved_and_reported(tmp_path: Path) -> None:
    report = write_model(tmp_path / "m", contents(MAIL), allowed_concepts=["bag"])
    assert report["allowed_concepts"] == ["bag"]
    assert report["hits"] == {"EMAIL": 2}  # in the lexicon, and in the samples
    with pytest.raises(QualityGateError, match="bag"):
        write_model(tmp_path / "n", contents(MAIL), allowed_concepts=["scarf"])


def test_a_name_in_an_alias_is_told_and_saved(tmp_path: Path) -> None:
    report = write_model(tmp_path / "m", contents("mrs. dupont"))
    assert report["concepts_with_names"] == ["bag"]
    assert report["hits"] == {"NAME": 2}


def test_other_texts_stop_the_save_by_file_and_key(tmp_path: Path) -> None:
    place = "training_examples.json: context_examples/0/text"
    with pytest.raises(QualityGateError, match=rf"1 texts of the model: {place} \(EMAIL\)"):
        write_model(tmp_path / "m", contents(sample=f"mail {MAIL}"))
    with pytest.raises(QualityGateError, match=r"README.md: 2 \(EMAIL\)"):
        write_model(tmp_path / "m", contents(readme=f"# Model\nby {MAIL}"))


def test_texts_as_written_are_left_out_and_said_to_be(tmp_path: Path) -> None:
    report = write_model(tmp_path / "m", contents(sample=MAIL, texts="as written"))
    assert report["not_scanned"] == ["training_examples.json"]


FILES = {
    "report.html": f"<p>by <b>{MAIL}</b></p>",
    "curve.svg": f"<svg><title>{MAIL}</title></svg>",
    "figures.csv": f"a,b\n1,{MAIL}\n",
    "lines.jsonl": '{"ok": 1}\n{"by": "anna.k\\u0040example.fr"}\n',
    "checkpoints/3/contents.json": json.dumps({"by": MAIL}),
    "checkpoints/3/_METADATA": json.dumps({MAIL: 1}),
    "checkpoints/events.out.tfevents.1": f"\x00\x08\x01{MAIL}\x00",
    "page.html": f'<script>let x = {{"by": "{MAIL}"}}</script>',
}


@pytest.mark.parametrize("name", FILES)
def test_what_is_in_the_folder_already_is_scanned(name: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(FILES[name], encoding="utf-8")
    with pytest.raises(QualityGateError, match=r"personal data in 1 texts of the model: .*EMAIL"):
        write_model(tmp_path, contents())
    (tmp_path / name).write_text(FILES[name].replace("anna.k", "").replace("@", " at "), "utf-8")
    assert write_model(tmp_path, contents())["scanned_files"] == 8


def test_bytes_that_look_like_an_account_are_numbers_of_events(tmp_path: Path) -> None:
    assert kinds_in("@x1y") == (("HANDLE", True),)
    (tmp_path / "events.out.tfevents").write_bytes(b"\x00@x1y\x00")
    assert write_model(tmp_path, contents())["hits"] == {}
    (tmp_path / "notes.md").write_text("@x1y")
    with pytest.raises(QualityGateError, match="HANDLE"):
        write_model(tmp_path, contents())


def test_the_header_of_a_tensor_file_is_scanned_and_its_numbers_are_not(tmp_path: Path) -> None:
    array = np.frombuffer(MAIL.encode().ljust(20), np.uint8)
    safetensors.numpy.save_file({"x": array}, tmp_path / "extra.safetensors")
    write_model(tmp_path, contents())
    safetensors.numpy.save_file({"x": array}, tmp_path / "extra.safetensors", {"by": MAIL})
    with pytest.raises(QualityGateError, match=r"extra.safetensors: __metadata__/by"):
        write_model(tmp_path, contents())


def test_no_hash_of_ours_is_taken_for_a_number(tmp_path: Path) -> None:
    draw = random.Random(0)
    hashes = [f"{draw.getrandbits(256):064x}" for _ in range(3000)]
    files = {f"state/d/{each[:32]}": {"sha256": each, "size": 1} for each in hashes}
    # Without care some would be: the test would show nothing else.
    assert any(kinds_in(name) for name in files)
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints/3.json").write_text(json.dumps({"files": files}))
    model = contents()
    model.metadata["inputs"] = {"notes": hashes[0]}
    model.documents["held_out"] = {
        "notes": [each[:16] for each in hashes],
        "folds": {each[:16]: 0 for each in hashes},
    }
    model.documents["training_examples"] = {
        "concept_examples": [],
        "context_examples": [{"text": "", "client_id": each[:12]} for each in hashes],
    }
    assert write_model(tmp_path, model)["hits"] == {}


def test_an_address_that_begins_like_a_digest_is_found(tmp_path: Path) -> None:
    with pytest.raises(QualityGateError, match=r"README.md: 1 \(EMAIL\)"):
        write_model(tmp_path, contents(readme=f"{'a1' * 16}@example.fr"))


def test_a_key_that_identifies_is_not_told(tmp_path: Path) -> None:
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    (folder / "a.json").write_text(json.dumps({MAIL: {"by": MAIL}}))
    with pytest.raises(QualityGateError, match=r"a.json: #") as caught:
        write_model(tmp_path, contents())
    assert MAIL not in str(caught.value)


def test_a_file_of_the_run_that_will_go_is_not_scanned(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"by": MAIL}))
    write_model(tmp_path, contents(), obsolete=("run.json",))
    assert not (tmp_path / "run.json").exists()


def test_a_lexicon_is_refused_before_the_work() -> None:
    lexicon = Lexicon((Concept("bag", "Bag", ("sac", MAIL)), Concept(MAIL, "x y", (MAIL,))))
    told = r"1 concept has personal data in its id: \[EMAIL\] \(EMAIL\); rename it"
    for allowed, says in (((), told), ((MAIL,), r"in an alias or label: bag \(EMAIL\); drop it")):
        with pytest.raises(QualityGateError, match=says) as caught:
            check_lexicon(lexicon, allowed)
        assert MAIL not in str(caught.value)
        assert "--allow-alias" in str(caught.value)
    check_lexicon(lexicon, ("bag", MAIL))
    with pytest.raises(UsageError, match=r"no concept 'bga'; did you mean 'bag'\? .*\[EMAIL\]"):
        check_allowed(lexicon, ["bga"])
