"""`keywords` and `review` from the command line to their files."""

from __future__ import annotations

import json
import os
from codecs import BOM_UTF8
from pathlib import Path

import pytest

from lvmh_jax.io.progress import Progress
from lvmh_jax.io.suggestions import JUDGED_COLUMNS, NEW_CONCEPT_COLUMNS, SUGGESTION_COLUMNS
from lvmh_jax.io.workspace import read_workspace
from tests.generators import (
    CANDIDATES,
    LEXICON,
    json_lines,
    make_workspace,
    note_row,
    write_file,
    write_notes,
)
from tests.pipeline.workshop import (
    NOTE_COUNT,
    Shop,
    answer_of,
    failure_of,
    make_shop,
    read_json,
    read_rows,
    read_tree,
    run,
    run_well,
    texts_of,
)

SUGGESTED = "alias_suggestions.csv"


@pytest.fixture(scope="module")
def found(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `keywords` writes for the shop."""
    folder = tmp_path_factory.mktemp("found") / "new"
    run_well("keywords", "--workspace", shop.root, "--output", folder)
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A workspace of the shop's notes and lexicon, with gold for train and dev."""
    return make_shop(tmp_path / "place", "train", "dev")


# Keywords.


def test_every_candidate_is_judged_once(shop: Shop, found: Path) -> None:
    rows = read_rows(found / "candidates.csv")
    given = read_rows(shop.root / CANDIDATES)
    assert tuple(rows[0]) == JUDGED_COLUMNS
    assert sorted(row["candidate"] for row in rows) == sorted(row["candidate"] for row in given)
    scores = [float(row["score"]) for row in rows]
    assert scores == sorted(scores, reverse=True)
    concepts = set(read_json(shop.root / LEXICON))
    for row in rows:
        assert (row["is_new"] == "true") == (row["status"] in ("new-wording", "new-concept"))
        assert row["concept_id"] in concepts or row["status"] == "new-concept"
    entries = read_json(shop.root / LEXICON)
    listed = [row for row in rows if row["status"] == "alias"]
    assert listed
    for row in listed:
        entry = entries[row["concept_id"]]
        forms = [entry["label"], *entry["aliases"]]
        assert row["candidate"].casefold() in [form.casefold() for form in forms]


def test_suggestions_are_new_and_stand_in_the_notes(shop: Shop, found: Path) -> None:
    rows = read_rows(found / SUGGESTED)
    marked = {path.name for path in found.iterdir() if path.read_bytes().startswith(BOM_UTF8)}
    assert marked == {SUGGESTED}  # the one that people edit
    assert tuple(rows[0]) == SUGGESTION_COLUMNS
    assert len(rows) > 20
    texts = texts_of(shop.root)
    sure = [float(row["confidence"]) for row in rows]
    assert sure == sorted(sure, reverse=True)
    assert sure[-1] >= 0.4
    for row in rows:
        ids = row["evidence_note_ids"].split("|")
        assert len(ids) == min(int(row["notes"]), 5)
        first = row["alias"].split()[0].casefold()
        assert all(first in " ".join(texts[name].split()).casefold() for name in ids)
        assert row["accept"] == ""
    assert read_rows(found / "new_concepts.csv") is not None
    header = (found / "new_concepts.csv").read_text(encoding="utf-8").splitlines()[0]
    assert tuple(header.split(",")) == NEW_CONCEPT_COLUMNS


def test_keywords_answers_what_it_writes_and_writes_the_same_again(
    shop: Shop, found: Path, tmp_path: Path
) -> None:
    answer = answer_of("keywords", "--workspace", shop.root, "--output", tmp_path / "out")
    assert read_tree(tmp_path / "out") == read_tree(found)
    assert answer["suggested_aliases"] == len(read_rows(found / SUGGESTED))
    assert sum(answer["statuses"].values()) == answer["candidates"]
    told, row = answer["surest"][0], read_rows(found / SUGGESTED)[0]
    assert told["confidence"] == float(row["confidence"])
    for name in ("evidence_note_ids", "language"):
        assert told[name] == [each for each in row[name].split("|") if each]


def test_a_removed_alias_is_suggested_and_a_name_is_not(shop: Shop, tmp_path: Path) -> None:
    write_file(tmp_path, LEXICON, (shop.root / LEXICON).read_bytes())
    texts = ["Mme Besacier, le Minihandbag.", "minihandbag, besacier", "at Minihandbag [NAME]"]
    write_notes(tmp_path, [note_row(f"n{row}", text) for row, text in enumerate(texts)])
    rows = "minihandbag,FR,3,0.5,n0|n1\nbesacier,FR,2,0.5,n0\nanna@example.com,EN,1,0.5,\n"
    rows += "name,FR,3,0.5,n2\n"
    write_file(
        tmp_path, CANDIDATES, "candidate,language,freq_notes,avg_score,example_note_ids\n" + rows
    )
    model = ("--model-path", shop.model)
    run_well("keywords", "--workspace", tmp_path, *model, "--min-confidence", "0")
    outputs = tmp_path / "data/outputs"
    judged = {row["candidate"]: row["status"] for row in read_rows(outputs / "candidates.csv")}
    assert judged == {
        "name": "unclear",
        "minihandbag": "new-wording",
        "besacier": "personal-data",
        "anna@example.com": "personal-data",
    }
    suggested = {row["alias"]: row for row in read_rows(outputs / SUGGESTED)}
    found = suggested["Minihandbag"]  # as the notes have it, and not the candidates
    assert (found["notes"], found["concept_id"]) == ("3", "handbag")
    assert not any("besacier" in alias.casefold() or "@" in alias for alias in suggested)


def test_keywords_refuses_before_the_work(shop: Shop, tmp_path: Path) -> None:
    words = ("keywords", "--model-path", shop.model)
    line = failure_of(run(*words, "--workspace", tmp_path, "--output", tmp_path / "o"), 4)
    assert "No data found" in line
    (tmp_path / "file").write_text("")
    line = failure_of(run(*words, "--workspace", shop.root, "--output", tmp_path / "file"), 2)
    assert "cannot be written" in line
    make_workspace(tmp_path / "bad")
    write_file(tmp_path / "bad", CANDIDATES, "candidate,language\nx,EN\n")
    line = failure_of(run(*words, "--workspace", tmp_path / "bad"), 3)
    assert "missing columns freq_notes, avg_score, example_note_ids" in line
    assert not (tmp_path / "bad/data/outputs").exists()


# Review.


def export(shop: Shop, root: Path, file: Path, *words: str) -> list[dict]:
    given = ("--model-path", shop.model, "--workspace", root, "--output", file)
    result = run_well("review", "export", *given, *words)
    assert "not redacted" in result.stderr
    text = file.read_text(encoding="utf-8")
    return json.loads(text) if file.suffix == ".json" else list(map(json.loads, text.splitlines()))


def test_notes_that_any_split_annotates_are_not_exported(shop: Shop, place: Path) -> None:
    train = place / "data/gold/train.jsonl"
    first, *rest = train.read_text(encoding="utf-8").splitlines()
    train.write_text("\n".join([*rest, ""]), encoding="utf-8")
    held = json.loads(first)["note_id"]
    write_file(place, "data/gold/test.jsonl", json_lines([{"note_id": held}]))
    write_notes(place, [note_row(n, t) for n, t in [*texts_of(place).items(), ("free", "Tennis.")]])
    tasks = export(shop, place, place / "t.json", "--n", "99")
    assert [task["data"]["note_id"] for task in tasks] == ["free"]
    write_file(place, "data/gold/test.jsonl", "{broken\n")
    tasks = export(shop, place, place / "t.jsonl", "--n", "99")
    assert {task["data"]["note_id"] for task in tasks} == {"free", held}


def test_the_bar_of_an_export_comes_to_its_end(shop: Shop, place: Path, monkeypatch) -> None:
    totals, done = [], []
    start, advance = Progress.start, Progress.advance

    def begin(self, unit, total, **more):
        totals.append(total)
        start(self, unit, total, **more)

    def go_on(self, count, **figures):
        done.append(count)
        advance(self, count, **figures)

    monkeypatch.setattr(Progress, "start", begin)
    monkeypatch.setattr(Progress, "advance", go_on)
    write_notes(place, [note_row(n, t) for n, t in [*texts_of(place).items(), ("free", "Tennis.")]])
    export(shop, place, place / "bar.json", "--n", "3")
    assert done[-1] == totals[-1] == 1


def test_what_is_exported_and_accepted_is_gold(shop: Shop, tmp_path: Path) -> None:
    root = make_shop(tmp_path / "w")
    tasks = export(shop, root, tmp_path / "t.jsonl", "--n", "12", "--format", "doccano")
    texts = texts_of(root)
    assert all(task["text"] == texts[task["note_id"]] for task in tasks)
    assert sum(len(task["label"]) for task in tasks) > 20
    answer = answer_of("review", "import", tmp_path / "t.jsonl", "--workspace", root)
    assert (answer["imported"], answer["added"], answer["replaced"]) == (12, 12, 0)
    gold = {note.note_id: note for note in read_workspace(root).gold["train"]}
    for task in tasks:
        spans = [(s.start, s.end, s.concept_id) for s in gold[task["note_id"]].spans]
        assert spans == sorted((s, e, n.removeprefix("not:")) for s, e, n in task["label"])
    # Once more, with other answers: replaced where it stands, and nothing twice.
    tasks[0]["label"] = []
    write_file(tmp_path, "again.jsonl", json_lines(tasks[:1]))
    result = run_well("review", "import", tmp_path / "again.jsonl", "--workspace", root)
    assert "1 notes were in train already: replaced" in result.stderr
    after = read_workspace(root).gold["train"]
    assert [note.note_id for note in after] == [task["note_id"] for task in tasks]
    assert after[0].spans == ()
    assert len(read_workspace(root).notes) == NOTE_COUNT


def test_uncertain_notes_are_others_than_random_ones(shop: Shop, tmp_path: Path) -> None:
    root = make_shop(tmp_path / "w")
    chosen = {
        words: [task["data"]["note_id"] for task in export(shop, root, tmp_path / "t", *words)]
        for words in (("--n", "9", "--strategy", "uncertainty"), ("--n", "9"))
    }
    first, second = chosen.values()
    assert len(first) == len(second) == 9
    assert set(first) != set(second)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"label": [[0, 9999, "handbag"]]}, "r.jsonl:2: note N2: the span [0, 9999) is not inside"),
        ({"label": [[0, 2, "belt"]]}, "r.jsonl:2: note N2: the lexicon has no concept 'belt'"),
        ({"text": "other"}, "r.jsonl:2: note N2: its text is not that of the workspace"),
        ({"note_id": "N9"}, "r.jsonl:2: note 'N9' is not in the workspace"),
        ({"note_id": "N1"}, "r.jsonl:2: note N1: its text is not"),
        (None, "r.jsonl:2: "),
    ],
)
def test_a_bad_line_writes_nothing(tmp_path: Path, change: dict | None, said: str) -> None:
    root = make_workspace(tmp_path / "w")
    texts = texts_of(root)
    good = {"note_id": "N1", "text": texts["N1"], "label": [[0, 7, "handbag"]]}
    bad = {"note_id": "N2", "text": texts["N2"], "label": []} | (change or {})
    line = "{broken" if change is None else json.dumps(bad)
    write_file(tmp_path, "r.jsonl", f"{json.dumps(good)}\n{line}\n")
    before = read_tree(root)
    assert said in failure_of(run("review", "import", tmp_path / "r.jsonl", "--workspace", root), 3)
    assert read_tree(root) == before


def test_a_note_of_another_split_is_refused(tmp_path: Path) -> None:
    root = make_workspace(tmp_path / "w")
    write_file(root, "data/gold/test.jsonl", json_lines([{"note_id": "N2", "concepts": []}]))
    row = {"note_id": "N2", "text": texts_of(root)["N2"], "label": []}
    write_file(tmp_path, "r.jsonl", json_lines([row]))
    words = ("review", "import", tmp_path / "r.jsonl", "--workspace", root)
    assert "r.jsonl:1: note 'N2' is in split test already" in failure_of(run(*words), 3)


def test_a_broken_split_is_left_alone(tmp_path: Path) -> None:
    root = make_workspace(tmp_path / "w")
    split = write_file(root, "data/gold/train.jsonl", "{broken\n")
    row = {"note_id": "N1", "text": texts_of(root)["N1"], "label": []}
    write_file(tmp_path, "r.jsonl", json_lines([row]))
    words = ("review", "import", tmp_path / "r.jsonl", "--workspace", root)
    assert "train.jsonl:1" in failure_of(run(*words), 3)
    assert split.read_text() == "{broken\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_gold_folder_is_told_first(tmp_path: Path) -> None:
    root = make_workspace(tmp_path / "w")
    (root / "data/gold").mkdir(parents=True, exist_ok=True)
    (root / "data/gold").chmod(0o500)
    words = ("review", "import", tmp_path / "none.jsonl", "--workspace", root)
    assert "cannot be written" in failure_of(run(*words), 2)


def test_review_says_what_is_missing(shop: Shop, place: Path, tmp_path: Path) -> None:
    model = ("--model-path", shop.model)
    assert "give --output FILE" in run("review", "export", *model).stderr
    words = ("--output", tmp_path / "t", "--labels", tmp_path / "l", "--format", "doccano")
    assert run("review", "export", *model, *words).exit_code == 2
    line = failure_of(run("review", "import", tmp_path / "no.jsonl", "--workspace", place), 4)
    assert "no such file" in line
    rows = [{"note_id": name, "concepts": []} for name in texts_of(place)]
    repeated = next(iter(texts_of(place).values()))
    write_file(place, "data/gold/train.jsonl", json_lines(rows))
    words = ("review", "export", *model, "--workspace", place, "--output", tmp_path / "t")
    said = "notes_clean.parquet: no note is left to review; all 60 are annotated already"
    assert f"{said}; add" in failure_of(run(*words), 4)
    write_notes(place, [note_row(n, t) for n, t in [*texts_of(place).items(), ("x", repeated)]])
    said = said.replace("60", "61") + " or repeat the text of one that is; add"
    assert said in failure_of(run(*words), 4)
    assert not (tmp_path / "t").exists()


@pytest.mark.parametrize("words", [("lexicon",), ("review",), ("lexicon", "--help")])
def test_a_group_alone_shows_its_commands(words: tuple[str, ...]) -> None:
    result = run_well(*words)
    assert "Commands:" in result.stdout
    assert "Example:" in result.stdout


@pytest.mark.parametrize(
    "words", [("lexicon", "accept"), ("review", "export"), ("review", "import")]
)
def test_each_command_explains_its_options(words: tuple[str, ...]) -> None:
    text = run_well(*words, "--help").stdout
    for part in ("Example:", f"lvmh-jax {' '.join(words)}", "--json", "--quiet", "--workspace DIR"):
        assert part in text
