"""Many models trained at once are the models that one trains alone."""

from __future__ import annotations

import itertools
import logging
from dataclasses import replace

import jax
import numpy as np
import pytest

from lvmh_jax.errors import LvmhError, UsageError
from lvmh_jax.models.presets import make_settings
from lvmh_jax.train.fit import EpochRecord, find_best, is_over, start_fit
from lvmh_jax.train.mesh import Layout
from lvmh_jax.train.population import (
    Population,
    count_at_once,
    describe_population,
    fit_population,
    list_members,
    start_population,
)
from tests.train.fitting import CONCEPTS, quick_compiles

TOLERANCE = 1e-5  # float32 sums in another order, over six epochs


class Growing:
    """Three members: the seed of the shared fit, another seed, and another seed and rates."""

    def __init__(self, fitting) -> None:
        self.fitting, train = fitting, fitting.settings.train
        self.members = [
            train,
            replace(train, seed=5),
            replace(train, seed=5, learning_rate=0.01, table_rate=20.0, weight_decay=0.1),
        ]

    def start(self) -> Population:
        return start_population(
            self.fitting.examples, CONCEPTS, self.fitting.settings, self.members
        )

    def go_on(self, population, *, at_once=0, **changes):
        train = replace(self.fitting.settings.train, **changes)
        settings = replace(self.fitting.settings, train=train)
        return fit_population(
            self.fitting.examples,
            CONCEPTS,
            settings,
            population,
            self.members,
            Layout(stacked=True, at_once=at_once),
        )


@pytest.fixture(scope="module")
def growing(fitting) -> Growing:
    return Growing(fitting)


@pytest.fixture(scope="module")
def grown(growing) -> list[Population]:
    """Before the first epoch and after each."""
    with quick_compiles():
        start = growing.start()
        return [start, *growing.go_on(start)]


def assert_close(left, right) -> None:
    def compare(path, one, two) -> None:
        name = jax.tree_util.keystr(path)
        np.testing.assert_allclose(one, two, rtol=TOLERANCE, atol=TOLERANCE, err_msg=name)

    jax.tree_util.tree_map_with_path(compare, left, right)


def figures(history: tuple[EpochRecord, ...]) -> np.ndarray:
    names = ("epoch", "loss", "accuracy", "train_loss", "train_accuracy")
    return np.array([[getattr(record, name) for name in names] for record in history])


def check_member(population: Population, model: int, alone) -> None:
    member = population.member(model)
    assert_close(member.best_params, alone.best_params)
    assert_close(member.state.params, alone.state.params)
    np.testing.assert_array_equal(member.state.key, alone.state.key)
    np.testing.assert_allclose(figures(member.history), figures(alone.history), atol=TOLERANCE)


@pytest.mark.parametrize("model", [0, 1, 2])
def test_a_member_is_the_model_trained_alone(growing, grown, run, model: int) -> None:
    fitting, train = growing.fitting, growing.members[model]
    settings = replace(fitting.settings, train=train)
    fits = [start_fit(fitting.examples, CONCEPTS, settings)]
    fits = run if model == 0 else [*fits, *fitting.go_on(fits[0], settings)]
    assert len(fits) == len(grown)
    check_member(grown[0], model, fits[0])
    check_member(grown[-1], model, fits[-1])


def test_what_sets_members_apart_is_in_the_state(growing, grown) -> None:
    rates = grown[-1].state.opt_state.hyperparams
    expected = [member.learning_rate for member in growing.members]
    np.testing.assert_allclose(rates["learning_rate"], expected)
    tables = np.asarray(grown[-1].state.params["table"])
    for one, two in itertools.combinations(range(3), 2):
        assert np.abs(tables[one] - tables[two]).max() > 100 * TOLERANCE


def test_models_in_turn_are_those_at_once(growing, grown) -> None:
    for in_turn, at_once in zip(growing.go_on(grown[0], at_once=1), grown[1:3], strict=False):
        assert_close(in_turn.state, at_once.state)
        assert_close(in_turn.best_params, at_once.best_params)


def test_it_goes_on_bit_for_bit_and_never_recompiles(growing, grown, tree_bytes, caplog) -> None:
    def through_a_file(tree):
        return jax.tree.map(lambda leaf: jax.numpy.asarray(np.asarray(leaf).copy()), tree)

    middle = grown[3]
    arrays = through_a_file((middle.state, middle.best_params))
    rest = growing.go_on(Population(*arrays, middle.history))
    again = [next(rest)]
    with jax.log_compiles(), caplog.at_level(logging.WARNING):
        again += rest
    assert [line for line in caplog.messages if line.startswith("Compiling")] == []
    assert len(again) == len(grown) - 4
    for first, second in zip(grown[4:], again, strict=True):
        assert tree_bytes(first.state) == tree_bytes(second.state)
        assert tree_bytes(first.best_params) == tree_bytes(second.best_params)
        assert first.history == second.history


def test_what_was_yielded_stays_usable(grown) -> None:
    for population in grown:
        leaves = jax.tree.leaves((population.state, population.best_params))
        assert not any(leaf.is_deleted() for leaf in leaves)


def spoil(population: Population, model: int) -> Population:
    """Loses the parameters of a model."""
    nan = np.float32("nan")
    params = jax.tree.map(lambda leaf: leaf.at[model].multiply(nan), population.state.params)
    return replace(population, state=replace(population.state, params=params))


def test_a_finished_member_keeps_its_best_while_the_others_go_on(
    growing, grown, tree_bytes
) -> None:
    # Epochs so good that none is better: member 2 has ended, member 1 will after two more.
    first, (*left, last), (best, *right) = grown[3].history
    history = (first, (*left, replace(last, loss=-1.0)), (replace(best, loss=-1.0), *right))
    # What a member that has ended does is nobody's concern.
    middle = spoil(replace(grown[3], history=history), 2)
    *_, final = growing.go_on(middle, patience=2)
    train = replace(growing.members[0], patience=2)
    assert [len(records) for records in final.history][1:] == [5, 3]
    assert all(is_over(records, train) for records in final.history)
    assert not is_over(final.history[0][:-1], train)
    for model in (0, 1):
        # The unbroken run, which nothing ends, had the same.
        records = final.history[model]
        assert records[3:] == grown[-1].history[model][3 : len(records)]
    best = grown[1 + find_best(final.history[0]).epoch].member(0).state.params
    assert tree_bytes(final.member(0).best_params) == tree_bytes(best)
    for model in (1, 2):
        kept = middle.member(model).best_params
        assert tree_bytes(final.member(model).best_params) == tree_bytes(kept)
    assert list(growing.go_on(final, patience=2)) == []
    first = next(growing.go_on(middle, patience=2))
    assert first.figures["models"] == 2  # the patience of one is spent


def test_a_loss_that_is_no_number_names_the_seed(growing, grown) -> None:
    with pytest.raises(LvmhError, match=r"not a number at step 3 with seed 5; train again"):
        next(growing.go_on(spoil(grown[1], 2)))


def test_members_differ_in_the_state_alone(growing) -> None:
    train = growing.members[0]
    with pytest.raises(UsageError, match=r"differ in train\.gram_dropout; expected .*seed"):
        start_population(
            growing.fitting.examples,
            CONCEPTS,
            growing.fitting.settings,
            [train, replace(train, gram_dropout=0.1)],
        )


def test_seeds_follow_each_other() -> None:
    train = make_settings("tiny", seed=7, seeds=3).train
    assert [member.seed for member in list_members(train)] == [7, 8, 9]
    assert list_members(replace(train, seeds=1)) == [replace(train, seeds=1)]


def test_the_report_has_each_model_at_its_best_and_names_the_kept_one() -> None:
    def history(*losses):
        return tuple(EpochRecord(e, loss, loss / 10, 0.0, 0.0) for e, loss in enumerate(losses))

    population = Population(None, None, (history(4, 3), history(2, 1, 5), history(2, 2)))
    members = list_members(make_settings("tiny", seed=7, seeds=3).train)
    assert population.best == 1
    report = describe_population(population, members)
    assert report["seeds"] == [7, 8, 9]
    assert report["kept_seed"] == 8
    assert report["epochs_run"] == [2, 3, 2]
    assert report["best_loss"] == {"mean": 2.0, "std": 1.0, "values": [3, 1, 2]}
    assert report["final_accuracy"] == {"mean": 0.2, "std": 0.1, "values": [0.3, 0.1, 0.2]}


@pytest.mark.parametrize(
    ("size", "platform", "expected"),
    [("tiny", "cpu", 8), ("base", "cpu", 1), ("large", "cpu", 1), ("base", "gpu", 0)],
)
def test_small_models_share_a_vmap_on_cpu(size: str, platform: str, expected: int) -> None:
    assert count_at_once(make_settings(size, seeds=8), platform) == expected
