"""What keyword candidates and learned matches say of the lexicon: which wordings it lacks.

A wording is a sequence of folded tokens. Two things are known of it: what linking says of it alone,
and what the detector said where it stands in notes. A wording counts for a concept by the mean of
the two: a phrase that merely resembles an alias is no mention where it stands, and a span that the
detector took once for a concept does not resemble it. What that is worth: benchmarks/curation.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.cleartext import even_text, hide_placeholders
from lvmh_jax.data.contrasting import mark_phrases
from lvmh_jax.data.frequency import zipf_of_form
from lvmh_jax.data.functionwords import find_stop_language, function_words
from lvmh_jax.data.lexicon import MAX_ALIAS_CHARACTERS
from lvmh_jax.data.negation import holds_cue
from lvmh_jax.data.personal import kinds_in
from lvmh_jax.data.privacy import Found, find_personal
from lvmh_jax.data.text import Token, tokenize
from lvmh_jax.detect.contrast import Contrasts
from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.detect.link import LinkCalibration, embed_texts, link_phrases
from lvmh_jax.records import AFFIRMED, LANGUAGES, ML_ENHANCED, Candidate, Mention, Note

LISTED, COVERED, WORDING = "alias", "covered", "new-wording"
CONCEPT, PERSONAL, UNCLEAR = "new-concept", "personal-data", "unclear"
OPPOSITE = "opposite"
MOST_TOKENS = 8  # of a wording; spans of one to six words hold .955 of mentions (FINDINGS C)
NEAREST = 5  # concepts that linking is asked for
MOST_EXAMPLES = 5
MOST_SPELLINGS = 8
MOST_PLACES = 64  # notes that are kept of a wording, to see which wordings share them
# Of the occurrences of a word, how many stand behind a title for it to be a name wherever it is.
NAME_SHARE = 0.2
COMMON = 5.0  # Zipf frequency from which a single word is too common to name a concept


@dataclass
class Wording:
    """What the notes say of a wording; grows while they are read.

    Attributes:
      text: the candidate, or the words as the first learned match had them.
      candidates: rows of the candidates that are written so; none for one that only the detector
        found.
      notes: in how many it stands.
      places: rows of the first notes it stands in.
      known: occurrences that lie in a mention, or share characters with one.
      personal: whether an occurrence shares characters with personal data.
      votes: concept id to the summed confidence of learned matches of exactly these words.
      spellings: how notes write it, and how often: candidates of `prepare` are in lower case.
    """

    text: str
    candidates: list[int] = field(default_factory=list)
    notes: int = 0
    occurrences: int = 0
    known: int = 0
    personal: bool = False
    languages: set[str] = field(default_factory=set)
    places: list[int] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)
    votes: dict[str, float] = field(default_factory=dict)
    spellings: dict[str, int] = field(default_factory=dict)

    @property
    def spelling(self) -> str:
        """As notes write it most often; the text where none writes it so that one could tell."""
        return max(self.spellings, key=self.spellings.__getitem__, default=self.text)

    def see(self, written: str) -> None:
        """Counts a place within a sentence, whose first letter is no capital for standing there.

        Nothing but case may differ. What is all capitals is left: it is a text that shouts, or an
        acronym, which a dictionary would find in capitals alone.
        """
        same = written.casefold() == self.text.casefold()
        known = self.spellings.get(written, 0)
        if same and not written.isupper() and (known or len(self.spellings) < MOST_SPELLINGS):
            self.spellings[written] = known + 1


@dataclass(frozen=True)
class Judged:
    """A wording, and what it is for the lexicon.

    Attributes:
      status: `alias` (listed), `covered` (holds a listed alias of its concept), `new-wording`,
        `new-concept`, `personal-data` (never suggested), `opposite` (it or its nearest alias denies
        what the other says; not suggested) or `unclear`.
      concept_id: the likeliest concept, "" where there is none.
      confidence: that the wording expresses it.
      cluster: number of the new concept, -1 for none.
    """

    wording: Wording
    status: str
    concept_id: str
    confidence: float
    cluster: int = -1


class WordingTally:
    """Counts wordings over notes: first with their mentions, then without.

    Args:
      candidates: of the workspace.
    """

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self.wordings: dict[str, Wording] = {}
        self._grown: set[str] = set()
        self._forms: Counter[str] = Counter()
        self._named: Counter[str] = Counter()
        for row, candidate in enumerate(candidates):
            # What has no token, or too many, is listed all the same; no note is searched for it.
            key = key_of(tokenize(candidate.text)) or f"\n{row}"
            self.wordings.setdefault(key, Wording(candidate.text)).candidates.append(row)

    def add(self, row: int, note: Note, mentions: Sequence[Mention]) -> None:
        """Counts the candidates of a note, and what was learned to be a mention there."""
        tokens = _split(note)
        spans = [(m.start, m.end) for m in mentions if m.start is not None and m.end is not None]
        private = find_personal(note.text)
        self._count_names(tokens, [each for each in private if each.kind == "NAME"])
        self._count(row, note, tokens, spans, grown=False)
        for mention in mentions:
            learned = mention.method == ML_ENHANCED and mention.polarity == AFFIRMED
            if not learned or mention.start is None or mention.end is None:
                continue
            inside = [t for t in tokens if mention.start <= t.start and t.end <= mention.end]
            key = key_of(inside)
            if not key:
                continue
            if key not in self.wordings:
                words = even_text(note.text[inside[0].start : inside[-1].end]).text
                self.wordings[key] = Wording(words)
                self._grown.add(key)
            votes = self.wordings[key].votes
            votes[mention.concept_id] = votes.get(mention.concept_id, 0.0) + mention.confidence

    def add_again(self, row: int, note: Note) -> None:
        """Counts, once all notes have been added, the wordings that only their mentions had."""
        if self._grown:
            self._count(row, note, _split(note), [], grown=True)

    def is_personal(self, key: str) -> bool:
        """Whether a wording stood in personal data, or has a word that notes use as a name."""
        return self.wordings[key].personal or any(
            self._named[form] >= NAME_SHARE * self._forms[form] > 0 for form in key.split(" ")
        )

    def _count_names(self, tokens: Sequence[Token], names: Sequence[Found]) -> None:
        self._forms.update(token.form for token in tokens)
        spans = [(each.start, each.end) for each in names]
        self._named.update(t.form for t in tokens if _meets(t.start, t.end, spans))

    def _count(
        self,
        row: int,
        note: Note,
        tokens: Sequence[Token],
        spans: Sequence[tuple[int, int]],
        *,
        grown: bool,
    ) -> None:
        keys: Container[str] = self._grown if grown else self.wordings
        private: list[tuple[int, int]] | None = None
        heads: set[int] = set()
        for key, start, end in list_places(tokens, keys):
            if not grown and key in self._grown:
                continue
            if private is None:
                private = [(each.start, each.end) for each in find_personal(note.text)]
                heads = _list_heads(tokens)
            wording = self.wordings[key]
            if start not in heads:
                wording.see(even_text(note.text[start:end]).text)
            wording.occurrences += 1
            wording.known += _meets(start, end, spans)
            wording.personal = wording.personal or _meets(start, end, private)
            if not wording.examples or wording.places[-1:] != [row]:
                self._count_note(wording, row, note)

    @staticmethod
    def _count_note(wording: Wording, row: int, note: Note) -> None:
        wording.notes += 1
        wording.languages.update([note.language] if note.language else [])
        if len(wording.places) == MOST_PLACES:
            wording.places.pop()  # the last place also says which note was counted last
        wording.places.append(row)
        if len(wording.examples) < MOST_EXAMPLES:
            wording.examples.append(note.note_id)


def _split(note: Note) -> list[Token]:
    """The words of a note; no wording reaches over what stands for personal data, or into it."""
    return tokenize(hide_placeholders(note.text, "\n"))


def key_of(tokens: Sequence[Token]) -> str:
    """How a wording is looked up: its folded tokens; "" where it has none or too many.

    >>> key_of(tokenize("Sac à Main"))
    'sac a main'
    """
    return " ".join(token.form for token in tokens) if len(tokens) <= MOST_TOKENS else ""


def list_places(tokens: Sequence[Token], keys: Container[str]) -> Iterator[tuple[str, int, int]]:
    """Yields key, start and end of each occurrence of known wordings in a note's tokens.

    >>> list(list_places(tokenize("un sac noir"), {"sac", "sac noir"}))
    [('sac', 3, 6), ('sac noir', 3, 11)]
    """
    for first, token in enumerate(tokens):
        key = ""
        for last in tokens[first : first + MOST_TOKENS]:
            if last.sentence != token.sentence:
                break
            key = f"{key} {last.form}" if key else last.form
            if key in keys:
                yield key, token.start, last.end


def judge_wordings(
    tally: WordingTally,
    detector: ConceptDetector,
    calibration: LinkCalibration,
    *,
    min_confidence: float,
    min_notes: int,
) -> list[Judged]:
    """Says of each wording what it is for the lexicon.

    Args:
      tally: of all notes, twice.
      detector: whose lexicon, index and encoder are asked.
      calibration: of its links.
      min_confidence: of a new wording.
      min_notes: that a new wording stands in.
    """
    each = list(tally.wordings.values())
    linked = link_phrases(
        [one.text for one in each], detector.index, detector.encoder, calibration, NEAREST
    )
    row_of = {each.concept_id: row for row, each in enumerate(detector.concepts)}
    judged = []
    for key, one, rows, sure in zip(
        tally.wordings,
        each,
        linked.concepts_NK.tolist(),
        linked.confidence_NK.tolist(),
        strict=True,
    ):
        near = {detector.concepts[r].concept_id: s for r, s in zip(rows, sure, strict=True)}
        concept, confidence = weigh(one, near)
        whole, inside = _look_up(one.text, detector)
        if whole:
            status, concept, confidence = LISTED, concept if concept in whole else whole[0], 1.0
        elif tally.is_personal(key) or kinds_in(one.text):
            status = PERSONAL
        elif concept in inside:
            status = COVERED
        elif confidence < min_confidence or one.notes < min_notes or not is_alias(one):
            status = UNCLEAR
        elif detector.index.figures.contradicts(one.text, row_of[concept]):
            status = UNCLEAR
        elif lacks_deciding_word(one, row_of[concept], detector.index.contrasts):
            status = UNCLEAR
        else:
            status = WORDING
        judged.append(Judged(one, status, concept, confidence))
    return mark_opposites(judged, detector)


def mark_opposites(judged: Sequence[Judged], detector: ConceptDetector) -> list[Judged]:
    """The same, new wordings `opposite` where of them and their nearest alias one alone denies.

    "Tested on animals" is nearest to "not tested on animals", whose concept it is not: an encoder
    of words tells them apart by one small word.
    """
    index = detector.index
    new = [row for row, each in enumerate(judged) if each.status == WORDING]
    if not new:
        return list(judged)
    row_of = {concept.concept_id: row for row, concept in enumerate(detector.concepts)}
    concept_N = np.array([row_of[judged[row].concept_id] for row in new], np.int64)
    vectors_ND = embed_texts([judged[row].wording.text for row in new], index, detector.encoder)
    alias_N, _ = index.find_nearest(vectors_ND, np.arange(len(new)), concept_N)
    marked = list(judged)
    for row, alias_denies in zip(new, index.cue_A[alias_N].tolist(), strict=True):
        wording = judged[row].wording
        words = [token.form for token in tokenize(wording.text)]
        # A cue of one language is a small word of another, as "no" is in Portuguese; an alias has
        # no language. So it has to be told apart by all readings.
        if alias_denies not in {holds_cue(words, code) for code in ("", *wording.languages)}:
            marked[row] = replace(judged[row], status=OPPOSITE)
    return marked


def weigh(wording: Wording, near: Mapping[str, float]) -> tuple[str, float]:
    """The likeliest concept of a wording, and the confidence in it.

    Args:
      wording: as it was tallied.
      near: concept id to the confidence of linking.

    >>> one = Wording("it bag", occurrences=2, votes={"handbag": 1.2})
    >>> weigh(one, {"handbag": 0.4, "scarf": 0.5})
    ('handbag', 0.5)
    """
    at_places = {
        concept: min(1.0, total / max(wording.occurrences, 1))
        for concept, total in wording.votes.items()
    }
    both = {
        concept: (near.get(concept, 0.0) + at_places.get(concept, 0.0)) / 2
        for concept in (*near, *at_places)
    }
    if not both:
        return "", 0.0
    best = max(both, key=lambda concept: both[concept])
    return best, round(both[best], 6)


def is_alias(wording: Wording) -> bool:
    """Whether a lexicon could list it: words that name something, of a length that is matched."""
    tokens = tokenize(wording.text)
    if not any(char.isalpha() for char in wording.text) or "|" in wording.text:
        return False
    if len(wording.text) > MAX_ALIAS_CHARACTERS or (len(tokens) == 1 and len(wording.text) < 2):
        return False
    words = [token.form for token in tokens]
    if find_stop_language(words, wording.languages):
        return False
    return len(words) > 1 or zipf_of_form(words[0]) < COMMON


def lacks_deciding_word(wording: Wording, concept: int, contrasts: Contrasts) -> bool:
    """Whether a wording ends before the word that tells its concept from another, or has the other.

    "Cadeau pour sa" is where gifts for a wife are found, and no alias of theirs.
    """
    forms = [token.form for token in tokenize(wording.text)]
    said = mark_phrases([forms])
    if contrasts.contradict(said, np.array([concept]))[0]:
        return True
    empty = frozenset().union(*map(function_words, wording.languages or LANGUAGES))
    is_cut = not empty.isdisjoint((forms[0], forms[-1])) or "ぁ" <= forms[0] <= "ゖ"
    return is_cut and contrasts.leaves_out(int(said[0]), concept)


def _look_up(text: str, detector: ConceptDetector) -> tuple[list[str], set[str]]:
    """Concepts that list the text itself, and those that list a part of it."""
    whole: list[str] = []
    inside: set[str] = set()
    for hit in detector.index.matcher.find(text):
        names = [
            detector.concepts[int(detector.index.concept_A[row])].concept_id for row in hit.aliases
        ]
        if not text[: hit.start].strip() and not text[hit.end :].strip():
            whole += names
        inside.update(names)
    return whole, inside


def _list_heads(tokens: Sequence[Token]) -> set[int]:
    """Where sentences begin."""
    first_of: dict[int, int] = {}
    for token in tokens:
        first_of.setdefault(token.sentence, token.start)
    return {*first_of.values()}


def _meets(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < last and first < end for first, last in spans)


def stack_places(wordings: Sequence[Wording]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Wording and note of each kept place, numbered as given; int64 pairs wording_E, note_E."""
    wording_E = np.repeat(np.arange(len(wordings)), [len(one.places) for one in wordings])
    note_E = np.array([place for one in wordings for place in one.places], np.int64)
    return wording_E.astype(np.int64), note_E
