"""Runs the command line, and kills its own process at a planned point: `python -m ... PLAN WORDS`.

    call N before|after   the N-th jitted call of training: the border of steps and epochs
    file N                the N-th time that a file below a checkpoint folder is touched
    save N SECONDS        so long after the N-th save has begun: inside Orbax's own threads

SIGKILL, so that nothing of ours runs any more. A plan that comes to nothing ends like any run.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from itertools import count
from typing import Any


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def plan_call(number: int, when: str) -> None:
    from lvmh_jax.train.fit import Course

    run, calls = Course.run, count(1)

    def counted(self: Course, *given: Any) -> Any:
        is_last = next(calls) == number
        if is_last and when == "before":
            die()
        result = run(self, *given)
        if is_last:
            die()
        return result

    Course.run = counted  # type: ignore[method-assign]


def plan_file(number: int) -> None:
    touched = count(1)

    def listen(event: str, given: tuple[Any, ...]) -> None:
        is_file = event in ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir")
        inside = is_file and "checkpoints" in os.fsdecode(given[0] or "")  # type: ignore[arg-type]
        if inside and next(touched) == number:
            die()

    def guarded(event: str, given: tuple[Any, ...]) -> None:
        if event.startswith(("open", "os.")) and given and isinstance(given[0], str | bytes):
            listen(event, given)

    sys.addaudithook(guarded)


def plan_save(number: int, seconds: float) -> None:
    from lvmh_jax.io import saving

    save, saves = saving.save_checkpoint, count(1)

    def counted(*given: Any) -> None:
        if next(saves) == number:
            threading.Thread(target=lambda: (time.sleep(seconds), die()), daemon=True).start()
        save(*given)

    saving.save_checkpoint = counted


def main(plan: str, words: list[str]) -> None:
    kind, *given = plan.split()
    if kind == "call":
        plan_call(int(given[0]), given[1])
    elif kind == "file":
        plan_file(int(given[0]))
    elif kind == "save":
        plan_save(int(given[0]), float(given[1]))
    from lvmh_jax.cli.main import main as run

    run(words)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
