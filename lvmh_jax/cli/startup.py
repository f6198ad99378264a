"""Ctrl-C while a command imports the libraries that it works with.

An interrupt that is raised inside an extension's import is nobody's to handle there: C++ ends the
process (`terminate called`, a segfault), numpy makes an ImportError of it, and a callback of jax
drops it, so that the run goes on. Nothing is written yet, so the process may end on the spot.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator

from lvmh_jax.cli.errors import describe, dump_failure

STDOUT, STDERR = 1, 2


@contextlib.contextmanager
def leave_on_interrupt(*, as_json: bool) -> Iterator[None]:
    """Lets Ctrl-C end the process at once, with the line and the exit code of any other Ctrl-C.

    Where it does not raise KeyboardInterrupt, as in a thread or a job that ignores it, nothing
    changes.

    Args:
      as_json: tell it as one JSON object on stdout too.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    # Made before: the handler may stand in the middle of any import, and must need none.
    failure = describe(KeyboardInterrupt())
    said = []
    # Of a stream that is closed the number may by now be that of some other file.
    if sys.stderr is not None:
        said.append((STDERR, f"Error: {failure.message}\n".encode()))
    if as_json and sys.stdout is not None:
        said.append((STDOUT, f"{dump_failure(failure)}\n".encode()))

    def leave(number: int, frame: object) -> None:
        for stream, line in said:
            with contextlib.suppress(OSError):
                os.write(stream, line)
        os._exit(failure.code)

    signal.signal(signal.SIGINT, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
