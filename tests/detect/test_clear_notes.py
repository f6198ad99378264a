"""Placeholders, characters that nobody sees and line ends, from a note to its mentions."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.detect.stream import make_stream
from tests.detect.builders import FORMS, list_notes, make_detector, make_lexicon, random_scorer

EAGER = replace(make_detector(), scorer=random_scorer())


@pytest.mark.parametrize("detector", [make_detector(), EAGER], ids=["dictionary", "eager"])
def test_what_stands_for_personal_data_is_in_no_mention(detector: ConceptDetector) -> None:
    forms = {"the_als": ("name", "NAME", "birth date"), "the_red": ("card", "identity document")}
    text = "Mme [NAME], black [BIRTHDATE] handbag, [CARD] (NAME); identity document (ID), [ID]"
    (note,) = list_notes([text])
    found = detector.with_lexicon(make_lexicon({**FORMS, **forms})).detect([note])
    spans = [(each.start, each.end) for each in found if each.start is not None]
    assert spans
    for hidden in re.finditer(r"\[[A-Z]+\]", text):
        assert not [span for span in spans if span[0] < hidden.end() and hidden.start() < span[1]]
    if detector.scorer is None:
        found_texts = dict.fromkeys(text[slice(*span)] for span in spans)
        assert list(found_texts) == [*("black", "handbag", "NAME", "identity document", "ID")]


def test_an_alias_knows_whether_it_has_a_comma() -> None:
    detector = make_detector().with_lexicon(make_lexicon({"the_red": ("red, dark", "dark-red")}))
    index = detector.index
    parted = {index.aliases[row].text for row in np.flatnonzero(index.parted_A)}
    assert parted == {"red, dark"}


def test_unseen_characters_and_line_ends_hide_nothing() -> None:
    text = "a b\xadlack\nleat\u200bher sac  \xe0\r\nmain\u200b, regalo"
    (note,) = list_notes([text])
    found = {
        (note.text[each.start : each.end], each.concept_id)
        for each in make_detector().detect([note])
    }
    assert found >= {
        ("b\xadlack\nleat\u200bher", "the_black"),
        ("sac  \xe0\r\nmain", "the_handbag"),
        ("regalo", "the_gift"),
    }


@pytest.mark.parametrize(
    "text",
    [
        "Gold gefällt Frau [NAME] nicht, Silber ja",
        "le cuir, Mme [NAME] n'en veut pas",
        "皮革[NAME]女士不喜欢",
    ],
)
def test_a_placeholder_parts_what_a_name_would(text: str) -> None:
    bare = re.sub(r"\[([A-Z]+)\]", r" \1 ", text)
    with_brackets, without = (make_stream([each, "]"], 64) for each in (text, bare))
    assert with_brackets.comma_T.tolist() == without.comma_T.tolist()
    assert with_brackets.hidden_T.any()
    assert make_stream(["red [dark] bag"], 64).comma_T.tolist() == [False, True, True]
