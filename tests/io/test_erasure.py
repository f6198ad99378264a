"""CSV files without rows of a client, whatever is between their cells."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvmh_jax.data.forgetting import Traces
from lvmh_jax.io.erasure import erase_csv, erase_other_csv

QUOTE = "She has collected glass paperweights since she was a child."
TRACES = Traces(frozenset({"CL_0042"}), {"12": QUOTE})


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("before", ["", "\ufeff", "sep="])
def test_any_delimiter(tmp_path: Path, delimiter: str, before: str) -> None:
    before = f"{before}{delimiter}\n" if before == "sep=" else before
    rows = [("note_id", "client_id", "x"), ("11", "C", '"a, ""b"""'), ("12", "C", "y")]
    lines = [delimiter.join(row) + "\r\n" for row in rows]
    path, target = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_text(before + "".join(lines), "utf-8", newline="")
    assert erase_csv(path, target, TRACES) == 1
    assert target.read_bytes().decode() == before + "".join(lines[:2])


def test_a_table_of_other_columns_loses_the_rows_that_name_the_client(tmp_path: Path) -> None:
    path, target = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_text(f'who,what\nCL_0042,a\nx,"b\nc"\ny,"{QUOTE}"\nCL_00421,d,too wide\n', "utf-8")
    assert erase_csv(path, target, TRACES) is None
    assert erase_other_csv(path, target, TRACES) == 2
    assert target.read_text("utf-8") == 'who,what\nx,"b\nc"\nCL_00421,d,too wide\n'


@pytest.mark.parametrize("before", ["", "\ufeff", "sep=;\n"])
def test_columns_of_ids_are_known_by_their_name(tmp_path: Path, before: str) -> None:
    path, target = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_text(f"{before}note_ids;n\n11|12;12\n11;12\n", "utf-8")
    assert erase_other_csv(path, target, TRACES) == 1
    assert target.read_text("utf-8") == f"{before}note_ids;n\n11;12\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("CL_0042.csv", "who\nx\n"),
        ("a.csv", 'who\n"CL_0042\n'),  # an open quote
        ("a.csv", QUOTE.replace("paper", "\npaper").replace("glass \n", "glass\n")),
    ],
)
def test_where_rows_are_not_enough_it_says_so(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    assert erase_other_csv(tmp_path / name, tmp_path / "b", TRACES) is None
