"""Goes on where an interrupted run over many notes stopped: its finished parts are taken up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from lvmh_jax.detect.detector import batch_stream
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.io.outputs import OutputError
from lvmh_jax.io.parts import PART_NOTES, PartFolder, PartForm
from lvmh_jax.io.progress import Progress
from lvmh_jax.pipeline.runners import Map
from lvmh_jax.records import Note

Item = TypeVar("Item")
Batch: TypeAlias = Sequence[Note]
Made: TypeAlias = tuple[int, list[Item]]  # number of notes, and what was made of them


def open_parts(
    output: Path,
    form: PartForm[Item],
    total: int,
    identify: Callable[[], Mapping[str, Any]],
    resume: bool,
    progress: Progress,
) -> PartFolder[Item]:
    """Begins a run that leaves parts beside its output, or takes up those of one before it.

    Args:
      output: which the parts belong to.
      form: of a part.
      total: number of notes; so few that there will be no part need not be identified.
      identify: what the parts depend on.
      resume: take up what is there; False starts anew, and says so.
      progress: is told.

    Raises:
      ResumeRefusedError: the interrupted run had another model, other files or other options.
    """
    parts = PartFolder(output, form)
    if total <= PART_NOTES and not parts.exists():
        return parts
    run = identify()
    if resume:
        parts.resume(run)
        if parts.exists() and not parts.notes:
            progress.warn(f"{parts.path.as_posix()}: nothing in it can be used; starting over")
        elif parts.notes:
            progress.say(f"resuming after {parts.notes:,} notes")
        return parts
    if parts.exists():
        progress.warn(
            f"{parts.path.as_posix()}: parts of an interrupted run, which --resume would go on "
            "with; this run starts over and will replace them"
        )
    parts.begin(run)
    return parts


@contextmanager
def telling_the_way_on(parts: PartFolder[Any]) -> Iterator[None]:
    """Says after Ctrl-C or on a full disk how to go on; parts of an invalid notes file go."""
    try:
        yield
    except KeyboardInterrupt:
        if parts.notes:
            way = f"{parts.notes:,} notes are done; run the same command with --resume to go on"
            raise KeyboardInterrupt(way) from None
        raise
    except OutputError as error:
        if not parts.notes:
            raise
        way = f"{parts.notes:,} notes are done: run the same command with --resume to go on"
        fix = f"make space or permission; {way}"
        raise OutputError(error.what, where=error.where, fix=fix) from error
    except InvalidInputError:
        if parts.notes:
            parts.drop()  # no run on this file will ever be whole
        raise


def work_through(
    work: Map[Batch, Made[Item]],
    notes: Iterable[Batch],
    total: int,
    parts: PartFolder[Item],
    progress: Progress,
) -> Iterator[Item]:
    """What is made of the notes, in their order; now and then that since the last part becomes one.

    Args:
      work: makes items of batches.
      notes: all of them, some at a time.
      total: how many.
      parts: those that are finished come first, and their notes are not worked on.
      progress: hears how many are done.
    """
    yield from parts.items()
    done = parts.notes
    held: list[Item] = []
    for count, made in work(_skip(batch_stream(notes), done)):
        yield from made
        held += made
        done += count
        progress.advance(done, examples=float(done))
        # The last part would be the output itself.
        if PART_NOTES <= done - parts.notes and done < total:
            parts.add(held, done - parts.notes)
            held = []


def _skip(batches: Iterable[Batch], count: int) -> Iterator[Batch]:
    """The batches behind the first `count` notes."""
    for batch in batches:
        if len(batch) > count:
            yield batch[count:]
        count = max(0, count - len(batch))
