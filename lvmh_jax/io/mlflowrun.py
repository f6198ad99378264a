"""A run on an MLflow server or in a folder of MLflow: figures and numeric settings, no text.

The client is used, and not `mlflow.start_run`, which would send the user's name and the command.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lvmh_jax.config import Settings, to_dict
from lvmh_jax.errors import LvmhError, UsageError, install_extra
from lvmh_jax.io.manifest import read_json, write_json
from lvmh_jax.io.tracking import TRACKING

EXPERIMENT = "lvmh-jax"
RUN_FILE = "mlflow.json"  # the run's id; not the address, which may hold a password
RETRIES = "MLFLOW_HTTP_REQUEST_MAX_RETRIES"
SECTIONS = ("model", "train")


class MlflowRun:
    """A `Tracker` that writes to MLflow; what fails once the run began is told, and stops nothing.

    The errors of a client are of many libraries, so every one counts; their texts may hold
    addresses with passwords and are not shown.
    """

    def __init__(self, uri: str, settings: Settings, warn: Callable[[str], None]) -> None:
        """Connects.

        Args:
          uri: of the server or folder; "" is what MLflow itself is set to.
          settings: whose numbers become parameters.
          warn: told once when MLflow is lost.

        Raises:
          UsageError: mlflow is not installed.
          LvmhError: it cannot be reached.
        """
        self._client = connect(uri)
        self._settings, self._warn = settings, warn
        self._run_id, self._known, self._lost = "", 0, False
        try:
            found = self._client.get_experiment_by_name(EXPERIMENT)
            self._experiment_id = (
                found.experiment_id if found else self._client.create_experiment(EXPERIMENT)
            )
        except Exception as error:
            raise LvmhError(
                f"MLflow cannot be reached ({type(error).__name__})",
                fix="check the address behind --mlflow, or leave it out",
            ) from error

    def open(self, part: Path) -> None:
        """Opens a run, or goes on with the one that the part folder names."""
        self._try(lambda: self._find_run(part / TRACKING / RUN_FILE))
        if not self._run_id:
            self._try(lambda: self._open_run(part))

    def add(self, row: Mapping[str, Any]) -> None:
        """Sends the figures of an epoch, once: what is trained again comes to the same."""
        step = row["epoch"]
        if step <= self._known:
            return
        behind = f"_seed_{row['seed']}" if "seed" in row else ""
        for key, value in row.items():
            if key not in ("epoch", "seed") and value is not None:
                self._send(key + behind, float(value), step)

    def end(self, figures: Mapping[str, float], *, failed: bool) -> None:
        """Sends the figures of the model, and closes the run."""
        for name, value in figures.items():
            self._send(f"model_{name}", value, 0)
        status = "KILLED" if failed else "FINISHED"
        self._try(lambda: self._client.set_terminated(self._run_id, status=status))

    def _send(self, name: str, value: float, step: int) -> None:
        now_ms = int(time.time() * 1000)
        self._try(lambda: self._client.log_metric(self._run_id, name, value, now_ms, step))

    def _try(self, call: Callable[[], object]) -> None:
        if self._lost:
            return
        try:
            call()
        # Whatever it is: a lost server must not end hours of training.
        except Exception as error:
            self._lost = True
            self._warn(f"MLflow is lost ({type(error).__name__}); training goes on without it")

    def _find_run(self, path: Path) -> None:
        """The run of a training that goes on, and how many epochs MLflow has of it."""
        if not path.exists():
            return
        run_id = str(read_json(path)["run_id"])
        self._client.update_run(run_id, status="RUNNING")
        # "seconds" is sent last: an epoch that has it is whole.
        seen = (name for name in self._client.get_run(run_id).data.metrics if "seconds" in name)
        steps = [max(e.step for e in self._client.get_metric_history(run_id, n)) for n in seen]
        self._run_id, self._known = run_id, max(steps, default=0)

    def _open_run(self, part: Path) -> None:
        name = part.name.removeprefix(".").removesuffix(".part")
        run_id = str(self._client.create_run(self._experiment_id, run_name=name).info.run_id)
        self._run_id = run_id
        for key, value in list_numbers(self._settings).items():
            self._client.log_param(run_id, key, value)
        write_json(part / TRACKING / RUN_FILE, {"run_id": run_id})


def connect(uri: str) -> Any:
    """A client of MLflow.

    Raises:
      UsageError: mlflow is not installed, or knows no such kind of address.
    """
    # Its own default of seven would wait for minutes before it says that nobody is there.
    os.environ.setdefault(RETRIES, "2")
    try:
        import mlflow
    except ImportError:
        raise UsageError(
            "--mlflow needs mlflow, which is not installed",
            fix=f"{install_extra('mlflow')}, or leave it out",
        ) from None
    try:
        return mlflow.MlflowClient(tracking_uri=uri or None)
    except Exception as error:
        raise UsageError(
            f"--mlflow: not an address that MLflow takes ({type(error).__name__})",
            expected="http(s)://HOST:PORT; sqlite:///FILE where the whole of mlflow is installed",
        ) from error


def list_numbers(settings: Settings) -> dict[str, float]:
    """The numeric settings of model and training, by their dotted names."""
    return {
        f"{section}.{key}": value
        for section in SECTIONS
        for key, value in to_dict(settings)[section].items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
