"""The concepts of a spaCy document: `nlp.add_pipe("lvmh_jax", config={"model_path": ...})`.

    doc = nlp("Cherche un sac noir")
    for span in doc.spans["concepts"]:
        print(span.label_, span.text, span._.confidence, span._.polarity, span._.alias)

A span is that of whole tokens; `doc.spans["concepts"].attrs` has, for each span, the offsets that
the model gave, and under `whole_text` the concepts that no place names.

`nlp.pipe(texts, n_process=2)` needs processes that are spawned, by
`multiprocessing.set_start_method("spawn")` before: forked ones are refused once a model was loaded,
by a first `nlp(text)` too. What spaCy then raises is its own E871, with a trace of the worker that
ends in "this process was forked after JAX was used"; one process and long batches are the way out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from lvmh_jax.api import Detector
from lvmh_jax.errors import InvalidInputError, UsageError
from lvmh_jax.io.manifest import read_json, write_json
from lvmh_jax.records import Mention

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Span

FACTORY = "lvmh_jax"
KEY = "concepts"
FIELDS = ("confidence", "polarity", "alias")
UNKNOWN_LANGUAGES = ("", "xx", "mul")  # spaCy's names of a pipeline for any language
SETTINGS = "model.json"


class ConceptComponent:
    """Writes the concepts of documents into `doc.spans["concepts"]`.

    The model is loaded with the first document. Only its path is saved with a pipeline.
    """

    def __init__(self, name: str, model_path: str) -> None:
        """Takes the name in the pipeline, and the path of a model folder."""
        self.name, self.model_path = name, model_path
        self._detector: Detector | None = None

    def __call__(self, doc: Doc) -> Doc:
        """Marks one document.

        Raises:
          UsageError: no model was named.
          NotFoundError, InvalidInputError: no such model, or one that was changed.
        """
        return next(self.pipe([doc]))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 256) -> Iterator[Doc]:
        """Marks documents, so many at a time."""
        from spacy.util import minibatch

        for docs in minibatch(stream, batch_size):
            detector = self._open()
            spoken = ["" if doc.lang_ in UNKNOWN_LANGUAGES else doc.lang_ for doc in docs]
            found = detector.detect([doc.text for doc in docs], spoken)
            for doc, mentions in zip(docs, found, strict=True):
                _mark(doc, mentions)
                yield doc

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The path of the model."""
        return json.dumps({"model_path": self.model_path}).encode()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> Self:
        """The inverse of `to_bytes`."""
        return self._take(json.loads(data), "")

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Writes the path of the model into a folder, which is made."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / SETTINGS, {"model_path": self.model_path})

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> Self:
        """Reads what `to_disk` wrote.

        Raises:
          InvalidInputError: it is not there, or something else.
        """
        file = Path(path) / SETTINGS
        return self._take(read_json(file), file.as_posix())

    def __getstate__(self) -> dict[str, Any]:
        """Without the model: `nlp.pipe(n_process=...)` has each process load it."""
        return {**self.__dict__, "_detector": None}

    def _take(self, document: Any, where: str) -> Self:
        path = document.get("model_path") if isinstance(document, dict) else None
        if not isinstance(path, str):
            raise InvalidInputError("it names no model", where=where, expected="a model_path")
        self.model_path, self._detector = path, None
        return self

    def _open(self) -> Detector:
        if not self.model_path:
            raise UsageError(
                f"pipe {self.name!r} has no model",
                fix=f'nlp.add_pipe("{FACTORY}", config={{"model_path": "models/..."}})',
            )
        if self._detector is None:
            self._detector = Detector.load(self.model_path)
        return self._detector


def make_component(nlp: Language, name: str, model_path: str) -> ConceptComponent:
    """The factory that spaCy calls."""
    _add_extensions()
    return ConceptComponent(name, model_path)


def _mark(doc: Doc, mentions: list[Mention]) -> None:
    """Writes the mentions of one document."""
    from spacy.tokens import SpanGroup

    surest: dict[tuple[int, int, str], tuple[Span, Mention]] = {}
    for mention in mentions:
        if mention.start is None or mention.end is None:
            continue
        span = doc.char_span(
            mention.start, mention.end, label=mention.concept_id, alignment_mode="expand"
        )
        if span is None:  # offsets that are not of this text
            continue
        # Two mentions inside one token are one span.
        key = (span.start, span.end, span.label_)
        if key not in surest or surest[key][1].confidence < mention.confidence:
            surest[key] = (span, mention)
    found = [mention for _, mention in surest.values()]
    attrs: dict[str, Any] = {
        field: [getattr(mention, field) for mention in found] for field in (*FIELDS, "start", "end")
    }
    attrs["whole_text"] = [[m.concept_id, m.confidence] for m in mentions if m.start is None]
    spans = [span for span, _ in surest.values()]
    doc.spans[KEY] = SpanGroup(doc, name=KEY, spans=spans, attrs=attrs)


def _add_extensions() -> None:
    """`span._.confidence` and the others, unless the user has one of that name."""
    from spacy.tokens import Span

    for field in FIELDS:
        if not Span.has_extension(field):
            Span.set_extension(field, getter=_Getter(field))


class _Getter:
    """Reads one attribute of a span of ours.

    A stored extension will not do: spaCy keeps one value for all spans of the same characters, and
    several concepts may stand there.
    """

    def __init__(self, field: str) -> None:
        self._field = field

    def __call__(self, span: Span) -> Any:
        if KEY not in span.doc.spans:
            return None
        group = span.doc.spans[KEY]
        wanted = (span.start, span.end, span.label)
        for place, other in enumerate(group):
            if (other.start, other.end, other.label) == wanted:
                return group.attrs[self._field][place]
        return None


# spaCy finds the factory by the entry point, which imports this module; everything else may import
# it without spaCy.
if find_spec("spacy") is not None:
    from spacy.language import Language as _Language

    _Language.factory(FACTORY, default_config={"model_path": ""}, assigns=["doc.spans"])(
        make_component
    )
