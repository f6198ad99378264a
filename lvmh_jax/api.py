"""The Python door: `from lvmh_jax import Detector`."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lvmh_jax.data.text import repair_text
from lvmh_jax.display.note import ShownNote, order_mentions
from lvmh_jax.errors import UsageError, warn_caller
from lvmh_jax.io.artefact import read_model
from lvmh_jax.io.export import TrainedModel
from lvmh_jax.io.languages import read_languages
from lvmh_jax.io.runs import resolve_model, told_score
from lvmh_jax.io.runtime import allow_jax
from lvmh_jax.pipeline.link import link_with
from lvmh_jax.pipeline.loading import take_lexicon, unpack
from lvmh_jax.pipeline.show import MOST_CHARACTERS
from lvmh_jax.records import Mention, Note

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

MODELS = Path("models")  # of the current folder, as for the command line
NAMING = "give the path of a model folder, or train one with `lvmh-jax train`"


class Detector:
    """A trained concept detector; reading it is thread-safe.

    It cannot be pickled: each process loads its own, as `ConceptVectorizer` does. Processes are
    spawned, not forked: one that was forked after a model was loaded is refused every call with a
    UsageError, for JAX would wait in it for ever.

    Example:
      ```python
      detector = Detector.load("models/concept_model_base_20261122_120000")
      for mention in detector.detect(["Cherche un cadeau pour sa femme"])[0]:
          print(mention.concept_id, mention.confidence)
      ```
    """

    def __init__(self, model: TrainedModel, *, name: str = "", score: float | None = None) -> None:
        """Wraps a model that is loaded; `load` does both.

        Args:
          model: it.
          name: for people: where it comes from.
          score: its validated F1.

        Raises:
          UsageError: it is no model, but perhaps the path of one.
        """
        if not isinstance(model, TrainedModel):
            raise UsageError(
                f"Detector takes a model that is loaded, not {type(model).__name__}",
                fix="Detector.load(path) loads a model folder",
            )
        self._model, self._name, self._score = model, name, score

    def __repr__(self) -> str:
        """Which model it is: its path, the number of concepts, and F1 where it is known."""
        score = "" if self._score is None else f", f1={self._score:.3f}"
        return f"Detector({self._name!r}, concepts={len(self.concepts)}{score})"

    def __getstate__(self) -> Any:
        """Raises TypeError, for its automata have no pickle."""
        raise TypeError("a Detector cannot be pickled; load it in each process, by its path")

    @classmethod
    def load(cls, path: str | Path) -> Detector:
        """Loads a model folder, after verifying its manifest.

        Args:
          path: a folder; a bare name that is not here is looked for in `models/` of the current
            folder, and `best` is the best model there, as `lvmh-jax list` names and marks it.

        Warns:
          LvmhWarning: the model is due to be trained again, part of it is not used any more, or
            another minor version trained it, as `detect` tells it.

        Raises:
          UsageError: what is given is no path, or the process was forked after another load.
          NotFoundError, InvalidInputError: no such folder, or one that was changed.
        """
        folder = find_model(path)
        contents = read_model(folder)
        model = unpack(contents, folder, warn_caller)
        return cls(model, name=folder.as_posix(), score=told_score(contents.metadata))

    def _use(self) -> TrainedModel:
        """The model, for what computes with it."""
        allow_jax()
        return self._model

    def with_lexicon(self, path: str | Path) -> Detector:
        """The same detector with the labels and aliases of another lexicon file, without training.

        Args:
          path: `lexicon_v1.json` or `.csv`, of concepts that the model was trained with. One that
            it leaves out is not found; what is said of it is not taken for another.

        Warns:
          LvmhWarning: the file leaves concepts out, or holds what is odd, as `detect --lexicon`
            tells it.

        Raises:
          UsageError: what is given is no path.
          NotFoundError, InvalidInputError: no such file, not a lexicon, or a concept that the model
            does not know.
        """
        _require_path(path, "with_lexicon")
        said: list[str] = []
        model = take_lexicon(self._use(), Path(path), said.append)
        for text in said:
            warn_caller(text)
        # Its score is that of the model's own lexicon.
        return Detector(model, name=f"{self._name} with {Path(path).name}")

    def detect(
        self, texts: Iterable[str], languages: Iterable[str | None] | None = None
    ) -> list[list[Mention]]:
        """Mentions of each text, in reading order; `note_id` is the text's position.

        Args:
          texts: any number; each may be empty.
          languages: of each text, as ISO 639-1 or in other words that `prepare` reads ("fr-FR",
            "Italian"); "", None or NaN where it is not known. They tell what denies in it: "mai" is
            "never" in Italian and May in French. Where it is not known, it is detected as `prepare`
            does it. Of a text that is too short for that the words of all languages deny, but for
            those that are something else in another, as "mai" is.

        Warns:
          LvmhWarning: a language is none of the twelve, and counts as not known.

        Raises:
          UsageError: one text instead of several, an item that is no string, or another number of
            languages than of texts.
        """
        notes = _as_notes("detect", texts, languages)
        found: list[list[Mention]] = [[] for _ in notes]
        for mention in self._use().detector.detect(notes):
            found[int(mention.note_id)].append(mention)
        return found

    def detect_frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A frame of notes to a frame of mentions, with the columns of `note_concepts.csv`.

        `note_id` is as it was given, whole numbers too, and the label of the frame's index where no
        column has it: give ids to several frames. `client_id` is that of the note, as text. Where
        it is missing or null the note's id stands in, with `note:` before it where a client of the
        frame is called so.

        Args:
          frame: columns `text` and, where there, `note_id`, `client_id` and `language`.

        Warns:
          LvmhWarning: as `detect`; texts are missing, and count as empty, or are no text, and are
            read as they are written.

        Raises:
          UsageError: it is no DataFrame.
          InvalidInputError: it has no column `text`, or an id that is null or there twice.
        """
        from lvmh_jax.io.frames import ids_of_frame, mentions_to_frame, notes_of_frame

        notes = notes_of_frame(frame)
        found = self._use().detector.detect(notes)
        return mentions_to_frame(found, notes, ids_of_frame(frame))

    def show(self, text: str, language: str | None = "") -> ShownNote:
        """A note with its mentions underlined, as a notebook draws it.

        Lines under one place are concepts that overlap there; a dashed line is a denied one.
        What the note holds is shown as text, never obeyed.

        Args:
          text: of one note.
          language: of it, as for `detect`; "" or None where it is not known.

        Returns:
          The text, its mentions in reading order, and the lexicon by concept id; drawn by
            `_repr_html_`. Its `repr` has no text of the note, for what is printed ends up in logs.

        Raises:
          UsageError: not one string, or one too long to draw.
        """
        if not isinstance(text, str) or not isinstance(language, str | None):
            raise UsageError(
                "show takes one text", expected="a string, and a language code, '' or None"
            )
        if len(text) > MOST_CHARACTERS:
            raise UsageError(
                f"the text has {len(text):,} characters", expected=f"at most {MOST_CHARACTERS:,}"
            )
        text = repair_text(text)
        (mentions,) = self.detect([text], [language])
        labels = {concept.concept_id: concept for concept in self._model.detector.concepts}
        return ShownNote(text, tuple(order_mentions(mentions)), labels)

    def link(self, phrases: Iterable[str], top_k: int = 5) -> list[dict[str, Any]]:
        """The best concepts of each phrase, with `nil` where the best is not sure enough.

        Of a phrase without a word all confidences are 0, and it is nil.

        Raises:
          UsageError: one phrase instead of a list, or a `top_k` that is no whole number from 1 up.
        """
        listed = _list_strings("link", phrases)
        try:
            count = operator.index(top_k)
        except TypeError:
            count = 0
        if count < 1:
            raise UsageError("top_k is wrong", expected="a whole number, 1 or more")
        return link_with(self._use(), listed, count)

    def embed(
        self, texts: Iterable[str], languages: Iterable[str | None] | None = None
    ) -> NDArray[np.float32]:
        """A vector for each text: texts that hold the same concepts lie near each other.

        Args:
          texts: any number; each may be empty.
          languages: as for `detect`: a concept that is denied is no part of the vector. A small
            share of a text's words always is; a text that only denies has nothing else.

        Returns:
          float32 [n, width], rows of length 1; a text without a word is zeros.

        Raises:
          UsageError: as `detect`.
        """
        from lvmh_jax.stages.vectors import make_embedder

        return make_embedder(self._use().detector).embed(_as_notes("embed", texts, languages))

    @property
    def concepts(self) -> tuple[str, ...]:
        """Concept ids, in the lexicon's order."""
        detector = self._model.detector
        if detector.listed is None:
            return tuple(concept.concept_id for concept in detector.concepts)
        return tuple(detector.concepts[row].concept_id for row in detector.listed)


def find_model(path: str | Path) -> Path:
    """The folder that `Detector.load` means.

    Raises:
      NotFoundError, InvalidInputError: there is none, or it is no model.
    """
    _require_path(path, "load")
    return resolve_model(str(path), MODELS, fix=NAMING)


def _require_path(path: object, verb: str) -> None:
    if not isinstance(path, str | Path) or not str(path):
        raise UsageError(f"{verb} takes a path", expected="a string or a pathlib.Path")


def _as_notes(
    verb: str, texts: Iterable[str], languages: Iterable[str | None] | None
) -> list[Note]:
    """Texts as notes whose id is the position.

    Raises:
      UsageError: what are no texts, what are no languages, or another number of them.
    """
    listed = _list_strings(verb, texts)
    spoken = [""] * len(listed) if languages is None else _list_languages(languages)
    if len(spoken) != len(listed):
        raise UsageError(
            f"{len(spoken)} languages for {len(listed)} texts", expected="one for each text"
        )
    return [
        Note(str(row), "", text, language=language)
        for row, (text, language) in enumerate(zip(listed, spoken, strict=True))
    ]


def find_no_text(listed: Sequence[object]) -> tuple[str, str]:
    """The first item that is no string, by its place and type, and what to do; "" without one.

    >>> find_no_text(["sac", None])
    ('row 1 is NoneType', "replace missing texts by ''")
    """
    found = (row for row, item in enumerate(listed) if not isinstance(item, str))
    row = next(found, None)
    if row is None:
        return "", ""
    item = listed[row]
    fix = "replace missing texts by ''"
    if isinstance(item, bytes | bytearray):
        fix = "decode bytes first, as with text.decode('utf-8')"
    elif item is not None and item == item:  # NaN is missing, and no equal of itself
        fix = "make texts of them, or leave them out"
    return f"row {row} is {type(item).__name__}", fix


def _list_strings(verb: str, texts: Iterable[str]) -> list[str]:
    listed = _list_items(texts)
    if listed is None:
        raise UsageError(f"{verb} takes texts", expected="a list of strings")
    where, fix = find_no_text(listed)
    if where:
        raise UsageError(f"{verb} takes texts", where=where, expected="a list of strings", fix=fix)
    return [repair_text(text) for text in listed]


def _list_languages(languages: Iterable[str | None]) -> list[str]:
    """Codes, "" for what is missing: columns of pandas have None, NaN and NA."""
    listed = _list_items(languages)
    if listed is not None and not all(isinstance(each, str) for each in listed):
        import pandas as pd  # here, for who has codes alone needs no pandas

        listed = ["" if each is None or pd.isna(each) is True else each for each in listed]
    if listed is None or not all(isinstance(each, str) for each in listed):
        raise UsageError("languages are wrong", expected="a list of ISO 639-1 codes, '' or None")
    return read_languages(listed)


def _list_items(given: object) -> list[Any] | None:
    """The items of a column, however it comes; None of one string, a table, or nothing to list."""
    if not isinstance(given, Iterable) or isinstance(given, str | Mapping):
        return None
    return list(given) if getattr(given, "ndim", 1) == 1 else None
