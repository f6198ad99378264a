"""`lvmh-jax relations`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from lvmh_jax.cli import options
from lvmh_jax.cli.output import Output, figure, table
from lvmh_jax.cli.segment import OUTPUT as PROFILES

OUTPUTS = Path("data", "outputs")


@click.command(
    "relations",
    epilog="""\b
Example:
  lvmh-jax relations
  lvmh-jax relations --max-q 0.01 --format json --graph relations.svg""",
)
@options.output_file(
    "--output",
    "output_file",
    "FILE.csv or FILE.json to write (default: WORKSPACE/data/outputs/relations.FORMAT).",
    ".csv",
    ".json",
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "json"]),
    help="Format (default: that of the output's name, else csv).",
)
@options.output_file(
    "--graph", "graph_file", "Draw the strongest relations: FILE.svg.", ".svg", neutral=()
)
@options.file(
    "--profiles",
    "profiles_file",
    f"Segments to relate (default: WORKSPACE/{PROFILES.as_posix()}, if it exists).",
)
@click.option(
    "--min-clients",
    type=click.IntRange(1),
    default=3,
    metavar="N",
    help="Clients who must have both (default: 3).",
)
@click.option(
    "--max-q",
    type=options.SHARE,
    default=0.05,
    metavar="Q",
    help="Highest false discovery rate, 0 to 1 (default: 0.05).",
)
@click.option(
    "--min-similarity",
    type=options.SHARE,
    default=0.5,
    metavar="C",
    help="Lowest cosine of pairs of kind `embedding` (default: 0.5).",
)
@options.clients_of_notes
@options.trained_model
@options.common
def command(
    output: Output,
    workspace: Path,
    find_model: Callable[[], Path],
    notes_file: Path | None,
    concepts_file: Path | None,
    include_sensitive: bool,
    output_file: Path | None,
    kind: str | None,
    graph_file: Path | None,
    profiles_file: Path | None,
    min_clients: int,
    max_q: float,
    min_similarity: float,
) -> None:
    """Find which concepts go together and write the relations.

    A row is a pair. Kind `co-occurrence`: concepts that the same clients have more often than by
    chance (lift with a 95 % interval; Fisher's test, corrected for clients with many and with few
    concepts; q-value by Benjamini and Hochberg). The other two kinds are not tested: `segment`,
    concepts that describe a segment, which is made of these very concepts; and `embedding`,
    concepts that are similar to the model, whether or not clients have both. Negated mentions do
    not count, and sensitive concepts are left out.
    """
    from lvmh_jax.io.outputs import require_writable

    target = _place(output_file, kind, workspace)
    for file in (target, graph_file):
        if file is not None:
            require_writable(file)
    path = find_model()
    default = workspace / PROFILES
    with output.starting():
        from lvmh_jax.pipeline.relations import relations

    with output.progress() as progress:
        result = relations(
            path,
            workspace,
            notes_file=notes_file,
            concepts_file=concepts_file,
            profiles_file=profiles_file or (default if default.exists() else None),
            output=target,
            graph=graph_file,
            min_clients=min_clients,
            max_q=max_q,
            min_similarity=min_similarity,
            with_sensitive=include_sensitive,
            progress=progress,
        )
    output.result(result, _lines(path, result))


def _place(output_file: Path | None, kind: str | None, workspace: Path) -> Path:
    if output_file is None:
        return workspace / OUTPUTS / f"relations.{kind or 'csv'}"
    if kind is not None and (output_file.suffix.lower() == ".json") != (kind == "json"):
        raise click.UsageError(f"--format {kind} and the name of --output differ; give one")
    return output_file


def _lines(path: Path, result: Mapping[str, Any]) -> Iterator[str]:
    yield f"model: {path}"
    yield f"output: {result['output']}"
    if result["graph"]:
        yield f"graph: {result['graph']}"
    keys = ("clients", "sensitive_left_out", "relations", "seconds")
    names = {"sensitive_left_out": "sensitive concepts left out"}
    yield from table([(names.get(key, key), figure(result[key])) for key in keys])
    yield f"kinds: {figure(result['kinds']) or 'none'}"
    if not result["kinds"].get("co-occurrence"):
        least, most = result["min_clients"], f"{result['max_q']:g}"
        yield (
            f"no pair of concepts goes together surely enough (at least {least} clients with both, "
            f"q at most {most})"
        )
    for key, kind, title, head, cells in _PARTS:
        if result[key]:
            yield from _part(title, head, result["kinds"][kind], result[key], cells)


def _part(
    title: str,
    head: tuple[str, ...],
    known: int,
    rows: Sequence[Mapping[str, Any]],
    cells: Callable[[Mapping[str, Any]], tuple[str, ...]],
) -> Iterator[str]:
    yield ""
    yield f"{title} ({len(rows)} of {known:,})"
    yield from table([head, *map(cells, rows)])


def _tested_cells(each: Mapping[str, Any]) -> tuple[str, ...]:
    interval = f"{figure(each['ci_low'])} to {figure(each['ci_high'])}"
    chance = "-" if each["q_value"] is None else f"{each['q_value']:.2g}"
    names = (each["source_label"], each["target_label"], figure(each["n_clients"]))
    return (*names, figure(each["lift"]), interval, chance)


def _segment_cells(each: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(figure(each[key]) for key in ("target_label", "source_label", "n_clients", "lift"))


def _alike_cells(each: Mapping[str, Any]) -> tuple[str, ...]:
    keys = ("source_label", "target_label", "similarity", "n_clients")
    return tuple(figure(each[key]) for key in keys)


# Key of the result, kind of the rows, title, columns, and what makes the cells of a row.
_PARTS = (
    (
        "strongest",
        "co-occurrence",
        "surest",
        ("concept", "concept", "clients", "lift", "95 %", "q"),
        _tested_cells,
    ),
    (
        "segments",
        "segment",
        "what describes a segment, untested, for segments are made of these concepts",
        ("segment", "concept", "clients", "lift"),
        _segment_cells,
    ),
    (
        "alike",
        "embedding",
        "alike by their vectors, whether or not clients have both",
        ("concept", "concept", "similarity", "clients"),
        _alike_cells,
    ),
)
