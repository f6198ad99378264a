"""Which clients count, and which of their concepts: the notes, the mentions, the two lexicons."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from lvmh_jax.errors import InvalidInputError
from lvmh_jax.evaluate.confusion import Confusion
from lvmh_jax.io.progress import Progress
from lvmh_jax.pipeline.clients import read_clients
from lvmh_jax.pipeline.report import quote_confusions
from lvmh_jax.records import Concept, Lexicon, Note
from lvmh_jax.stages.aggregate import ClientTable
from tests.generators import LEXICON, LEXICON_TABLE, note_row, write_file, write_notes

CONCEPTS = (Concept("bag", "Bag", ("bag",)), Concept("ill", "Ill", ("ill",)))
MODEL = SimpleNamespace(detector=SimpleNamespace(concepts=CONCEPTS))


def read(root: Path, note_ids: str, **more) -> tuple[ClientTable, str]:
    """Reads mentions of notes, each of a client of its own; what was warned of is the second."""
    lines = [f"{note},of-{note},{c.concept_id}\n" for note in note_ids for c in CONCEPTS]
    found = write_file(root, "found.csv", "note_id,client_id,concept_id\n" + "".join(lines))
    given = {"notes_file": None, "with_sensitive": False, **more}
    said = io.StringIO()
    progress = Progress(said)
    table = read_clients(MODEL, root, root, concepts_file=found, progress=progress, **given)
    return table, said.getvalue()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace of the notes x, y and z."""
    write_notes(tmp_path, [note_row(note, "a bag", client_id=f"of-{note}") for note in "xyz"])
    return tmp_path


def test_clients_without_a_mention_count_where_the_mentions_are_of_the_notes(root: Path) -> None:
    table, said = read(root, "xy")
    assert (table.clients, said) == (("of-x", "of-y", "of-z"), "")
    assert read(root, "")[0].clients == ("of-x", "of-y", "of-z")


def test_clients_of_notes_that_no_mention_is_of_do_not_count(root: Path) -> None:
    table, said = read(root, "ab")
    assert table.clients == ("of-a", "of-b")
    (line,) = said.splitlines()
    assert line.startswith("Warning: no mention is of a note in ")
    assert "notes_clean.parquet: its clients do not count" in line
    assert "give theirs with --notes" in line


def test_mentions_of_notes_that_are_not_there_are_told(root: Path) -> None:
    table, said = read(root, "xa")
    assert table.clients == ("of-x", "of-y", "of-z", "of-a")
    assert said.startswith("Warning: 2 of 4 mentions are of notes that are not in ")
    assert said.endswith("notes_clean.parquet: give theirs with --notes\n")
    write_notes(root, [note_row("q", "a bag", client_id="of-q")], "other.parquet")
    table, said = read(root, "xa", notes_file=root / "other.parquet")
    assert table.clients == ("of-x", "of-a")
    assert "no mention is of a note in" in said
    assert "other.parquet: its clients" in said


@pytest.mark.parametrize(("client", "told"), [("", False), ("x", False), ("stranger", True)])
def test_a_mention_is_of_the_client_of_its_note(root: Path, client: str, told: bool) -> None:
    text = f"note_id,client_id,concept_id\nx,{client},bag\ny,of-y,bag\n"
    found, said = write_file(root, "blank.csv", text), io.StringIO()
    given = {"notes_file": None, "with_sensitive": False, "progress": Progress(said)}
    table = read_clients(MODEL, root, root, concepts_file=found, **given)
    assert table.clients == ("of-x", "of-y", "of-z")
    assert table.holds_MC.toarray().sum(1).tolist() == [1, 1, 0]
    assert ("1 of 2 mentions name another client than their note" in said.getvalue()) is told


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (LEXICON, json.dumps({"ill": {"aliases": ["ill"], "sensitive": True}})),
        (LEXICON_TABLE, "concept_id,aliases,sensitive\nill,ill,true\n"),
        (LEXICON_TABLE, "concept_id;aliases;sensitive\r\nill;ill;WAHR\r\nbag;bag;FALSCH\r\n"),
    ],
)
def test_a_concept_that_was_marked_after_training_is_left_out(
    root: Path, name: str, content: str
) -> None:
    write_file(root, name, content)
    assert [each.concept_id for each in read(root, "x")[0].concepts] == ["bag"]
    kept = read(root, "x", with_sensitive=True)[0].concepts
    assert [each.concept_id for each in kept] == ["bag", "ill"]


def test_what_the_model_marks_stays_left_out(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = (CONCEPTS[0], Concept("ill", "Ill", ("ill",), sensitive=True))
    monkeypatch.setattr(MODEL.detector, "concepts", secret)
    write_file(root, LEXICON, json.dumps({"ill": {"aliases": ["ill"]}}))
    assert [each.concept_id for each in read(root, "x")[0].concepts] == ["bag"]


def test_a_lexicon_that_cannot_be_read_is_refused(root: Path) -> None:
    write_file(root, LEXICON, "{")
    with pytest.raises(InvalidInputError, match=r"lexicon_v1\.json: not valid JSON"):
        read(root, "x")
    assert len(read(root, "x", with_sensitive=True)[0].concepts) == 2


def test_a_report_quotes_nothing_of_a_concept_that_was_marked_after_training() -> None:
    confusions = [Confusion("bag", "ill", 1, ("n", 9, 12)), Confusion("bag", "tea", 1, ("n", 0, 3))]
    note = Note("n", "c", "bag, and ill since June")
    marked = Lexicon((Concept("ill", "Ill", ("ill",), sensitive=True),))
    for lexicon, quoted in ((Lexicon(CONCEPTS), [True, True]), (marked, [False, True])):
        workspace = SimpleNamespace(notes=(note,), lexicon=lexicon)
        assert [bool(each) for each in quote_confusions(MODEL, workspace, confusions)] == quoted
