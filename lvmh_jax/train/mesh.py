"""Placement of a fit's arrays on several devices.

A mesh has two or three axes. `models` splits the members of a population, which never communicate.
`data` splits the rows of a batch; XLA inserts the sum of their gradients. For large tables,
`columns` splits each row: gathers are then local, only scores and lengths are summed over devices,
and no device holds a whole table. (A split by rows would fail, because C + 1 rows do not divide.)
The step function knows of none of this: it is compiled for the placement of its arguments. Without
a mesh everything is on the default device, as if this module did not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import AxisType, Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from lvmh_jax.errors import UsageError
from lvmh_jax.train.programs import PLAIN, QUICK, compile_fast

MODELS, DATA, COLUMNS = "models", "data", "columns"
TABLES = ("table", "classes")  # parameters of every architecture; see MODELS
# Size of tables, gradients and updates on one device above which tables are split if possible.
LARGE_BYTES = 4 << 30
Tree = TypeVar("Tree")


@dataclass(frozen=True)
class Layout:
    """Places arrays and compiles calls for one fit.

    Attributes:
      mesh: axes `models`, `data` and, if tables are split, `columns`; None is the default device
        alone.
      stacked: whether states have a leading axis of models, as in a population.
      at_once: number of models in one `vmap`, the others follow; 0 is all.
    """

    mesh: Mesh | None = None
    stacked: bool = False
    at_once: int = 0

    def place_state(self, tree: Tree) -> Tree:
        """Splits the models over devices; a single model is replicated, except for split tables."""
        if not self.shards_tables:
            return self._place(tree, self._state_spec)
        return jax.tree_util.tree_map_with_path(
            lambda path, leaf: self._place(leaf, self._spec_of(path, leaf)), tree
        )

    def share(self, tree: Tree) -> Tree:
        """Replicates whole arrays on every device."""
        return self._place(tree, P())

    def split_rows(self, batches: Any) -> Any:
        """Splits batches by rows over devices; axes: models if stacked, steps, rows."""
        return self._place(batches, P(*self._state_spec, None, DATA))

    def compile_epoch(
        self, epoch: Callable[..., Any], options: dict[str, Any] = QUICK
    ) -> Callable[..., Any]:
        """`(state, material, batches) -> (state, sums)`; the state is donated."""
        if self.shards_tables:

            def keep_split(state: Any, material: Any, batches: Any) -> Any:
                state, sums = epoch(state, material, batches)
                return self._constrain(state), self._constrain(sums)

            return compile_fast(keep_split, options, donate_argnums=0)
        if not self.stacked:
            return self._compile(epoch, options=options, donate_argnums=0)

        def epochs(states: Any, material: Any, batches: Any) -> Any:
            return self._map_models(lambda own: epoch(own[0], material, own[1]), (states, batches))

        return self._compile(epochs, options=options, donate_argnums=0)

    def compile_validation(self, validate: Callable[..., Any]) -> Callable[..., Any]:
        """`(params, material, validation) -> (loss, accuracy)`."""
        if not self.stacked:
            return self._compile(validate, options=PLAIN)

        def validations(params: Any, material: Any, validation: Any) -> Any:
            return self._map_models(lambda own: validate(own, material, validation), params)

        return self._compile(validations, options=PLAIN)

    def collect(self, tree: Tree) -> Tree:
        """Brings arrays that every host holds back to the default device."""
        if self.mesh is None:
            return tree
        return jax.tree.map(lambda leaf: jnp.asarray(np.asarray(leaf)), tree)

    @property
    def shards_tables(self) -> bool:
        """Whether the tables are split over devices."""
        return self.mesh is not None and COLUMNS in self.mesh.axis_names

    @property
    def parts(self) -> int:
        """Number of devices that the rows of a batch are split over."""
        return 1 if self.mesh is None else self.mesh.shape[DATA]

    @property
    def used(self) -> int:
        """Number of devices in use."""
        return 1 if self.mesh is None else self.mesh.size

    @property
    def _state_spec(self) -> P:
        return P(MODELS) if self.stacked else P()

    def _spec_of(self, path: Sequence[Any], leaf: Any) -> P:
        """Placement of a leaf of a state; tables, and optimizer state of equal shape, are split."""
        assert self.mesh is not None
        is_table = any(getattr(key, "key", None) in TABLES for key in path)
        shape = np.shape(leaf)
        fits = len(shape) == 2 and shape[1] % self.mesh.shape[COLUMNS] == 0
        return P(None, COLUMNS) if is_table and fits else P()

    def _constrain(self, tree: Tree) -> Tree:
        """Inside a compiled call: keeps its results where `place_state` puts them."""
        mesh = self.mesh
        assert mesh is not None
        constrain = jax.lax.with_sharding_constraint
        return jax.tree_util.tree_map_with_path(
            lambda path, leaf: constrain(leaf, NamedSharding(mesh, self._spec_of(path, leaf))), tree
        )

    def _map_models(self, function: Callable[[Any], Any], own: Any) -> Any:
        if self.at_once == 0:
            return jax.vmap(function)(own)
        return jax.lax.map(function, own, batch_size=self.at_once if self.at_once > 1 else None)

    def _compile(self, function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
        # Without out_shardings XLA may return the state elsewhere, and would then compile again.
        if self.mesh is not None:
            options["out_shardings"] = NamedSharding(self.mesh, self._state_spec)
        return compile_fast(function, **options)

    def _place(self, tree: Tree, spec: P) -> Tree:
        if self.mesh is None:
            return jax.device_put(tree)
        sharding = NamedSharding(self.mesh, spec)

        def put(leaf: Any) -> jax.Array:
            # On CPU all devices may share this memory, so it must never be donated (`Course.run`).
            host = np.asarray(leaf)
            return jax.make_array_from_callback(host.shape, sharding, lambda part: host[part])

        return jax.tree.map(put, tree)


ONE_DEVICE = Layout()


def make_layout(
    devices: Sequence[jax.Device],
    rows: int,
    *,
    members: int = 1,
    hosts: int = 1,
    at_once: int = 0,
    shards: int = 1,
) -> Layout:
    """Chooses how many devices a fit uses, and for what.

    Args:
      devices: devices of all hosts, in the same order on every host.
      rows: number of rows in a batch.
      members: number of models in the population, 1 without one.
      hosts: number of processes that own the devices.
      at_once: number of models in one `vmap` on a single device; 0 is no limit.
      shards: number of devices that each hold a part of the tables.

    Raises:
      UsageError: several hosts, and the rows do not divide over their devices; or the shards do not
        divide the devices.
    """
    if shards > 1:
        return _make_sharded(devices, rows, members, hosts, shards)
    models, data = divide_devices(len(devices), rows, members, hosts)
    used, stacked = models * data, members > 1
    if used == 1:
        return Layout(None, stacked, at_once)
    grid = np.array(devices[:used]).reshape(models, data)
    return Layout(Mesh(grid, (MODELS, DATA), axis_types=(AxisType.Auto,) * 2), stacked)


def _make_sharded(
    devices: Sequence[jax.Device], rows: int, members: int, hosts: int, shards: int
) -> Layout:
    if members > 1 or hosts > 1:
        raise UsageError(
            f"train.shards is {shards}", expected="1 with --seeds, and on several hosts"
        )
    if len(devices) % shards:
        raise UsageError(
            f"train.shards is {shards}, and {len(devices)} devices do not divide by it",
            fix="give a divisor of their number",
        )
    _, data = divide_devices(len(devices) // shards, rows, 1, 1)
    grid = np.array(devices[: data * shards]).reshape(1, data, shards)
    return Layout(Mesh(grid, (MODELS, DATA, COLUMNS), axis_types=(AxisType.Auto,) * 3))


def choose_shards(table_bytes: int, width: int, devices: int) -> int:
    """Smallest number of devices over which the columns divide and fit; 1 for small tables.

    Args:
      table_bytes: size of tables, gradients and updates together.
      width: number of columns.
      devices: number of available devices.

    >>> choose_shards(1 << 30, 128, 8), choose_shards(10 << 30, 128, 8)
    (1, 4)
    """
    sizes = [n for n in range(1, devices + 1) if devices % n == 0 and width % n == 0]
    return next((n for n in sizes if table_bytes <= n * LARGE_BYTES), max(sizes))


def divide_devices(devices: int, rows: int, members: int, hosts: int) -> tuple[int, int]:
    """Sizes of the axes `models` and `data` that use the most devices.

    Ties go to more models, which need no communication. On several hosts models are not split, so
    that each host can read the whole state, and every device must be used.

    Raises:
      UsageError: several hosts, and the rows do not divide over their devices.

    >>> divide_devices(8, rows=16, members=1, hosts=1), divide_devices(8, 16, 6, 1)
    ((1, 8), (2, 4))
    """
    models, data = max(
        (
            (models, data)
            for models in (_list_divisors(members, devices) if hosts == 1 else [1])
            for data in _list_divisors(rows, devices // models)
        ),
        key=lambda sizes: (sizes[0] * sizes[1], sizes[0]),
    )
    if hosts > 1 and data < devices:
        raise UsageError(
            f"a batch of {rows} rows does not divide over {devices} devices",
            fix=f"give --batch-size a multiple of {devices}",
        )
    return models, data


def _list_divisors(number: int, most: int) -> list[int]:
    return [size for size in range(1, min(number, most) + 1) if number % size == 0]
