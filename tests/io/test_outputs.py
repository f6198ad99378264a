from __future__ import annotations

import csv
import errno
import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from lvmh_jax.errors import InvalidInputError, LvmhError, UsageError
from lvmh_jax.io.outputs import COLUMNS, require_writable, write_mentions
from lvmh_jax.records import ML_ENHANCED, NEGATED, Mention
from tests.generators import texts

MENTIONS = (
    Mention("N1", "handbag", "sac à main", 27, 38, 1.0),
    Mention("N1", "colour_black", 'noir, "mat"', 39, 43, 0.1234567, ML_ENHANCED, NEGATED),
    Mention("N2", "gift_for_parent", "", None, None, 0.5, ML_ENHANCED),
)
CLIENTS = {"N1": "C1"}
GOLDEN = """\
note_id,client_id,concept_id,matched_alias,evidence_span_start,evidence_span_end,confidence,\
detection_method,polarity
N1,C1,handbag,sac à main,27,38,1.000000,rule-based,affirmed
N1,C1,colour_black,"noir, ""mat""\",39,43,0.123457,ml-enhanced,negated
N2,,gift_for_parent,,,,0.500000,ml-enhanced,affirmed
"""


def test_golden_csv(tmp_path: Path) -> None:
    path = tmp_path / "data" / "outputs" / "note_concepts.csv"
    assert write_mentions(path, iter(MENTIONS), CLIENTS) == 3
    assert path.read_text("utf-8") == GOLDEN
    assert os.listdir(path.parent) == ["note_concepts.csv"]


def test_parquet_holds_the_same(tmp_path: Path) -> None:
    path = tmp_path / "note_concepts.parquet"
    assert write_mentions(path, MENTIONS, CLIENTS) == 3
    table = parquet.read_table(path)
    assert table.column_names == list(COLUMNS)
    assert table["evidence_span_start"].to_pylist() == [27, 39, None]
    assert table["confidence"].to_pylist() == [1.0, 0.123457, 0.5]
    assert table["client_id"].to_pylist() == ["C1", "C1", ""]


@pytest.mark.parametrize("name", ["n.csv", "n.parquet"])
def test_no_mention_is_a_file_with_columns_alone(tmp_path: Path, name: str) -> None:
    assert write_mentions(tmp_path / name, [], {}) == 0
    if name == "n.csv":
        assert (tmp_path / name).read_text("utf-8") == ",".join(COLUMNS) + "\n"
    else:
        assert parquet.read_table(tmp_path / name).num_rows == 0


def test_an_alias_without_a_span_is_left_out(tmp_path: Path) -> None:
    write_mentions(tmp_path / "n.csv", [Mention("N", "c", "stray", None, None, 0.5)], {})
    assert "stray" not in (tmp_path / "n.csv").read_text("utf-8")


@pytest.mark.parametrize("name", ["n.csv", "n.parquet"])
@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "No space left on device"), None])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, fault: OSError | None
) -> None:
    path = tmp_path / name
    path.write_text("old")

    def refuse(*_: object) -> Any:
        raise fault or OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("lvmh_jax.io.outputs.os.replace", refuse)
    with pytest.raises(
        LvmhError, match=r"cannot be written \((No space|Perm).*\); choose a place"
    ) as e:
        write_mentions(path, MENTIONS, CLIENTS)
    assert e.value.exit_code == 2
    assert str(e.value).startswith(path.as_posix())
    assert "\n" not in str(e.value)
    assert os.listdir(tmp_path) == [name]
    assert path.read_text() == "old"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
def test_a_disk_that_fills_while_rows_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = open("/dev/full", "w", encoding="utf-8")
    monkeypatch.setattr("pathlib.Path.open", lambda *_, **__: full)
    with pytest.raises(LvmhError, match="No space left on device"):
        write_mentions(tmp_path / "n.csv", MENTIONS * 1000, CLIENTS)
    assert os.listdir(tmp_path) == []


PLACES = {
    "a folder": (".", "Is a directory"),
    "a file for a folder": ("file/n.csv", "Not a directory"),
    "a file far above": ("file/a/b/n.csv", "Not a directory"),
    "a device": ("/dev/null", "not a regular file"),
    "a link to a pipe": ("pipe.csv", "not a regular file"),
    "a link to a folder": ("folder.csv", "Is a directory"),
    "a link to itself": ("loop.csv", "Too many levels of symbolic links"),
    "a name that is too long": ("n" * 300 + ".csv", "File name too long"),
}


@pytest.mark.parametrize("name", PLACES)
def test_a_place_where_nothing_can_be_written(tmp_path: Path, name: str) -> None:
    place, reason = PLACES[name]
    (tmp_path / "file").write_text("x")
    os.mkfifo(tmp_path / "fifo")
    for link, target in (("pipe", "fifo"), ("folder", "."), ("loop", "loop.csv")):
        (tmp_path / f"{link}.csv").symlink_to(target)
    before = sorted(os.listdir(tmp_path))
    for check in (require_writable, lambda path: write_mentions(path, MENTIONS, CLIENTS)):
        with pytest.raises(
            UsageError, match=rf"cannot be written \({reason}\); choose a"
        ) as refused:
            check(tmp_path / place)
        assert "\n" not in str(refused.value)
    assert sorted(os.listdir(tmp_path)) == before


@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="no /dev/stdout on this system")
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_file_to_which_is_printed_is_not_replaced(tmp_path: Path, stream: str) -> None:
    """By its own name as by that of the stream: what is printed afterwards would be lost."""
    code = (
        "import sys; from pathlib import Path\n"
        "from lvmh_jax.io.outputs import OutputError, require_writable\n"
        "for name in sys.argv[2:]:\n"
        "    try: require_writable(Path(name))\n"
        "    except OutputError as error: print(error, file=getattr(sys, sys.argv[1]), flush=True)"
    )
    log = tmp_path / "log.csv"
    words = [sys.executable, "-c", code, stream, f"/dev/{stream}", log, tmp_path / "new.csv"]
    with log.open("w") as written:
        subprocess.run(words, check=True, **{stream: written})
    told = log.read_text().splitlines()
    assert [line.partition(":")[0] for line in told] == [f"/dev/{stream}", log.as_posix()]
    assert all("(standard output or standard error goes there); choose" in line for line in told)


@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_stays_and_its_target_is_written(tmp_path: Path, is_there: bool) -> None:
    target = tmp_path / "elsewhere" / "kept.csv"
    target.parent.mkdir()
    if is_there:
        target.write_text("old")
    link = tmp_path / "n.csv"
    link.symlink_to(Path("elsewhere", "kept.csv"))
    require_writable(link)
    write_mentions(link, MENTIONS, CLIENTS)
    assert link.is_symlink()
    assert target.read_text("utf-8") == GOLDEN
    assert os.listdir(target.parent) == ["kept.csv"]


@pytest.mark.parametrize("place", ["n.csv", "new/and/newer/n.csv", "file.csv"])
def test_asking_whether_a_place_can_be_written_changes_nothing(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file.csv").write_text("old")
    require_writable(tmp_path / place)
    monkeypatch.chdir(tmp_path)
    require_writable(Path(place))
    assert os.listdir(tmp_path) == ["file.csv"]
    assert (tmp_path / "file.csv").read_text() == "old"


def test_a_read_only_file_system_is_told_even_to_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> Any:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("lvmh_jax.io.outputs.tempfile.TemporaryFile", refuse)
    with pytest.raises(UsageError, match=r"cannot be written \(Read-only file system\)"):
        require_writable(tmp_path / "n.csv")


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(LvmhError, match=r"n\.csv: cannot be written \("):
        write_mentions(tmp_path / "file" / "n.csv", MENTIONS, CLIENTS)
    with pytest.raises(LvmhError, match=r"cannot be written \(Is a directory\)"):
        write_mentions(tmp_path, MENTIONS, CLIENTS)
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(LvmhError, match="Permission denied"):
        write_mentions(tmp_path / "n.csv", MENTIONS, CLIENTS)
    tmp_path.chmod(0o700)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["n.csv", "n.parquet"])
def test_an_error_of_the_detector_passes_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    def fail() -> Iterator[Mention]:
        yield MENTIONS[0]
        raise InvalidInputError("of the detector")

    with pytest.raises(InvalidInputError, match="of the detector"):
        write_mentions(tmp_path / name, fail(), CLIENTS)
    assert os.listdir(tmp_path) == []


@settings(max_examples=40)
@given(st.lists(st.tuples(texts(), texts(), st.floats(0, 1)), max_size=5))
def test_any_text_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, float]]
) -> None:
    path = tmp_path_factory.mktemp("out") / "n.csv"
    mentions = [Mention(note_id, "c", alias, 0, 1, share) for note_id, alias, share in rows]
    write_mentions(path, mentions, {})
    # Bytes: text mode would turn the carriage returns inside cells into line feeds.
    read = csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8"), newline=""))
    for row, (note_id, alias, share) in zip(read, rows, strict=True):
        assert (row["note_id"], row["matched_alias"]) == (note_id, alias)
        assert abs(float(row["confidence"]) - share) <= 5e-7


@pytest.mark.parametrize("name", ["n.csv", "n.parquet"])
def test_speed(tmp_path: Path, name: str) -> None:
    mention = MENTIONS[1]
    started = time.perf_counter()
    assert write_mentions(tmp_path / name, (mention for _ in range(100_000)), CLIENTS) == 100_000
    assert time.perf_counter() - started < 3  # 0.4 s alone on a core; others share the machine
