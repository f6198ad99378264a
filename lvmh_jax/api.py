"""The Python API: `from lvmh_jax import Detector`."""

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

MODELS = Path("models")  # in the current folder, as for the command line
NAMING = "give the path of a model folder, or train one with `lvmh-jax train`"


class Detector:
    """A trained concept detector; its methods may be called from several threads.

    It cannot be pickled: each process loads its own, as `ConceptVectorizer` does. Spawn processes,
    do not fork them: in a process forked after a model was loaded JAX would wait for ever, so every
    call raises a UsageError there.

    Example:
      ```python
      detector = Detector.load("models/concept_model_base_20261122_120000")
      for mention in detector.detect(["Cherche un cadeau pour sa femme"])[0]:
          print(mention.concept_id, mention.confidence)
      ```
    """

    def __init__(self, model: TrainedModel, *, name: str = "", score: float | None = None) -> None:
        """Wraps a loaded model; `load` reads one and wraps it.

        Args:
          model: the model.
          name: where it comes from, for `repr`.
          score: its validated F1, for `repr`; None if unknown.

        Raises:
          UsageError: `model` is something else, such as a path.
        """
        if not isinstance(model, TrainedModel):
            raise UsageError(
                f"Detector takes a model that is loaded, not {type(model).__name__}",
                fix="Detector.load(path) loads a model folder",
            )
        self._model, self._name, self._score = model, name, score

    def __repr__(self) -> str:
        """The model's path, its number of concepts, and its F1 if known."""
        score = "" if self._score is None else f", f1={self._score:.3f}"
        return f"Detector({self._name!r}, concepts={len(self.concepts)}{score})"

    def __getstate__(self) -> Any:
        """Raises TypeError: the automata cannot be pickled."""
        raise TypeError("a Detector cannot be pickled; load it in each process, by its path")

    @classmethod
    def load(cls, path: str | Path) -> Detector:
        """Loads a model folder, after verifying its manifest.

        Args:
          path: a model folder. A bare name that does not exist in the current folder is looked up
            in its `models/`, and `best` is the model there that `lvmh-jax list` marks as best.

        Warns:
          LvmhWarning: the model should be trained again, a part of it is no longer used, or another
            minor version trained it; the text is that of `lvmh-jax detect`.

        Raises:
          UsageError: `path` is no path, or the process was forked after another load.
          NotFoundError: there is no such folder.
          InvalidInputError: the folder is no model, or does not match its manifest.
        """
        folder = find_model(path)
        contents = read_model(folder)
        model = unpack(contents, folder, warn_caller)
        return cls(model, name=folder.as_posix(), score=told_score(contents.metadata))

    def _use(self) -> TrainedModel:
        """The model, after making sure that JAX can be used in this process."""
        allow_jax()
        return self._model

    def with_lexicon(self, path: str | Path) -> Detector:
        """The same detector with the labels and aliases of another lexicon file, without training.

        Args:
          path: a lexicon, `.json` or `.csv`, whose concepts are among those that the model was
            trained with. A concept that it leaves out is not found, and its wordings are not
            attributed to other concepts.

        Warns:
          LvmhWarning: the file leaves concepts out, or contains something odd; the text is that of
            `lvmh-jax detect --lexicon`.

        Raises:
          UsageError: `path` is no path.
          NotFoundError: there is no such file.
          InvalidInputError: it is no lexicon, or has a concept that the model does not know.
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
        """Finds the mentions of each text.

        Args:
          texts: any number; each may be empty.
          languages: one for each text, as ISO 639-1 or in another form that `prepare` reads
            ("fr-FR", "Italian"); "", None or NaN if unknown. The language decides which words
            deny: "mai" is "never" in Italian and May in French. An unknown language is detected as
            `prepare` does. In a text too short for that, the cues of all languages count, except
            those that mean something else in another language, such as "mai".

        Returns:
          A list for each text: its mentions in reading order. `Mention.note_id` is the position of
            the text, as a string.

        Warns:
          LvmhWarning: a language is none of the twelve, and is treated as unknown.

        Raises:
          UsageError: one text instead of several, an item that is no string, or a different number
            of languages than of texts.
        """
        notes = _as_notes("detect", texts, languages)
        found: list[list[Mention]] = [[] for _ in notes]
        for mention in self._use().detector.detect(notes):
            found[int(mention.note_id)].append(mention)
        return found

    def detect_frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Finds the mentions of a frame of notes.

        Args:
          frame: column `text` and, optionally, `note_id`, `client_id` and `language`.

        Returns:
          A frame with the columns of `note_concepts.csv`, a row for each mention. `note_id` keeps
            its value and type; without that column it is the label of the frame's index, so give
            ids if you combine several frames. `client_id` is text. Where it is missing or null it
            is the note's id, prefixed by `note:` if a client of the frame has that id.

        Warns:
          LvmhWarning: as for `detect`; or some texts are missing and count as empty, or are no
            strings and are converted.

        Raises:
          UsageError: `frame` is no DataFrame.
          InvalidInputError: it has no column `text`, or an id is null or occurs twice.
        """
        from lvmh_jax.io.frames import ids_of_frame, mentions_to_frame, notes_of_frame

        notes = notes_of_frame(frame)
        found = self._use().detector.detect(notes)
        return mentions_to_frame(found, notes, ids_of_frame(frame))

    def show(self, text: str, language: str | None = "") -> ShownNote:
        """A note with its mentions underlined, for a notebook.

        Several lines under one place are overlapping concepts; a dashed line is a denied concept.
        Markup in the note is escaped.

        Args:
          text: one note.
          language: as for `detect`; "" or None if unknown.

        Returns:
          The text, its mentions in reading order, and the lexicon by concept id; drawn by
            `_repr_html_`. Its `repr` holds no text of the note, because printed output ends up in
            logs.

        Raises:
          UsageError: `text` is not one string, or is too long to draw.
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
        """Links each phrase to its best concepts.

        Args:
          phrases: any number; each may be empty.
          top_k: how many concepts to give for each.

        Returns:
          For each phrase, as `lvmh-jax link --json` prints it, `phrase`, `nil` and `concepts`: the
            best ones first, each with `concept_id`, `label` and `confidence`. `nil` is true if the
            best is not sure enough. A phrase without a word has confidences of 0 and is nil.

        Raises:
          UsageError: one phrase instead of a list, or a `top_k` that is no whole number above 0.
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
        """Embeds texts: those that hold the same concepts lie near each other.

        A vector is made of the concepts that the text affirms and, with a small weight, of its
        words. A text that only denies concepts is represented by its words alone.

        Args:
          texts: any number; each may be empty.
          languages: as for `detect`.

        Returns:
          float32 [n, width], rows of length 1; zeros for a text without a word.

        Raises:
          UsageError: as for `detect`.
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
    """Resolves the argument of `Detector.load` to a model folder.

    Raises:
      UsageError: `path` is no path.
      NotFoundError: there is no such folder.
      InvalidInputError: it is no model.
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
      UsageError: texts or languages are not lists of strings, or differ in number.
    """
    listed = _list_strings(verb, texts)
    codes = [""] * len(listed) if languages is None else _list_languages(languages)
    if len(codes) != len(listed):
        raise UsageError(
            f"{len(codes)} languages for {len(listed)} texts", expected="one for each text"
        )
    return [
        Note(str(row), "", text, language=language)
        for row, (text, language) in enumerate(zip(listed, codes, strict=True))
    ]


def find_no_text(listed: Sequence[object]) -> tuple[str, str]:
    """The place and type of the first item that is no string, and a fix; two "" if there is none.

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
    elif item is not None and item == item:  # NaN, a missing value, does not equal itself
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
    """Language codes; "" for missing values, which pandas writes as None, NaN or NA."""
    listed = _list_items(languages)
    if listed is not None and not all(isinstance(each, str) for each in listed):
        import pandas as pd  # here, because a plain list of codes needs no pandas

        listed = ["" if each is None or pd.isna(each) is True else each for each in listed]
    if listed is None or not all(isinstance(each, str) for each in listed):
        raise UsageError("languages are wrong", expected="a list of ISO 639-1 codes, '' or None")
    return read_languages(listed)


def _list_items(given: object) -> list[Any] | None:
    """The items of any one-dimensional collection; None for a string, a table or anything else."""
    if not isinstance(given, Iterable) or isinstance(given, str | Mapping):
        return None
    return list(given) if getattr(given, "ndim", 1) == 1 else None
