"""Segments clients and writes `client_profiles.csv` (stage 6 of the pipeline)."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from lvmh_jax.io.progress import Progress
from lvmh_jax.io.runtime import read_clock
from lvmh_jax.io.tables import ProfileRow, write_profiles
from lvmh_jax.pipeline.clients import read_clients
from lvmh_jax.pipeline.loading import load_model
from lvmh_jax.stages.aggregate import ClientTable, list_top_concepts, weigh_concepts
from lvmh_jax.stages.profiles import UNPLACED, Profile, describe_segments
from lvmh_jax.stages.segments import MOST, Segments, choose_trial, segment_clients

TOP_CONCEPTS = 5  # of a client


def segment(
    model_path: Path,
    workspace_dir: Path,
    *,
    notes_file: Path | None,
    concepts_file: Path | None,
    output: Path,
    clusters: int | None,
    seed: int,
    with_sensitive: bool,
    progress: Progress,
) -> dict[str, Any]:
    """Segments, writes a line for each client, and returns how good the segments are."""
    model = load_model(model_path, progress.warn)
    started_s = read_clock()
    table = read_clients(
        model,
        model_path,
        workspace_dir,
        notes_file=notes_file,
        concepts_file=concepts_file,
        with_sensitive=with_sensitive,
        progress=progress,
    )
    weight_MC = weigh_concepts(table)
    segments = segment_clients(weight_MC, clusters, seed)
    _warn(segments, clusters, progress)
    profiles = describe_segments(table.holds_MC, segments.label_M, table.concepts)
    tops = list_top_concepts(weight_MC, table.concepts, TOP_CONCEPTS)
    write_profiles(output, _list_rows(table, segments, profiles, tops))
    return {
        "output": str(output),
        "clients": len(table.clients),
        "without_segment": int((segments.label_M < 0).sum()),
        "without_concept": table.without_any,
        "sensitive_left_out": table.left_out,
        "clusters": segments.clusters,
        "stability": segments.stability,
        "silhouette": segments.silhouette,
        "silhouette_shuffled": segments.shuffled,
        **_tell_chance(segments),
        "tried": [{**asdict(trial), "score": trial.score} for trial in segments.trials],
        "segments": [asdict(profile) for profile in profiles],
        "seconds": round(read_clock() - started_s, 3),
    }


def _tell_chance(segments: Segments) -> dict[str, Any]:
    chance = segments.chance
    return {
        "beyond_chance": None if chance is None else chance.is_beaten,
        "p_value": None if chance is None else chance.p_value,
        "shuffles": None if chance is None else chance.shuffles,
        "shuffles_reaching": None if chance is None else chance.reaching,
    }


def _list_rows(
    table: ClientTable,
    segments: Segments,
    profiles: tuple[Profile, ...],
    tops: list[list[str]],
) -> list[ProfileRow]:
    columns = (table.clients, segments.label_M.tolist(), segments.confidence_M.tolist(), tops)
    return [
        ProfileRow(
            client,
            label,
            profiles[label].name if label >= 0 else UNPLACED,
            tuple(top),
            confidence,
        )
        for client, label, confidence, top in zip(*columns, strict=True)
    ]


def _warn(segments: Segments, clusters: int | None, progress: Progress) -> None:
    if clusters is not None and segments.clusters < clusters:
        progress.warn(
            f"{segments.clusters} segments instead of {clusters}: no more clients are different"
        )
    if clusters is None and segments.clusters == MOST:
        progress.warn(f"{MOST} segments are the most that are tried: give more with --clusters")
    chance, best = segments.chance, choose_trial(segments.trials)
    if chance is not None and not chance.is_beaten and clusters != 1:
        told = f"{chance.reaching} of {chance.shuffles} shuffles of the clients show as much"
        then = "what is written is what chance makes"
        if clusters is None and best is not None:
            then = f"all are one segment; --clusters {best.clusters} divides them all the same"
        progress.warn(f"no segments beyond chance: {told} (p = {chance.p_value:.2f}); {then}")
    silhouette, shuffled = segments.silhouette, segments.shuffled
    if silhouette is not None and shuffled is not None and silhouette <= shuffled:
        progress.warn("the clients form no clearer segments than shuffled ones do")
