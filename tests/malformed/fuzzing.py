"""Many random faults in one process: which reader is tried on what, and what came of it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lvmh_jax.io.manifest import write_manifest
from lvmh_jax.io.workspace import read_notes_file, read_workspace
from tests.generators import CANDIDATES, GOLD_DEV, LEXICON, LEXICON_TABLE, NOTES
from tests.malformed import annotations, lexicons, tables
from tests.malformed.mutations import mutate_bytes, mutate_json
from tests.malformed.outcomes import MOST_S, attempt, base_workspace

# Format -> the file within a folder, what is there when it is sound, and its reader.
WORKSPACE: dict[str, tuple[str, bytes]] = {
    "lexicon": (LEXICON, lexicons.JSON.encode()),
    "lexicon table": (LEXICON_TABLE, lexicons.TABLE.encode()),
    "candidates": (CANDIDATES, annotations.CANDIDATES_CSV.encode()),
    "gold": (GOLD_DEV, annotations.GOLD.encode()),
    "notes": (NOTES, tables.notes()),
}
SINGLE: dict[str, tuple[str, bytes]] = {
    "notes CSV": ("notes.csv", tables.NOTES_CSV.encode()),
    "notes lines": ("notes.jsonl", tables.NOTES_LINES.encode()),
    "export": ("export.csv", tables.EXPORT_CSV.encode()),
    "export lines": ("export.jsonl", tables.EXPORT_LINES.encode()),
    "export parquet": ("export.parquet", tables.export()),
}
MODEL_FILES = (
    *("metadata.json", "lexicon.json", "decision.json", "held_out.json", "concept_mapping.json"),
    *("weights.safetensors", "embeddings.safetensors", "scorer.safetensors"),
)
FORMATS = (*WORKSPACE, *SINGLE)


def try_format(form: str, folder: Path, seeds: range) -> Counter[str]:
    """Reads a file of a format once for each seed.

    Raises:
      AssertionError: names the seed, when anything else happened than refusal or success.
    """
    from tests.malformed.test_tables import read_raw

    name, raw = {**WORKSPACE, **SINGLE}[form]
    read: Callable[[], object] = partial(read_workspace, folder)
    if form in WORKSPACE:
        base_workspace(folder)
        if form == "lexicon table":
            (folder / LEXICON).unlink()
        if form == "notes":
            (folder / GOLD_DEV).unlink()
    else:
        folder.mkdir(exist_ok=True)
        reader = read_raw if form.startswith("export") else read_notes_file
        read = partial(reader, folder / name)
    is_json = raw.startswith(b"{")

    def write(seed: int) -> None:
        changed = mutate_bytes(raw, seed)
        if is_json and seed % 2:
            changed = mutate_json(raw.decode(), seed).encode(errors="surrogatepass")
        (folder / name).write_bytes(changed)

    return _try_all(form, write, read, name, seeds)


def try_model(sound: Path, folder: Path, seeds: range) -> Counter[str]:
    """Reads a model folder and detects with it, once for each seed; errors as `try_format`."""
    from tests.malformed.test_models import use_model

    def write(seed: int) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(sound, folder)
        path = folder / MODEL_FILES[seed % len(MODEL_FILES)]
        raw = path.read_bytes()
        if path.suffix == ".json" and seed % 3:
            text = mutate_json(raw.decode().replace("\n", " "), seed)
            path.write_bytes(text.encode(errors="surrogatepass"))
        else:
            path.write_bytes(mutate_bytes(raw, seed))
        if seed % 5:  # of one in five the manifest tells
            write_manifest(folder)

    # An alias less is another shape, and a compilation.
    return _try_all("model", write, partial(use_model, folder), folder.name, seeds, most_s=30)


def _try_all(
    form: str,
    write: Callable[[int], object],
    read: Callable[[], object],
    name: str,
    seeds: range,
    most_s: float = MOST_S,
) -> Counter[str]:
    counts: Counter[str] = Counter()
    for seed in seeds:
        write(seed)
        try:
            counts[attempt(read, name, most_s)] += 1
        except BaseException as error:
            raise AssertionError(f"{form}, seed {seed}: {error!r}") from error
    return counts
