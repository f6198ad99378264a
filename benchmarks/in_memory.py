r"""Detects as `detect` does, but from notes in memory to rows in memory: what peers' runners time.

    python benchmarks/in_memory.py MODEL [--dictionary-only] [--workers N] \
      --workspace WORKSPACE --output IGNORED

Prints a JSON line as `detect --json` does; part of throughput.py.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from contextlib import ExitStack
from functools import partial
from itertools import chain
from pathlib import Path

if not __package__:  # run as a file: Python looks beside it, not in the checkout
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lvmh_jax.detect.detector import batch_notes
from lvmh_jax.io.collector import relax_collector
from lvmh_jax.io.workspace import stream_notes
from lvmh_jax.pipeline.detect import Choice, count_threads, load_finder
from lvmh_jax.pipeline.runners import POOL, open_runner


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=Path, help="a model folder")
    parser.add_argument("--dictionary-only", action="store_true")
    parser.add_argument("--workers", type=int, default=1, help="processes (default: 1)")
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--output", help="not written")
    options = parser.parse_args()
    relax_collector()
    choice = Choice(options.model, dictionary_only=options.dictionary_only)
    load = partial(load_finder, choice)
    notes = tuple(chain.from_iterable(stream_notes(options.workspace)[0]))
    with ExitStack() as stack:
        threads = count_threads(choice)
        _, find = open_runner(load, POOL, options.workers, len(notes), stack, threads)
        started_s = time.perf_counter()
        batches = [notes[rows.start : rows.stop] for rows in batch_notes(notes)]
        mentions = sum(len(rows) for _, rows in find(batches))
        seconds = time.perf_counter() - started_s
    report = {"notes": len(notes), "mentions": mentions, "seconds": seconds}
    sys.stdout.write(json.dumps({**report, "notes_per_second": len(notes) / seconds}) + "\n")


if __name__ == "__main__":
    main()
