"""Tables of a person, row by row: what is edited is read again, and what is not keeps its bytes."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.data.forgetting import Traces
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.io.csvrows import BOM, Row, edit_csv
from lvmh_jax.io.delimiters import DELIMITERS
from lvmh_jax.io.erasure import erase_csv
from lvmh_jax.io.workspace import TABLE_COLUMNS
from tests.io.rawexports import write

HEADER = ["concept_id", "label", "aliases", "examples", "", ""]
CELLS = st.text(f'ab é\n\r"{"".join(DELIMITERS)}\u2028', max_size=5)


def quote(cell: str, delimiter: str, always: bool) -> str:
    needed = always or any(char in cell for char in f'"\n\r{delimiter}')
    return '"' + cell.replace('"', '""') + '"' if needed else cell


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[str]], list[str], str]:
    """The cells of a table, how each record is written, and its delimiter."""
    delimiter, always = draw(st.sampled_from(DELIMITERS)), draw(st.booleans())
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    cells = st.lists(CELLS, min_size=len(HEADER), max_size=len(HEADER))
    rows = [HEADER, *draw(st.lists(cells, min_size=1, max_size=4))]
    records = [delimiter.join(quote(cell, delimiter, always) for cell in row) + end for row in rows]
    if draw(st.booleans()):
        records[-1] = records[-1].removesuffix(end)
    records[0] = draw(st.sampled_from(["", BOM])) + records[0]
    return rows, records, delimiter


def edit(content: str, change: Any) -> tuple[int | None, str]:
    with tempfile.TemporaryDirectory() as folder:
        path, target = write(Path(folder, "t.csv"), content), Path(folder, "new.csv")
        changed = edit_csv(path, target, TABLE_COLUMNS, lambda _: change)
        return changed, target.read_bytes().decode()


@given(tables(), CELLS, st.data())
def test_of_an_edited_cell_all_others_stay(table, new: str, data) -> None:
    rows, records, delimiter = table
    place = data.draw(st.integers(1, len(rows) - 1))
    column = data.draw(st.sampled_from(range(4)))
    seen = 0

    def change(row: Row) -> Row:
        nonlocal seen
        seen += 1
        assert list(row.values()) == rows[seen]
        return {**row, HEADER[column]: new} if seen == place else row

    changed, written = edit("".join(records), change)
    wanted = [list(row) for row in rows]
    wanted[place][column] = new
    assert changed == (wanted != rows)
    stream = io.StringIO(written.removeprefix(BOM), newline="")
    assert list(csv.reader(stream, delimiter=delimiter, strict=True)) == wanted
    assert written.startswith("".join(records[:place]))
    assert written.endswith("".join(records[place + 1 :]))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_client_goes_from_a_table_with_line_breaks(tmp_path: Path, end: str) -> None:
    head = f'{BOM}"Concept ID","label","aliases","examples","Owner"{end}'
    path = write(tmp_path / "l.csv", f'{head}c1,Gold,ring,N_101|N_102,"two{end}lines"{end}')
    traces = Traces(frozenset({"C_7"}), {"N_101": "Cherche un collier."})
    assert erase_csv(path, tmp_path / "new.csv", traces) == 1
    wanted = f'{head}c1,Gold,ring,N_102,"two{end}lines"{end}'
    assert (tmp_path / "new.csv").read_bytes().decode() == wanted


def test_rows_go_and_what_does_not_fit_is_refused() -> None:
    content = "concept_id;aliases\n\na;b\nc;d\n"
    assert edit(content, lambda _: None) == (2, "concept_id;aliases\n\n")
    with pytest.raises(InvalidInputError, match=r"t\.csv: a row has 3 cells; expected 2"):
        edit("concept_id;aliases\na;b;c\n", lambda row: row)
    with pytest.raises(InvalidInputError, match=r"t\.csv:2: not valid CSV"):
        edit('concept_id;aliases\na;"b\n', lambda row: row)
