"""`lvmh-jax report`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from lvmh_jax.cli import options
from lvmh_jax.cli.output import Output, figure, table


@click.command(
    "report",
    epilog="""\b
Example:
  lvmh-jax report                                    the best model's page; written if missing
  lvmh-jax report --workspace . --output report.html measure again, and write to another file""",
)
@options.output_file(
    "--output",
    "output_file",
    "HTML page to write (default: report.html in the model folder).",
    *options.PAGE,
)
@options.trained_model
@options.common
def command(
    output: Output,
    workspace: Path,
    find_model: Callable[[], Path],
    output_file: Path | None,
) -> None:
    """Write a page about a model: scores, curves, concept map.

    The page shows the figures that training saved; if these were measured on gold, it also has F1
    by language and bucket and the reliability curve. With --workspace the model is first measured
    on that workspace, on its gold if there is any. The page then also has intervals by language and
    bucket, F1 by concept, and the most confused concepts, each with a redacted sentence of a note
    (none where a concept is sensitive). Without --workspace the page contains no note text, and a
    page that is already in the model folder, such as the one training writes, is kept. The page
    works offline. A page in the model folder becomes part of the model, so the manifest is
    rewritten.
    """
    if output_file is not None:
        from lvmh_jax.io.outputs import require_writable

        require_writable(output_file)
    source = click.get_current_context().get_parameter_source("workspace")
    measured = workspace if source is not ParameterSource.DEFAULT else None
    path = find_model()
    with output.starting():
        from lvmh_jax.pipeline.report import report

    with output.progress() as progress:
        result = report(path, measured, output=output_file, progress=progress)
    output.result(result, _lines(path, result))


def _lines(path: Path, result: Mapping[str, Any]) -> Iterator[str]:
    yield f"model: {path}"
    stays = " (there already; --workspace DIR measures anew)" if result["kept"] else ""
    yield f"output: {result['output']}{stays}"
    rows = [(key, figure(result.get(key))) for key in ("concepts", "bytes", "protocol")]
    yield from table([*rows, *_figure_rows(result)])


def _figure_rows(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """F1, and what decided what ships where that says more."""
    from lvmh_jax.evaluate.basis import (
        adds_to,
        decided_of,
        tell_decided,
        tell_figure,
        tell_protocol,
    )

    mentions, decided = result.get("mentions"), decided_of(result)
    yield "f1", tell_figure(figure(result.get("f1")), mentions)
    if adds_to(decided, result.get("protocol"), mentions):
        yield "decided on", tell_protocol(decided.protocol)
        yield "f1 that decided", tell_decided(decided)
