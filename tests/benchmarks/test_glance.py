"""The glance benchmark counts what a scorer's glances let pass, and says what it cannot read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks import glance
from lvmh_jax.detect.decode import OFF
from lvmh_jax.detect.scorer import Thresholds
from lvmh_jax.errors import NotFoundError
from tests.detect.builders import make_fitted


@pytest.mark.parametrize("patient", [False, True])
def test_what_is_glanced_at_is_counted(patient: bool) -> None:
    fitted, notes, _ = make_fitted()
    scorer = replace(fitted.scorer, thresholds=Thresholds(0.0, OFF))
    watched = glance.Watched(scorer, patient=patient)
    found = replace(fitted, scorer=watched).detect(notes)
    assert found == replace(fitted, scorer=scorer).detect(notes)
    assert watched.asked > 100
    assert (watched.passed == watched.asked) is patient


def test_a_model_that_is_not_there_is_one_line(tmp_path, capsys) -> None:
    out = tmp_path / "RESULTS.md"
    pair = f"{tmp_path / 'none'}@{tmp_path}"
    assert glance.main([pair, "--out", str(out)]) == NotFoundError.exit_code
    assert capsys.readouterr().err.count("\n") == 1
    assert not out.exists()
