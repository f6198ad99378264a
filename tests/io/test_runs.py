"""Names, the list, the best and the run to resume, from folders with little in them."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path

import pytest

from lvmh_jax.errors import InvalidInputError, NotFoundError, UsageError
from lvmh_jax.io import manifest, runs

WHEN = datetime(2026, 11, 22, 16, 45, 59)


def add_model(
    models: Path,
    second: int,
    *,
    score: object = None,
    lexicon: str = "aa",
    protocol: str = "gold-dev",
    **changes: object,
) -> Path:
    folder = models / f"concept_model_base_20261122_1645{second:02}"
    folder.mkdir(parents=True)
    metadata = {
        "model_type": "concept_detector",
        "schema_version": 1,
        "size": "base",
        "num_concepts": 230,
        "final_accuracy": 0.65,
        "training_date": f"2026-11-22T16:45:{second:02}",
        "validation": {"protocol": protocol, "f1": score},
        "inputs": {"taxonomy/lexicon_v1.json": lexicon},
        **changes,
    }
    (folder / "metadata.json").write_text(json.dumps(metadata))
    (folder / "encoder.safetensors").write_bytes(bytes(40))
    manifest.write_manifest(folder)
    return folder


def names(models: Path) -> list[str]:
    return [each.name[-2:] for each in runs.list_models(models)]


def best(models: Path) -> str:
    return runs.resolve_model("best", models).name[-2:]


def test_part_folder_reserves_its_name(tmp_path: Path) -> None:
    models = tmp_path / "new" / "models"
    first = runs.new_part_folder(models, "base", WHEN)
    assert [path.name for path in first] == [
        ".concept_model_base_20261122_164559.part",
        "concept_model_base_20261122_164559",
    ]
    assert first[0].is_dir()
    assert not first[1].exists()
    second = runs.new_part_folder(models, "base", WHEN)
    assert second[1].name == "concept_model_base_20261122_164600"
    second[0].rename(second[1])
    assert runs.new_part_folder(models, "base", WHEN)[1].name.endswith("_164601")
    assert runs.new_part_folder(models, "large", WHEN)[1].name.endswith("large_20261122_164559")


def test_final_folder_is_the_next_free_second(tmp_path: Path) -> None:
    part, final = runs.new_part_folder(tmp_path, "base", WHEN)
    assert runs.final_folder(part) == final
    final.mkdir()
    assert runs.final_folder(part).name == "concept_model_base_20261122_164600"
    with pytest.raises(ValueError, match="not the name of a part folder"):
        runs.final_folder(final)


def test_list_is_newest_first_and_skips_what_is_no_model(tmp_path: Path) -> None:
    for second in (5, 40, 20):
        add_model(tmp_path, second, score=0.5)
    (tmp_path / "README.md").touch()
    (tmp_path / "plots").mkdir()
    runs.new_part_folder(tmp_path, "base", WHEN)
    assert names(tmp_path) == ["40", "20", "05"]
    summary = runs.list_models(tmp_path)[0]
    assert (summary.size, summary.num_concepts, summary.final_accuracy) == ("base", 230, 0.65)
    assert (summary.protocol, summary.score, summary.lexicon_sha256) == ("gold-dev", 0.5, "aa")
    assert summary.training_date == "2026-11-22T16:45:40"


def test_absent_or_empty_folder_has_no_models(tmp_path: Path) -> None:
    assert runs.list_models(tmp_path) == []
    assert runs.list_models(tmp_path / "absent") == []


def test_time_zones_are_compared_as_times(tmp_path: Path) -> None:
    add_model(tmp_path, 1, training_date="2026-11-22T23:00:00+09:00")
    add_model(tmp_path, 2, training_date="2026-11-22T16:00:00+00:00")
    assert names(tmp_path) == ["02", "01"]


def test_best_is_the_highest_of_the_same_lexicon_and_protocol(tmp_path: Path) -> None:
    add_model(tmp_path, 1, score=0.99, lexicon="bb")
    add_model(tmp_path, 2, score=0.98, protocol="held-out-aliases")
    add_model(tmp_path, 3, score=0.70)
    add_model(tmp_path, 4, score={"value": 0.80, "ci_low": 0.7, "ci_high": 0.9})
    add_model(tmp_path, 5, score=0.75)
    add_model(tmp_path, 6, score=0.80)
    assert best(tmp_path) == "06"  # of equals, the newest
    assert [each.name[-2:] for each in runs.list_models(tmp_path) if each.is_best] == ["06"]
    add_model(tmp_path, 7, lexicon="cc", score=0.1)
    assert best(tmp_path) == "07"


def test_a_model_that_learned_from_who_was_erased_is_never_the_best_beside_another(
    tmp_path: Path,
) -> None:
    old = [add_model(tmp_path, n, score=n / 10, retrain_due=True) for n in (8, 9)]
    assert best(tmp_path) == "09"  # where nothing else is
    told = runs.describe_due(tmp_path)
    assert told.startswith("2 older models learned from a client who was erased since")
    assert all(each.name in told for each in old)
    add_model(tmp_path, 10, score=0.1)
    add_model(tmp_path, 1, lexicon="bb", score=0.9)
    assert best(tmp_path) == "10"
    assert runs.describe_due(tmp_path / "none") == ""


def test_a_model_whose_head_is_not_used_any_more_is_never_the_best_beside_another(
    tmp_path: Path,
) -> None:
    words = {"notehead": {"buckets": 4096}}
    ships = {"note_level": {"ships": True}}
    add_model(tmp_path, 1, score=0.9, configuration=words, learned_matches=ships)
    add_model(tmp_path, 2, score=0.8, retrain_due=True)
    assert best(tmp_path) == "01"
    add_model(tmp_path, 3, score=0.1, configuration={"notehead": {}}, learned_matches=ships)
    assert best(tmp_path) == "03"
    unused = {"note_level": {"ships": False}}
    add_model(tmp_path, 4, score=0.2, configuration=words, learned_matches=unused)
    assert best(tmp_path) == "04"
    assert [each.head_unused for each in runs.list_models(tmp_path)] == [False, False, False, True]


def test_best_without_any_score_is_the_newest(tmp_path: Path) -> None:
    add_model(tmp_path, 1)
    add_model(tmp_path, 2, score=True)
    assert best(tmp_path) == "02"
    add_model(tmp_path, 3, score=0.0)
    add_model(tmp_path, 4)
    assert best(tmp_path) == "03"


def test_the_highest_score_is_the_best_whatever_it_rests_on(tmp_path: Path) -> None:
    bests = []
    for second, score, mentions in ((4, 0.8, 19), (1, 0.9, 3), (2, 0.4, 20), (3, 0.3, 25)):
        figures = {"protocol": "gold-dev", "f1": score, "dictionary": {"gold": mentions}}
        add_model(tmp_path, second, validation=figures)
        bests.append(best(tmp_path))
    assert bests == ["04", "01", "01", "01"]  # as the contract has it
    assert [each.mentions for each in runs.list_models(tmp_path)] == [19, 25, 20, 3]


def test_what_decided_is_listed_where_nothing_better_was_measured(tmp_path: Path) -> None:
    learned = {
        "mode": "additions",
        "decided_on": "gold-train-crossval",
        "f1": {"dictionary": 0.943, "additions": 0.972},
    }
    few = {"protocol": "held-out-aliases", "f1": 0.0, "dictionary": {"gold": 3}}
    add_model(tmp_path, 1, validation=few, learned_matches=learned)
    add_model(tmp_path, 2, score=0.7, learned_matches=learned)  # on gold: it says more
    add_model(tmp_path, 3, validation=few, learned_matches={**learned, "mentions": 4})
    add_model(tmp_path, 4, validation=few, learned_matches={**learned, "f1": "high"})
    listed = [(each.decided_on, each.decided_f1) for each in runs.list_models(tmp_path)]
    name = learned["decided_on"]
    assert listed == [("", None), (name, None), ("", None), (name, 0.972)]


def test_csv_lexicon_counts_too(tmp_path: Path) -> None:
    add_model(tmp_path, 1, inputs={"taxonomy/lexicon_v1.csv": "dd"})
    assert runs.list_models(tmp_path)[0].lexicon_sha256 == "dd"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "is not valid JSON"),
        ("[]", "not of a model of lvmh-jax"),
        ('{"model_type": "concept_detector", "schema_version": 7}', "has schema_version 7"),
        ('{"model_type": "x"}', "not of a model of lvmh-jax"),
        (None, "metadata.json is missing"),
    ],
)
def test_broken_folder_is_listed_and_not_ranked(
    tmp_path: Path, text: str | None, problem: str
) -> None:
    add_model(tmp_path, 1, score=0.1)
    broken = add_model(tmp_path, 9, score=0.9)
    (broken / "metadata.json").unlink()
    if text is not None:
        (broken / "metadata.json").write_text(text)
    listed = runs.list_models(tmp_path)
    assert [each.name[-2:] for each in listed] == ["09", "01"]
    assert problem in listed[0].problem
    assert [each.is_best for each in listed] == [False, True]


def test_folder_without_manifest_is_broken(tmp_path: Path) -> None:
    (add_model(tmp_path, 1) / "manifest.json").unlink()
    assert "manifest.json is missing" in runs.list_models(tmp_path)[0].problem
    with pytest.raises(NotFoundError, match=r"no whole model among 1 folders \(.*manifest"):
        runs.resolve_model("best", tmp_path)


def flip_a_bit(folder: Path) -> None:
    path = folder / "encoder.safetensors"
    path.write_bytes(b"\x01" + path.read_bytes()[1:])


DAMAGE = {
    "a file that is gone": (lambda m: (m / "encoder.safetensors").unlink(), "is missing"),
    "a file cut short": (
        lambda m: (m / "encoder.safetensors").write_bytes(bytes(39)),
        "'encoder.safetensors' has another size than when it was written",
    ),
    "a file too many": (lambda m: (m / "more.json").write_text("{}"), "is not in the manifest"),
    "an empty manifest": (lambda m: (m / "manifest.json").write_text("{}"), "manifest is broken"),
    "a manifest cut short": (
        lambda m: (m / "manifest.json").write_bytes((m / "manifest.json").read_bytes()[:-9]),
        "manifest.json:",
    ),
    "a link": (
        lambda m: (m / "README.md").symlink_to(m / "metadata.json"),
        "is a symbolic link",
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_folder_says_so_and_is_never_the_best(tmp_path: Path, name: str) -> None:
    add_model(tmp_path, 1, score=0.1)
    damage, problem = DAMAGE[name]
    damage(add_model(tmp_path, 9, score=0.9))
    listed = runs.list_models(tmp_path)
    assert [each.name[-2:] for each in listed] == ["09", "01"]
    assert problem in listed[0].problem
    assert not listed[1].problem
    assert best(tmp_path) == "01"


def test_the_list_reads_no_weights(tmp_path: Path) -> None:
    # What only a sha256 sees is left to loading: the list of a hundred models stays instant.
    folder = add_model(tmp_path, 1)
    flip_a_bit(folder)
    assert not runs.list_models(tmp_path)[0].problem
    with pytest.raises(InvalidInputError, match="sha256 differs"):
        manifest.verify_manifest(folder)


def test_a_models_folder_that_cannot_be_written_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for models in (tmp_path / "file", tmp_path / "file" / "models"):
        with pytest.raises(UsageError, match=r"cannot be written .*--models-dir") as refused:
            runs.new_part_folder(models, "base", WHEN)
        assert str(refused.value).startswith(str(models))
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may write anywhere")
def test_a_read_only_models_folder_is_wrong_usage(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UsageError, match="Permission denied"):
        runs.new_part_folder(tmp_path, "base", WHEN)
    tmp_path.chmod(0o700)


def test_odd_metadata_values_are_blank(tmp_path: Path) -> None:
    add_model(
        tmp_path,
        1,
        size=3,
        num_concepts="many",
        final_accuracy=[0.5],
        training_date=7,
        validation=[],
        inputs="x",
    )
    (summary,) = runs.list_models(tmp_path)
    assert not summary.problem
    assert (summary.size, summary.num_concepts, summary.final_accuracy) == ("", None, None)
    assert (summary.protocol, summary.score, summary.lexicon_sha256) == ("", None, "")


def test_model_is_found_by_path_and_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = add_model(tmp_path / "models", 1)
    monkeypatch.chdir(tmp_path)
    assert runs.resolve_model(str(folder), Path("elsewhere")) == folder
    assert runs.resolve_model(f"models/{folder.name}", Path("elsewhere")).samefile(folder)
    assert runs.resolve_model(folder.name, tmp_path / "models") == folder


def test_absent_models_say_where_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no trained model here; run `lvmh-jax train`") as got:
        runs.resolve_model("best", tmp_path / "absent")
    assert str(tmp_path / "absent") in str(got.value)
    folder = add_model(tmp_path, 1)
    with pytest.raises(NotFoundError, match=f"did you mean '{folder.name}'"):
        runs.resolve_model(folder.name[:-1], tmp_path)


def test_unfinished_run_is_no_model(tmp_path: Path) -> None:
    part, _ = runs.new_part_folder(tmp_path, "base", WHEN)
    with pytest.raises(InvalidInputError, match="is a run that is not finished; finish it with"):
        runs.resolve_model(str(part), tmp_path)


def test_run_to_resume(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no unfinished run to resume"):
        runs.find_part("last", tmp_path / "absent")
    newest, _ = runs.new_part_folder(tmp_path, "base", WHEN)
    runs.new_part_folder(tmp_path, "large", datetime(2026, 1, 1))
    done = add_model(tmp_path, 1)
    assert runs.find_part("last", tmp_path) == newest
    assert runs.find_part(str(newest), Path("elsewhere")) == newest
    assert runs.find_part(newest.name, tmp_path) == newest
    with pytest.raises(UsageError, match="nothing to resume"):
        runs.find_part(str(done), tmp_path)
    with pytest.raises(NotFoundError, match="no such model folder"):
        runs.find_part(str(tmp_path / "absent"), tmp_path)
    with pytest.raises(NotFoundError, match=f"did you mean '{newest.name}'") as refused:
        runs.find_part(newest.name.replace("part", "prt"), tmp_path)
    assert done.name not in str(refused.value).split()


def test_listing_reads_no_heavy_library() -> None:
    import subprocess

    script = (
        "import sys; sys.modules.update(dict.fromkeys(['numpy', 'pandas', 'jax', 'click', 'rich']))"
        "; import lvmh_jax.io.runs"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
