from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.data import occurring as module
from lvmh_jax.data.matcher import DictionaryMatcher
from lvmh_jax.data.occurring import find_occurring
from lvmh_jax.records import Alias
from tests.generators import texts

WORDS = st.sampled_from(["silk", "Handbag", "İstanbul", "ÉTÉ", "café au lait", "婚礼", "ALS", "x"])
PHRASES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
UNEVEN = PHRASES.map(lambda text: text.replace(" ", " \n").replace("n", "n\xad"))
NOTES = PHRASES | UNEVEN | texts()


@given(
    st.lists(PHRASES, max_size=12),
    st.lists(PHRASES | UNEVEN | texts(), max_size=4),
    st.integers(1, 3),
)
def test_a_dictionary_of_those_that_occur_finds_what_all_find(phrases, notes, chunk) -> None:
    aliases = [Alias(text, row % 3) for row, text in enumerate(phrases)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST_CHARACTERS", chunk)
        rows = find_occurring(phrases, notes).tolist()
    some = DictionaryMatcher([aliases[row] for row in rows])
    for note in notes:
        found = [
            (start, end, tuple(rows[row] for row in hit)) for start, end, hit in some.find(note)
        ]
        assert found == DictionaryMatcher(aliases).find(note)


def test_what_stands_nowhere_is_left_out_and_what_is_too_short_to_tell_is_not() -> None:
    phrases = ["black handbag", "Blue handbag", "handbags", "silk", "handbag"]
    assert find_occurring(phrases, ["a BLUE handbag"]).tolist() == [1, 3, 4]
    assert find_occurring(phrases, ["a BL\xadUE\nhandbag"]).tolist() == [1, 3, 4]
    assert find_occurring(phrases, []).tolist() == [3, 4]
    assert find_occurring([], ["a blue handbag"]).tolist() == []


def test_texts_do_not_run_into_each_other() -> None:
    assert find_occurring(["blue handbag"], ["blue ", "handbag"]).tolist() == []
    assert find_occurring(["ab", "silk scarf", "", "handbag"], ["silk scarf"]).tolist() == [
        0,
        1,
        2,
        3,
    ]
