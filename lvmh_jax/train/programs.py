"""Compiled programs: compiled cheaply, and before they are called where their shapes are known.

Of a short run a third was spent in the compiler. Its first level of optimisation made programs that
compute the same bits as fast as its last (measured, not promised: docs/log.md), and holds no lock
of Python's, so that it can work while the next thing is prepared.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jax

QUICK = {"xla_backend_optimization_level": 1}
# Kernels from the older emitter: twice as fast to compile, up to a tenth slower to run. For what
# runs once, or once an epoch.
PLAIN = QUICK | {"xla_cpu_use_fusion_emitters": False}


def choose_options(calls: int, few: int) -> dict[str, Any]:
    """Options for a program that is called so often; `few` calls do not repay a better one.

    >>> choose_options(1, few=2) == PLAIN, choose_options(30, few=2) == PLAIN
    (True, False)
    """
    return PLAIN if calls <= few else QUICK


def compile_fast(
    function: Callable[..., Any], options: dict[str, Any] = QUICK, **given: Any
) -> Any:
    """`jax.jit`, with the options of this module where they were measured: on a CPU.

    Args:
      function: to be compiled.
      options: `QUICK` or `PLAIN`.
      given: for `jax.jit`.
    """
    is_known = jax.default_backend() == "cpu" and _is_known(tuple(options.items()))
    return jax.jit(function, compiler_options=options if is_known else None, **given)


@lru_cache(maxsize=4)
def _is_known(options: tuple[tuple[str, Any], ...]) -> bool:
    """Whether this compiler takes some options: they are its own, and come and go."""
    try:
        jax.jit(lambda: 0, compiler_options=dict(options)).lower().compile()
    except Exception:
        return False
    return True


class Early:
    """A jitted function whose compilation may begin before it is called; the call waits for it."""

    def __init__(self, jitted: Any) -> None:
        self.jitted = jitted
        self._thread: threading.Thread | None = None

    def begin(self, *shapes: Any) -> None:
        """Begins to compile for arguments of some shapes; once is enough."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._compile, args=shapes)
            self._thread.start()

    def _compile(self, *shapes: Any) -> None:
        try:
            # What was compiled stays with the function, which finds it when it is called.
            self.jitted.lower(*shapes).compile()
        except Exception:  # the call will meet it again, where it can be told
            return

    def lower(self, *arguments: Any) -> Any:
        """As jax's own."""
        return self.jitted.lower(*arguments)

    def __call__(self, *arguments: Any) -> Any:
        """Calls the function."""
        if self._thread is not None:
            self._thread.join()
        return self.jitted(*arguments)
