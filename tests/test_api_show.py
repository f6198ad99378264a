"""`Detector.show`: what a notebook draws of a note, and what it never lets out."""

from __future__ import annotations

import pytest
from IPython.core.formatters import DisplayFormatter

from lvmh_jax import Detector
from lvmh_jax.display.note import order_mentions, render_note_html
from lvmh_jax.errors import UsageError
from lvmh_jax.pipeline.show import MOST_CHARACTERS
from lvmh_jax.records import NEGATED
from tests.display.test_note import HOSTILE, Reader
from tests.pipeline.workshop import Shop, answer_of, texts_of


def first_alias(detector: Detector) -> str:
    return next(c.aliases[0] for c in detector._model.detector.concepts if c.aliases)


def test_the_picture_is_that_of_the_mentions(shop: Shop, detector: Detector) -> None:
    drawn = 0
    for text in list(texts_of(shop.root).values())[:10]:
        shown = detector.show(text)
        (found,) = detector.detect([text])
        assert shown.mentions == tuple(order_mentions(found))
        page = shown._repr_html_()
        assert page == render_note_html(text, found, shown.labels)
        assert Reader(page).text == text
        drawn += len(Reader(page).spans())
    assert drawn > 10


def test_the_door_shows_what_the_command_shows(shop: Shop, detector: Detector) -> None:
    note_id, text = next(iter(texts_of(shop.root).items()))
    told = answer_of("show", "--workspace", shop.root, "--note-id", note_id)["mentions"]
    shown = detector.show(text, note_id.split("_")[1].lower())  # AUT_FR_001; case is no matter
    assert [(m.concept_id, m.start, m.end) for m in shown.mentions] == [
        (row["concept_id"], row["start"], row["end"]) for row in told
    ]
    assert told


def test_the_language_is_passed_on(detector: Detector) -> None:
    text = f"mai {first_alias(detector)}"  # never in Italian, May in French
    in_french, in_italian = (detector.show(text, language) for language in ("FR", "it"))
    assert NEGATED not in {mention.polarity for mention in in_french.mentions}
    assert in_italian.mentions == tuple(order_mentions(detector.detect([text], ["IT"])[0]))
    assert in_italian.mentions != in_french.mentions


def test_a_notebook_finds_the_picture(shop: Shop, detector: Detector) -> None:
    shown = detector.show(next(iter(texts_of(shop.root).values())))
    formats, _ = DisplayFormatter().format(shown)
    assert formats["text/html"] == shown._repr_html_()
    assert formats["text/plain"] == repr(shown)


def test_markup_of_a_note_is_text(shop: Shop, detector: Detector) -> None:
    text = f"{HOSTILE} {first_alias(detector)} {HOSTILE}"
    shown = detector.show(text)
    page = Reader(shown._repr_html_())
    assert shown.mentions
    assert page.text == text
    assert not [tag for tag, attrs in page.tags if tag == "script" or "onmouseover" in attrs]


def test_a_repr_has_no_text_of_the_note(detector: Detector) -> None:
    shown = detector.show("Mme Durand cherche un sac")
    assert "Durand" not in repr(shown)
    assert "25 characters" in repr(shown)


def test_an_empty_note_is_a_picture_too(detector: Detector) -> None:
    assert "No concept was found." in detector.show("")._repr_html_()


@pytest.mark.parametrize("wrong", [["Mme Durand"], None, b"Mme Durand", 7])
def test_what_is_no_text_is_refused_without_showing_it(detector: Detector, wrong: object) -> None:
    with pytest.raises(UsageError, match="show takes one text; expected a string") as refused:
        detector.show(wrong)
    assert "Durand" not in str(refused.value)
    with pytest.raises(UsageError, match="show takes one text"):
        detector.show("sac", 7)


def test_a_text_too_long_to_draw_is_refused(detector: Detector) -> None:
    with pytest.raises(UsageError, match=r"100,001 characters; expected at most 100,000"):
        detector.show("x" * (MOST_CHARACTERS + 1))


def test_no_language_is_none(detector: Detector) -> None:
    text = f"mai {first_alias(detector)}"
    assert detector.show(text, None).mentions == detector.show(text).mentions
