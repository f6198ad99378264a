"""Rows to notes: duplicates, dropped rows, what is counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lvmh_jax.data.cleaning import NoteCleaner, RawRow
from lvmh_jax.errors import InvalidInputError

ROW = RawRow(2, "A1", "", "08/01/2026", "35 min", "fr", "short", "Sac noir, Mme Laurent")


def clean(*rows: RawRow, **options):
    cleaner = NoteCleaner("raw.csv", **options)
    return cleaner, [cleaner.clean(row) for row in rows]


def test_a_row_becomes_a_note() -> None:
    cleaner, [(note, redacted)] = clean(ROW)
    assert (note.note_id, note.client_id, note.language) == ("A1", "A1", "FR")
    assert (note.date, note.duration, note.length) == ("2026-01-08", "35 min", "short")
    assert note.text == redacted == "Sac noir, Mme [NAME]"
    assert cleaner.tally.redactions == {"NAME": 1}


def test_personal_data_is_kept_on_demand_and_counted_all_the_same() -> None:
    cleaner, [(note, redacted)] = clean(ROW, keep_personal_data=True)
    assert note.text == ROW.text
    assert redacted == "Sac noir, Mme [NAME]"
    assert cleaner.tally.redactions == {"NAME": 1}


def test_an_identical_row_is_dropped() -> None:
    cleaner, found = clean(ROW, replace(ROW, line=3))
    assert found[1] is None
    assert (cleaner.tally.repeated, cleaner.tally.written, cleaner.tally.read) == (1, 1, 2)


@pytest.mark.parametrize("change", [{"text": "autre"}, {"client_id": "C9"}, {"date": ""}])
def test_an_id_twice_with_other_content_is_refused(change: dict) -> None:
    cleaner, found = clean(ROW, replace(ROW, line=7, **change))
    assert found[1] is None
    with pytest.raises(InvalidInputError, match=r"raw.csv:7: ID 'A1' is in line 2 and again in"):
        cleaner.refuse_conflicts()


def test_all_rows_with_an_id_twice_are_told_in_one_line() -> None:
    clean(ROW)[0].refuse_conflicts()
    again = [replace(ROW, line=3 + at, text=f"autre {at}") for at in range(7)]
    cleaner, _ = clean(ROW, replace(ROW, note_id="B", line=12), *again)
    with pytest.raises(InvalidInputError, match="7 rows have the ID of an earlier row") as caught:
        cleaner.refuse_conflicts()
    message = str(caught.value)
    assert "(lines 2 and 3, 2 and 4, 2 and 5, 2 and 6, 2 and 7, ...)" in message
    assert "autre" not in message
    assert "\n" not in message


def test_an_id_that_is_personal_data_is_not_shown() -> None:
    row = replace(ROW, note_id="Anna Durand")
    cleaner, _ = clean(row, replace(row, line=3, text="autre"))
    with pytest.raises(InvalidInputError, match="an ID is in line 2 and again in line 3") as caught:
        cleaner.refuse_conflicts()
    assert "Durand" not in str(caught.value)


def test_a_row_without_id_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"raw.csv:4: the row has no ID"):
        clean(replace(ROW, line=4, note_id=" \u200b"))


def test_a_row_without_text_is_dropped() -> None:
    cleaner, found = clean(replace(ROW, text="\u200b \n"))
    assert found == [None]
    assert cleaner.tally.without_text == 1


def test_same_texts_are_found_and_kept() -> None:
    texts = ("Sac noir", "Robe", "sac, NOIR !", "Sac noir")
    rows = [replace(ROW, line=2 + at, note_id=f"A{at}", text=text) for at, text in enumerate(texts)]
    cleaner, found = clean(*rows)
    assert None not in found
    duplicates = cleaner.duplicates()
    assert (duplicates.exact, duplicates.near) == (1, 1)
    assert duplicates.lines == [(2, 4), (2, 5)]


def test_no_row_has_no_duplicates() -> None:
    assert NoteCleaner("raw.csv").duplicates().lines == []


def test_languages_and_dates_are_counted() -> None:
    english = "She is looking for a gift for her husband's birthday."
    rows = [
        ROW,
        replace(ROW, note_id="A2", language="", text=english, date=""),
        replace(
            ROW, note_id="A3", language="Elvish tongue", text=english + "!", date="hier", line=9
        ),
    ]
    cleaner, found = clean(*rows)
    tally = cleaner.tally
    assert [note.language for note, _ in found] == ["FR", "EN", "EN"]
    assert (dict(tally.given), dict(tally.detected)) == ({"FR": 1}, {"EN": 2})
    assert (tally.language_unread, tally.dated, tally.undated) == (1, 1, 1)
    assert (tally.date_unread, tally.date_lines) == (1, [9])


def test_the_default_language_stands_in() -> None:
    _, [(note, _)] = clean(replace(ROW, language="n/a"), default_language="NL")
    assert note.language == "NL"


def test_ids_that_name_someone_are_counted_and_kept() -> None:
    rows = [replace(ROW, client_id="anna@example.org"), replace(ROW, note_id="Anna Rossi")]
    cleaner, found = clean(*rows)
    assert cleaner.tally.ids_with_personal_data == 2
    assert found[0][0].client_id == "anna@example.org"
