from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.data import examples as module
from lvmh_jax.data.examples import CONTEXT_REACH, choose_held_aliases, make_examples
from lvmh_jax.records import Alias, Candidate, Note

BUCKETS = 512
WIDE = [Alias(f"alias{row}x{k}", row) for row in range(10) for k in range(10)]


def hide(aliases, share, seed=0):
    return choose_held_aliases(aliases, share, np.random.default_rng(seed))


def make(aliases, texts=(), candidates=(), **settings):
    notes = [Note(f"N{i}", "C1", text) for i, text in enumerate(texts)]
    found = [Candidate(text) for text in candidates]
    concepts = max(alias.row for alias in aliases) + 1
    settings = {"holdout_aliases": 0.0, "holdout_notes": 0.0, "seed": 0, **settings}
    return make_examples(aliases, notes, found, concepts, buckets=BUCKETS, **settings)


def read_rows(examples, rows_NT):
    """Token rows back to their forms, padding left out."""
    forms = [form for form, _ in examples.table.row_of]
    return [" ".join(forms[token] for token in row if token) for row in rows_NT.tolist()]


def unlabelled(examples):
    return read_rows(examples, examples.unlabelled.tokens_NT)


def arrays(examples):
    phrases = (examples.phrases, examples.unlabelled)
    return [
        *(examples.table.grams_VF, examples.rarity_V, examples.concept_A, examples.held_A),
        *(array for each in phrases for array in (each.tokens_NT, each.pairs_NT)),
        *(examples.contexts_MR, examples.concept_M),
    ]


lexicons = st.lists(
    st.lists(st.sampled_from("abcdefghijkl"), min_size=1, max_size=6, unique=True),
    min_size=1,
    max_size=6,
).map(lambda concepts: [Alias(text, row) for row, each in enumerate(concepts) for text in each])
shares = st.floats(0.0, 0.89)


@given(lexicons, shares, st.integers(0, 5))
def test_every_concept_keeps_an_alias_and_a_shared_text_is_hidden_jointly(aliases, share, seed):
    held_A = hide(aliases, share, seed)
    shown = {alias.row for alias, held in zip(aliases, held_A, strict=True) if not held}
    assert shown == {alias.row for alias in aliases}
    hidden = {alias.text for alias, held in zip(aliases, held_A, strict=True) if held}
    assert not hidden & {a.text for a, held in zip(aliases, held_A, strict=True) if not held}


def hide_naively(aliases, share, seed):
    """Alias by alias, with sets and sums over all of them."""
    rng = np.random.default_rng(seed)
    rows_of: dict[str, list[int]] = {}
    for row, alias in enumerate(aliases):
        rows_of.setdefault(alias.text.casefold(), []).append(row)
    had, held = Counter(alias.row for alias in aliases), set()
    for least in (3, 2):
        for pick in rng.permutation(len(rows_of)):
            rows = list(rows_of.values())[pick]
            if len(held) >= round(share * len(aliases)):
                return held
            left = Counter(alias.row for row, alias in enumerate(aliases) if row not in held)
            taken = Counter(aliases[row].row for row in rows)
            if not held & set(rows) and all(
                had[c] >= least and left[c] - k >= min(had[c] - 1, 2) for c, k in taken.items()
            ):
                held |= set(rows)
    return held


@given(lexicons, shares, st.integers(0, 5))
def test_what_is_hidden_is_what_a_naive_choice_hides(aliases, share, seed) -> None:
    held_A = hide(aliases, share, seed)
    assert set(np.flatnonzero(held_A)) == hide_naively(aliases, share, seed)
    assert (held_A.dtype, len(held_A)) == (bool, len(aliases))


@given(lexicons, shares, st.integers(0, 5))
def test_a_concept_of_three_aliases_keeps_two(aliases, share, seed):
    held_A = hide(aliases, share, seed)
    before = Counter(alias.row for alias in aliases)
    after = Counter(alias.row for alias, held in zip(aliases, held_A, strict=True) if not held)
    assert all(after[row] >= 2 for row, count in before.items() if count >= 3)


def test_two_spellings_of_one_text_are_not_both_taken_from_a_concept_that_has_no_more() -> None:
    # `list_aliases` keeps both: a matcher tells them apart by case.
    aliases = [Alias("ALS", 0), Alias("als", 0), Alias("x", 1), Alias("y", 1)]
    for seed in range(8):
        assert not hide(aliases, 0.5, seed)[:2].all()


def test_concepts_with_enough_aliases_give_the_share_asked_for() -> None:
    assert hide(WIDE, 0.3).sum() == 30
    assert hide(WIDE, 0.0).sum() == 0
    assert (hide(WIDE, 0.3) != hide(WIDE, 0.3, seed=1)).any()
    assert (hide(WIDE, 0.3) == hide(WIDE, 0.3)).all()


def test_rich_concepts_give_before_poor_ones() -> None:
    aliases = [*(Alias(f"r{k}", 0) for k in range(6)), Alias("p0", 1), Alias("p1", 1)]
    for seed in range(8):
        assert hide(aliases, 0.5, seed).tolist()[6:] == [False, False]


def test_one_of_two_aliases_is_hidden_and_the_only_one_never() -> None:
    aliases = [Alias("a", 0), Alias("b", 0), Alias("c", 1)]
    for seed in range(8):
        held_A = hide(aliases, 0.89, seed)
        assert held_A[:2].sum() == 1
        assert not held_A[2]


def test_case_variants_of_two_concepts_are_hidden_jointly() -> None:
    aliases = [Alias("Lace", 0), Alias("LACE", 1)] + [
        Alias(f"only{row}{k}", row) for row in (0, 1) for k in range(2)
    ]
    hidden = [hide(aliases, 0.4, seed)[:2].tolist() for seed in range(60)]
    assert {tuple(each) for each in hidden} == {(False, False), (True, True)}


TEXTS = [f"sees {WIDE[i].text} and word{i}, then {WIDE[-1 - i].text}" for i in range(40)]


def test_the_same_seed_gives_the_same_arrays_and_another_does_not() -> None:
    options = {"holdout_aliases": 0.2, "holdout_notes": 0.1}
    first, again, other = (
        arrays(make(WIDE, TEXTS, ["new thing"], **options, seed=seed)) for seed in (3, 3, 4)
    )
    assert all(a.tobytes() == b.tobytes() for a, b in zip(first, again, strict=True))
    assert [a.dtype for a in first] == [a.dtype for a in again]
    assert any(a.tobytes() != b.tobytes() for a, b in zip(first, other, strict=True))


def test_what_was_hidden_gives_nothing_but_its_own_row() -> None:
    examples = make(WIDE, TEXTS, holdout_aliases=0.2, holdout_notes=0.0)
    hidden = {WIDE[row].text for row in np.flatnonzero(examples.held_A)}
    shown = {alias.text for alias in WIDE} - hidden
    assert len(hidden) == 20
    words = set(" ".join(unlabelled(examples)).split())
    # A hidden alias is a word like any other; a shown one is a mention, never unlabelled.
    assert words & hidden
    assert not words & shown
    fired = Counter(
        WIDE_ROW[word]
        for text in TEXTS
        for word in {part.strip(",") for part in text.split()}
        if word in shown
    )
    # Two shown aliases of one concept in a note are one note: none of TEXTS has them.
    assert len(examples.concept_M) == sum(fired.values())
    assert examples.rarity_V[examples.table.row_of[min(hidden), False]] == 1.0


WIDE_ROW = {alias.text: alias.row for alias in WIDE}


def test_a_held_note_gives_nothing() -> None:
    examples = make(WIDE, TEXTS, holdout_notes=0.25)
    known = {form for form, _ in examples.table.row_of}
    assert len(examples.held_notes) == 10
    for row in range(len(TEXTS)):
        assert (f"word{row}" in known) == (row not in examples.held_notes)
    assert len(examples.concept_M) == 2 * 30


def test_all_aliases_are_there_with_their_concepts() -> None:
    aliases = [Alias("Black Bag", 1), Alias("silk", 0), Alias("👜", 1)]
    examples = make(aliases)
    assert read_rows(examples, examples.phrases.tokens_NT) == ["black bag", "silk", ""]
    assert examples.concept_A.tolist() == [1, 0, 1]
    assert examples.count == 3
    assert not examples.rarity_V[0]


def test_a_context_is_the_words_around_the_mention() -> None:
    aliases = [Alias("black bag", 0), Alias("silk", 1)]
    text = "one two. three four five six seven black bag eight, nine ten eleven twelve more"
    examples = make(aliases, [text])
    assert CONTEXT_REACH == 6
    expected = "two three four five six seven eight nine ten eleven twelve more"
    assert read_rows(examples, examples.contexts_MR) == [expected]
    assert examples.concept_M.tolist() == [0]


def test_a_context_holds_other_mentions_but_not_its_own() -> None:
    examples = make([Alias("black bag", 0), Alias("silk", 1)], ["a black bag of silk", "silk"])
    contexts = read_rows(examples, examples.contexts_MR)
    assert contexts == ["a of silk", "a black bag of"]  # "silk" alone has nothing around it
    assert examples.concept_M.tolist() == [0, 1]


def test_an_ambiguous_mention_is_no_context_and_fires_both() -> None:
    examples = make([Alias("lace", 0), Alias("Lace", 1)], ["white lace trim"])
    assert len(examples.concept_M) == 0


def test_unlabelled_phrases_stay_outside_mentions_and_inside_sentences() -> None:
    aliases = [Alias("black bag", 0)]
    texts = [f"w{i} x{i} y{i} black bag z{i}. v{i} u{i}" for i in range(60)]
    examples = make(aliases, texts)
    phrases = [phrase.split() for phrase in unlabelled(examples)]
    pieces = [
        piece.split()
        for text in texts
        for piece in text.replace(".", " black bag").split("black bag")
    ]
    assert {len(phrase) for phrase in phrases} == {1, 2, 3}
    for phrase in phrases:
        assert any(
            piece[i : i + len(phrase)] == phrase for piece in pieces for i in range(len(piece))
        )


@pytest.mark.parametrize("alias", ["black bag", "BLACK Bag", "Black bag"])
def test_a_candidate_that_is_an_alias_is_not_unlabelled(alias) -> None:
    candidates = ["black bag", "Black Bag", "black bags", "👜", "silk scarf"]
    examples = make([Alias(alias, 0)], candidates=candidates)
    assert unlabelled(examples) == ["black bags", "silk scarf"]


def test_there_is_a_bound_on_phrases_and_contexts(monkeypatch) -> None:
    everything = make(WIDE, TEXTS)
    monkeypatch.setattr(module, "MOST_UNLABELLED", 7)
    monkeypatch.setattr(module, "MOST_CONTEXTS", 5)
    examples = make(WIDE, TEXTS, ["kept keyword"])
    phrases, contexts = unlabelled(examples), read_rows(examples, examples.contexts_MR)
    assert len(phrases) == 7
    assert len(contexts) == len(examples.concept_M) == 5
    pairs = set(
        zip(read_rows(everything, everything.contexts_MR), everything.concept_M, strict=True)
    )
    assert set(zip(contexts, examples.concept_M, strict=True)) <= pairs


@pytest.mark.parametrize("texts", [[], [""], ["👜 ..."]])
def test_nothing_to_read_and_one_alias_is_enough(texts) -> None:
    examples = make([Alias("bag", 0)], texts, holdout_aliases=0.5, holdout_notes=0.5)
    assert examples.held_A.tolist() == [False]
    assert len(examples.unlabelled) == len(examples.concept_M) == 0
    assert examples.contexts_MR.shape == (0, 2 * CONTEXT_REACH)
    assert examples.count == 1
