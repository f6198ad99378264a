"""Small files that unpack to gigabytes: refused within 1 GiB and 2 s, whoever reads them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.generators import CANDIDATES, GOLD_DEV, LEXICON, NOTES
from tests.malformed.bombs import make_hollow
from tests.malformed.isolated import run_jobs, tally
from tests.malformed.outcomes import MOST_S, REFUSED, WORKS, base_workspace

MOST_MB = 1024
HUGE = 64 << 30  # bytes of a hollow file: far more than any of our machines has


def check(answers: list[dict[str, Any]], jobs: list[tuple[str, Path, str]], stated: str) -> None:
    """Asserts the outcome of each, and that it came soon and in little memory."""
    told = [
        (job[0], job[2], answer)
        for job, answer in zip(jobs, answers, strict=True)
        if answer["outcome"] != stated or answer["peak_mb"] > MOST_MB or answer["cpu_s"] > MOST_S
    ]
    assert told == []


def test_parquet_that_unpacks_to_gigabytes(bombs: dict[str, Path], count) -> None:
    assert max(path.stat().st_size for path in bombs.values()) < 2**20
    readers = ("notes", "note stream", "export", "findings")
    jobs = [(reader, path, path.name) for path in bombs.values() for reader in readers]
    answers = run_jobs(jobs)
    check(answers, jobs, REFUSED)
    count(tally(answers))


def test_hollow_files(tmp_path: Path, count) -> None:
    jobs = []
    for name in (NOTES, LEXICON, CANDIDATES, GOLD_DEV):
        root = base_workspace(tmp_path / Path(name).name)
        make_hollow(root / name, HUGE, (root / name).read_bytes())
        jobs.append(("workspace", root, name))
    for name in ("export.parquet", "notes.csv", "notes.jsonl", "notes.parquet"):
        path = make_hollow(tmp_path / name, HUGE)
        jobs.append(("export" if name.startswith("export") else "notes", path, name))
    for name in ("export.csv", "export.jsonl"):
        path = make_hollow(tmp_path / name, HUGE, b"\xff\xfe")
        jobs.append(("export", path, name))
    answers = run_jobs(jobs)
    check(answers, jobs, REFUSED)
    count(tally(answers))


def test_what_is_measured_can_be_too_much(tmp_path: Path) -> None:
    job = ("workspace", tmp_path, "nothing")
    for spent in ({"peak_mb": 2000}, {"cpu_s": 9.0}, {"outcome": WORKS}):
        answer = {"outcome": REFUSED, "peak_mb": 100, "cpu_s": 0.1, **spent}
        with pytest.raises(AssertionError, match="nothing"):
            check([answer], [job], REFUSED)
    (answer,) = run_jobs([job])  # an empty folder: the message names the files looked for
    assert Counter([answer["outcome"].split()[0]]) == {"AssertionError": 1}
    assert 0 < answer["peak_mb"] < MOST_MB
