"""The spaCy component: the mentions of `Detector`, as spans of whole tokens."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from lvmh_jax import Detector
from lvmh_jax.errors import InvalidInputError, NotFoundError, UsageError
from lvmh_jax.spacy_component import FACTORY, KEY, ConceptComponent
from tests.pipeline.workshop import Shop

spacy = pytest.importorskip("spacy")


@pytest.fixture(scope="module")
def nlp(shop: Shop):
    nlp = spacy.blank("xx")
    nlp.add_pipe(FACTORY, config={"model_path": str(shop.model)})
    return nlp


def spans_of(doc) -> list[tuple]:
    return [
        (s.label_, s.start_char, s.end_char, s._.confidence, s._.polarity, s._.alias)
        for s in doc.spans[KEY]
    ]


def test_spans_are_the_mentions_widened_to_tokens(
    nlp, detector: Detector, texts: list[str]
) -> None:
    docs = list(nlp.pipe([*texts, ""], batch_size=16))
    assert [doc.text for doc in docs] == [*texts, ""]
    count = 0
    for doc, mentions in zip(docs, detector.detect([*texts, ""]), strict=True):
        placed = {(m.concept_id, m.start, m.end): m for m in mentions if m.start is not None}
        group = doc.spans[KEY]
        assert len(group) <= len(placed)
        for row, span in enumerate(group):
            start, end = (group.attrs[field][row] for field in ("start", "end"))
            mention = placed[span.label_, start, end]
            assert span.start_char <= start < end <= span.end_char
            assert span._.alias == mention.alias
            assert span._.polarity == mention.polarity
            assert span._.confidence == pytest.approx(mention.confidence, abs=2e-6)
        covered = {(span.label_, token.i) for span in group for token in span}
        for concept, start, end in placed:
            touched = [t for t in doc if t.idx < end and start < t.idx + len(t)]
            assert all((concept, token.i) in covered for token in touched)
        count += len(group)
    assert count > len(texts)


def test_concepts_of_the_same_words_keep_their_own_confidence() -> None:
    from lvmh_jax.records import Mention
    from lvmh_jax.spacy_component import _add_extensions, _mark

    _add_extensions()
    doc = spacy.blank("en").make_doc("a handbag.")
    found = [
        Mention("0", "bag", "bag", 6, 9, 0.5),
        Mention("0", "hand", "hand", 2, 6, 0.25, polarity="negated"),
        Mention("0", "bag", "handbag", 2, 9, 0.75),  # the same token: the surer one stays
        Mention("0", "leather", "", None, None, 0.625),
    ]
    _mark(doc, found)
    assert spans_of(doc) == [
        ("bag", 2, 9, 0.75, "affirmed", "handbag"),
        ("hand", 2, 9, 0.25, "negated", "hand"),
    ]
    assert doc.spans[KEY].attrs["whole_text"] == [["leather", 0.625]]
    assert doc[0:1]._.confidence is None
    again = spacy.tokens.Doc(doc.vocab).from_bytes(doc.to_bytes())
    assert spans_of(again) == spans_of(doc)
    assert spacy.blank("en").make_doc("x")[0:1]._.polarity is None


def test_the_language_of_the_pipeline_counts(shop: Shop, detector: Detector) -> None:
    component = ConceptComponent("c", str(shop.model))
    asked: list[list[str]] = []

    class Listening:
        def detect(self, texts: list[str], languages: list[str]) -> list[list]:
            asked.append(languages)
            return [[] for _ in texts]

    component._detector = Listening()  # type: ignore[assignment]
    for language in ("fr", "xx"):
        component(spacy.blank(language).make_doc("x"))
    assert asked == [["fr"], [""]]


def test_a_pipeline_is_saved_with_the_path_alone(nlp, texts: list[str], tmp_path: Path) -> None:
    expected = spans_of(nlp(texts[0]))
    nlp.to_disk(tmp_path / "nlp")
    size = sum(f.stat().st_size for f in (tmp_path / "nlp" / FACTORY).rglob("*"))
    assert size < 1000
    assert spans_of(spacy.load(tmp_path / "nlp")(texts[0])) == expected
    other = spacy.blank("xx")
    other.add_pipe(FACTORY)
    other.from_bytes(nlp.to_bytes())
    assert spans_of(other(texts[0])) == expected
    component = nlp.get_pipe(FACTORY)
    assert component._detector is not None
    assert len(pickle.dumps(component)) < 1000


def test_what_is_no_model_is_told(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    component = nlp.add_pipe(FACTORY)
    with pytest.raises(UsageError, match="pipe 'lvmh_jax' has no model"):
        nlp("x")
    component.model_path = str(tmp_path / "absent")
    with pytest.raises(NotFoundError, match="no such model folder"):
        nlp("x")
    with pytest.raises(InvalidInputError, match=r"model\.json"):
        component.from_disk(tmp_path)
    (tmp_path / "model.json").write_text('{"model": 3}')
    with pytest.raises(InvalidInputError, match="it names no model"):
        component.from_disk(tmp_path)
