"""Programs that are compiled ahead are those that are called, and give the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import jax
import jax.numpy as jnp
import pytest

from lvmh_jax.config import ScorerSettings
from lvmh_jax.train.fit import fit_encoder, make_course, make_optimizer, start_fit
from lvmh_jax.train.mesh import ONE_DEVICE
from lvmh_jax.train.programs import Early, compile_fast
from lvmh_jax.train.scorer import begin_fit, fit_scorers
from tests.train.fitting import CONCEPTS
from tests.train.test_scorer import make_targets

COMPILED = "/jax/core/compile/backend_compile_duration"


@contextmanager
def count_compiles() -> Iterator[list[str]]:
    """Names of what is compiled inside; the compiler is asked even where a cache answers."""
    seen: list[str] = []

    def listen(event: str, seconds: float, **more: object) -> None:
        if event == COMPILED:
            seen.append(str(more.get("fun_name", "")))

    jax.monitoring.register_event_duration_secs_listener(listen)
    try:
        yield seen
    finally:
        jax.monitoring.unregister_event_duration_listener(listen)


def add_one(x_N: jax.Array) -> jax.Array:
    return x_N + 1.0


def test_a_call_waits_for_what_was_begun_and_compiles_nothing() -> None:
    program = Early(jax.jit(add_one))
    ones_N = jnp.ones(5)
    with count_compiles() as seen:
        program.begin(jax.ShapeDtypeStruct((5,), "float32"))
        assert program(ones_N).tolist() == [2.0] * 5
        assert len(seen) == 1


def test_what_cannot_be_compiled_fails_where_it_is_called() -> None:
    def fail(x_N: jax.Array) -> jax.Array:
        raise ValueError("no such program")

    program = Early(jax.jit(fail))
    program.begin(jax.ShapeDtypeStruct((5,), "float32"))
    with pytest.raises(ValueError, match="no such program"):
        program(jnp.ones(5))


def test_a_course_that_was_begun_is_the_one_that_runs(
    fitting, run, tree_bytes: Callable[..., list[bytes]]
) -> None:
    given = (fitting.examples, CONCEPTS, fitting.settings)
    optimizer = make_optimizer(fitting.examples, fitting.settings.train)
    course = make_course(*given, optimizer, ONE_DEVICE)
    start = start_fit(*given, course)
    for early in (course.run_epoch, course.run_validation):
        assert early._thread is not None
        early._thread.join()
    with count_compiles() as seen:
        after = next(fit_encoder(*given, start, course=course))
    assert seen == []
    assert tree_bytes(after.state) == tree_bytes(run[1].state)


def test_a_scorer_that_was_begun_compiles_nothing_more() -> None:
    settings = ScorerSettings(hidden=5, steps=20, folds=3, members=1)
    targets = make_targets()
    begin_fit(settings, 3, targets.features_NF.shape[1])
    with count_compiles() as seen:
        fit_scorers(targets, settings, seed=0)
    assert seen == []


def test_options_that_the_compiler_does_not_know_are_left_out() -> None:
    doubled = compile_fast(lambda x: x * 2, {"xla_no_such_option_of_any_version": True})
    assert doubled(jnp.float32(3)) == 6
