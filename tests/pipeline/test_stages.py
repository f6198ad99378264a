"""`embed`, `segment` and `relations` from the command line to their files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet
from sklearn.metrics import adjusted_rand_score

from benchmarks import planted
from lvmh_jax import Detector
from lvmh_jax.errors import UsageError
from lvmh_jax.pipeline.loading import load_model
from lvmh_jax.records import NEGATED
from tests.generators import LEXICON, json_lines, note_row, write_file, write_notes
from tests.pipeline.workshop import (
    NOTE_COUNT,
    Shop,
    answer_of,
    failure_of,
    read_rows,
    run,
    run_well,
    texts_of,
)


@pytest.fixture(scope="module")
def mentions(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("found") / "note_concepts.csv"
    run_well("detect", "--workspace", shop.root, "--output", file)
    return file


def words_of(shop: Shop, *words: str | Path) -> tuple[str | Path, ...]:
    """A command on the notes of nobody but those that a file of mentions names."""
    (empty := shop.root / "empty").mkdir(exist_ok=True)
    return (*words, "--model-path", shop.model, "--workspace", empty)


def write_planted(case: planted.Planted, file: Path) -> Path:
    lines = [",".join(case.findings[0]._fields), *(",".join(map(str, f)) for f in case.findings)]
    file.write_text("\n".join(lines) + "\n")
    return file


# Vectors.


def test_embed_writes_a_unit_vector_for_every_note(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "v.parquet"
    answer = answer_of("embed", "--workspace", shop.root, "--output", file)
    assert (answer["notes"], answer["output"]) == (NOTE_COUNT, str(file))
    table = parquet.read_table(file)
    vectors = np.stack(table["embedding"].to_numpy())
    assert vectors.shape == (NOTE_COUNT, answer["width"])
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert table["note_id"].to_pylist() == list(texts_of(shop.root))
    first = file.read_bytes()
    run_well("embed", "--workspace", shop.root, "--output", file)
    assert file.read_bytes() == first


def test_the_door_embeds_as_the_command_does(
    shop: Shop, detector: Detector, tmp_path: Path
) -> None:
    texts = list(texts_of(shop.root).values())
    rows = [note_row(f"n{row}", text, language="") for row, text in enumerate(texts)]
    notes = write_file(tmp_path, "notes.jsonl", json_lines(rows))
    file = tmp_path / "v.parquet"
    run_well("embed", "--workspace", shop.root, "--notes", notes, "--output", file)
    written = np.stack(parquet.read_table(file)["embedding"].to_numpy())
    # In batches of other sizes float32 sums differ in their last bit.
    assert np.allclose(detector.embed(texts), written, atol=1e-5)


def test_a_text_alone_and_among_others_is_one_vector(shop: Shop, detector: Detector) -> None:
    texts = list(texts_of(shop.root).values())[:6]
    together = detector.embed([*texts, "", "  "])
    assert together.dtype == np.float32
    assert np.allclose(together[2], detector.embed([texts[2]])[0], atol=1e-5)
    assert not together[6:].any()
    assert detector.embed([]).shape == (0, together.shape[1])
    with pytest.raises(UsageError, match="embed takes texts; expected a list of strings"):
        detector.embed("Mme Durand")


def test_notes_of_one_concept_are_nearer_than_others(shop: Shop, detector: Detector) -> None:
    texts = ["Elle cherche un sac à main.", "She wants a handbag.", "He plays golf every Sunday."]
    found = [{m.concept_id for m in mentions} for mentions in detector.detect(texts)]
    assert "handbag" in found[0] & found[1] - found[2]  # what this test rests on
    bag, handbag, golf = detector.embed(texts)
    assert bag @ handbag > max(bag @ golf, handbag @ golf) + 0.2


# Segments.


def test_segment_writes_a_line_for_every_client(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    words = ("segment", "--workspace", shop.root, "--output", file, "--clusters", "3")
    answer = answer_of(*words)
    rows = read_rows(file)
    assert list(rows[0]) == [
        "client_id",
        "cluster_id",
        "profile_type",
        "top_concepts",
        "confidence",
    ]
    assert len(rows) == len({row["client_id"] for row in rows}) == answer["clients"]
    assert {row["cluster_id"] for row in rows} - {"-1"} == {"0", "1", "2"}
    assert all(0 <= float(row["confidence"]) <= 1 for row in rows)
    sizes = [each["clients"] for each in answer["segments"]]
    assert sizes == sorted(sizes, reverse=True)
    told = run_well(*words).stdout
    for each in answer["segments"]:
        assert f"{each['has_named']} of {each['clients']}  " in told
        mixed = 2 * each["has_named"] < each["clients"]
        assert each["name"].startswith("mixed: ") == mixed
    first = file.read_bytes()
    run_well(*words)
    assert file.read_bytes() == first


def test_mentions_of_a_file_and_of_a_detection_give_the_same(
    shop: Shop, mentions: Path, tmp_path: Path
) -> None:
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    words = ("segment", "--workspace", shop.root, "--clusters", "2", "--output")
    run_well(*words, files[0])
    run_well(*words, files[1], "--concepts", mentions)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_planted_segments_come_out_of_the_command(
    shop: Shop, detector: Detector, tmp_path: Path
) -> None:
    case = planted.plant_segments(detector.concepts, 90, 3, 0)
    found = write_planted(case, tmp_path / "planted.csv")
    out = tmp_path / "p.csv"
    result = run_well(*words_of(shop, "segment", "--concepts", found, "--output", out))
    assert "Warning: no notes: clients without a mention are not known" in result.stderr
    assert "beyond chance: yes (0 of 99 shuffles show as much, p = 0.01)" in result.stdout
    assert "stability: " in result.stdout
    label_of = {row["client_id"]: row["cluster_id"] for row in read_rows(out)}
    labels = [label_of[client] for client in case.clients]
    assert adjusted_rand_score(case.segment_M, labels) > 0.6


def test_noise_is_written_as_no_segments_and_told_of(
    shop: Shop, detector: Detector, tmp_path: Path
) -> None:
    case = planted.plant_pairs(detector.concepts, 60, 0, 0)
    found, out = write_planted(case, tmp_path / "noise.csv"), tmp_path / "p.csv"
    words = words_of(shop, "segment", "--concepts", found, "--output", out)
    result = run_well(*words)
    assert "Warning: no segments beyond chance: " in result.stderr
    assert " divides them all the same" in result.stderr
    assert "beyond chance: no (" in result.stdout
    rows = [row for row in read_rows(out) if row["cluster_id"] != "-1"]
    assert {(row["cluster_id"], row["profile_type"]) for row in rows} == {("0", "no segments")}
    answer = answer_of(*words, "--clusters", "3")
    assert (answer["clusters"], answer["beyond_chance"]) == (3, False)
    assert answer["p_value"] == (answer["shuffles_reaching"] + 1) / (answer["shuffles"] + 1) > 0.05
    assert "what is written is what chance makes" in run_well(*words, "--clusters", "3").stderr


def test_a_client_of_whose_notes_nothing_is_known_has_no_segment(
    shop: Shop, tmp_path: Path
) -> None:
    rows = [note_row("n1", "", client_id="ann"), note_row("n2", "", client_id="ann")]
    notes = write_file(tmp_path, "notes.jsonl", json_lines(rows))
    out = tmp_path / "p.csv"
    told = run_well("segment", "--workspace", shop.root, "--notes", notes, "--output", out).stdout
    assert "nothing to segment by        1 at -1, 1 of them without any concept" in told
    (row,) = read_rows(out)
    assert list(row.values()) == ["ann", "-1", "nothing to segment by", "", "0.000000"]


def test_a_client_of_sensitive_concepts_alone_reads_as_one_of_none(
    shop: Shop, tmp_path: Path
) -> None:
    lexicon = json.loads((shop.root / LEXICON).read_text("utf-8"))
    secret = next(name for name in lexicon if name != "handbag")
    lexicon[secret] |= {"sensitive": True}
    write_file(tmp_path, LEXICON, json.dumps(lexicon))
    ids = ("ann", "bob", "cat")
    write_notes(tmp_path, [note_row(f"n{each}", "x", client_id=each) for each in ids])
    rows = f"nann,ann,{secret},affirmed\nnbob,bob,handbag,affirmed\nncat,cat,handbag,negated\n"
    found = write_file(tmp_path, "f.csv", f"note_id,client_id,concept_id,polarity\n{rows}")
    out = tmp_path / "p.csv"
    words = ("segment", "--workspace", tmp_path, "--model-path", shop.model, "--concepts", found)
    answer = answer_of(*words, "--output", out)
    keys = ("without_segment", "without_concept", "sensitive_left_out")
    assert [answer[key] for key in keys] == [2, 1, 1]
    ann, bob, cat = (list(row.values())[1:] for row in read_rows(out))
    assert ann == cat != bob
    answer = answer_of(*words, "--output", out, "--include-sensitive")
    assert [answer[key] for key in keys] == [1, 1, 0]
    related = ("relations", *words[1:], "--output", tmp_path / "r.csv")
    for more, count in (((), 1), (("--include-sensitive",), 0)):
        assert answer_of(*related, *more)["sensitive_left_out"] == count
        assert f"sensitive concepts left out  {count}" in run_well(*related, *more).stdout


# Relations.


def test_planted_pairs_come_out_of_the_command(
    shop: Shop, detector: Detector, tmp_path: Path
) -> None:
    case = planted.plant_pairs(detector.concepts, 600, 6, 1)
    found = write_planted(case, tmp_path / "planted.csv")
    out, graph = tmp_path / "r.csv", tmp_path / "g.svg"
    places = ("--concepts", found, "--output", out, "--graph", graph)
    answer = answer_of(*words_of(shop, "relations", *places))
    pairs = {(r["source"], r["target"]) for r in read_rows(out) if r["kind"] == "co-occurrence"}
    assert len({*case.pairs} & pairs) >= 5  # of 6: one may be too rare to be sure of
    assert len(pairs) <= len(case.pairs) + 1
    assert answer["relations"] == len(read_rows(out))
    assert graph.read_text().startswith("<svg ")


def test_a_denied_concept_relates_to_nothing(
    shop: Shop, detector: Detector, tmp_path: Path
) -> None:
    case = planted.plant_pairs(detector.concepts, 600, 6, 1)
    denied = [f._replace(polarity=NEGATED) for f in case.findings]
    case = planted.Planted(case.clients, tuple(denied), case.segment_M, case.guessed_M)
    found, out = write_planted(case, tmp_path / "planted.csv"), tmp_path / "r.csv"
    run_well(*words_of(shop, "relations", "--concepts", found, "--output", out))
    assert {row["kind"] for row in read_rows(out)} <= {"embedding"}
    told = run_well(*words_of(shop, "relations", "--concepts", found, "--output", out)).stdout
    assert "no pair of concepts goes together surely enough (at least 3 clients with both" in told


def test_what_was_tested_comes_before_what_is_alike(
    shop: Shop, detector: Detector, tmp_path: Path
) -> None:
    case = planted.plant_pairs(detector.concepts, 600, 6, 1)
    found, out = write_planted(case, tmp_path / "planted.csv"), tmp_path / "r.csv"
    words = words_of(shop, "relations", "--concepts", found, "--output", out)
    lines = run_well(*words, "--min-similarity", "0").stdout.splitlines()
    tested, alike = (lines.index(line) for line in lines if line.endswith(")") and " of " in line)
    assert lines[tested].startswith("surest (")
    assert lines[tested + 1].split() == "concept concept clients lift 95 % q".split()
    assert lines[alike].startswith("alike by their vectors")
    assert lines[alike + 1].split() == "concept concept similarity clients".split()
    assert "surely enough" not in " ".join(lines)
    kinds = [row["kind"] for row in read_rows(out)]
    assert kinds == sorted(kinds)  # co-occurrence, then embedding
    answer = answer_of(*words, "--min-similarity", "0")
    assert {each["kind"] for each in answer["strongest"]} == {"co-occurrence"}
    assert all(each["similarity"] is not None for each in answer["alike"])
    concepts = load_model(shop.model, pytest.fail).detector.concepts
    label_of = {each.concept_id: each.label for each in concepts}
    for part in ("strongest", "alike"):  # people read labels, files hold ids
        for each in answer[part]:
            assert each["source_label"] == label_of[each["source"]]
            assert each["target_label"] == label_of[each["target"]]


def test_segments_are_related_where_they_are(
    shop: Shop, detector: Detector, tmp_path: Path
) -> None:
    case = planted.plant_segments(detector.concepts, 150, 3, 0)
    found, profiles = write_planted(case, tmp_path / "planted.csv"), tmp_path / "p.csv"
    run_well(*words_of(shop, "segment", "--concepts", found, "--output", profiles))
    out = tmp_path / "r.json"
    places = ("--concepts", found, "--profiles", profiles, "--output", out)
    told = run_well(*words_of(shop, "relations", *places, "--format", "json")).stdout.splitlines()
    made = json.loads(out.read_text())
    names = {row["profile_type"] for row in read_rows(profiles)}
    rows = [r for r in made["relations"] if r["kind"] == "segment"]
    assert {r["target"] for r in rows} == names
    assert {(r["q_value"], r["ci_low"], r["ci_high"]) for r in rows} == {(None, None, None)}
    (head,) = (n for n, line in enumerate(told) if line.startswith("what describes a segment, unt"))
    assert told[head].endswith(f"(10 of {len(rows)})")
    assert told[head + 1].split() == "segment concept clients lift".split()
    assert told[head + 2].startswith(rows[0]["target"])
    assert made["clients"] == 150


# Wrong input.


def test_wrong_input_is_one_line_and_writes_nothing(shop: Shop, tmp_path: Path) -> None:
    strange = tmp_path / "strange.csv"
    strange.write_text("note_id,client_id,concept_id\nn1,ann,boat\n")
    broken = tmp_path / "broken.csv"
    broken.write_text("a,b\n1,2\n")
    absent = tmp_path / "absent.csv"
    for command, out in (("segment", "p.csv"), ("relations", "r.csv")):
        words = (*words_of(shop, command, "--output", tmp_path / out), "--concepts")
        assert "concept 'boat' is not in" in failure_of(run(*words, strange), 3)
        assert "missing columns note_id, client_id" in failure_of(run(*words, broken), 3)
        assert "run `lvmh-jax detect`" in failure_of(run(*words, absent), 4)
        assert not (tmp_path / out).exists()
    for command in ("embed", "segment", "relations"):
        result = run(*words_of(shop, command, "--output", tmp_path / "out"))
        assert "No data found" in failure_of(result, 4)
        result = run(*words_of(shop, command, "--output", tmp_path))
        assert "Is a directory" in failure_of(result, 2)


def test_options_that_contradict_each_other_are_refused(shop: Shop, tmp_path: Path) -> None:
    words = words_of(shop, "relations", "--format", "json", "--output", tmp_path / "r.csv")
    assert "--format json and the name of --output differ" in failure_of(run(*words), 2)
    assert "--max-q" in failure_of(run(*words_of(shop, "relations", "--max-q", "nan")), 2)
    assert "--clusters" in failure_of(run(*words_of(shop, "segment", "--clusters", "0")), 2)
