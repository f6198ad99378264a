"""Sections of RESULTS.md: each script replaces its own, and records how it was measured."""

from __future__ import annotations

import os
import platform
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

from lvmh_jax.errors import InvalidInputError, LvmhError

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "RESULTS.md"
HEAD = """# Results

Written by the scripts of this folder, a section each (see README.md); edits are overwritten.
"""


def publish(out: Path, name: str, make_body: Callable[[], str]) -> int:
    """Measures, prints and writes a section; an expected failure is a line on stderr.

    Returns: the exit code of the contract.
    """
    try:
        body = make_body()
        sys.stdout.write(body)
        write_section(out, name, body)
    except LvmhError as error:
        sys.stderr.write(f"Error: {error}\n")
        return error.exit_code
    return 0


def write_section(path: Path, name: str, body: str) -> None:
    """Replaces one section of a results file; the file is made where there is none."""
    before = path.read_text(encoding="utf-8") if path.exists() else HEAD
    try:
        after = replace_section(before, name, body)
    except ValueError as error:
        fix = "mend the comment lines, or delete the file and measure anew"
        raise InvalidInputError(str(error), where=str(path), fix=fix) from None
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(after, encoding="utf-8")
    part.replace(path)


def replace_section(document: str, name: str, body: str) -> str:
    """Puts a body between the section's comment lines; everything else stays as it is.

    A section that is not there is added at the end.

    Raises:
      ValueError: the comment lines are not one begin and, after it, one end.

    >>> print(replace_section("# Results", "speed", "fast"), end="")
    # Results
    <BLANKLINE>
    <!-- begin speed -->
    fast
    <!-- end speed -->
    """
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    section = f"{begin}\n{body.strip()}\n{end}"
    counts = (document.count(begin), document.count(end))
    if counts == (0, 0):
        return f"{document.rstrip()}\n\n{section}\n"
    if counts != (1, 1) or document.index(begin) > document.index(end):
        raise ValueError(f"the comment lines of section {name!r} do not enclose it")
    opening, _, rest = document.partition(begin)
    return opening + section + rest.partition(end)[2]


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    r"""A Markdown table with its first column left-aligned and the others right-aligned.

    >>> print(markdown_table(("workspace", "F1"), [("a|b", "0.812")]))
    | workspace | F1 |
    |---|---:|
    | a\|b | 0.812 |
    """
    lines = [head, *rows]
    if len({len(line) for line in lines}) != 1:
        raise ValueError("the rows of a table must be as long as its head")
    written = ["| " + " | ".join(c.replace("|", "\\|") for c in line) + " |" for line in lines]
    rule = "|---" + "|---:" * (len(head) - 1) + "|"
    return "\n".join([written[0], rule, *written[1:]])


def describe_run(script: str, arguments: Sequence[str], out: Path) -> str:
    """Introductory lines of a section: command, commit, hardware, versions, date."""
    return "\n".join(
        [
            f"    {shlex.join(['python', script, *arguments])}",
            "",
            f"Commit {read_commit(ROOT, out)}, {date.today().isoformat()}, {describe_machine()}.",
        ]
    )


def read_commit(root: Path, out: Path) -> str:
    """Short commit hash, with `+changes` for a modified checkout; results files are ignored."""

    def git(*words: str) -> str:
        command = ["git", "-C", str(root), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    # The first script that writes its section must not make the tree dirty for the second.
    apart = [".", f":(exclude){out.relative_to(root)}"] if out.is_relative_to(root) else ["."]
    try:
        changes = git("status", "--porcelain", "--", *apart)
        return git("rev-parse", "--short", "HEAD") + ("+changes" if changes else "")
    except (OSError, subprocess.CalledProcessError):  # an archive without git, or before a commit
        return "unknown"


def describe_machine() -> str:
    """CPU, number of usable cores, memory, and versions of packages that affect speed."""
    # Absent on macOS, which has no affinity.
    allowed = getattr(os, "sched_getaffinity", None)
    cores = len(allowed(0)) if allowed else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = f"Python {platform.python_version()}, jax {version('jax')}"
    return f"{_read_cpu()}, {cores} cores, {memory:.0f} GiB, {versions}"


def _read_cpu() -> str:
    """Name of the CPU; with a hypervisor often only its family."""
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text(encoding="utf-8") if cpuinfo.exists() else ""
    fields = dict(re.findall(r"^(model name|cpu family|model)\s*: (.+)$", text, re.MULTILINE))
    if "model name" not in fields:
        return platform.processor() or platform.machine()
    detail = f" (family {fields.get('cpu family', '?')}, model {fields.get('model', '?')})"
    return fields["model name"] + detail
