"""Measures detection with parts of a workspace's lexicon, trained without gold.

    python benchmarks/partial.py --workspace ../shared/data/clienteling --concepts 40 40 40 80

Most of what notes say is in no lexicon, and looks like what is. Here it is known: the concepts of
the whole lexicon that a part leaves out. Each part is drawn at random, trained and evaluated
through the real command line, on the gold of its own concepts. Writes its section of RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

if not __package__:  # run as a file: Python looks beside it, not in the checkout
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import sections
from benchmarks.quality import find_figure
from benchmarks.speed import require_workspace, run_cli

LEXICON, GOLD = Path("taxonomy/lexicon_v1.json"), Path("data/gold/dev.jsonl")
NOTES = Path("data/processed")
COLUMNS = {
    "precision": ("precision", "value"),
    "recall": ("recall", "value"),
    "F1": ("f1", "value"),
    "95 % from": ("f1", "ci_low"),
    "to": ("f1", "ci_high"),
    "dictionary F1": ("dictionary", "f1"),
    "ECE": ("calibration_error",),
}


def keep_concepts(document: dict[str, Any], concepts: int, seed: int) -> dict[str, Any]:
    """A lexicon document with so many of its concepts, drawn at random.

    >>> keep_concepts({"ring": 1, "watch": 2}, 2, seed=0)
    {'ring': 1, 'watch': 2}
    """
    names = sorted(document)
    drawn = set(np.random.default_rng(seed).permutation(names)[:concepts].tolist())
    return {name: entry for name, entry in document.items() if name in drawn}


def keep_annotated(line: str, concepts: Collection[str]) -> str:
    """A line of gold without what it says of other concepts.

    >>> keep_annotated('{"note_id": "n", "concepts": ["ring", "sofa"], "spans": []}', ["ring"])
    '{"note_id": "n", "concepts": ["ring"], "spans": []}'
    """
    note = json.loads(line)
    note["concepts"] = [each for each in note["concepts"] if each in concepts]
    note["spans"] = [each for each in note["spans"] if each["concept_id"] in concepts]
    return json.dumps(note, ensure_ascii=False)


def measure_part(workspace: Path, concepts: int, seed: int) -> tuple[dict[str, Any], str]:
    """Figures of one part on its gold, and the protocol of its decision."""
    with tempfile.TemporaryDirectory(prefix="lvmh-partial-") as folder:
        part = Path(folder) / "part"
        for name in (LEXICON, GOLD):
            (part / name).parent.mkdir(parents=True)
        (part / NOTES).symlink_to(workspace / NOTES, target_is_directory=True)
        lexicon = json.loads((workspace / LEXICON).read_text(encoding="utf-8"))
        kept = keep_concepts(lexicon, concepts, seed)
        (part / LEXICON).write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
        common = ("--workspace", part, "--models-dir", Path(folder) / "models", "--json", "--quiet")
        trained = run_cli("train", *common).payload
        # Only now: gold that is there is learned from.
        lines = (workspace / GOLD).read_text(encoding="utf-8").splitlines()
        gold = "".join(f"{keep_annotated(line, kept)}\n" for line in lines)
        (part / GOLD).write_text(gold, encoding="utf-8")
        figures = run_cli("evaluate", "--model-path", trained["model_path"], *common).payload
    return figures, trained["metrics"]["learned_matches"]


def make_body(start: str, workspace: Path, sizes: Sequence[int]) -> str:
    """The section in Markdown."""
    rows = []
    for seed, concepts in enumerate(sizes):
        figures, mode = measure_part(workspace, concepts, seed)
        cells = [find_figure(figures, *path) for path in COLUMNS.values()]
        told = ["-" if value is None else f"{value:.3f}" for value in cells]
        rows.append((workspace.name, str(concepts), str(seed), *told, mode))
        sys.stderr.write(f"{concepts} concepts, draw {seed}: F1 {told[2]}\n")
    head = ("workspace", "concepts", "draw", *COLUMNS, "decides")
    return f"""## Partial lexicons

{start}

{sections.markdown_table(head, rows)}

Trained without gold, with that many concepts of the lexicon, drawn at random; precision, recall and
F1 are note-level micro on gold/dev of these concepts. What notes say of the others is in no lexicon
there, and looks like what is.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes the section; returns the exit code of the contract."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    shared = sections.ROOT.parent / "shared" / "data" / "clienteling"
    parser.add_argument("--workspace", type=Path, default=shared, help="with gold/dev")
    parser.add_argument("--concepts", nargs="+", type=int, default=[40, 40, 40, 80], metavar="N")
    parser.add_argument("--out", type=Path, default=sections.RESULTS, help="results file")
    options = parser.parse_args(given)
    out = options.out.resolve()

    def write() -> str:
        workspace = require_workspace(options.workspace)
        start = sections.describe_run("benchmarks/partial.py", given, out)
        return make_body(start, workspace, options.concepts)

    return sections.publish(out, "partial lexicons", write)


if __name__ == "__main__":
    sys.exit(main())
