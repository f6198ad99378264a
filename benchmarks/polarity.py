"""Measures polarity: sentences of twelve languages that deny a concept, or only look as if.

    python benchmarks/polarity.py

`denials.jsonl` was written for this, blind to the lists of cues: 2,365 places in sentences as an
advisor dictates them, harder than most. Those of part `read` were read when the cues were mended;
those of part `held` never, so they tell what the cues are worth elsewhere. Please keep it so. A
model is trained on the demo, or given with --model. Writes its section of RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

if not __package__:  # run as a file: Python looks beside it, not in the checkout
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import sections
from benchmarks.speed import run_cli
from lvmh_jax import Detector
from lvmh_jax.records import NEGATED, Mention

SENTENCES = sections.ROOT / "benchmarks" / "denials.jsonl"
PARTS = {"read": "read when cues were mended", "held": "held out"}
ALL = "all"
HEAD = ("sentences", "language", "denied, and found so", "affirmed, and found so", "not found")

Place = Mapping[str, Any]  # a line of `denials.jsonl`


def read_places(path: Path = SENTENCES) -> list[Place]:
    """Reads the annotated places: part, language, text, start, words, concept, negated."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def find_place(place: Place, mentions: Iterable[Mention]) -> Mention | None:
    """The mention of a place's concept with the largest overlap; None without one."""
    start, end = place["start"], place["start"] + len(place["words"])

    def shared(mention: Mention) -> int:
        if mention.start is None or mention.end is None:
            return 0
        return min(mention.end, end) - max(mention.start, start)

    own = [each for each in mentions if each.concept_id == place["concept_id"]]
    best = max(own, key=shared, default=None)
    return best if best is not None and shared(best) > 0 else None


def count_right(
    places: Sequence[Place], found: Sequence[Mention | None]
) -> dict[tuple[str, str], Counter[str]]:
    """Counts by part and language (and "all"): places of each kind, found ones, right ones."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for place, mention in zip(places, found, strict=True):
        kind = "denied" if place["negated"] else "affirmed"
        for language in (place["language"], ALL):
            count = counts.setdefault((place["part"], language), Counter())
            if mention is None:
                count["lost"] += 1
                continue
            count[kind] += 1
            count[f"{kind} right"] += (mention.polarity == NEGATED) == place["negated"]
    return counts


def make_rows(counts: Mapping[tuple[str, str], Counter[str]]) -> list[tuple[str, ...]]:
    """Table rows: one per language and one for all, by part."""
    return [
        (
            name,
            language,
            *(f"{count[f'{kind} right']} of {count[kind]}" for kind in ("denied", "affirmed")),
            str(count["lost"]),
        )
        for part, name in PARTS.items()
        for (own, language), count in sorted(counts.items(), key=lambda item: item[0][1] == ALL)
        if own == part
    ]


def measure(model: Path) -> list[tuple[str, ...]]:
    """Measures a model; returns its table rows."""
    places = read_places()
    found = Detector.load(model).detect(
        [place["text"] for place in places], [place["language"] for place in places]
    )
    pairs = zip(places, found, strict=True)
    return make_rows(count_right(places, [find_place(*pair) for pair in pairs]))


def train_demo(folder: Path) -> Path:
    """Trains a model on the demo workspace."""
    where = ("--workspace", sections.ROOT, "--models-dir", folder)
    return Path(run_cli("train", *where, "--json", "--quiet").payload["model_path"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes the section; returns the exit code of the contract."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, help="a model folder (default: trained on the demo)")
    parser.add_argument("--out", type=Path, default=sections.RESULTS, help="results file")
    options = parser.parse_args(given)
    out = options.out.resolve()

    def write() -> str:
        start = sections.describe_run("benchmarks/polarity.py", given, out)
        with tempfile.TemporaryDirectory(prefix="lvmh-polarity-") as folder:
            rows = measure(options.model or train_demo(Path(folder)))
        return f"""## Polarity

{start}

{sections.markdown_table(HEAD, rows)}

Places in sentences that were written for this, harder than most: half of them deny a concept,
half affirm one beside a word that denies. Of the first part the failures were read when cues were
mended; of the second none ever was. Not found: the concept was not detected there at all.
"""

    return sections.publish(out, "polarity", write)


if __name__ == "__main__":
    sys.exit(main())
