"""`lvmh-jax evaluate`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import click

from lvmh_jax.cli import options
from lvmh_jax.cli.output import Output, figure
from lvmh_jax.cli.tables import show_table

FIGURES = ("precision", "recall", "f1")
MISTAKES = ("error", "note", "concept", "span", "words", "sure", "sentence")
Row: TypeAlias = tuple[str, str, str, str]
PRINTED = "-"  # what `--errors` without a file stands for


class Split(click.Choice[str]):
    """A split to measure on; of the one that fits models it says why not."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Parses and checks a name."""
        if value == "train":
            self.fail(
                "'train' fits models, so nothing is measured on it; choose dev or test (annotated "
                "notes become dev with `lvmh-jax review import --split dev`)",
                param,
                ctx,
            )
        return super().convert(value, param, ctx)


@click.command(
    "evaluate",
    epilog="""\b
Example:
  lvmh-jax evaluate                                  the best model, on dev gold or held-out aliases
  lvmh-jax evaluate --split test --predictions found.csv
  lvmh-jax evaluate --errors                         what it missed and made up, note by note
  lvmh-jax evaluate --plot figures.svg""",
)
@click.option(
    "--split",
    type=Split(["dev", "test"]),
    default="dev",
    help="Gold notes to measure on, if the workspace has them (default: dev).",
)
@options.output_file(
    "--predictions",
    "predictions",
    "Also write the rows that were scored: FILE.csv or FILE.parquet.",
    ".csv",
    ".parquet",
)
@click.option(
    "--errors",
    is_flag=False,
    flag_value=PRINTED,
    metavar="[FILE.csv]",
    help="List what was named wrongly or missed in annotated notes, with the sentence, personal "
    "data redacted; printed, or written to FILE.csv.",
)
@click.option("--include-text", is_flag=True, help="Quote sentences as they are written.")
@options.file(
    "--plot",
    "plot",
    "Draw curves and F1 by language and bucket: FILE.svg, or FILE.png with the extra `png`.",
)
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
    errors: str | None,
    include_text: bool,
    plot: Path | None,
) -> None:
    """Measure precision, recall and F1 of a model.

    Measures on gold annotations (data/gold/dev.jsonl) if the workspace has them, else on mentions
    whose alias was hidden from training; the first line says which. Intervals are 95 %, over notes.
    """
    listing = errors == PRINTED or (Path(errors) if errors else False)
    if isinstance(listing, Path):
        options.require_format(listing, (".csv",))
    with output.starting():
        from lvmh_jax.io.pictures import require_picture  # which brings numpy

    _check_outputs(workspace, predictions, listing)
    if plot is not None:
        require_picture(plot)
    path = find_model()
    with output.starting():
        from lvmh_jax.pipeline.evaluate import evaluate

    with output.progress() as progress:
        result = evaluate(
            path,
            workspace,
            split=split,
            predictions=predictions,
            dictionary_only=dictionary_only,
            errors=listing,
            include_text=include_text,
            plot=plot,
            progress=progress,
        )
        for warning in result.get("warnings", ()):
            progress.warn(str(warning))
    output.result(result, [*_lines(path, result), *_mistake_lines(result, errors), *_told(plot)])


def _check_outputs(workspace: Path, predictions: Path | None, listing: Path | bool) -> None:
    """Raises UsageError for an output that cannot be written, before anything is read."""
    from lvmh_jax.io.outputs import require_writable

    if predictions is not None:
        require_writable(predictions)
    if isinstance(listing, Path):
        from lvmh_jax.io.workspace import list_inputs

        require_writable(listing)
        options.keep_inputs([listing], list_inputs(workspace), "choose another file for --errors")


def _told(plot: Path | None) -> Iterator[str]:
    if plot is not None:
        yield ""
        yield f"plot: {plot}"


def _mistake_lines(result: Mapping[str, Any], errors: str | None) -> Iterator[str]:
    """Counts, and a row a mistake with its sentence last, for it may be long."""
    if errors is None:
        return
    listed = result.get("errors", ())
    wrong = sum(each["kind"] == "wrong" for each in listed)
    yield ""
    yield f"errors: {wrong} wrong, {len(listed) - wrong} missed"
    if errors != PRINTED:
        yield f"written to: {errors}"
        return
    rows = [
        (
            each["kind"],
            each["note_id"],
            each["concept_id"],
            "" if each["start"] is None else f"{each['start']}-{each['end']}",
            each["words"] or "(whole note)",
            "" if each["confidence"] is None else f"{each['confidence']:.2f}",
            each["sentence"],
        )
        for each in listed
    ]
    yield from show_table(MISTAKES, rows, numbers=(5,), wraps=(2, 4, 6))


def _lines(path: Path, result: Mapping[str, Any]) -> Iterator[str]:
    yield f"protocol: {result['protocol']}"
    yield f"model: {path}"
    if isinstance(result.get("notes"), int):
        yield f"notes: {result['notes']:,}"
    yield ""
    from lvmh_jax.evaluate.basis import tell_few

    if result.get("measurable", True):
        groups = {"": _overall(result)} | _by_group(result)
    else:  # three mentions by language are no more than three mentions
        groups = {"": [("notes, micro", "-", "-", tell_few(result["mentions"]))]}
    groups |= _deciding(result)
    rows: list[Row] = []
    titles: list[int] = []
    for title, lines in groups.items():
        if title:
            titles.append(len(rows))
            rows.append((title, "", "", ""))
        rows.extend(lines)
    yield from show_table(("", *FIGURES), rows, best=(0,), titles=titles)
    if result.get("measurable", True):
        yield from _reliability(result)


def _overall(result: Mapping[str, Any]) -> list[Row]:
    from lvmh_jax.evaluate.basis import is_measurable, tell_few

    rows = [_row("notes, micro", result)]
    rows.append(("notes, macro", "", "", figure(result.get("macro_f1"))))
    for key, name in (
        ("span_strict", "spans, strict"),
        ("span_relaxed", "spans, relaxed"),
        ("dictionary", "dictionary alone"),
    ):
        if result.get(key) is not None:
            rows.append(_row(name, result[key]))
    denied = result.get("denied")
    if denied is not None:
        few = not is_measurable(denied["gold"])
        rows.insert(2, _row("notes, denied", tell_few(denied["gold"]) if few else denied))
    return rows


def _by_group(result: Mapping[str, Any]) -> dict[str, list[Row]]:
    found = ((key, result.get(key) or {}) for key in ("by_bucket", "by_language"))
    return {
        key.replace("_", " "): [_row(f"  {name}", figures) for name, figures in group.items()]
        for key, group in found
        if group
    }


def _deciding(result: Mapping[str, Any]) -> dict[str, list[Row]]:
    """What decided what ships, where that says more than what was measured."""
    from lvmh_jax.evaluate.basis import adds_to, decided_of, name_dictionary, tell_figure

    decided, mentions = decided_of(result), result.get("mentions")
    if not adds_to(decided, result["protocol"], mentions):
        return {}
    shown = {decided.mode: decided.f1, name_dictionary(decided): decided.dictionary_f1}
    if decided.mode == "dictionary":
        del shown[decided.mode]
    rows = [
        _row(f"  {name}", tell_figure(figure(f1), decided.mentions)) for name, f1 in shown.items()
    ]
    return {f"decided on {decided.protocol}": rows}


def _reliability(result: Mapping[str, Any]) -> Iterator[str]:
    """Confidence against the share that was right; a bin holds as many mentions as any other."""
    if not result.get("reliability"):
        return
    yield ""
    yield f"calibration error: {figure(result['calibration_error'])}"
    head = ("confidence", "mentions", "mean", "right")
    rows = [
        (
            f"{figure(each['low'])} to {figure(each['high'])}",
            figure(each["count"]),
            figure(each["confidence"]),
            figure(each["accuracy"]),
        )
        for each in result["reliability"]
    ]
    yield from show_table(head, rows, numbers=(1, 2, 3))


def _row(name: str, figures: object) -> Row:
    """A row of precision, recall and F1; a bare number is an F1."""
    if isinstance(figures, Mapping) and "f1" in figures:
        precision, recall, f1 = (figure(figures.get(key)) for key in FIGURES)
        return (name, precision, recall, f1)
    return (name, "", "", figure(figures))
