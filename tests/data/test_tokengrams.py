"""Grams of tokens: by hand, and many at once as each alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.data import tokengrams
from lvmh_jax.data.tokengrams import GRAMS_PER_TOKEN, hash_gram, hash_tokens, list_grams
from tests.generators import texts

BUCKETS = 1024


def hash_slowly(form: str, upper: bool, buckets: int) -> list[int]:
    grams = list_grams(form, upper)[:GRAMS_PER_TOKEN] if form else []
    return [hash_gram(g, buckets) for g in grams] + [0] * (GRAMS_PER_TOKEN - len(grams))


@pytest.mark.parametrize(
    ("form", "upper", "grams"),
    [
        ("a", False, ["<a>"]),
        ("ab", False, ["<ab>", "<ab", "ab>"]),
        ("bag", False, ["<bag>", "<ba", "bag", "ag>", "<bag", "bag>"]),
        ("as", True, ["<as>", "^as", "<as", "as>"]),
        ("aaaa", False, ["<aaaa>", "<aa", "aaa", "aa>", "<aaa", "aaaa", "aaa>"]),
        ("婚", False, ["<婚>", "婚", "<婚", "婚>"]),
        ("가방", False, ["<가방>", "가", "방", "<가", "가방", "방>", "<가방", "가방>"]),
        ("мех", False, ["<мех>", "<ме", "мех", "ех>", "<мех", "мех>"]),
    ],
)
def test_grams_by_hand(form, upper, grams) -> None:
    assert list_grams(form, upper) == grams


@pytest.mark.parametrize(
    ("gram", "buckets", "bucket"),
    [
        # 0xCBF43926 is the check value of CRC-32; the rest is that of `gzip` and `cksum -a crc32b`.
        ("123456789", 1 << 32, 0xCBF43926 + 1),
        ("123456789", 1024, 0xCBF43926 % 1023 + 1),
        ("", 1024, 1),
        ("a", 1024, 0xE8B7BE43 % 1023 + 1),
    ],
)
def test_hashes_never_change(gram, buckets, bucket) -> None:
    assert hash_gram(gram, buckets) == bucket


FORMS = st.one_of(
    st.text("ab'9", min_size=1, max_size=30), texts().filter(bool), st.sampled_from(["", "banana"])
)


@given(st.lists(st.tuples(FORMS, st.booleans()), max_size=8), st.integers(2, 1 << 20))
def test_many_tokens_are_hashed_as_each_is(tokens, buckets) -> None:
    hashed_VF = hash_tokens(tokens, buckets)
    assert hashed_VF.shape == (len(tokens), GRAMS_PER_TOKEN)
    assert hashed_VF.tolist() == [hash_slowly(*token, buckets) for token in tokens]


@pytest.mark.parametrize("held", [0, 5, 1 << 15])
def test_what_is_remembered_is_bounded_and_changes_nothing(held, monkeypatch) -> None:
    monkeypatch.setattr(tokengrams, "PART", 4)
    monkeypatch.setattr(tokengrams, "MOST_HELD", held)
    buckets = 5000 + held  # nobody else's
    tokens = [(f"{word}{number}", number % 3 == 0) for number in range(9) for word in ("w", "é")]
    for asked in (tokens, tokens[3:7], tokens[::-1]):
        expected = [hash_slowly(*token, buckets) for token in asked]
        assert hash_tokens(asked, buckets).tolist() == expected
        assert len(tokengrams._met_before(buckets)) <= max(held, tokengrams.PART)
