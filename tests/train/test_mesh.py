"""One step function for 1, 2, 4 and 8 devices, and what XLA makes of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from lvmh_jax.errors import UsageError
from lvmh_jax.train.mesh import divide_devices
from tests.conftest import REPOSITORY

# Prints the losses of an epoch's steps and the collectives of its program, by number of devices.
SCRIPT = """
import json, re, sys
import jax
import numpy as np
from dataclasses import replace
from lvmh_jax.train.fit import make_course, make_optimizer, plan_batches, start_fit
from lvmh_jax.train.mesh import make_layout
from lvmh_jax.train.step import Batch
from tests.train.fitting import CONCEPTS, Fitting, quick_compiles

fitting = Fitting()
train = replace(fitting.settings.train, batch_size=8, aliases_per_row=2)
settings = replace(fitting.settings, train=train)
given = (fitting.examples, CONCEPTS, settings)
found = {}
with quick_compiles():
    start = start_fit(*given).state
    for count in (1, 2, 4, 8):
        layout = make_layout(jax.devices()[:count], train.batch_size)
        course = make_course(*given, make_optimizer(fitting.examples, train), layout)
        batches = Batch(*layout.split_rows(plan_batches(fitting.examples, train, 0)))
        state = layout.place_state(start)
        program = course.run_epoch.lower(state, course.material, batches).compile()
        state, sums_S4 = program(jax.tree.map(jax.numpy.copy, state), course.material, batches)
        verbs = "all-reduce|all-gather|all-to-all|reduce-scatter|collective-[a-z]+"
        found[count] = {
            "sums": np.asarray(sums_S4).tolist(),
            "table": float(np.abs(np.asarray(state.params["table"])).sum()),
            "where": len(state.params["table"].sharding.device_set),
            "collectives": re.findall(rf" ({verbs})(?:-start)?\\(", program.as_text()),
        }
print(json.dumps(found))
"""


# Prints the histories of a population on one device and on eight, and how eight are divided.
POPULATION = """
import json
import jax
from dataclasses import asdict, replace
from lvmh_jax.train.mesh import make_layout
from lvmh_jax.train.population import fit_population, list_members, start_population
from tests.train.fitting import CONCEPTS, Fitting, quick_compiles

fitting = Fitting()
train = replace(fitting.settings.train, batch_size=8, aliases_per_row=2, seeds=4)
settings = replace(fitting.settings, train=train)
given, members = (fitting.examples, CONCEPTS, settings), list_members(train)
found = {}
with quick_compiles():
    start = start_population(*given, members)
    for count in (1, 8):
        layout = make_layout(jax.devices()[:count], train.batch_size, members=4)
        *_, last = fit_population(*given, start, members, layout)
        found[count] = {
            "mesh": dict(layout.mesh.shape) if layout.mesh else {},
            "losses": [[record.loss for record in records] for records in last.history],
            "best": layout.collect(last.member(1).best_params["bias"]).tolist(),
        }
print(json.dumps(found))
"""


def run_script(script: str, devices: int) -> dict:
    environment = {
        **os.environ,
        "PYTHONPATH": str(REPOSITORY),
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}",
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_any_number_of_devices_takes_the_same_steps() -> None:
    found = run_script(SCRIPT, 8)
    alone = found["1"]
    assert alone["collectives"] == []
    for count in ("2", "4", "8"):
        np.testing.assert_allclose(found[count]["sums"], alone["sums"], atol=1e-4, rtol=1e-5)
        assert found[count]["table"] == pytest.approx(alone["table"], rel=1e-5)
        assert found[count]["where"] == int(count)
        # The gradients of all parameters and the sums, in one go; no rows, no tables travel.
        assert found[count]["collectives"] == ["all-reduce"]


@pytest.mark.slow
def test_a_population_is_the_same_on_eight_devices() -> None:
    found = run_script(POPULATION, 8)
    assert (found["1"]["mesh"], found["8"]["mesh"]) == ({}, {"models": 4, "data": 2})
    for key in ("losses", "best"):
        np.testing.assert_allclose(found["8"][key], found["1"][key], atol=1e-4)


@pytest.mark.parametrize(
    ("devices", "rows", "members", "hosts", "expected"),
    [
        (1, 16, 1, 1, (1, 1)),
        (8, 16, 1, 1, (1, 8)),
        (3, 16, 1, 1, (1, 2)),  # one idle: 16 rows divide over 1, 2, 4... devices
        (6, 16, 1, 1, (1, 4)),
        (8, 3, 1, 1, (1, 3)),
        (8, 16, 8, 1, (8, 1)),
        (8, 16, 2, 1, (2, 4)),
        (6, 16, 9, 1, (3, 2)),
        (8, 16, 5, 1, (1, 8)),
        (8, 16, 8, 2, (1, 8)),
    ],
)
def test_devices_are_divided_among_models_and_rows(
    devices: int, rows: int, members: int, hosts: int, expected: tuple[int, int]
) -> None:
    assert divide_devices(devices, rows, members, hosts) == expected


def test_several_hosts_refuse_a_batch_that_does_not_divide() -> None:
    with pytest.raises(
        UsageError, match=r"16 rows does not divide over 6 devices; .*--batch-size a multiple of 6"
    ):
        divide_devices(6, 16, 1, 2)
