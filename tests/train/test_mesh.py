"""One step function for 1, 2, 4 and 8 devices, and what XLA makes of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from lvmh_jax.errors import UsageError
from lvmh_jax.models.presets import PRESETS
from lvmh_jax.train.mesh import divide_devices, make_layout
from tests.conftest import REPOSITORY
from tests.train.fitting import CONCEPTS

BUCKETS = PRESETS["tiny"].model.buckets

# Prints the losses of an epoch's steps and the collectives of its program, by devices and shards
# in LAYOUTS.
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
    for count, shards in LAYOUTS:
        layout = make_layout(jax.devices()[:count], train.batch_size, shards=shards)
        course = make_course(*given, make_optimizer(fitting.examples, train), layout)
        batches = Batch(*layout.split_rows(plan_batches(fitting.examples, train, 0)))
        state = layout.place_state(start)
        program = course.run_epoch.lower(state, course.material, batches).compile()
        state, sums_S4 = program(jax.tree.map(jax.numpy.copy, state), course.material, batches)
        verbs = "all-reduce|all-gather|all-to-all|reduce-scatter|collective-[a-z]+"
        moments = [x for x in jax.tree.leaves(state) if x.shape == state.params["table"].shape]
        found[f"{count}/{shards}"] = {
            "sums": np.asarray(sums_S4).tolist(),
            "columns": state.params["classes"].sharding.shard_shape((1, 16))[1],
            "split": {x.sharding.shard_shape(x.shape)[1] for x in moments} == {16 // shards},
            "table": float(np.abs(np.asarray(state.params["table"])).sum()),
            "where": len(state.params["table"].sharding.device_set),
            "collectives": re.findall(rf" ({verbs})(?:-start)?\\(", program.as_text()),
            "gathered": re.findall(r"= \\w+\\[([\\d,]*)\\]\\S* all-gather", program.as_text()),
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


@pytest.mark.parametrize(
    "layouts",
    [
        ((1, 1), (2, 1), (4, 2)),
        pytest.param(((1, 1), (4, 1), (8, 1), (8, 4), (2, 2)), marks=pytest.mark.slow),
    ],
    ids=["four", "eight"],
)
def test_any_number_of_devices_takes_the_same_steps(layouts: tuple[tuple[int, int], ...]) -> None:
    found = run_script(f"LAYOUTS = {layouts}{SCRIPT}", max(layouts)[0])
    assert len(found) == len(layouts)
    alone = found.pop("1/1")
    assert alone["collectives"] == []
    for name, each in found.items():
        count, shards = map(int, name.split("/"))
        np.testing.assert_allclose(each["sums"], alone["sums"], atol=1e-4, rtol=1e-5)
        assert each["table"] == pytest.approx(alone["table"], rel=1e-5)
        assert each["where"] == count
        assert each["columns"] == 16 // shards
        assert each["split"]
        if shards == 1:
            # The gradients of all parameters and the sums, in one go; no rows, no tables travel.
            assert each["collectives"] == ["all-reduce"]
            continue
        # Small layers and vectors of a batch travel; neither of the tables does.
        assert set(each["collectives"]) == {"all-reduce", "all-gather"}
        tables = (f"{BUCKETS},", f"{CONCEPTS + 1},")
        assert [shape for shape in each["gathered"] if shape.startswith(tables)] == []


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


def test_shards_are_refused_where_they_do_not_divide() -> None:
    devices = [object()] * 6
    with pytest.raises(UsageError, match=r"train.shards is 4, and 6 devices do not divide by it"):
        make_layout(devices, 16, shards=4)
    with pytest.raises(UsageError, match=r"train.shards is 2; expected 1 with --seeds"):
        make_layout(devices, 16, members=2, shards=2)


def test_several_hosts_refuse_a_batch_that_does_not_divide() -> None:
    with pytest.raises(
        UsageError, match=r"16 rows does not divide over 6 devices; .*--batch-size a multiple of 6"
    ):
        divide_devices(6, 16, 1, 2)
