"""Compiles programs with cheap options, and ahead of their first call if their shapes are known.

A short run used to spend a third of its time in the compiler. The lowest optimisation level gave
programs that compute the same bits just as fast (measured, not guaranteed: docs/log.md). The
compiler does not hold Python's lock, so it can run while other data is prepared.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jax

QUICK = {"xla_backend_optimization_level": 1}
# Kernels from the older emitter: twice as fast to compile, up to a tenth slower to run. For
# programs that run once, or once per epoch.
PLAIN = QUICK | {"xla_cpu_use_fusion_emitters": False}


def choose_options(calls: int, few: int) -> dict[str, Any]:
    """Compiler options by number of calls; up to `few` calls do not repay optimisation.

    >>> choose_options(1, few=2) == PLAIN, choose_options(30, few=2) == PLAIN
    (True, False)
    """
    return PLAIN if calls <= few else QUICK


def compile_fast(
    function: Callable[..., Any], options: dict[str, Any] = QUICK, **given: Any
) -> Any:
    """`jax.jit` with the compiler options of this module, which apply on a CPU only.

    Args:
      function: function to compile.
      options: `QUICK` or `PLAIN`.
      given: further arguments of `jax.jit`.
    """
    is_known = jax.default_backend() == "cpu" and _is_known(tuple(options.items()))
    return jax.jit(function, compiler_options=options if is_known else None, **given)


@lru_cache(maxsize=4)
def _is_known(options: tuple[tuple[str, Any], ...]) -> bool:
    """Whether this compiler accepts some options; they differ between XLA versions."""
    try:
        jax.jit(lambda: 0, compiler_options=dict(options)).lower().compile()
    except Exception:
        return False
    return True


class Early:
    """A jitted function that can be compiled in a thread before its first call."""

    def __init__(self, jitted: Any) -> None:
        self.jitted = jitted
        self._thread: threading.Thread | None = None

    def begin(self, *shapes: Any) -> None:
        """Starts compiling for arguments of these shapes; later calls do nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._compile, args=shapes)
            self._thread.start()

    def _compile(self, *shapes: Any) -> None:
        try:
            # The jitted function caches the compiled program for its first call.
            self.jitted.lower(*shapes).compile()
        except Exception:  # the call raises it again, where it can be reported
            return

    def lower(self, *arguments: Any) -> Any:
        """Lowers like `jax.jit`."""
        return self.jitted.lower(*arguments)

    def __call__(self, *arguments: Any) -> Any:
        """Calls the function, after waiting for its compilation."""
        if self._thread is not None:
            self._thread.join()
        return self.jitted(*arguments)
