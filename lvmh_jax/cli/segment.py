"""`lvmh-jax segment`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from lvmh_jax.cli import options
from lvmh_jax.cli.output import Output, figure, table

OUTPUT = Path("data", "outputs", "client_profiles.csv")
MOST_CLUSTERS = 200  # nobody reads more, and 5,000 are hours of work


@click.command(
    "segment",
    epilog="""\b
Example:
  lvmh-jax segment
  lvmh-jax segment --concepts data/outputs/note_concepts.csv --clusters 5""",
)
@options.output_file(
    "--output", "output_file", f"CSV to write (default: WORKSPACE/{OUTPUT.as_posix()}).", ".csv"
)
@click.option(
    "--clusters",
    type=click.IntRange(1, MOST_CLUSTERS),
    metavar="K",
    help="Number of segments (default: the one from 2 to 12 with the highest (silhouette - that of "
    "shuffled clients) x stability; 1 where shuffled clients show as much).",
)
@click.option("--seed", type=click.IntRange(0), default=0, help="Random seed (default: 0).")
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
    clusters: int | None,
    seed: int,
) -> None:
    """Group clients by their concepts and write a profile of each.

    A row is a client: segment, the segment's name from what its clients mention more than others do
    (`mixed: ...` where fewer than half of them mention it), the client's own strongest concepts,
    and the share of repetitions on half of the clients that agree. Segments are numbered from the
    largest down. Negated mentions do not count, and sensitive concepts are left out: -1 is a client
    with nothing else to segment by, whether they hold a sensitive concept or none at all. Where
    five or more of 99 shuffles of the clients show as much, there are no segments: all clients are
    one, called `no segments`, unless you give a number.
    """
    from lvmh_jax.io.outputs import require_writable

    target = output_file or workspace / OUTPUT
    require_writable(target)
    path = find_model()
    with output.starting():
        from lvmh_jax.pipeline.segment import segment

    with output.progress() as progress:
        result = segment(
            path,
            workspace,
            notes_file=notes_file,
            concepts_file=concepts_file,
            output=target,
            clusters=clusters,
            seed=seed,
            with_sensitive=include_sensitive,
            progress=progress,
        )
    output.result(result, _lines(path, result))


def _lines(path: Path, result: Mapping[str, Any]) -> Iterator[str]:
    from lvmh_jax.stages.profiles import UNPLACED

    yield f"model: {path}"
    yield f"output: {result['output']}"
    yield from table(
        [
            ("clients", figure(result["clients"])),
            (UNPLACED, _tell_unplaced(result)),
            ("sensitive concepts left out", figure(result["sensitive_left_out"])),
            ("clusters", figure(result["clusters"])),
            ("seconds", figure(result["seconds"])),
        ]
    )
    yield _tell_chance(result)
    yield f"stability: {figure(result['stability'])} (adjusted Rand index over seeds)"
    shuffled = figure(result["silhouette_shuffled"])
    yield f"silhouette: {figure(result['silhouette'])} (of shuffled clients: {shuffled})"
    yield ""
    rows = [("segment", "clients", "has named", "profile", "over-represented (lift)")]
    for each in result["segments"]:
        traits = ", ".join(f"{trait['label']} ({trait['lift']:.1f})" for trait in each["traits"])
        named = f"{each['has_named']} of {each['clients']}" if each["has_named"] else "-"
        rows.append((str(each["segment"]), str(each["clients"]), named, each["name"], traits))
    yield from table(rows)
    yield "has named: clients who hold one of the concepts in the name; mixed: fewer than half do"


def _tell_chance(result: Mapping[str, Any]) -> str:
    """How many shuffles do as well, and what that means."""
    if result["p_value"] is None:
        return "beyond chance: not measurable (too few clients that differ)"
    reaching = f"{result['shuffles_reaching']} of {result['shuffles']} shuffles show as much"
    answer = "yes" if result["beyond_chance"] else "no"
    return f"beyond chance: {answer} ({reaching}, p = {result['p_value']:.2f})"


def _tell_unplaced(result: Mapping[str, Any]) -> str:
    """How many are in no segment, and how many of them hold nothing at all."""
    if not result["without_segment"]:
        return "0"
    bare = figure(result["without_concept"])
    return f"{figure(result['without_segment'])} at -1, {bare} of them without any concept"
