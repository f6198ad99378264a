"""Learning-rate schedules: one row of `SCHEDULES` each, as a factor of the peak rate."""

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
        # A warm-up starts at rate 0, so a run of a single step must not have one.
        0.0 if warmup else 1.0,
        1.0,
        warmup,
        steps,
    ),
    "one_cycle": lambda steps, warmup: optax.cosine_onecycle_schedule(max(steps, 2), 1.0),
}

# Schedules that do not end at 0: their last steps change the weights as much as earlier ones.
ENDLESS = {"constant"}


def build_schedule(name: str, steps: int, warmup_share: float) -> optax.Schedule:
    """Returns the named schedule over `steps` steps.

    Raises:
      UsageError: no such schedule.
    """
    if name not in SCHEDULES:
        raise UsageError(f"no schedule named {name!r}", fix=nearest_name(name, SCHEDULES))
    warmup = max(1, round(warmup_share * steps)) if warmup_share else 0
    return SCHEDULES[name](max(steps, 1), max(min(warmup, steps - 1), 0))
