"""Scores keyword candidates with a model; writes wordings and concepts that the lexicon lacks."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from lvmh_jax.data.yesno import parse_mark
from lvmh_jax.detect.decode import OFF
from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.detect.link import embed_texts
from lvmh_jax.detect.scorer import Thresholds
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.io.default_scorer import load_default_scorer
from lvmh_jax.io.export import TrainedModel
from lvmh_jax.io.locks import hold_output
from lvmh_jax.io.outputs import Row, make_rows
from lvmh_jax.io.parts import ROWS, identify_run
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.runtime import read_clock, read_version, stop_on_sigterm
from lvmh_jax.io.sources import Sources
from lvmh_jax.io.suggestions import (
    JUDGED_COLUMNS,
    NEW_CONCEPT_COLUMNS,
    SUGGESTION_COLUMNS,
    keep_beside,
    read_marks,
    write_table,
)
from lvmh_jax.io.workspace import CANDIDATES, NOTES, read_candidates, stream_notes
from lvmh_jax.pipeline.loading import load_model
from lvmh_jax.pipeline.resuming import Batch, Made, open_parts, telling_the_way_on, work_through
from lvmh_jax.pipeline.runners import POOL, open_runner
from lvmh_jax.records import Candidate, Concept, Mention, Note
from lvmh_jax.stages.keywords import CONCEPT, WORDING, Judged, Wording, WordingTally, judge_wordings
from lvmh_jax.stages.newconcepts import NewConcept, group_wordings, list_uncovered, mark_groups
from lvmh_jax.stages.suggestions import carry_marks, key_of

FILES = ("candidates.csv", "alias_suggestions.csv", "new_concepts.csv")
# A person reads what is suggested, so less sure matches may speak than in detection: on the demo 27
# of 98 removed aliases came back instead of 23, and one under a wrong concept as before.
SURE = 0.2


@dataclass(frozen=True)
class Limits:
    """What a suggested alias has to reach: how sure it is, and in how many notes it stands."""

    min_confidence: float
    min_notes: int


@dataclass(frozen=True)
class Listener:
    """Loads, in each worker, the function that finds the mentions of a batch of notes.

    Attributes:
      model_path: of the model.
      model: what lies there, where this process has read it; another process reads for itself.
    """

    model_path: Path
    model: TrainedModel | None = None

    def __call__(self) -> tuple[list[str], Callable[[Batch], Made[Row]]]:
        """The warnings, and the function."""
        said: list[str] = []
        detector = open_ears(self.model or load_model(self.model_path, said.append))

        def listen(batch: Batch) -> Made[Row]:
            return len(batch), [pack_mention(each) for each in detector.detect(batch)]

        return said, listen

    def __reduce__(self) -> tuple[type[Listener], tuple[Path]]:
        """Pickled without the model: reading it is quicker than sending it."""
        return Listener, (self.model_path,)


def keywords(
    model_path: Path,
    workspace_dir: Path,
    *,
    output: Path,
    min_confidence: float,
    min_notes: int,
    workers: int | None = None,
    runner: str = POOL,
    resume: bool = False,
    progress: Progress,
) -> dict[str, Any]:
    """Judges the candidates of a workspace, and writes the three files.

    The bytes are the same with any number of `workers`, and with any `runner`. With `resume` the
    finished parts of an interrupted run are taken up, where there are any.

    Raises:
      UsageError: another run is writing the outputs, or they cannot be written.
      ResumeRefusedError: the interrupted run had another model, other files or other options.
    """
    limits = Limits(min_confidence, min_notes)
    paths = [output / name for name in FILES]
    with ExitStack() as stack:
        stack.enter_context(stop_on_sigterm())
        stack.enter_context(hold_output(*paths))
        model = load_model(model_path, progress.warn)
        started_s = read_clock()
        sources = Sources(workspace_dir)
        candidates = read_candidates(sources, workspace_dir / CANDIDATES)
        notes, warnings = stream_notes(workspace_dir)
        notes.check_ids()
        opened_s = read_clock()
        listener = Listener(model_path, model)
        said, work = open_runner(listener, runner, workers, notes.total, stack)
        for warning in said:
            progress.warn(warning)
        started_s += read_clock() - opened_s
        identify = partial(_identify, model_path, workspace_dir, limits)
        parts = open_parts(paths[0], ROWS, notes.total, identify, resume, progress)
        resumed = parts.notes
        progress.start("note", notes.total)
        with telling_the_way_on(parts):
            found = work_through(work, notes, notes.total, parts, progress)
            tally = tally_notes(found, candidates, workspace_dir)
            progress.stop()
            for warning in (*warnings, *sources.warnings):
                progress.warn(warning)
            told = _judge_and_write(tally, model, candidates, limits, paths, progress)
        parts.drop()
    seconds = round(read_clock() - started_s, 3)
    return {**told, "notes_resumed": resumed, "seconds": seconds}


def _identify(model_path: Path, workspace_dir: Path, limits: Limits) -> dict[str, Any]:
    """What the outcome of this run depends on."""
    candidates = workspace_dir / CANDIDATES
    files = {
        "notes": workspace_dir / NOTES,
        "candidates": candidates if candidates.exists() else None,
    }
    options = {"command": "keywords", **asdict(limits), "version": read_version()}
    return identify_run(model_path, files, options)


def _judge_and_write(
    tally: WordingTally,
    model: TrainedModel,
    candidates: Sequence[Candidate],
    limits: Limits,
    paths: Sequence[Path],
    progress: Progress,
) -> dict[str, Any]:
    """Writes the three files, and says what is in them."""
    judged = judge_wordings(tally, model.detector, model.linking, **asdict(limits))
    groups = find_groups(model.detector, judged, limits.min_notes)
    judged = mark_groups(judged, groups)
    labels = {each.concept_id: each.label for each in model.detector.concepts}
    suggested = _list_suggested(judged, labels)
    write_table(paths[0], JUDGED_COLUMNS, _list_judged(judged, candidates))
    suggested = _keep_marks(paths[1], suggested, model.detector.concepts, progress)
    write_table(paths[1], SUGGESTION_COLUMNS, suggested, marked=True)
    write_table(paths[2], NEW_CONCEPT_COLUMNS, map(_tell_group, groups))
    return {
        "outputs": [str(path) for path in paths],
        "candidates": len(candidates),
        "suggested_aliases": len(suggested),
        "new_concepts": len(groups),
        "statuses": dict(Counter(e.status for e in judged for _ in e.wording.candidates)),
        "surest": [_tell_suggested(row) for row in suggested[:10]],
        "largest": [
            {"name": g.name, "notes": g.note_count, "candidates": [w.text for w in g.members[:5]]}
            for g in groups[:5]
        ],
    }


def open_ears(model: TrainedModel) -> ConceptDetector:
    """The detector with thresholds that let less sure matches speak.

    Where learned matches are off, the shipped scorer judges: nothing is detected by it here.
    """
    scorer = model.detector.scorer or load_default_scorer().scorer
    limits = Thresholds(0.0, SURE, OFF)
    head = model.detector.note_head
    silent = head.silence() if head is not None else None
    return replace(model.detector, scorer=replace(scorer, thresholds=limits), note_head=silent)


def tally_notes(
    found: Iterable[Row], candidates: Sequence[Candidate], workspace_dir: Path
) -> WordingTally:
    """Reads the notes twice: what stands there, then how often what was learned stands there.

    Args:
      found: the mentions, in the order of the notes; read along with them.
      candidates: of the workspace.
      workspace_dir: whose notes.
    """
    tally = WordingTally(candidates)
    for row, (note, mentions) in enumerate(_join_mentions(_read_notes(workspace_dir), found)):
        tally.add(row, note, mentions)
    for row, note in enumerate(_read_notes(workspace_dir)):
        tally.add_again(row, note)
    return tally


def _read_notes(workspace_dir: Path) -> Iterator[Note]:
    return chain.from_iterable(stream_notes(workspace_dir)[0])


def _join_mentions(
    notes: Iterable[Note], found: Iterable[Row]
) -> Iterator[tuple[Note, list[Mention]]]:
    """Each note with its mentions; some of either are held at a time."""
    by_note = groupby(found, key=itemgetter(0))
    name, rows = next(by_note, ("", iter(())))
    for note in notes:
        mentions = []
        if note.note_id == name:
            mentions = [unpack_mention(row) for row in rows]
            name, rows = next(by_note, ("", iter(())))
        yield note, mentions


def pack_mention(mention: Mention) -> Row:
    """A mention as parts keep it: the confidence whole, for confidences are added up."""
    (row,) = make_rows([mention], {})
    return (*row[:6], mention.confidence, *row[7:])


def unpack_mention(row: Row) -> Mention:
    """The mention that `pack_mention` was given; one without a span has lost its alias."""
    note_id, _, concept_id, alias, start, end, confidence, method, polarity = row
    return Mention(note_id, concept_id, alias, start, end, confidence, method, polarity)


def find_groups(
    detector: ConceptDetector, judged: Sequence[Judged], min_notes: int
) -> list[NewConcept]:
    """New concepts: groups of candidates that no concept covers."""
    wordings = [judged[row].wording for row in list_uncovered(judged, max(min_notes, 2))]
    if not wordings:
        return []
    vectors_ND = embed_texts([one.text for one in wordings], detector.index, detector.encoder)
    return group_wordings(wordings, vectors_ND, min_members=2)


def _list_judged(
    judged: Sequence[Judged], candidates: Sequence[Candidate]
) -> list[tuple[object, ...]]:
    """Rows of `candidates.csv`, those that matter most first; every candidate once."""
    ranked = []
    for each in judged:
        for row in each.wording.candidates:
            given = candidates[row]
            score = each.confidence * math.log1p(max(given.freq_notes, each.wording.notes))
            ranked.append((score, given, each))
    ranked.sort(key=lambda one: (-one[0], one[1].text))
    return [
        (
            given.text,
            "|".join(given.languages),
            given.freq_notes,
            given.avg_score,
            "|".join(given.example_note_ids),
            "" if each.status == CONCEPT else each.concept_id,
            f"{each.confidence:.6f}",
            "true" if each.status in (WORDING, CONCEPT) else "false",
            each.status,
            f"{score:.6f}",
            each.cluster if each.cluster >= 0 else "",
        )
        for score, given, each in ranked
    ]


def _list_suggested(judged: Sequence[Judged], labels: dict[str, str]) -> list[tuple[object, ...]]:
    found = [each for each in judged if each.status == WORDING]
    found.sort(key=lambda each: (-each.confidence, -each.wording.notes, each.wording.text))
    return [
        (
            each.concept_id,
            labels[each.concept_id],
            each.wording.spelling,
            "|".join(sorted(each.wording.languages)),
            each.wording.notes,
            "|".join(each.wording.examples),
            f"{each.confidence:.6f}",
            "",
        )
        for each in found
    ]


def _tell_suggested(row: tuple[object, ...]) -> dict[str, object]:
    """A row of the file with the types of JSON in place of those of cells."""
    told: dict[str, Any] = dict(zip(SUGGESTION_COLUMNS, row, strict=True))
    for name in ("language", "evidence_note_ids"):
        told[name] = [each for each in told[name].split("|") if each]
    return {**told, "confidence": float(told["confidence"])}


def _keep_marks(
    path: Path,
    suggested: list[tuple[object, ...]],
    concepts: Sequence[Concept],
    progress: Progress,
) -> list[tuple[object, ...]]:
    """The rows with the marks that a person gave them in the file that they are to replace.

    Refused ones come last. Where it has marks of other rows, or cannot be read, it is kept. A yes
    to what the concept lists by now has been taken.
    """
    if not path.exists():
        return suggested
    try:
        marks = read_marks(path)
    except InvalidInputError as error:
        kept = keep_beside(path)
        progress.warn(f"{error}; its marks are not carried over, it is kept as {kept.name}")
        return suggested
    carried, lost = carry_marks(marks, [(str(row[0]), str(row[2])) for row in suggested])
    if lost:
        texts = ((one.concept_id, text) for one in concepts for text in (one.label, *one.aliases))
        taken = {key_of(*each) for each in texts}
        lost = [one for one in lost if not parse_mark(one[2]) or key_of(*one[:2]) not in taken]
    if lost:
        kept = keep_beside(path)
        progress.warn(
            f"{path.as_posix()}: {len(lost)} marks in column accept are of rows that are suggested "
            f"no more; the file is kept as {kept.name}"
        )
    marked = [(*row[:-1], mark) for row, mark in zip(suggested, carried, strict=True)]
    # What a person refused is not to be read again and again.
    return sorted(marked, key=lambda row: parse_mark(str(row[-1])) is False)


def _tell_group(group: NewConcept) -> tuple[object, ...]:
    return (
        group.number,
        group.name,
        "|".join(one.text for one in group.members),
        group.note_count,
        "|".join(_list_examples(group.members)),
        f"{group.cohesion:.6f}",
    )


def _list_examples(members: Sequence[Wording]) -> list[str]:
    return list(dict.fromkeys(name for one in members for name in one.examples))[:5]
