"""`lvmh-jax evaluate`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from lvmh_jax.cli import options
from lvmh_jax.cli.output import Output, figure, table

FIGURES = ("precision", "recall", "f1")


@click.command(
    "evaluate",
    epilog="""\b
Example:
  lvmh-jax evaluate                                  the best model, on dev gold or held-out aliases
  lvmh-jax evaluate --split test --predictions found.csv""",
)
@click.option(
    "--split",
    type=click.Choice(["dev", "test"]),
    default="dev",
    help="Gold notes to measure on, where the workspace has them (default: dev).",
)
@options.file("--predictions", "predictions", "Also write the rows that were scored, as CSV.")
@options.dictionary_only
@options.trained_model
@options.common
def command(
    output: Output,
    workspace: Path,
    find_model: Callable[[], Path],
    split: str,
    predictions: Path | None,
    dictionary_only: bool,
) -> None:
    """Measure precision, recall and F1 of a model.

    On gold annotations (data/gold/dev.jsonl) where the workspace has them, else on mentions whose
    alias was hidden from training; the first line says which. Intervals are 95 %, over notes.
    """
    if predictions is not None:
        from lvmh_jax.io.outputs import require_writable

        require_writable(predictions)
    path = find_model()
    from lvmh_jax.pipeline.evaluate import evaluate

    with output.progress() as progress:
        result = evaluate(
            path,
            workspace,
            split=split,
            predictions=predictions,
            dictionary_only=dictionary_only,
            progress=progress,
        )
        for warning in result.get("warnings", ()):
            progress.warn(str(warning))
    output.result(result, _lines(path, result))


def _lines(path: Path, result: Mapping[str, Any]) -> Iterator[str]:
    yield f"protocol: {result['protocol']}"
    yield f"model: {path}"
    if isinstance(result.get("notes"), int):
        yield f"notes: {result['notes']:,}"
    yield ""
    rows = [("", *FIGURES), _row("notes, micro", result)]
    rows.append(("notes, macro", "", "", figure(result.get("macro_f1"))))
    for key, name in (
        ("span_strict", "spans, strict"),
        ("span_relaxed", "spans, relaxed"),
        ("dictionary", "dictionary alone"),
    ):
        if result.get(key) is not None:
            rows.append(_row(name, result[key]))
    for key in ("by_bucket", "by_language"):
        group = result.get(key) or {}
        if group:
            rows.append((key.replace("_", " "), "", "", ""))
        rows.extend(_row(f"  {name}", figures) for name, figures in group.items())
    yield from table(rows)
    yield from _reliability(result)


def _reliability(result: Mapping[str, Any]) -> Iterator[str]:
    """Confidence against the share that was right; a bin holds as many mentions as any other."""
    if not result.get("reliability"):
        return
    yield ""
    yield f"calibration error: {figure(result['calibration_error'])}"
    rows = [("confidence", "mentions", "mean", "right")]
    rows += [
        (
            f"{figure(each['low'])} to {figure(each['high'])}",
            figure(each["count"]),
            figure(each["confidence"]),
            figure(each["accuracy"]),
        )
        for each in result["reliability"]
    ]
    yield from table(rows)


def _row(name: str, figures: object) -> tuple[str, str, str, str]:
    """A row of precision, recall and F1; a bare number is an F1."""
    if isinstance(figures, Mapping) and "f1" in figures:
        precision, recall, f1 = (figure(figures.get(key)) for key in FIGURES)
        return (name, precision, recall, f1)
    return (name, "", "", figure(figures))
