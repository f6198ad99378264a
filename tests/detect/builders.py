"""Small detectors without a training run: a real lexicon, an encoder at its initialisation.

What is tested with them holds for any parameters; what needs good ones is in `tests/pipeline`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import jax
import numpy as np

from lvmh_jax.calibrate.gold import fit_on_gold
from lvmh_jax.config import Settings
from lvmh_jax.data.examples import make_examples
from lvmh_jax.data.lexicon import list_aliases
from lvmh_jax.detect.candidates import Candidates
from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.detect.evidence import FEATURES
from lvmh_jax.detect.scorer import ALL_NOTES, Calibration, Scorer, Thresholds
from lvmh_jax.detect.stream import NoteStream, make_stream
from lvmh_jax.models.presets import make_settings
from lvmh_jax.models.scorer import MentionScorer
from lvmh_jax.pipeline.train import build_dictionary
from lvmh_jax.records import Concept, GoldNote, GoldSpan, Lexicon, Note, Workspace
from lvmh_jax.train.fit import start_fit
from lvmh_jax.train.scorer import ScorerFit

# An untrained encoder takes no span for likely.
TINY = make_settings("tiny", assignments=["detect.min_probability=0.1"])
# Enough for a dozen notes; one count of notes everywhere, as each new one is a compilation.
SCORER = replace(TINY.scorer, hidden=16, steps=200, learning_rate=0.01)
GOLD_NOTES = 12
# No label becomes an alias: these ids are coined, and a label that repeats one is never written.
FORMS = {
    "the_handbag": ("handbag", "sac à main", "bolso", "バッグ", "حقيبة"),
    "the_black": ("black", "noir", "negro", "黒い", "black leather"),
    "the_gift": ("gift for her mother", "cadeau pour sa mère", "regalo"),
    "the_als": ("ALS", "amyotrophic lateral sclerosis"),
    "the_red": ("red", "rouge", "rojo"),
    "the_sale": ("soldes", "noir"),  # shares "noir" with the_black
    "the_empty": (),
}
SENTENCES = (
    "She wants a BLACK leather handbag, a gift for her mother.",
    "Cherche un sac à main noir, pas rouge. Cadeau pour sa mère !",
    "黒いバッグをお探し。Bolso negro\r\nregalo",
    "No handbags; blackish leathers and a gift to the mothers.",
    "تريد حقيبة سوداء",
    "ALS or als 👜? RED-noir",
    "",
)


def make_lexicon(forms: Mapping[str, Sequence[str]] = FORMS) -> Lexicon:
    """A concept an entry."""
    return Lexicon(tuple(Concept(name, name, tuple(texts)) for name, texts in forms.items()))


def list_notes(texts: Sequence[str]) -> list[Note]:
    return [Note(f"N{row}", f"C{row}", text, language="EN") for row, text in enumerate(texts)]


@cache
def make_detector(settings: Settings = TINY) -> ConceptDetector:
    """A detector of `FORMS` without a scorer, its encoder untrained."""
    return build_detector(make_lexicon(), list_notes(SENTENCES), settings)


def hide_aliases(*texts: str) -> np.ndarray:
    """Which aliases of `make_detector` have one of the texts; bool [A]."""
    return np.array([alias.text in texts for alias in make_detector().index.aliases])


def build_detector(
    lexicon: Lexicon, notes: Sequence[Note], settings: Settings = TINY
) -> ConceptDetector:
    aliases = list_aliases(lexicon)
    examples = make_examples(
        aliases,
        notes,
        (),
        len(lexicon.concepts),
        buckets=settings.model.buckets,
        holdout_aliases=0.1,
        holdout_notes=0.1,
        seed=0,
    )
    fit = start_fit(examples, len(lexicon.concepts), settings)
    detector = build_dictionary(Workspace(tuple(notes), lexicon), aliases, settings, fit)
    return replace(detector, dictionary_precision=0.75)


def make_candidates(**columns: np.ndarray) -> Candidates:
    """Candidates with the columns that a test is about, and zeros in the others."""
    count = len(columns["note_N"])
    zeros = {name: np.zeros(count, np.int64) for name in Candidates.__dataclass_fields__}
    zeros["coverage_ND"] = np.zeros((count, 4), np.float32)
    return Candidates(**{**zeros, **columns})


def mark_candidate(marked: str, *, exact: bool) -> tuple[NoteStream, Candidates]:
    """A note, and the span of it that stands in brackets, as the one candidate of concept 0."""
    text = marked.replace("[", "").replace("]", "")
    begin, end = marked.index("["), marked.index("]") - 1
    stream = make_stream([text], 64)
    inside = np.flatnonzero((stream.start_T < end) & (stream.end_T > begin))
    candidates = make_candidates(
        note_N=np.zeros(1, np.int64),
        first_N=inside[:1],
        last_N=inside[-1:],
        exact_N=np.array([int(exact)]),
    )
    return stream, candidates


def random_scorer(
    groups: Sequence[int] = (ALL_NOTES,), *, hidden: int = 8, keep: float = 0.0, add: float = 0.0
) -> Scorer:
    """A scorer with random parameters, one model a group; it lets everything pass by default."""
    count = len(FEATURES)
    keys = jax.random.split(jax.random.key(1), len(groups))
    params = jax.vmap(MentionScorer(hidden).init, in_axes=(0, None))(keys, np.zeros((1, count)))
    ones = np.ones(count, np.float32)
    fit = ScorerFit(jax.tree.map(np.asarray, params), np.array(groups, np.int64), 0 * ones, ones)
    return Scorer(fit, hidden, Calibration(2.0, -0.5, 0.25), Thresholds(keep, add))


@cache
def make_scored() -> ConceptDetector:
    """A detector with a scorer that adds, drops and negates."""
    return replace(make_detector(), scorer=random_scorer(keep=0.3, add=0.35))


def annotated_notes(count: int) -> tuple[list[Note], list[GoldNote]]:
    """Notes whose gold the dictionary half knows: "noirs" is meant, "noir des soldes" is not."""
    patterns = (
        "Cherche un sac à main {0}, rien de plus.",
        "Un bolso {0} para ella, no rojo.",
        "Wants {0} handbags and a gift for the mother.",
        "Visited us; {0} was shown.",
    )
    words = ("noir", "noirs", "black", "blackish")
    texts = [
        f"{patterns[row % 4].format(words[row // 4 % 4])} Number {row}." for row in range(count)
    ]
    notes = list_notes(texts)
    return notes, [_annotate(note) for note in notes]


def _annotate(note: Note) -> GoldNote:
    wanted = {
        "the_black": ("noirs", "noir", "blackish", "black"),
        "the_handbag": ("sac à main", "bolso", "handbags"),
    }
    wanted |= {"the_gift": ("gift for the mother",), "the_red": ("rojo",)}
    spans = []
    for concept, forms in wanted.items():
        for form in forms:
            at = note.text.find(form)
            if at >= 0:
                negated = concept == "the_red"
                spans.append(GoldSpan(at, at + len(form), concept, negated))
                break
    holds = tuple(dict.fromkeys(s.concept_id for s in spans if not s.negated))
    return GoldNote(note.note_id, tuple(spans), holds)


@cache
def make_fitted() -> tuple[ConceptDetector, tuple[Note, ...], tuple[GoldNote, ...]]:
    """A detector whose scorer was fitted on the annotated notes that come with it."""
    notes, gold = annotated_notes(GOLD_NOTES)
    fit = fit_on_gold(make_detector(), notes, gold, SCORER, seed=0)
    scored = replace(
        make_detector(), scorer=fit.scorer, dictionary_precision=fit.dictionary_precision
    )
    return scored, tuple(notes), tuple(gold)
