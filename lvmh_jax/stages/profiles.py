"""What sets a segment apart: its over-represented concepts, and the name they give it.

The relations of kind `segment` are these, too; nothing here is a test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvmh_jax.records import Concept
from lvmh_jax.stages.aggregate import count_holders
from lvmh_jax.stages.relations import SEGMENT, Relation, find_chance

NAMED = 2  # concepts that a name joins
TRAITS = 5  # concepts that a profile lists
NO_SEGMENTS = "no segments"  # of the one that holds all clients
# Of a client whose concepts are all sensitive too: in words of their own they would be a list.
UNPLACED = "nothing to segment by"


@dataclass(frozen=True)
class Trait:
    """A concept that a segment's clients hold more often than clients do.

    Attributes:
      lift: share of the segment's clients who hold it, over the share of all.
    """

    concept_id: str
    label: str
    clients: int
    lift: float


@dataclass(frozen=True)
class Profile:
    """A segment with its name; `traits` come the most telling first.

    Attributes:
      has_named: how many of its clients hold one of the concepts that name it; what sets a segment
        apart need not describe most of it. 0 where no concept does.
    """

    segment: int
    clients: int
    name: str
    has_named: int
    traits: tuple[Trait, ...]


def describe_segments(
    holds_MC: sparse.csr_matrix, label_M: NDArray[np.int64], concepts: Sequence[Concept]
) -> tuple[Profile, ...]:
    """A profile for each segment, in their order; clients without a segment count as clients.

    A trait is held by two of the segment's clients or more (by one in a segment of one), with a
    lift above 1; traits are ranked by Fisher's exact test, so that neither a rare concept with a
    high lift nor a frequent one with hardly any comes first. A segment of which fewer than half
    hold one of the concepts that name it is called `mixed: A, B` instead of `A + B`. One that holds
    all has frequent concepts as traits, but no name of them: it would read as what they are.
    """
    names: list[str] = []
    column_of = {each.concept_id: column for column, each in enumerate(concepts)}
    profiles = []
    count = int(label_M.max(initial=-1)) + 1
    if count == 1:
        everyone = np.flatnonzero(label_M == 0)
        traits = _rank_traits(holds_MC, everyone, concepts, 2)
        return (Profile(0, len(everyone), NO_SEGMENTS, 0, traits),)
    for segment in range(count):
        inside = np.flatnonzero(label_M == segment)
        traits = _rank_traits(holds_MC, inside, concepts, 2)
        named = [column_of[trait.concept_id] for trait in traits[:NAMED]]
        has_named = int(np.count_nonzero(holds_MC[inside][:, named].sum(1)))
        name = _name_segment(traits, names, segment, is_mixed=2 * has_named < len(inside))
        names.append(name)
        profiles.append(Profile(segment, len(inside), name, has_named, traits))
    return tuple(profiles)


def relate_segments(
    holds_MC: sparse.csr_matrix,
    concepts: Sequence[Concept],
    label_M: NDArray[np.int64],
    names: Sequence[str],
    *,
    min_clients: int,
) -> list[Relation]:
    """What describes each segment: the first trait of each, then the second, and so on.

    No test, so no q-value and no interval: the segments were made from these very concepts, which
    therefore are over-represented wherever clients differ at all, and a test of that would find
    them in noise. Whether there are segments, the p-value tells that `segment` prints.

    Args:
      holds_MC: ones where a client holds a concept.
      concepts: the columns.
      label_M: int64 segment of each client, -1 for none.
      names: of the segments.
      min_clients: that hold the concept, in the segment.
    """
    found: list[tuple[int, Relation]] = []
    if len(names) < 2:  # nothing is set apart
        return []
    for segment, name in enumerate(names):
        inside = np.flatnonzero(label_M == segment)
        traits = _rank_traits(holds_MC, inside, concepts, min_clients)
        found += [
            (rank, _describe(trait, name))
            for rank, trait in enumerate(traits)
            if trait.lift > 1 and trait.clients >= min_clients
        ]
    return [relation for _, relation in sorted(found, key=lambda each: each[0])]


def _describe(trait: Trait, name: str) -> Relation:
    return Relation(
        source=trait.concept_id,
        target=name,
        kind=SEGMENT,
        n_clients=trait.clients,
        lift=trait.lift,
        ci_low=None,
        ci_high=None,
        q_value=None,
        similarity=None,
    )


def _rank_traits(
    holds_MC: sparse.csr_matrix,
    inside: NDArray[np.int64],
    concepts: Sequence[Concept],
    least: int,
) -> tuple[Trait, ...]:
    clients, size = holds_MC.shape[0], len(inside)
    all_C, here_C = count_holders(holds_MC), count_holders(holds_MC[inside])
    lift_C = here_C * clients / np.maximum(all_C * size, 1)
    chance_C = find_chance(here_C, all_C, np.full(len(all_C), size), clients)
    if size == clients:  # one segment of all: nothing stands out, and what is frequent names it
        telling_C, chance_C = here_C > 0, -here_C.astype(float)
    else:
        telling_C = (lift_C > 1) & (here_C >= min(least, size))
    order = [row for row in np.lexsort((-lift_C, chance_C)) if telling_C[row]]
    return tuple(
        Trait(concepts[row].concept_id, concepts[row].label, int(here_C[row]), float(lift_C[row]))
        for row in order[:TRAITS]
    )


def _name_segment(
    traits: Sequence[Trait], taken: Sequence[str], segment: int, *, is_mixed: bool
) -> str:
    labels = [trait.label for trait in traits[:NAMED]]
    whole = f"mixed: {', '.join(labels)}" if is_mixed else " + ".join(labels)
    name = whole if labels else f"segment {segment}"
    return f"{name} ({segment})" if name in taken else name
