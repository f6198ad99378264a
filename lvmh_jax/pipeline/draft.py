"""What of a detector does not wait for its encoder: made while the encoder learns.

Compiling and epochs hold no lock of Python's. Beside them are built the indexes, of which training
changes the vectors alone, and compiled the programs that detection and the fitting of its scorer
call; so when training ends, they are there. Nothing that is found depends on it.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from lvmh_jax.config import ScorerSettings, Settings
from lvmh_jax.data.features import Phrases, TokenTable
from lvmh_jax.data.text import Token, tokenize
from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.detect.encode import PhraseEncoder
from lvmh_jax.detect.evidence import FEATURES
from lvmh_jax.detect.index import AliasIndex, build_index, embed_aliases, encode_aliases
from lvmh_jax.detect.link import score_phrases
from lvmh_jax.detect.scorer import Calibration, Scorer, Thresholds
from lvmh_jax.io.arrays import encoder_shapes, unflatten
from lvmh_jax.io.checkpoints import import_orbax
from lvmh_jax.pipeline.report import count_findings
from lvmh_jax.records import Alias, Note, Workspace
from lvmh_jax.train.scorer import ScorerFit, begin_fit

MOST_ALIASES = 50_000  # of a larger lexicon two indexes beside a training would fill the memory
FEW = 3  # notes to compile detection with


@dataclass(frozen=True)
class ReadAliases:
    """Aliases as the parts of an index read them, so that all of them are tokenized once.

    Attributes:
      aliases: of a lexicon.
      tokens: of each.
      table, phrases: the same as an encoder reads them; the table may have more.
    """

    aliases: Sequence[Alias]
    tokens: Sequence[Sequence[Token]]
    table: TokenTable
    phrases: Phrases

    def take(self, rows_M: NDArray[np.int64]) -> ReadAliases:
        """The aliases at some rows."""
        rows = rows_M.tolist()
        aliases, tokens = [self.aliases[row] for row in rows], [self.tokens[row] for row in rows]
        return ReadAliases(aliases, tokens, self.table, self.phrases.take(rows_M))


@dataclass(frozen=True)
class Drafted:
    """An index with the vectors of no encoder, and what it is of."""

    index: AliasIndex
    read: ReadAliases


class Drafting:
    """Makes drafts in a thread; to be closed."""

    def __init__(
        self,
        workspace: Workspace,
        aliases: Sequence[Alias],
        settings: Settings,
    ) -> None:
        """Keeps what to make it of; nothing begins yet."""
        self._given = (workspace, aliases, settings)
        self._pool = ThreadPoolExecutor(1)
        self._read: Future[ReadAliases] | None = None
        self._whole: Future[Drafted] | None = None
        self._hidden: Future[Drafted] | None = None
        self._findings: Future[dict[str, Any]] | None = None

    def __enter__(self) -> Drafting:
        return self

    def __exit__(self, *exception: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def begin(self) -> None:
        """Begins with what waits for no example: programs, and the index of all aliases.

        Of a very large lexicon programs alone. What fails here fails again where it is called, and
        is told there.
        """
        workspace, aliases, settings = self._given
        if gold := [len(part) for part in workspace.gold.values() if part]:
            folds = min(settings.scorer.folds, gold[0])
            shapes = self._pool.submit(begin_fit, settings.scorer, folds, len(FEATURES))
        if len(aliases) <= MOST_ALIASES:
            read = self._read = self._pool.submit(read_aliases, aliases, settings.model.buckets)
            # Behind it in the only thread, so there is nothing to wait for.
            self._whole = self._pool.submit(
                lambda: draft_detector(workspace, read.result(), settings)
            )
        if gold:
            self._pool.submit(draft_scorer, shapes, settings.scorer, folds)

    def hide(self, held_A: NDArray[np.bool_]) -> None:
        """Goes on with the index without the aliases that are held out, and what needs none."""
        if self._read is not None:
            read, (workspace, _, settings) = self._read, self._given
            shown = np.flatnonzero(~held_A)
            self._hidden = self._pool.submit(
                lambda: draft_linking(workspace, read.result().take(shown), settings)
            )
            self._findings = self._pool.submit(count_findings, workspace)

    def wait(self) -> Drafted | None:
        """The index of all aliases, when the programs of detection are there; None without one."""
        return _wait(self._whole)

    def wait_hidden(self) -> Drafted | None:
        """The index without the aliases that are held out; None without one."""
        return _wait(self._hidden)

    def find(self) -> dict[str, Any]:
        """What `doctor` finds in the data; see `count_findings`."""
        return count_findings(self._given[0]) if not self._findings else self._findings.result()


def _wait(drafted: Future[Drafted] | None) -> Drafted | None:
    try:
        return None if drafted is None else drafted.result()
    except Exception:  # a training is not lost for what only saves time: all is made anew
        return None


def draft_scorer(shapes_G: Future[Any], settings: ScorerSettings, folds: int) -> None:
    """Compiles what scores with a scorer, whose parameters will have some shapes."""
    params_G = jax.tree.map(lambda each: np.zeros(each.shape, each.dtype), shapes_G.result())
    group_G = np.repeat(np.arange(-1, folds), settings.members)
    nothing_1F = np.zeros((1, len(FEATURES)), np.float32)
    fit = ScorerFit(params_G, group_G, nothing_1F[0], nothing_1F[0] + 1)
    Scorer(fit, settings.hidden, Calibration(), Thresholds()).score(nothing_1F)


def read_aliases(aliases: Sequence[Alias], buckets: int) -> ReadAliases:
    """Tokenizes aliases."""
    tokens = [tokenize(alias.text) for alias in aliases]
    return ReadAliases(aliases, tokens, *encode_aliases(tokens, buckets))


def draft_detector(workspace: Workspace, read: ReadAliases, settings: Settings) -> Drafted:
    """Builds the index, and calls once what detection will call with trained parameters."""
    concepts = workspace.lexicon.concepts
    encoder = _make_encoder(settings, len(concepts))
    drafted = draft_index(read, len(concepts), encoder)
    detector = ConceptDetector(concepts, drafted.index, encoder, None, 0.0, settings.detect)
    detector.propose(_choose_notes(workspace))
    return drafted


def draft_linking(workspace: Workspace, shown: ReadAliases, settings: Settings) -> Drafted:
    """Builds the index of the aliases that are not held out, and calls what links a phrase."""
    concepts = len(workspace.lexicon.concepts)
    encoder = _make_encoder(settings, concepts)
    drafted = draft_index(shown, concepts, encoder)
    score_phrases([shown.aliases[0].text], drafted.index, encoder)
    importlib.import_module("scipy.optimize")  # which calibration imports where it is called
    if settings.checkpoint.is_wanted:
        import_orbax()
    return drafted


def _make_encoder(settings: Settings, concepts: int) -> PhraseEncoder:
    """An encoder that knows nothing: the programs of one with parameters of its shapes."""
    shapes = encoder_shapes(settings.model, concepts)
    params = unflatten({name: np.zeros(shape, np.float32) for name, shape in shapes.items()})
    return PhraseEncoder(settings.model, concepts, params)


def draft_index(read: ReadAliases, concepts: int, encoder: PhraseEncoder) -> Drafted:
    """Builds the index of aliases for an encoder, ready for another one."""
    nothing_AD = np.zeros((len(read.aliases), encoder.settings.width), np.float32)
    drafted = Drafted(build_index(read.aliases, concepts, encoder, nothing_AD, read.tokens), read)
    return replace(drafted, index=renew(drafted, encoder))


def _choose_notes(workspace: Workspace) -> list[Note]:
    annotated = {each.note_id for part in workspace.gold.values() for each in part}
    notes = [note for note in workspace.notes if note.note_id in annotated]
    return (notes or list(workspace.notes))[:FEW]


def renew(drafted: Drafted, encoder: PhraseEncoder) -> AliasIndex:
    """An index of another encoder: with its vectors, and with nothing remembered."""
    index, read = drafted.index, drafted.read
    vectors_AD = embed_aliases(read.table, read.phrases, index.rarity, encoder)
    made = {
        each.name: each.default_factory()
        for each in fields(index)
        if each.default_factory is not MISSING
    }
    return replace(index, vectors_AD=vectors_AD, **made)
