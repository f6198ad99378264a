"""What a person wrote into `alias_suggestions.csv` outlives the next `keywords`."""

from __future__ import annotations

import csv
from codecs import BOM_UTF8
from pathlib import Path

import pytest

from tests.pipeline.erasing import CLIENT, make_site
from tests.pipeline.workshop import Shop, read_rows, run_well

SUGGESTED = "alias_suggestions.csv"


@pytest.fixture(scope="module")
def written(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What `keywords` suggests for the shop."""
    folder = tmp_path_factory.mktemp("suggested")
    run_well("keywords", "--workspace", shop.root, "--output", folder)
    return (folder / SUGGESTED).read_bytes()


@pytest.fixture
def file(written: bytes, tmp_path: Path) -> Path:
    (tmp_path / SUGGESTED).write_bytes(written)
    return tmp_path / SUGGESTED


def again(shop: Shop, file: Path, *words: str) -> str:
    """Runs `keywords` into the folder of the file; returns what it says on stderr."""
    given = ("keywords", "--workspace", shop.root, "--output", file.parent, "--quiet")
    return run_well(*given, *words).stderr


def save(file: Path, rows: list[dict[str, str]], delimiter: str = ",", encoding="utf-8") -> bytes:
    """Saves rows as a spreadsheet does."""
    with file.open("w", encoding=encoding, newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return file.read_bytes()


@pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8"), (";", "utf-8-sig")])
def test_marks_are_carried_over(shop: Shop, file: Path, delimiter: str, encoding: str) -> None:
    rows = read_rows(file)
    aliases = [row["alias"] for row in rows]
    rows[0] |= {"accept": "Oui", "alias": f" {rows[0]['alias'].upper()}"}
    rows[3] |= {"accept": "no", "confidence": "?"}
    save(file, rows[::-1], delimiter, encoding)
    assert again(shop, file) == ""
    marked = read_rows(file)
    # What was refused comes last.
    assert [row["alias"] for row in marked] == [*aliases[:3], *aliases[4:], aliases[3]]
    assert [row["accept"] for row in marked] == ["Oui", *[""] * (len(rows) - 2), "no"]
    assert not list(file.parent.glob("*.bak"))


def test_a_file_with_marks_that_no_row_takes_is_kept(shop: Shop, file: Path) -> None:
    rows = read_rows(file)
    rows[0]["accept"], rows[-1]["accept"] = "yes", "no"
    more = [{**rows[0], "alias": alias, "accept": "x"} for alias in ("zwirbel", "zwirbelspiel")]
    before = save(file, [*rows, *more])
    said = again(shop, file, "--min-confidence", rows[0]["confidence"])
    assert f"{SUGGESTED}: 3 marks in column accept are of rows that are suggested no more" in said
    assert f"kept as {SUGGESTED}.bak" in said
    kept = file.with_name(f"{SUGGESTED}.bak")
    assert kept.read_bytes() == before
    assert read_rows(file)[0]["accept"] == "yes"
    # The next one finds its own marks, and a further one does not replace what is kept.
    assert again(shop, file) == ""
    assert read_rows(file)[0]["accept"] == "yes"
    save(file, more)
    assert "kept as alias_suggestions-2.csv.bak" in again(shop, file)
    assert kept.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [b"concept_id,alias,accept\nhandbag,\xc3\xa9t\xe9,yes\n", b"mine,yes\n", b"a\n" * 3],
)
def test_a_file_that_cannot_be_read_is_kept(
    shop: Shop, file: Path, written: bytes, content: bytes
) -> None:
    file.write_bytes(content)
    said = again(shop, file)
    assert f"its marks are not carried over, it is kept as {SUGGESTED}.bak" in said
    assert file.with_name(f"{SUGGESTED}.bak").read_bytes() == content
    assert file.read_bytes() == written


def test_a_yes_to_what_is_listed_by_now_is_done_with(shop: Shop, file: Path) -> None:
    rows = read_rows(file)
    save(file, [{**rows[0], "concept_id": "handbag", "alias": "Handbag", "accept": "SÌ"}])
    assert again(shop, file) == ""
    assert not list(file.parent.glob("*.bak"))


def test_a_client_is_erased_from_what_is_kept(tmp_path: Path) -> None:
    root = make_site(tmp_path / "site")
    file = root / "data/outputs" / SUGGESTED
    file.write_bytes(BOM_UTF8 + file.read_bytes())  # as `keywords` writes it
    kept = file.with_name(f"{SUGGESTED}.bak")
    kept.write_bytes(file.read_bytes())
    run_well("forget", "--client-id", CLIENT, "--workspace", root)
    assert kept.read_bytes() == file.read_bytes()
    assert kept.read_bytes().startswith(BOM_UTF8 + b"concept_id;")
    assert b"N_101" not in kept.read_bytes()
