"""Measures linking: a phrase to its concept, beside TF-IDF on the same phrases.

    python benchmarks/linking.py --seeds 0 1 2

Hidden aliases: a random 15 % of the demo lexicon's are removed from a copy of the workspace, and a
model trained on the copy; `lvmh-jax link` is given the removed ones. Queries: the mentions of the
NCBI disease corpus (dev), scored by shared/tools/score.py. Both go through the real command line.
Writes its section of benchmarks/RESULTS.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

if not __package__:  # run as a file: Python looks beside it, not in the checkout
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import sections
from benchmarks.quality import summarize
from benchmarks.speed import run_cli
from lvmh_jax.errors import LvmhError, NotFoundError

HIDDEN = 0.15
LEXICON = Path("taxonomy/lexicon_v1.json")
PHRASE = "mention_abbreviation_resolved"
HEAD = ("phrases", "how many", "ours", "TF-IDF, nearest alias")


class Hidden(NamedTuple):
    """A lexicon without some aliases, and the removed ones as (alias, concept)."""

    lexicon: dict[str, Any]
    pairs: list[tuple[str, str]]


def hide_aliases(lexicon: Mapping[str, Any], share: float, seed: int) -> Hidden:
    """Removes a random share of the aliases; a form shared by two concepts stays.

    Args:
      lexicon: document in the form of `lexicon_v1.json`, with aliases as lists.
      share: share of all aliases to remove.
      seed: random seed.
    """
    pairs = [(alias, name) for name, entry in lexicon.items() for alias in entry["aliases"]]
    owners: dict[str, set[str]] = {}
    for alias, name in [*pairs, *((entry["label"], name) for name, entry in lexicon.items())]:
        owners.setdefault(alias.casefold(), set()).add(name)
    labels = {entry["label"].casefold() for entry in lexicon.values()}
    order = np.random.default_rng(seed).permutation(len(pairs))
    free = [
        pairs[row]
        for row in order
        if len(owners[pairs[row][0].casefold()]) == 1 and pairs[row][0].casefold() not in labels
    ]
    hidden = free[: round(share * len(pairs))]
    gone = set(hidden)
    left = {
        name: {**entry, "aliases": [a for a in entry["aliases"] if (a, name) not in gone]}
        for name, entry in lexicon.items()
    }
    return Hidden(left, hidden)


def link_by_tfidf(aliases: Sequence[tuple[str, str]], phrases: Sequence[str]) -> list[str]:
    """Concept of the alias with the highest cosine of character n-grams.

    Args:
      aliases: (alias, concept) pairs.
      phrases: phrases to link.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, strip_accents="unicode"
    )
    known = vectorizer.fit_transform([alias for alias, _ in aliases])
    found: list[str] = []
    for start in range(0, len(phrases), 256):
        scores = (vectorizer.transform(phrases[start : start + 256]) @ known.T).toarray()
        found += [aliases[row][1] for row in scores.argmax(1)]
    return found


def link_by_model(model: str, phrases: Sequence[str], scratch: Path) -> list[str]:
    """Best concept of each phrase, by `lvmh-jax link`."""
    file = scratch / "phrases.txt"
    file.write_text("".join(f"{phrase}\n" for phrase in phrases), encoding="utf-8")
    words = ("link", "--model-path", model, "--input", file, "--top-k", "1", "--json", "--quiet")
    results = run_cli(*words).payload["results"]
    return [each["concepts"][0]["concept_id"] for each in results]


def measure_hidden(workspace: Path, seed: int) -> tuple[int, float, float]:
    """Number of hidden aliases, and the accuracy@1 of ours and of TF-IDF."""
    lexicon = json.loads((workspace / LEXICON).read_text(encoding="utf-8"))
    hidden = hide_aliases(lexicon, HIDDEN, seed)
    phrases = [alias for alias, _ in hidden.pairs]
    gold = [name for _, name in hidden.pairs]
    left = [
        (alias, name)
        for name, entry in hidden.lexicon.items()
        for alias in {*entry["aliases"], entry["label"]}
    ]
    with tempfile.TemporaryDirectory(prefix="lvmh-linking-") as folder:
        copy = Path(folder)
        (copy / LEXICON).parent.mkdir()
        (copy / LEXICON).write_text(json.dumps(hidden.lexicon), encoding="utf-8")
        (copy / "data").mkdir()
        (copy / "data" / "processed").symlink_to(workspace / "data" / "processed")
        trained = run_cli("train", "--workspace", copy, "--seed", str(seed), "--json", "--quiet")
        ours = link_by_model(trained.payload["model_path"], phrases, copy)
    return len(gold), _accuracy(ours, gold), _accuracy(link_by_tfidf(left, phrases), gold)


def measure_queries(workspace: Path, shared: Path, seed: int) -> tuple[int, float, float]:
    """Number of queries, and `acc1_any` of the scorer script for ours and TF-IDF."""
    with (workspace / "queries_dev_full.tsv").open(encoding="utf-8", newline="") as lines:
        phrases = [row[PHRASE] for row in csv.DictReader(lines, delimiter="\t")]
    lexicon = json.loads((workspace / LEXICON).read_text(encoding="utf-8"))
    aliases = [(alias, name) for name, entry in lexicon.items() for alias in entry["aliases"]]
    with tempfile.TemporaryDirectory(prefix="lvmh-linking-") as folder:
        scratch = Path(folder)
        where = ("--workspace", workspace, "--models-dir", scratch / "models")
        trained = run_cli("train", *where, "--seed", str(seed), "--json", "--quiet")
        ours = link_by_model(trained.payload["model_path"], phrases, scratch)
        scores = [
            _score_queries(shared, workspace, found, scratch)
            for found in (ours, link_by_tfidf(aliases, phrases))
        ]
    return len(phrases), *scores


def _score_queries(shared: Path, workspace: Path, found: Sequence[str], scratch: Path) -> float:
    file = scratch / "found.txt"
    file.write_text("".join(f"{each}\n" for each in found), encoding="utf-8")
    script = shared / "tools" / "score.py"
    command = [sys.executable, script, workspace, file, "--queries", "--split", "dev"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LvmhError(f"ended with {done.returncode}", where=str(script))
    return float(json.loads(done.stdout)["acc1_any"])


def _accuracy(found: Sequence[str], gold: Sequence[str]) -> float:
    return sum(a == b for a, b in zip(found, gold, strict=True)) / max(len(gold), 1)


def make_row(name: str, runs: Sequence[tuple[int, float, float]]) -> tuple[str, ...]:
    """A table row: mean and spread over the seeds."""
    ours, other = (summarize([run[column] for run in runs], 3) for column in (1, 2))
    return name, f"{runs[0][0]:,}", ours, other


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes the section; returns the exit code of the contract."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    shared = sections.ROOT.parent / "shared"
    parser.add_argument("--shared", type=Path, default=shared, help="default: ../shared")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0], help="default: 0")
    parser.add_argument("--out", type=Path, default=sections.RESULTS, help="results file")
    options = parser.parse_args(given)
    out = options.out.resolve()

    def write() -> str:
        ncbi = options.shared / "data" / "ncbi_disease_plus"
        if not (ncbi / LEXICON).is_file():
            raise NotFoundError("No data found", where=str(ncbi), fix="give --shared")
        start = sections.describe_run("benchmarks/linking.py", given, out)
        rows = [
            make_row(
                "hidden aliases of the demo",
                [measure_hidden(sections.ROOT, seed) for seed in options.seeds],
            ),
            make_row(
                "NCBI disease mentions, dev",
                # One seed: training on 77,000 aliases takes minutes.
                [measure_queries(ncbi.resolve(), options.shared, options.seeds[0])],
            ),
        ]
        return f"""## Linking

{start} Accuracy of the first concept; several seeds: mean (lowest..highest).

{sections.markdown_table(HEAD, rows)}

Hidden aliases: {HIDDEN:.0%} of the lexicon's, others for each seed, removed before training.
NCBI: column {PHRASE} of queries_dev_full.tsv, `acc1_any` of shared/tools/score.py.
"""

    return sections.publish(out, "linking", write)


if __name__ == "__main__":
    sys.exit(main())
