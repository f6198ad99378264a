"""The cycle collector is left out of work that it would only slow down, and works after it."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from lvmh_jax.io.collector import GARBAGE, pause_collector


def test_a_pause_ends_however_it_is_left() -> None:
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), pause_collector():
        assert 1 / gc.isenabled()
    assert gc.isenabled()


def test_a_pause_inside_a_pause_ends_with_the_outer_one() -> None:
    with pause_collector():
        with pause_collector():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_is_loaded_is_spared_and_what_comes_is_not() -> None:
    script = (
        "import gc, weakref; from lvmh_jax.io.collector import relax_collector, spare_loaded\n"
        "class Knot: pass\n"
        "relax_collector(); spare_loaded()\n"
        "print(gc.get_threshold()[0], gc.get_freeze_count() > 0)\n"
        "knot = Knot(); knot.self = knot; gone = weakref.ref(knot); del knot; gc.collect()\n"
        "print(gone() is None)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.split() == [str(GARBAGE), "True", "True"]
