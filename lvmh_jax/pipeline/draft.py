"""What of a detector does not wait for its encoder: made while the encoder learns.

Epochs hold no lock of Python's. Beside them are built the indexes, of which training changes the
vectors alone, and compiled the programs that detection and the fitting of its scorer call; so when
training ends, they are there. Nothing that is found depends on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.config import Settings
from lvmh_jax.data.examples import PHRASE_TOKENS
from lvmh_jax.data.features import encode_texts
from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.detect.encode import PhraseEncoder
from lvmh_jax.detect.evidence import FEATURES
from lvmh_jax.detect.index import AliasIndex, build_index, hide_aliases
from lvmh_jax.detect.link import score_phrases
from lvmh_jax.io.checkpoints import import_orbax
from lvmh_jax.records import Alias, Note, Workspace
from lvmh_jax.train.scorer import begin_fit

MOST_ALIASES = 50_000  # of a larger lexicon two indexes beside a training would fill the memory
FEW = 3  # notes to compile detection with


@dataclass(frozen=True)
class Draft:
    """Indexes with the vectors of an untrained encoder: of all aliases, and without hidden ones."""

    index: AliasIndex
    hidden: AliasIndex


class Drafting:
    """Makes a draft in a thread; to be closed."""

    def __init__(
        self,
        workspace: Workspace,
        aliases: Sequence[Alias],
        settings: Settings,
    ) -> None:
        """Keeps what to make it of; nothing begins yet."""
        self._given = (workspace, aliases, settings)
        self._pool = ThreadPoolExecutor(1)
        self._made: Any = None

    def __enter__(self) -> Drafting:
        return self

    def __exit__(self, *exception: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def prepare(self) -> None:
        """Begins with what waits for no example: the programs that fit a scorer on gold.

        What fails here fails again where it is called, and is told there.
        """
        workspace, _, settings = self._given
        if gold := [len(part) for part in workspace.gold.values() if part]:
            folds = min(settings.scorer.folds, gold[0])
            self._pool.submit(begin_fit, settings.scorer, folds, len(FEATURES))

    def begin(self, held_A: NDArray[np.bool_], params: Any) -> None:
        """Begins, with the first parameters of the encoder; not for a very large lexicon."""
        if len(self._given[1]) <= MOST_ALIASES:
            self._made = self._pool.submit(make_draft, *self._given, held_A, params)

    def wait(self) -> Draft | None:
        """The draft; None where there is none."""
        try:
            return None if self._made is None else self._made.result()
        except Exception:  # a training is not lost for what only saves time: all is made anew
            return None


def make_draft(
    workspace: Workspace,
    aliases: Sequence[Alias],
    settings: Settings,
    held_A: NDArray[np.bool_],
    params: Any,
) -> Draft:
    """Builds indexes, and calls once what will be called again with trained parameters."""
    concepts = workspace.lexicon.concepts
    encoder = PhraseEncoder(settings.model, len(concepts), params)
    index = build_index(aliases, len(concepts), encoder)
    hidden = hide_aliases(index, held_A, encoder)
    detector = ConceptDetector(concepts, index, encoder, None, 0.0, settings.detect)
    detector.propose(_choose_notes(workspace))
    score_phrases([aliases[0].text], hidden, encoder)
    if settings.checkpoint.is_wanted:
        import_orbax()
    return Draft(index, hidden)


def _choose_notes(workspace: Workspace) -> list[Note]:
    annotated = {each.note_id for part in workspace.gold.values() for each in part}
    notes = [note for note in workspace.notes if note.note_id in annotated]
    return (notes or list(workspace.notes))[:FEW]


def renew(index: AliasIndex, encoder: PhraseEncoder) -> AliasIndex:
    """An index of another encoder: with its vectors, and with nothing remembered."""
    texts = [alias.text for alias in index.aliases]
    table, phrases = encode_texts(texts, encoder.settings.buckets, PHRASE_TOKENS)
    tokens_VD = encoder.embed_tokens(table, index.rarity.of_table(table))
    made = {
        each.name: each.default_factory()
        for each in fields(index)
        if each.default_factory is not MISSING
    }
    return replace(index, vectors_AD=encoder.embed_phrases(tokens_VD, phrases), **made)
