"""A note as HTML: its own text, nothing obeyed, everything on hover."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given

from lvmh_jax.display.note import ShownNote, render_note_html, render_note_page
from lvmh_jax.display.page import quote, show_characters
from lvmh_jax.records import ML_ENHANCED, NEGATED, Concept, Mention
from tests.display.texts import texts_with_spans

HOSTILE = '<script>alert("1")</script>\'" onmouseover=x'


class Reader(HTMLParser):
    """The tags of a page, and the text of the paragraph that holds the note."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._inside = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = self._inside or ("class", "text") in attrs

    def handle_endtag(self, tag) -> None:
        self._inside = self._inside and tag != "p"

    def handle_data(self, data) -> None:
        self.text += data if self._inside else ""

    def spans(self) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.tags if "title" in attrs]


def mention(concept: str, start: int | None, end: int | None, **rest) -> Mention:
    return Mention("n1", concept, rest.pop("alias", concept), start, end, 0.912, **rest)


LABELS = {
    "ring": Concept("ring", "Ring", ("ring",), "intent"),
    "gold": Concept("gold", "Gold", ("gold",), "preferences"),
}


@given(texts_with_spans())
def test_the_text_of_the_page_is_the_text_of_the_note(case) -> None:
    text, spans = case
    page = render_note_html(text, [mention("ring", *span) for span in spans], LABELS)
    assert Reader(page).text == show_characters(text)


def test_overlapping_mentions_have_a_line_each_and_tell_all_on_hover() -> None:
    found = [mention("ring", 0, 9), mention("gold", 0, 4, polarity=NEGATED)]
    first, second = Reader(render_note_html("gold ring", found, LABELS)).spans()
    assert first["title"] == (
        "Ring, 0.91, alias 'ring', affirmed\nGold, 0.91, alias 'gold', negated"
    )
    assert first["style"].count("gradient(") == 2
    assert "repeating-linear-gradient(90deg,var(--preferences)" in first["style"]
    assert "1.22em,0 1.56em" in first["style"]
    assert second["style"].count("gradient(") == 1
    assert (first["data-n"], second["data-n"]) == ("2", "1")


def test_only_what_is_denied_alone_is_struck() -> None:
    denied = mention("gold", 0, 4, polarity=NEGATED)
    (alone,) = Reader(render_note_html("gold", [denied], LABELS)).spans()
    assert alone["class"] == "m no"
    (both,) = Reader(render_note_html("gold", [denied, mention("ring", 0, 4)], LABELS)).spans()
    assert both["class"] == "m"


def test_nothing_hostile_becomes_markup() -> None:
    labels = {HOSTILE: Concept(HOSTILE, HOSTILE, (HOSTILE,), HOSTILE)}
    found = [mention(HOSTILE, 0, 8), mention(HOSTILE, None, None)]
    page = render_note_page(HOSTILE, HOSTILE, found, labels)
    reader = Reader(page)
    assert reader.text == HOSTILE
    assert "script" not in {tag for tag, _ in reader.tags}
    assert not any(name.startswith("on") for _, attrs in reader.tags for name in attrs)


def test_a_page_asks_nothing_of_the_network() -> None:
    page = render_note_page("note", "gold ring", [mention("ring", 5, 9)], LABELS)
    assert "default-src 'none'" in page
    for word in ("http:", "https:", "url(", "@import", "<link", "<img", "src="):
        assert word not in page
    assert "prefers-color-scheme:dark" in page


def test_mentions_of_the_whole_note_and_of_none_are_told() -> None:
    whole = render_note_html("x", [mention("ring", None, None, method=ML_ENHANCED)], LABELS)
    assert "(whole note)" in whole
    assert "learned" in whole
    assert "No concept was found" in render_note_html("", [], LABELS)


def test_a_concept_outside_the_lexicon_stands_for_itself() -> None:
    page = render_note_html("ring", [mention("unknown_one", 0, 4)], {})
    assert "unknown_one, 0.91" in page
    assert "var(--other)" in page


def test_a_notebook_gets_the_same_and_a_log_gets_no_text() -> None:
    shown = ShownNote("gold ring", (mention("ring", 5, 9),), LABELS)
    assert shown._repr_html_() == render_note_html(shown.text, shown.mentions, LABELS)
    assert repr(shown) == "<note of 9 characters, 1 mentions>"


def test_a_place_outside_the_text_is_refused() -> None:
    with pytest.raises(ValueError, match="in a text of 4 characters"):
        render_note_html("ring", [mention("ring", 2, 9)], LABELS)


@pytest.mark.parametrize("char", ["\x00", "\x1b", "\x9b", "\u202e", "\u2066", "\ud800"])
def test_what_would_be_obeyed_is_replaced_one_for_one(char: str) -> None:
    assert show_characters(f"a{char}b") == "a\ufffdb"
    quote(f"a{char}").encode()
