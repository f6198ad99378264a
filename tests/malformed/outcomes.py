"""What may happen to a malformed input: it works, or is refused in one line, soon and silently."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from lvmh_jax.errors import LvmhError
from tests.generators import GOLD_DEV, TINY_GOLD, json_lines, make_workspace, tiny_notes, write_file

REFUSED, WORKS = "refused", "works"
LABEL = "malformed inputs"
SECRET = "Mme Secret"  # in every note and keyword; no message may hold it
MOST_S = 2.0  # of processor time: another worker's load is not our slowness
HANG_S = 30  # of wall time
MOST_CHARACTERS = 400
Outcomes = dict[str, tuple[Any, str]]


def attempt(
    read: Callable[[], object], names: str | tuple[str, ...], most_s: float = MOST_S
) -> str:
    """Runs a reader on an input and says what happened; anything else is an AssertionError.

    Args:
      read: calls the reader.
      names: what the message has to name: the file, or any of several.
      most_s: of processor time.
    """
    began = time.process_time()
    refusal: LvmhError | None = None
    with no_hang():
        try:
            read()
        except LvmhError as error:
            refusal = error
    spent = time.process_time() - began
    assert spent < most_s, f"took {spent:.1f} s"
    if refusal is None:
        return WORKS
    check_message(str(refusal), names)
    assert refusal.exit_code in (3, 4), refusal
    # That of a file that is not there lists the paths that were looked for.
    assert refusal.exit_code == 4 or len(str(refusal)) < MOST_CHARACTERS, refusal
    return REFUSED


def check_message(message: str, names: str | tuple[str, ...]) -> None:
    """Asserts that a message is one printable line that names a file and tells no note."""
    assert message.isprintable(), ascii(message)
    assert any(name in message for name in ((names,) if isinstance(names, str) else names)), message
    assert SECRET not in message
    assert SECRET.upper() not in message


@contextmanager
def no_hang() -> Iterator[None]:
    """Fails a test that waits for ever, as for the writer of a pipe."""

    def fail(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"it hangs: no answer in {HANG_S} s")

    before = signal.signal(signal.SIGALRM, fail)
    signal.setitimer(signal.ITIMER_REAL, HANG_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def outcomes(refused: dict[str, Any], works: dict[str, Any]) -> Outcomes:
    """Two tables of faults as one, with what is stated of each."""
    assert not refused.keys() & works.keys()
    return {name: (fault, REFUSED) for name, fault in refused.items()} | {
        name: (fault, WORKS) for name, fault in works.items()
    }


def base_workspace(root: Path) -> Path:
    """Writes a workspace that is right."""
    rows = [{**row, "text": f"{row['text']} {SECRET}"} for row in tiny_notes(2)]
    make_workspace(root, notes=rows, candidates=CANDIDATES_CSV)
    write_file(root, GOLD_DEV, json_lines([TINY_GOLD]))
    return root


CANDIDATES_CSV = (
    "candidate,language,freq_notes,avg_score,example_note_ids\n"
    f"{SECRET},FR,2,0.5,N1|N2\nbudget,EN|FR,1,0.4,N2\n"
)
