"""The gate before a model is saved: no text of the folder identifies a person.

E-mail addresses, numbers and personal pages stop the save. In a lexicon they are told by concept,
for the user may know better: `--allow-alias CONCEPT`. Names and postal addresses are counted and
told, for there the recognisers may err ("DR SYNDROME" is a disease). Messages hold no text.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from lvmh_jax.data.personal import kinds_in, redact_fully
from lvmh_jax.data.privacy import redact
from lvmh_jax.errors import QualityGateError, UsageError, nearest_name
from lvmh_jax.io.manifest import MANIFEST
from lvmh_jax.io.texts import EVENTS, Text, read_texts, walk_json
from lvmh_jax.records import Lexicon

SAMPLES = "training_examples"
DROP_ALIAS = "drop it (`lvmh-jax doctor --fix` writes a copy without such aliases)"
SHOWN = 5  # concepts or places that a message names
CHANCE = "HANDLE"  # "@x1y": bytes of a file of numbers may be one, and a save must not fail so
# Hashes of our own making, by key, and digests, such as names of Orbax's files: some have digits
# enough in a row to pass for a number, and a save must not fail by chance.
_HASHED = frozenset({"notes", "folds", "client_id", "sha256", "inputs"})
_DIGEST = re.compile(r"(?<![\w@.+-])[0-9a-f]{32,64}(?![\w@.+-])")
_HASH = re.compile(r"[0-9a-f]{12}(?:[0-9a-f]{4}|[0-9a-f]{52})?")


class Hit(NamedTuple):
    """Personal data at a place: `concept` is "" outside the lexicon, `is_id` where it is its id."""

    place: str
    concept: str
    kind: str
    stops: bool
    is_id: bool = False


def check_lexicon(lexicon: Lexicon, allowed: Collection[str]) -> None:
    """Refuses a lexicon whose model could not be saved, before the work.

    Raises:
      QualityGateError: a concept that is not allowed has an id, label or alias that identifies a
        person.
    """
    hits = (
        Hit("lexicon", concept.concept_id, kind, stops, is_id=place == 0)
        for concept in lexicon.concepts
        for place, text in enumerate((concept.concept_id, concept.label, *concept.aliases))
        for kind, stops in kinds_in(text)
    )
    _refuse(hits, allowed)


def check_allowed(lexicon: Lexicon, allowed: Collection[str]) -> Collection[str]:
    """Raises UsageError when a concept that is to be let through is none of the lexicon."""
    known = lexicon.row_of
    for concept_id in allowed:
        if concept_id not in known:
            near = difflib.get_close_matches(concept_id, known, n=5, cutoff=0.0)
            raise UsageError(
                f"--allow-alias: no concept {concept_id!r}",
                fix=redact_fully(nearest_name(concept_id, near)),
            )
    return allowed


def scan_model(
    part: Path,
    metadata: Mapping[str, Any],
    documents: Mapping[str, object],
    arrays: Mapping[str, Mapping[str, Any]],
    readme: str,
    *,
    leaving: Collection[str] = (),
    allowed: Collection[str] = (),
) -> dict[str, Any]:
    """Scans what a model folder is about to hold, and what it holds already.

    Args:
      part: the folder; what is written to it anew is given by the next arguments.
      metadata: where its `pii_report` says that texts are as written, their file is left out.
      documents: stem to value.
      arrays: stem to arrays by name; the names are scanned.
      readme: the model card.
      leaving: files of the folder that will be deleted.
      allowed: ids of concepts that may have personal data in their aliases.

    Returns: the report for `metadata.json`: what was scanned and left out, hits by kind, concepts.

    Raises:
      QualityGateError: something identifies a person; names concepts, or files and keys.
    """
    as_written = dict(metadata.get("pii_report") or {}).get("texts") == "as written"
    skipped = [f"{SAMPLES}.json"] if as_written else []
    names = {f"{stem}.safetensors": dict.fromkeys(each, "") for stem, each in arrays.items()}
    files = {f"{stem}.json": each for stem, each in documents.items()}
    written = {"metadata.json": metadata, "README.md": ["", *readme.splitlines()], **files, **names}
    texts = {name: walk_json(each) for name, each in written.items() if name not in skipped}
    for name, path in _find_files(part):
        if name not in (*written, *leaving):
            texts[name] = read_texts(path)
    count = 0
    hits: list[Hit] = []
    for name, found in texts.items():
        for each in found:
            count += 1
            hits += _hits_at(name, each, written.get(name))
    _refuse(hits, allowed)
    named = dict.fromkeys(hit.concept for hit in hits if hit.concept and not hit.stops)
    return {
        "scanned_files": len(texts),
        "scanned_texts": count,
        "not_scanned": skipped,
        "hits": dict(sorted(Counter(hit.kind for hit in hits).items())),
        "concepts_with_names": list(named),
        "allowed_concepts": sorted(allowed),
    }


def _find_files(part: Path) -> Iterator[tuple[str, Path]]:
    """Files of a folder but its manifest, by their relative names."""
    for path in sorted(part.rglob("*")) if part.is_dir() else ():
        name = path.relative_to(part).as_posix()
        if name != MANIFEST and path.is_file() and not path.is_symlink():
            yield name, path


def _hits_at(name: str, text: Text, document: Any) -> Iterator[Hit]:
    concept = _concept_at(name, text.keys, document)
    kinds = kinds_in(text.text if concept else _without_hashes(text))
    if Path(name).name.startswith(EVENTS):
        kinds = tuple(each for each in kinds if each[0] != CHANCE)
    if kinds:
        keys = "/".join("#" if kinds_in(str(key)) else str(key) for key in text.keys)
        is_id = text.text == concept
        yield from (Hit(f"{name}: {keys}", concept, kind, stops, is_id) for kind, stops in kinds)


def _without_hashes(text: Text) -> str:
    if _HASH.fullmatch(text.text) and not _HASHED.isdisjoint(text.keys):
        return ""
    return _DIGEST.sub("", text.text)


def _concept_at(name: str, keys: tuple[str | int, ...], document: Any) -> str:
    """The concept whose label or alias stands at a place of a model file, else ""."""
    try:
        if name == "lexicon.json":
            return str(document[keys[0]]["concept_id"])
        if name == "concept_mapping.json":
            return str(document["concepts"][keys[1]])
        if name == f"{SAMPLES}.json" and keys[0] == "concept_examples":
            return str(document["concept_examples"][keys[1]]["concept"])
    except (KeyError, IndexError, TypeError):
        pass
    return ""


def _refuse(hits: Iterable[Hit], allowed: Collection[str]) -> None:
    stopping = [hit for hit in hits if hit.stops and hit.concept not in allowed]
    for is_id, where, drop in (
        (True, "its id", "rename it, in the lexicon and where notes are annotated with it"),
        (False, "an alias or label", DROP_ALIAS),
    ):
        concepts: dict[str, dict[str, None]] = {}
        for hit in stopping:
            if hit.concept and hit.is_id == is_id:
                concepts.setdefault(hit.concept, {})[hit.kind] = None
        if concepts:
            told = [f"{redact(name)} ({', '.join(kinds)})" for name, kinds in concepts.items()]
            have = "concept has" if len(told) == 1 else "concepts have"
            raise QualityGateError(
                f"{len(told)} {have} personal data in {where}: {_some(told)}",
                fix=f"{drop}, or keep it with --allow-alias CONCEPT",
            )
    places = list(dict.fromkeys(f"{hit.place} ({hit.kind})" for hit in stopping))
    if places:
        raise QualityGateError(
            f"personal data in {len(places)} texts of the model: {_some(places)}",
            fix="this should have been redacted: please report it, and train without that data",
        )


def _some(told: list[str]) -> str:
    more = len(told) - SHOWN
    return "; ".join(told[:SHOWN]) + (f"; and {more} more" if more > 0 else "")
