from __future__ import annotations

import itertools
import logging
from dataclasses import replace

import jax
import numpy as np
import pytest

from lvmh_jax.errors import LvmhError, UsageError
from lvmh_jax.models.presets import fit_to_lexicon
from lvmh_jax.train.fit import EpochRecord, FitState, is_over, start_fit
from lvmh_jax.train.precision import find_precision
from tests.train.fitting import CONCEPTS


def with_history(*losses) -> FitState:
    records = [EpochRecord(epoch, loss, 0.0, 0.0, 0.0) for epoch, loss in enumerate(losses)]
    return FitState(None, None, tuple(records))


def with_train(fitting, **changes):
    return replace(fitting.settings, train=replace(fitting.settings.train, **changes))


def test_a_run_has_the_epochs_asked_for_and_a_record_of_each(fitting, run) -> None:
    assert [len(fit.history) for fit in run] == list(range(fitting.settings.train.epochs + 1))
    assert [record.epoch for record in run[-1].history] == list(range(len(run) - 1))
    for before, after in itertools.pairwise(run):
        assert after.history[:-1] == before.history
    assert [int(fit.state.step) for fit in run] == [2 * epoch for epoch in range(len(run))]


def test_it_learns_the_aliases_it_sees_and_those_it_does_not(run) -> None:
    last = run[-1].history[-1]
    chance = 1 / CONCEPTS
    assert last.train_accuracy > 3.5 * chance
    assert last.accuracy > 3 * chance
    assert last.train_loss < 0.5 * run[-1].history[0].train_loss


def test_the_best_is_the_epoch_of_the_lowest_validation_loss(run, tree_bytes) -> None:
    for fit in run[1:]:
        losses = [record.loss for record in fit.history]
        assert fit.best.epoch == int(np.argmin(losses))
        best = run[1 + fit.best.epoch].state.params
        assert tree_bytes(fit.best_params) == tree_bytes(best)


def test_of_equal_epochs_the_first_is_best_and_of_none_there_is_none() -> None:
    assert with_history(3, 1, 2, 1).best.epoch == 1
    assert with_history().best is None


@pytest.mark.parametrize(
    ("losses", "patience", "is_stuck"),
    [
        ((), 1, False),
        ((1,), 1, False),
        ((1, 2), 1, True),
        ((1, 2), 2, False),
        ((1, 2, 1), 2, True),
        ((3, 2, 1), 1, False),
    ],
)
def test_patience_counts_epochs_since_the_best(fitting, losses, patience, is_stuck) -> None:
    train = replace(fitting.settings.train, epochs=9, patience=patience)
    assert is_over(with_history(*losses).history, train) is is_stuck
    assert is_over(with_history(*losses).history, replace(train, epochs=len(losses)))


def test_patience_ends_a_run_before_its_epochs(fitting, run, tree_bytes) -> None:
    # An epoch so good that none is better: the rest is the unbroken run's.
    perfect = replace(run[1].history[0], loss=-1.0)
    fits = list(fitting.go_on(replace(run[1], history=(perfect,)), with_train(fitting, patience=2)))
    assert [len(fit.history) for fit in fits] == [2, 3]
    for fit in fits:
        assert tree_bytes(fit.best_params) == tree_bytes(run[1].state.params)


def test_two_runs_are_the_same_to_the_byte_and_never_recompile(
    fitting, run, tree_bytes, caplog
) -> None:
    fits = fitting.go_on(fitting.start())
    with jax.log_compiles(), caplog.at_level(logging.WARNING):
        again = [next(fits)]
        assert [line for line in caplog.messages if line.startswith("Compiling")]
        caplog.clear()
        again += fits
        assert [line for line in caplog.messages if line.startswith("Compiling")] == []
    assert len(again) == len(run) - 1
    for first, second in zip(run[1:], again, strict=True):
        assert tree_bytes(first.state) == tree_bytes(second.state)
        assert tree_bytes(first.best_params) == tree_bytes(second.best_params)
        assert first.history == second.history


def test_a_resumed_run_equals_the_unbroken_one_bit_for_bit(fitting, run, tree_bytes) -> None:
    def through_a_file(tree):
        return jax.tree.map(lambda leaf: jax.numpy.asarray(np.asarray(leaf).copy()), tree)

    state, best = through_a_file(run[3].state), through_a_file(run[3].best_params)
    *_, last = fitting.go_on(FitState(state, best, run[3].history))
    assert tree_bytes(last.state) == tree_bytes(run[-1].state)
    assert tree_bytes(last.best_params) == tree_bytes(run[-1].best_params)
    assert last.history == run[-1].history


def test_calls_within_an_epoch_change_no_byte_and_can_be_gone_on_from(
    fitting, run, tree_bytes
) -> None:
    short = with_train(fitting, steps_per_call=1)
    fits = list(fitting.go_on(fitting.start(), short))
    # An epoch has two steps: one state within it, and one at its end.
    assert [(fit.done, fit.within.steps) for fit in fits[:4]] == [(0, 1), (1, 0), (1, 1), (2, 0)]
    assert tree_bytes(fits[-1].state) == tree_bytes(run[-1].state)
    assert fits[-1].history == run[-1].history
    *_, last = fitting.go_on(fits[4], short)
    assert tree_bytes(last.state) == tree_bytes(run[-1].state)
    assert last.history == run[-1].history


def test_bfloat16_products_train_float32_parameters_nearly_alike(fitting, run) -> None:
    *_, last = fitting.go_on(fitting.start(), with_train(fitting, precision="bfloat16"))
    assert {str(leaf.dtype) for leaf in jax.tree.leaves(last.state.params)} == {"float32"}
    losses = [[record.train_loss for record in fit.history] for fit in (last, run[-1])]
    assert losses[0] != losses[1]
    np.testing.assert_allclose(*losses, rtol=0.05)


def test_a_precision_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match=r"no precision named 'bf16'.*bfloat16"):
        find_precision("bf16")


def test_a_large_lexicon_learns_and_resumes_bit_for_bit(fitting, tree_bytes) -> None:
    small = with_train(fitting, full_softmax_below=1, sampled_concepts=3, near_concepts=1)
    settings = fit_to_lexicon(small, CONCEPTS)
    assert settings.train.sampled_concepts == 3
    settings = replace(settings, train=replace(settings.train, aliases_per_epoch=16))
    start = start_fit(fitting.examples, CONCEPTS, settings)
    fits = list(fitting.go_on(start, settings))
    assert [int(fit.state.step) for fit in fits] == list(range(1, 7))
    assert fits[-1].history[-1].accuracy > 3 / CONCEPTS
    *_, last = fitting.go_on(fits[2], settings)
    assert tree_bytes(last.state) == tree_bytes(fits[-1].state)
    assert last.history == fits[-1].history


def test_a_finished_run_does_not_go_on(fitting, run) -> None:
    assert list(fitting.go_on(run[-1])) == []


def test_what_was_yielded_stays_usable(run) -> None:
    # Epochs donate their state: a donated array raises when it is read.
    for fit in run:
        assert not any(leaf.is_deleted() for leaf in jax.tree.leaves((fit.state, fit.best_params)))
    tables = {np.asarray(fit.state.params["table"]).tobytes() for fit in run}
    assert len(tables) == len(run)


def test_a_loss_that_is_no_number_stops_the_run(fitting, run) -> None:
    lost = jax.tree.map(lambda leaf: leaf * np.float32("nan"), run[2].state.params)
    broken = replace(run[2], state=run[2].state.replace(params=lost))
    with pytest.raises(
        LvmhError, match=r"not a number at step 5; train again with a smaller --learning-rate"
    ):
        next(fitting.go_on(broken))


def test_without_held_out_aliases_the_training_loss_decides(fitting, run) -> None:
    held_A = np.zeros_like(fitting.examples.held_A)
    fitting_all = type(fitting)()
    fitting_all.examples = replace(fitting.examples, held_A=held_A)
    first = next(fitting_all.go_on(run[0])).history[0]
    assert first.loss == first.train_loss > 0
    assert first.accuracy == first.train_accuracy


def test_the_seed_decides_where_it_starts(fitting, run, tree_bytes) -> None:
    other = start_fit(fitting.examples, CONCEPTS, with_train(fitting, seed=1))
    assert tree_bytes(fitting.start().state) == tree_bytes(run[0].state)
    assert tree_bytes(other.state.params["table"]) != tree_bytes(run[0].state.params["table"])
    assert tree_bytes(other.state.key) != tree_bytes(run[0].state.key)
