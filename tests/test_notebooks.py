"""The notebooks are stored clean, and run from top to bottom on a CPU."""

from __future__ import annotations

import ast
import re
import warnings
from pathlib import Path
from typing import Any

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from lvmh_jax.models.presets import make_settings
from lvmh_jax.pipeline.train import train
from tests.conftest import REPOSITORY
from tests.pipeline.test_resume import Broken

FOLDER = REPOSITORY / "notebooks"
BOOKS = sorted(FOLDER.glob("*.ipynb"))
ONLY_THERE = "colab-only"
COLAB_SETTINGS = ("train.precision=bfloat16", "checkpoint.every_minutes=1")

each_book = pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)


def read_book(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def code_cells(path: Path) -> list[Any]:
    return [cell for cell in read_book(path).cells if cell.cell_type == "code"]


def tags_of(cell: Any) -> list[str]:
    return cell.metadata.get("tags", [])


def test_both_are_there() -> None:
    assert [path.stem for path in BOOKS] == ["colab_tpu", "quickstart"]


@each_book
def test_it_is_a_notebook_without_results(path: Path) -> None:
    book = read_book(path)
    nbformat.validate(book)
    for cell in code_cells(path):
        assert (cell.outputs, cell.execution_count) == ([], None), cell.id
        assert set(cell.metadata) <= {"tags"}, cell.id
    assert "widgets" not in book.metadata


@each_book
def test_every_cell_compiles(path: Path) -> None:
    transform = TransformerManager().transform_cell
    for cell in code_cells(path):
        compile(transform(cell.source), f"{path.name}:{cell.id}", "exec", ast.PyCF_ONLY_AST)


@each_book
def test_what_only_colab_has_is_tagged(path: Path) -> None:
    for cell in code_cells(path):
        of_colab = re.search(r"google\.colab|\"pip\"|^[!%]", cell.source, re.MULTILINE)
        assert bool(of_colab) == (ONLY_THERE in tags_of(cell)), cell.id


def test_the_install_leaves_the_runtime_alone() -> None:
    (install,) = [cell for cell in code_cells(FOLDER / "colab_tpu.ipynb") if "pip" in cell.source]
    for name in ("jax", "jaxlib", "libtpu"):
        assert f'"{name}"' in install.source  # in the file of constraints
    assert '"--constraint"' in install.source
    assert not re.search(r"jax\[tpu\]|--upgrade|\"-U\"", install.source)


# The first cell of the Colab notebook. It asks another process, which here finds a CPU.


def look(monkeypatch: pytest.MonkeyPatch, allowed: str) -> dict[str, Any]:
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    monkeypatch.setenv("LVMH_ALLOW_CPU", allowed)
    names: dict[str, Any] = {}
    exec(code_cells(FOLDER / "colab_tpu.ipynb")[0].source, names)
    return names


def test_a_fall_back_to_cpu_stops_the_notebook(monkeypatch, capsys) -> None:
    with pytest.raises(RuntimeError, match="no TPU: JAX runs on cpu"):
        look(monkeypatch, "0")
    assert re.search(r"^jaxlib +\d", capsys.readouterr().out, re.MULTILINE)


def test_a_fall_back_may_be_allowed(monkeypatch, capsys) -> None:
    with pytest.warns(UserWarning, match="no TPU: JAX runs on cpu"):
        names = look(monkeypatch, "1")
    assert names["before"]["backend"] == "cpu"
    assert re.search(r"^jax +\d", capsys.readouterr().out, re.MULTILINE)


# From top to bottom.


def execute(name: str, environment: dict[str, str | Path], monkeypatch) -> str:
    """Runs a notebook as Jupyter does, in its own folder; gives all that its cells said."""
    from nbclient import NotebookClient

    for key, value in environment.items():
        monkeypatch.setenv(key, str(value))
    # As the package were installed, in a checkout where it is not.
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    book = read_book(FOLDER / f"{name}.ipynb")
    client = NotebookClient(
        book,
        timeout=600,
        kernel_name="python3",
        skip_cells_with_tag=ONLY_THERE,
        resources={"metadata": {"path": str(FOLDER)}},
    )
    with warnings.catch_warnings():
        warnings.simplefilter("default")  # zmq's and asyncio's are not ours
        client.execute()
    cells = [cell for cell in book.cells if cell.cell_type == "code"]
    ran = [cell for cell in cells if cell.execution_count]
    assert [cell.id for cell in cells if cell not in ran] == [
        cell.id for cell in cells if ONLY_THERE in tags_of(cell)
    ]
    return "\n".join(said_by(output) for cell in cells for output in cell.outputs)


def said_by(output: Any) -> str:
    if output.output_type == "stream":
        return str(output.text)
    return "\n".join(str(text) for text in output.get("data", {}).values())


@pytest.mark.slow
def test_quickstart_runs(tmp_path: Path, monkeypatch) -> None:
    environment = {
        "LVMH_NOTEBOOK_SIZE": "tiny",
        "LVMH_NOTEBOOK_WORKSPACE": REPOSITORY,
        "LVMH_NOTEBOOK_MODELS": tmp_path / "models",
    }
    said = execute("quickstart", environment, monkeypatch)
    assert "80 notes in 12 languages" in said
    assert "protocol: gold-dev" in said
    assert said.count('<div class="lvmh-note">') == 4
    assert len(list((tmp_path / "models").glob("concept_model_tiny_*"))) == 1


def colab_home(folder: Path) -> dict[str, str | Path]:
    """What Drive would hold, and a machine of eight devices without a TPU."""
    (folder / "workspace").mkdir()
    for name in ("data", "taxonomy"):
        (folder / "workspace" / name).symlink_to(REPOSITORY / name)
    return {
        "LVMH_NOTEBOOK_HOME": folder,
        "LVMH_NOTEBOOK_SIZE": "tiny",
        "LVMH_ALLOW_CPU": "1",
        "XLA_FLAGS": "--xla_force_host_platform_device_count=8",
    }


@pytest.mark.slow
def test_colab_runs_on_eight_devices(tmp_path: Path, monkeypatch) -> None:
    said = execute("colab_tpu", colab_home(tmp_path), monkeypatch)
    assert "UserWarning: no TPU" in said
    assert "8 x cpu" in said
    assert "trained on 8 x cpu" in said
    assert "devices work" not in said  # the warning that some stay idle
    assert "products in bfloat16" in said
    assert '<div class="lvmh-note">' in said


@pytest.mark.slow
def test_colab_goes_on_after_a_disconnect(tmp_path: Path, monkeypatch) -> None:
    environment = colab_home(tmp_path)
    settings = make_settings("tiny", batch_size=16, assignments=COLAB_SETTINGS)
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "workspace", tmp_path / "models", settings, progress=Broken("epoch 1"))
    assert len(list((tmp_path / "models").glob(".concept_model_*.part"))) == 1
    said = execute("colab_tpu", environment, monkeypatch)
    assert "going on after epoch 1" in said
    assert [path.name[:19] for path in (tmp_path / "models").iterdir()] == ["concept_model_tiny_"]
