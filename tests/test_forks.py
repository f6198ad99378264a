"""Processes that were forked after jax was used get an error, where they would wait for ever."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from lvmh_jax import Detector
from lvmh_jax.errors import UsageError
from lvmh_jax.io.runtime import allow_jax
from tests.demo import ROOT
from tests.pipeline.workshop import Shop

TIMEOUT_S = 120
REFUSED = "this process was forked after JAX was used; expected a process that was spawned"
POOL = """
import multiprocessing as mp, sys, warnings
from lvmh_jax import Detector
from lvmh_jax.errors import UsageError

warnings.simplefilter("ignore")  # of jax and of Python: a fork may hang
detector = Detector.load(sys.argv[1])
detector.detect(["sac noir"])

def ask(verb):
    try:
        {"load": lambda: Detector.load(sys.argv[1]), "show": lambda: detector.show("x")}.get(
            verb, lambda: getattr(detector, verb)(["sac noir"]))()
    except UsageError as error:
        return f"{verb}: {error}"

with mp.get_context("fork").Pool(1) as pool:
    for said in pool.map(ask, ["detect", "embed", "link", "show", "load"]):
        print(said)
print(len(detector.detect(["sac noir"])))
"""
SPACY = """
import multiprocessing as mp, sys, warnings
import spacy

def look():
    warnings.simplefilter("ignore")
    mp.set_start_method(sys.argv[2])
    nlp = spacy.blank("xx")
    nlp.add_pipe("lvmh_jax", config={"model_path": sys.argv[1]})
    if sys.argv[3] == "used":
        nlp("sac noir")
    print(len(list(nlp.pipe(["sac noir"] * 4, n_process=2, batch_size=2))))

if __name__ == "__main__":
    look()
"""


def run_python(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, timeout=TIMEOUT_S, cwd=ROOT
    )


def test_a_fork_of_a_used_detector_is_refused_every_call(shop: Shop) -> None:
    done = run_python("-c", POOL, str(shop.model))
    *refusals, left = done.stdout.splitlines()
    verbs = ["detect", "embed", "link", "show", "load"]
    assert [line.partition(":")[0] for line in refusals] == verbs, done.stderr
    assert all(REFUSED in line for line in refusals)
    assert left == "1"  # who forked goes on


@pytest.mark.parametrize(
    ("method", "before", "said"),
    [("fork", "used", REFUSED), ("fork", "fresh", "4"), ("spawn", "used", "4")],
)
def test_processes_of_spacy_end(shop: Shop, tmp_path, method: str, before: str, said: str) -> None:
    pytest.importorskip("spacy")
    script = tmp_path / "many.py"  # a file, for spawned processes import it
    script.write_text(SPACY)
    done = run_python(str(script), str(shop.model), method, before)
    assert said in (done.stdout if said == "4" else done.stderr)
    assert (done.returncode == 0) == (said == "4")


def test_the_process_that_uses_jax_first_may_use_it_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector = Detector.load(shop.model)
    allow_jax()
    monkeypatch.setattr(os, "getpid", lambda: 1)
    with pytest.raises(UsageError, match=REFUSED):
        detector.detect(["sac noir"])
