"""Measures the stages after detection: vectors, segments, relations.

    python benchmarks/stages.py

Vectors: for each gold note, the notes nearest to it by gold concepts, and how many of them are
among its ten nearest by vector, beside TF-IDF. No scorer has seen the gold of the notes it is
judged on: models are trained without gold, on the demo on its train split (dev is judged).
Segments and relations: on planted clients, where the truth is known, and on the demo and
clienteling. Writes its section of benchmarks/RESULTS.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

if not __package__:  # run as a file: Python looks beside it, not in the checkout
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import planted, sections
from benchmarks.quality import summarize
from benchmarks.speed import require_workspace, run_cli, without_gold
from lvmh_jax.errors import UsageError
from lvmh_jax.io.workspace import read_workspace
from lvmh_jax.records import Concept, GoldNote, Workspace
from lvmh_jax.stages.aggregate import ClientTable, aggregate_clients, weigh_concepts
from lvmh_jax.stages.relations import relate_concepts
from lvmh_jax.stages.segments import segment_clients

Reals = NDArray[np.float64]
NEAREST = 10
RESAMPLES = 2000
CONCEPTS = tuple(Concept(f"c{row:03}", f"c{row}", ()) for row in range(230))
IDS = [concept.concept_id for concept in CONCEPTS]
SEGMENT_CASES = ((60, 3), (200, 4), (600, 6))  # clients, segments
# Clients, pairs, and whether some clients say little and some much.
PAIR_CASES = ((300, 15, False), (1000, 15, False), (2000, 15, False), (300, 15, True))
PAIR_CASES += ((1000, 15, True), (2000, 15, True))
DEMO = "demo"
VECTOR_HEAD = ("workspace", "gold notes", "ours", "TF-IDF words", "TF-IDF characters", "chance")
VECTOR_HEAD += ("ours - best TF-IDF, 95 %",)
SEGMENT_HEAD = ("planted clients", "segments", "found", "ARI to the truth", "best possible ARI")
SEGMENT_HEAD += ("ARI over seeds",)
PAIR_HEAD = ("planted clients", "say as much", "pairs", "found at q < .05", "precision", "recall")
REAL_HEAD = ("workspace", "clients", "segments", "ARI over seeds", "silhouette (shuffled)")
REAL_HEAD += ("relations", "`embed` s", "`segment` s", "`relations` s")


def compare_gold(gold: Sequence[GoldNote]) -> Reals:
    """Jaccard similarity of the notes' gold concepts; float64 alike_BB, -1 on the diagonal."""
    names = sorted({concept for note in gold for concept in note.concepts})
    row_of = {name: row for row, name in enumerate(names)}
    has_BC = np.zeros((len(gold), len(names)))
    for row, note in enumerate(gold):
        has_BC[row, [row_of[concept] for concept in note.concepts]] = 1
    both_BB = has_BC @ has_BC.T
    size_B = has_BC.sum(1)
    any_BB = size_B[:, None] + size_B[None, :] - both_BB
    alike_BB = both_BB / np.maximum(any_BB, 1)
    np.fill_diagonal(alike_BB, -1)
    return np.asarray(alike_BB)


def measure_recall(vectors_BD: Reals, alike_BB: Reals) -> Reals:
    """Recall@10 of each note: of its ten nearest by gold, ties included, those found by vector.

    Where more than ten are equally near by gold, any ten of them will do.

    >>> alike = np.array([[-1, 1.0, 0.0], [1.0, -1, 0.0], [0.0, 0.0, -1]])
    >>> measure_recall(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), alike).tolist()
    [1.0, 1.0]
    """
    wanted_BB, most_B = _find_wanted(alike_BB)
    cosine_BB = vectors_BD @ vectors_BD.T
    np.fill_diagonal(cosine_BB, -np.inf)
    top_BK = np.argsort(-cosine_BB, axis=1, kind="stable")[:, : min(NEAREST, len(alike_BB) - 1)]
    hits_B = np.take_along_axis(wanted_BB, top_BK, 1).sum(1)
    return np.asarray((hits_B / np.maximum(most_B, 1))[most_B > 0])


def _find_wanted(alike_BB: Reals) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    place = min(NEAREST, len(alike_BB) - 1) - 1
    tenth_B = -np.sort(-alike_BB, axis=1)[:, place]
    wanted_BB = (alike_BB >= tenth_B[:, None]) & (alike_BB > 0)
    return wanted_BB, np.minimum(wanted_BB.sum(1), NEAREST)


def embed_by_tfidf(texts: Sequence[str], rows: Sequence[int], analyzer: str) -> Reals:
    """Unit vectors of some of the texts; weights from all."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    characters = {"analyzer": "char_wb", "ngram_range": (2, 5), "sublinear_tf": True}
    model = TfidfVectorizer(**(characters if analyzer == "characters" else {}))
    model.fit(texts)
    found = model.transform([texts[row] for row in rows])
    # Cosines are all that is needed, and a matrix of them is small.
    values, axes = np.linalg.eigh((found @ found.T).toarray())
    return np.asarray(axes * np.sqrt(np.maximum(values, 0)))


def embed_by_command(model: Path, workspace: Path, scratch: Path) -> dict[str, NDArray[np.float32]]:
    """Note id to its vector, as `lvmh-jax embed` writes it."""
    from pyarrow import parquet

    file = scratch / "vectors.parquet"
    places = ("--model-path", model, "--workspace", workspace, "--output", file)
    run_cli("embed", *places, "--quiet")
    table = parquet.read_table(file)
    vectors = np.stack(table["embedding"].to_numpy())
    return dict(zip(table["note_id"].to_pylist(), vectors, strict=True))


def measure_vectors(
    name: str, workspace: Workspace, vectors: Mapping[str, NDArray[np.float32]]
) -> tuple[str, ...]:
    """A line of the table of vectors, on the dev gold."""
    gold = [note for note in workspace.gold["dev"] if note.concepts]
    row_of = {note.note_id: row for row, note in enumerate(workspace.notes)}
    rows = [row_of[note.note_id] for note in gold]
    texts = [note.text for note in workspace.notes]
    alike_BB = compare_gold(gold)
    ours_BD = np.stack([vectors[note.note_id] for note in gold]).astype(np.float64)
    ours = measure_recall(ours_BD, alike_BB)
    theirs = [
        measure_recall(embed_by_tfidf(texts, rows, each), alike_BB)
        for each in ("words", "characters")
    ]
    wanted_BB, most_B = _find_wanted(alike_BB)
    chance = NEAREST * wanted_BB.sum(1) / (len(gold) - 1) / np.maximum(most_B, 1)
    best = max(theirs, key=lambda found: float(found.mean()))
    draw = np.random.default_rng(0)
    picks = draw.integers(len(ours), size=(RESAMPLES, len(ours)))
    low, high = np.quantile((ours - best)[picks].mean(1), [0.025, 0.975])
    means = [f"{found.mean():.3f}" for found in (ours, *theirs, np.minimum(chance, 1)[most_B > 0])]
    return (name, f"{len(ours):,}", *means, f"{low:+.3f} to {high:+.3f}")


def aggregate_planted(case: planted.Planted) -> ClientTable:
    """Planted clients as the stages see them."""
    return aggregate_clients(case.findings, case.clients, CONCEPTS)


def measure_segments(clients: int, segments: int, seeds: Sequence[int]) -> tuple[str, ...]:
    """A row of the table of segments; the stage is not given the number of segments."""
    from sklearn.metrics import adjusted_rand_score

    counts, truths, ideals, seeded = [], [], [], []
    for seed in seeds:
        case = planted.plant_segments(IDS, clients, segments, seed)
        found = segment_clients(weigh_concepts(aggregate_planted(case)), None, seed)
        counts.append(float(found.clusters))
        truths.append(float(adjusted_rand_score(case.segment_M, found.label_M)))
        ideals.append(float(adjusted_rand_score(case.segment_M, case.guessed_M)))
        seeded.append(1.0 if found.stability is None else found.stability)  # one segment is one
    columns = (summarize(each, 2) for each in (truths, ideals, seeded))
    return (f"{clients:,}", str(segments), summarize(counts, 1), *columns)


def measure_pairs(clients: int, pairs: int, uneven: bool, seeds: Sequence[int]) -> tuple[str, ...]:
    """A line of the table of relations."""
    no_vectors = np.zeros((len(IDS), 1), np.float32)
    counts, precisions, recalls = [], [], []
    for seed in seeds:
        case = planted.plant_pairs(IDS, clients, pairs, seed, uneven=uneven)
        holds_MC = aggregate_planted(case).holds_MC
        found = relate_concepts(holds_MC, CONCEPTS, no_vectors, min_clients=3, max_q=0.05)
        right = len({(each.source, each.target) for each in found} & {*case.pairs})
        counts.append(float(len(found)))
        precisions.append(right / max(len(found), 1))
        recalls.append(right / pairs)
    columns = (summarize(counts, 1), summarize(precisions, 2), summarize(recalls, 2))
    return (f"{clients:,}", "no" if uneven else "yes", str(pairs), *columns)


def measure_real(name: str, model: Path, workspace: Path, scratch: Path) -> tuple[str, ...]:
    """A row of the commands' results on a workspace, with seconds of cold processes."""
    given = ("--model-path", model, "--workspace", workspace, "--json", "--quiet")
    profiles = scratch / "client_profiles.csv"
    embed = run_cli("embed", *given, "--output", scratch / "vectors.parquet")
    segment = run_cli("segment", *given, "--output", profiles)
    found: dict[str, Any] = segment.payload
    out = ("--output", scratch / "relations.csv", "--profiles", profiles)
    relations = run_cli("relations", *given, *out)
    kinds = relations.payload["kinds"]
    told = ", ".join(f"{count:,} {kind}" for kind, count in kinds.items())
    keys = ("stability", "silhouette", "silhouette_shuffled")
    stability, clear, shuffled = ("-" if found[k] is None else f"{found[k]:.3f}" for k in keys)
    silhouette = f"{clear} ({shuffled})"
    figures = (f"{found['clients']:,}", str(found["clusters"]), stability)
    seconds = [f"{run.seconds:.1f}" for run in (embed, segment, relations)]
    return (name, *figures, silhouette, told or "none", *seconds)


def train_model(workspace: Path, scratch: Path) -> Path:
    """Trains a model of a workspace into a temporary folder."""
    words = ("--workspace", workspace, "--models-dir", scratch / "models", "--json", "--quiet")
    return Path(run_cli("train", *words).payload["model_path"])


def measure_workspaces(
    names: Sequence[str], shared: Path, models: Mapping[str, Path]
) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Rows of vectors and of the commands, for each workspace."""
    vectors, commands = [], []
    for name in names:
        path = sections.ROOT if name == DEMO else require_workspace(shared / "data" / name)
        with tempfile.TemporaryDirectory(prefix="lvmh-stages-") as folder:
            scratch = Path(folder)
            model = models.get(name)
            if model is None:
                fitted = path if name == DEMO else without_gold(path, scratch / "workspace")
                model = train_model(fitted, scratch)
            found = embed_by_command(model, path, scratch)
            vectors.append(measure_vectors(name, read_workspace(path), found))
            if name in (DEMO, "clienteling"):
                commands.append(measure_real(name, model, path, scratch))
    return vectors, commands


def make_body(start: str, tables: Sequence[tuple[Sequence[str], Sequence[Sequence[str]]]]) -> str:
    """The section."""
    vectors, segments, pairs, commands = (sections.markdown_table(*each) for each in tables)
    return f"""## Stages: vectors, segments, relations

{start} Several seeds: mean (lowest..highest).

Recall@{NEAREST} of the notes nearest by gold concepts (Jaccard), among the gold notes:

{vectors}

Planted segments, their number not told; adjusted Rand index (ARI), the best possible being that of
who knows the chance of every concept in every segment:

{segments}

Planted pairs among {len(IDS)} concepts that are else independent:

{pairs}

The commands on real notes, each a cold process with its own detection:

{commands}
"""


def parse_models(given: Sequence[str]) -> dict[str, Path]:
    """`NAME=PATH` words to a mapping.

    >>> parse_models(["demo=models/one"])
    {'demo': PosixPath('models/one')}
    """
    pairs = [text.partition("=") for text in given]
    if not all(sign for _, sign, _ in pairs):
        raise UsageError("--model is wrong", expected="NAME=PATH")
    return {name: Path(path) for name, _, path in pairs}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes; returns the exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--shared", type=Path, default=sections.ROOT.parent / "shared")
    parser.add_argument("--workspaces", nargs="+", default=[DEMO, "clienteling", "mabsa_hotel"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="NAME=PATH",
        help="a trained model, that must not have seen the gold it is judged on",
    )
    parser.add_argument("--out", type=Path, default=sections.RESULTS)
    options = parser.parse_args(given)
    out = options.out.resolve()

    def write() -> str:
        models = parse_models(options.model)
        start = sections.describe_run("benchmarks/stages.py", given, out)
        vectors, commands = measure_workspaces(options.workspaces, options.shared, models)
        segments = [measure_segments(*case, options.seeds) for case in SEGMENT_CASES]
        pairs = [measure_pairs(*case, options.seeds) for case in PAIR_CASES]
        tables = [(VECTOR_HEAD, vectors), (SEGMENT_HEAD, segments), (PAIR_HEAD, pairs)]
        return make_body(start, [*tables, (REAL_HEAD, commands)])

    return sections.publish(out, "stages", write)


if __name__ == "__main__":
    sys.exit(main())
