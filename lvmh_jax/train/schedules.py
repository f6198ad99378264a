"""Learning-rate schedules: a row in `SCHEDULES` each, as a factor of the peak rate."""

from __future__ import annotations

from collections.abc import Callable

import optax

from lvmh_jax.errors import UsageError, nearest_name

# name -> build(steps, warm-up steps): factor in [0, 1] of the learning rate
SCHEDULES: dict[str, Callable[[int, int], optax.Schedule]] = {
    "constant": lambda steps, warmup: optax.constant_schedule(1.0),
    "cosine": lambda steps, warmup: optax.cosine_decay_schedule(1.0, steps),
    "linear": lambda steps, warmup: optax.linear_schedule(1.0, 0.0, steps),
    "warmup_cosine": lambda steps, warmup: optax.warmup_cosine_decay_schedule(
        # The first step of a warm-up has rate 0: a run of one step must have none.
        0.0 if warmup else 1.0,
        1.0,
        warmup,
        steps,
    ),
    "one_cycle": lambda steps, warmup: optax.cosine_onecycle_schedule(max(steps, 2), 1.0),
}

# Those that do not end at 0: what is learned last then moves the weights as what came before.
ENDLESS = {"constant"}


def build_schedule(name: str, steps: int, warmup_share: float) -> optax.Schedule:
    """The schedule of that name over `steps` steps.

    Raises:
      UsageError: no such schedule.
    """
    if name not in SCHEDULES:
        raise UsageError(f"no schedule named {name!r}", fix=nearest_name(name, SCHEDULES))
    warmup = max(1, round(warmup_share * steps)) if warmup_share else 0
    return SCHEDULES[name](max(steps, 1), max(min(warmup, steps - 1), 0))
