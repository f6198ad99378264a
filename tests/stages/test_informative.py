"""Which notes are picked: the doubtful ones, of many concepts and languages."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from lvmh_jax.records import Mention, Note
from lvmh_jax.stages import informative as module
from lvmh_jax.stages.informative import RANDOM, UNCERTAINTY, measure_doubt, pick_notes


def notes(*languages: str) -> list[Note]:
    return [Note(f"N{row}", "C", "text", language) for row, language in enumerate(languages)]


def found(**sure_of: dict[str, float]) -> dict[str, list[Mention]]:
    return {
        name: [Mention(name, concept, "", 0, 1, sure) for concept, sure in each.items()]
        for name, each in sure_of.items()
    }


def names(*given, seed: int = 0) -> list[str]:
    return [note.note_id for note, _ in pick_notes(*given, seed)]


def test_doubt_is_entropy() -> None:
    doubt = measure_doubt(np.array([0, 0.25, 0.5, 0.75, 1]))
    third = 0.25 * 2 + 0.75 * np.log2(4 / 3)
    assert doubt == pytest.approx([0, third, 1, third, 0])


def test_doubtful_notes_come_first() -> None:
    mentions = found(N0={"a": 0.99}, N1={"b": 0.5}, N2={"c": 0.8})
    assert names(notes("EN", "EN", "EN"), mentions, 3, UNCERTAINTY) == ["N1", "N2", "N0"]
    assert names(notes("EN", "EN", "EN"), mentions, 1, UNCERTAINTY) == ["N1"]
    assert len(names(notes("EN", "EN"), {}, 9, UNCERTAINTY)) == 2


def test_a_concept_or_language_that_was_picked_counts_less() -> None:
    concepts = found(N0={"a": 0.5}, N1={"a": 0.45}, N2={"b": 0.8})
    assert names(notes("EN", "EN", "EN"), concepts, 2, UNCERTAINTY) == ["N0", "N2"]
    languages = found(N0={"a": 0.5}, N1={"b": 0.45}, N2={"c": 0.2})
    assert names(notes("EN", "EN", "EN"), languages, 2, UNCERTAINTY) == ["N0", "N1"]
    assert names(notes("EN", "EN", "FR"), languages, 2, UNCERTAINTY) == ["N0", "N2"]


def choose_plainly(doubts: list[dict[str, float]], languages: list[str], count: int) -> list[int]:
    """Weighs every note anew for every choice."""
    held, spoken, left, chosen = Counter(), Counter(), list(range(len(doubts))), []
    while left and len(chosen) < count:
        gains = [module._gain(doubts[row], languages[row], held, spoken) for row in left]
        chosen.append(left.pop(int(np.argmax(gains))))
        held.update(doubts[chosen[-1]].keys())
        spoken[languages[chosen[-1]]] += 1
    return chosen


def draw_notes(seed: int, count: int, levels: int) -> tuple[list[dict[str, float]], list[str]]:
    """Doubts of few levels, so that many notes tie, and some without any."""
    draw = np.random.default_rng(seed)
    doubts = [
        {f"c{c}": int(draw.integers(1, levels + 1)) / levels for c in draw.choice(9, size, False)}
        for size in draw.integers(0, 5, count)
    ]
    return doubts, draw.choice(["EN", "FR", "IT"], count, p=[0.7, 0.2, 0.1]).tolist()


@pytest.mark.parametrize("levels", [1, 3, 1000])
@pytest.mark.parametrize("seed", range(5))
def test_the_heap_chooses_as_weighing_all_anew_does(seed: int, levels: int) -> None:
    doubts, languages = draw_notes(seed, 60, levels)
    for count in (1, 25, 99):
        assert module._choose(doubts, languages, count) == choose_plainly(doubts, languages, count)


def test_many_notes_are_not_all_weighed_for_every_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    doubts, _ = draw_notes(0, 600, 1000)
    many = notes(*["EN"] * len(doubts))
    mentions = {f"N{row}": found(n=each)["n"] for row, each in enumerate(doubts)}
    weighed, weigh = [], module._gain
    monkeypatch.setattr(module, "_gain", lambda *given: weighed.append(1) or weigh(*given))
    assert len(names(many, mentions, 600, UNCERTAINTY)) == 600
    assert len(weighed) < 600 * 601 / 2 / 5


def test_random_depends_on_the_seed_alone() -> None:
    many = notes(*["EN"] * 50)
    first = names(many, {}, 10, RANDOM)
    assert first == names(many, found(N3={"a": 0.5}), 10, RANDOM)
    assert len(set(first)) == 10
    assert first != names(many, {}, 10, RANDOM, seed=1)
