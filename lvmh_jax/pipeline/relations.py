"""Finds what goes with what and writes `relations.csv`."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from lvmh_jax.config import SCHEMA_VERSION
from lvmh_jax.display.graph import draw_graph
from lvmh_jax.io.export import TrainedModel
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.runtime import read_clock
from lvmh_jax.io.tables import ProfileRow, read_profiles, write_relations, write_text
from lvmh_jax.pipeline.clients import read_clients
from lvmh_jax.pipeline.loading import load_model
from lvmh_jax.stages.aggregate import ClientTable, count_holders
from lvmh_jax.stages.profiles import relate_segments
from lvmh_jax.stages.relations import SEGMENT, Relation, list_alike, relate_concepts
from lvmh_jax.stages.vectors import average_aliases

SHOWN = 10  # of each kind: the file has the rest


def relations(
    model_path: Path,
    workspace_dir: Path,
    *,
    notes_file: Path | None,
    concepts_file: Path | None,
    profiles_file: Path | None,
    output: Path,
    graph: Path | None,
    min_clients: int,
    max_q: float,
    min_similarity: float,
    with_sensitive: bool,
    progress: Progress,
) -> dict[str, Any]:
    """Finds relations, writes them and, where asked, their picture.

    First comes what was tested; then what describes a segment, and what is alike, which nothing
    tested.
    """
    model = load_model(model_path, progress.warn)
    started_s = read_clock()
    profiles = [] if profiles_file is None else read_profiles(profiles_file)
    table = read_clients(
        model,
        model_path,
        workspace_dir,
        notes_file=notes_file,
        concepts_file=concepts_file,
        with_sensitive=with_sensitive,
        progress=progress,
    )
    limits: dict[str, Any] = {"min_clients": min_clients, "max_q": max_q}
    together, alike = _relate(model, table, min_similarity, limits)
    label_M, names = _place_clients(table, profiles, progress)
    of_segments = relate_segments(
        table.holds_MC, table.concepts, label_M, names, min_clients=min_clients
    )
    found = together + of_segments + alike
    about = {"schema_version": SCHEMA_VERSION, "clients": len(table.clients), **limits}
    write_relations(output, found, {**about, "min_similarity": min_similarity})
    if graph is not None:
        held = {c.concept_id: int(n) for c, n in zip(table.concepts, _held(table), strict=True)}
        sizes = {f"{SEGMENT} {name}": int((label_M == g).sum()) for g, name in enumerate(names)}
        write_text(graph, draw_graph(found, table.concepts, held | sizes))
    labels = {each.concept_id: each.label for each in table.concepts}
    return {
        "output": str(output),
        "graph": None if graph is None else str(graph),
        "clients": len(table.clients),
        "sensitive_left_out": table.left_out,
        "relations": len(found),
        "kinds": dict(Counter(each.kind for each in found)),
        **limits,
        "strongest": _tell(together[:SHOWN], labels),
        "segments": _tell(of_segments[:SHOWN], labels),
        "alike": _tell(alike[:SHOWN], labels),
        "seconds": round(read_clock() - started_s, 3),
    }


def _relate(
    model: TrainedModel, table: ClientTable, min_similarity: float, limits: dict[str, Any]
) -> tuple[list[Relation], list[Relation]]:
    """Concepts that go together, and those that are only alike."""
    row_of = {each.concept_id: row for row, each in enumerate(model.detector.concepts)}
    rows = [row_of[each.concept_id] for each in table.concepts]
    vectors_CD = average_aliases(model.detector.index)[rows]
    found = relate_concepts(table.holds_MC, table.concepts, vectors_CD, **limits)
    known = {(each.source, each.target) for each in found}
    alike = list_alike(table.holds_MC, table.concepts, vectors_CD, min_similarity=min_similarity)
    return found, [each for each in alike if (each.source, each.target) not in known]


def _held(table: ClientTable) -> list[int]:
    counts: list[int] = count_holders(table.holds_MC).tolist()
    return counts


def _place_clients(
    table: ClientTable, profiles: list[ProfileRow], progress: Progress
) -> tuple[np.ndarray, list[str]]:
    """Segment of each client, -1 for none, and the segments' names."""
    row_of = {client: row for row, client in enumerate(table.clients)}
    label_M = np.full(len(row_of), -1, np.int64)
    name_of: dict[int, str] = {}
    strangers = 0
    for row in profiles:
        if row.client_id not in row_of:
            strangers += 1
        elif row.cluster_id >= 0:
            name_of.setdefault(row.cluster_id, row.profile_type)
            label_M[row_of[row.client_id]] = row.cluster_id
    if strangers:
        progress.warn(
            f"{strangers} of {len(profiles)} profiled clients have no note here: run segment again"
        )
    order = sorted(name_of)
    for place, cluster in enumerate(order):
        label_M[label_M == cluster] = place
    return label_M, [name_of[cluster] for cluster in order]


def _tell(relations: list[Relation], labels: dict[str, str]) -> list[dict[str, Any]]:
    """Rows as in the file, and what people read in place of ids; a segment has its name alone."""
    return [
        {
            **asdict(each),
            "source_label": labels[each.source],
            "target_label": each.target if each.kind == SEGMENT else labels[each.target],
        }
        for each in relations
    ]
