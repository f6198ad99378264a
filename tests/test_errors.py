from __future__ import annotations

import pytest

from lvmh_jax import errors
from lvmh_jax.errors import LvmhError, nearest_name

EXIT_CODES = {
    "LvmhError": 1,
    "UsageError": 2,
    "InvalidInputError": 3,
    "NotFoundError": 4,
    "ResumeRefusedError": 5,
    "QualityGateError": 6,
}


def test_every_failure_has_the_exit_code_of_the_contract() -> None:
    found = {
        name: kind.exit_code
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, LvmhError)
    }
    assert found == EXIT_CODES


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({}, "it broke"),
        ({"where": "a.csv:3"}, "a.csv:3: it broke"),
        ({"expected": "a number"}, "it broke; expected a number"),
        ({"fix": "train anew"}, "it broke; train anew"),
        (
            {"where": "a.csv:3", "expected": "a number", "fix": "train anew"},
            "a.csv:3: it broke; expected a number; train anew",
        ),
    ],
)
@pytest.mark.parametrize("name", EXIT_CODES)
def test_a_message_says_where_what_was_expected_and_what_to_do(name, parts, text) -> None:
    error = getattr(errors, name)("it broke", **parts)
    assert str(error) == text
    assert error.what == "it broke"
    for part in ("where", "expected", "fix"):
        assert getattr(error, part) == parts.get(part, "")


def test_the_nearest_name_is_suggested_and_all_are_listed() -> None:
    assert nearest_name("bas", ["large", "base"]) == "did you mean 'base'? known: large, base"
    assert nearest_name("qqq", ["large", "base"]) == "known: large, base"
    assert nearest_name("base", iter(["large", "base"])).endswith("known: large, base")
    assert nearest_name("x", []) == "known: "
