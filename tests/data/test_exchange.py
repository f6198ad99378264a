"""Processes that each read a part of the notes make the examples of one that reads all."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.data import examples as module
from lvmh_jax.data.examples import Examples, make_examples
from lvmh_jax.data.exchange import ALONE, gather_counts, gather_items, own_part
from lvmh_jax.records import Alias, Candidate, Note

LIMIT_S = 20
ALIASES = [Alias(f"{kind} {stem}", row) for row, stem in enumerate(("bag", "été", "지갑"))
           for kind in ("red", "old", "new", "big")]  # fmt: skip
NOTES = [
    Note(f"N{i}", "C1", f"She wants a {ALIASES[i % 12].text}, and {i} more things. IBM bag {i}! 新")
    for i in range(37)
]
KEYWORDS = [Candidate("silk scarf"), Candidate("red bag"), Candidate("NYC")]


class Threads:
    """Processes played by threads: a barrier stands for the network."""

    def __init__(self, count: int) -> None:
        self.parts: list[bytes] = [b""] * count
        self.barrier = threading.Barrier(count, timeout=LIMIT_S)
        self.sent = 0

    def run(self, work: Callable) -> list:
        found: list = [None] * len(self.parts)

        def play(index: int) -> None:
            found[index] = work(Thread(index, self))

        threads = [threading.Thread(target=play, args=(i,)) for i in range(len(self.parts))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LIMIT_S)
        return found


class Thread:
    def __init__(self, index: int, all_of: Threads) -> None:
        self.index, self.count, self.all_of = index, len(all_of.parts), all_of

    def gather(self, part: bytes) -> list[bytes]:
        self.all_of.parts[self.index] = part
        self.all_of.sent += len(part)
        self.all_of.barrier.wait()
        parts = list(self.all_of.parts)
        self.all_of.barrier.wait()
        return parts


def make(peers=ALONE, notes=NOTES) -> Examples:
    return make_examples(
        ALIASES,
        notes,
        KEYWORDS,
        3,
        buckets=64,
        holdout_aliases=0.2,
        holdout_notes=0.1,
        seed=0,
        peers=peers,
    )


def check_equal(left: Examples, right: Examples) -> None:
    assert left.table.row_of == right.table.row_of
    assert left.held_notes == right.held_notes
    for one, two in (
        (left.table.grams_VF, right.table.grams_VF),
        (left.unlabelled.tokens_NT, right.unlabelled.tokens_NT),
        (left.unlabelled.pairs_NT, right.unlabelled.pairs_NT),
        (left.contexts_MR, right.contexts_MR),
        (left.concept_M, right.concept_M),
        (left.held_A, right.held_A),
    ):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("count", [2, 3, 50])
def test_any_number_of_processes_makes_the_same_examples(count: int) -> None:
    alone = make()
    assert len(alone.concept_M) > 10
    assert len(alone.unlabelled) > 50
    for examples in Threads(count).run(make):
        check_equal(examples, alone)


def test_where_most_is_drawn_the_same_ones_are(monkeypatch) -> None:
    monkeypatch.setattr(module, "MOST_CONTEXTS", 7)
    monkeypatch.setattr(module, "MOST_UNLABELLED", 11)
    alone = make()
    assert (len(alone.concept_M), len(alone.unlabelled)) == (7, 11)
    for examples in Threads(3).run(make):
        check_equal(examples, alone)


def test_each_reads_its_part_alone(monkeypatch) -> None:
    read: list[tuple[str, str]] = []
    tokenize = module.tokenize

    def listen(text: str):
        read.append((threading.current_thread().name, text))
        return tokenize(text)

    monkeypatch.setattr(module, "tokenize", listen)
    Threads(3).run(make)
    texts = {note.text for note in NOTES}
    notes = [text for _, text in read if text in texts]
    assert len(notes) == len(set(notes)) == 33  # of 37, four are held out
    assert len({thread for thread, text in read if text in texts}) == 3


def test_without_notes_there_is_nothing_to_exchange_and_it_works() -> None:
    for examples in Threads(2).run(lambda peers: make(peers, notes=[])):
        check_equal(examples, make(notes=[]))


@given(st.lists(st.integers(), max_size=20), st.integers(1, 7))
def test_parts_are_all_in_order(items: list[int], count: int) -> None:
    class Peer:
        def __init__(self, index: int) -> None:
            self.index, self.count = index, count

    parts = [own_part(items, Peer(index)) for index in range(count)]
    assert [item for part in parts for item in part] == items
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_what_is_gathered_is_what_was_given() -> None:
    def work(peers):
        lists = gather_counts([peers.index] * peers.index, peers)
        items = gather_items([f"é\ud800{peers.index}"], peers, lambda item: [item], lambda x: x[0])
        return [each.tolist() for each in lists], items

    for lists, items in Threads(3).run(work):
        assert lists == [[], [1], [2, 2]]
        assert items == ["é\ud8000", "é\ud8001", "é\ud8002"]
