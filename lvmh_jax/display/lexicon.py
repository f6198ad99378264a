"""Sections of the report on the lexicon: coverage by language, the map, warnings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from lvmh_jax.config import FEW_NOTES
from lvmh_jax.data.lint import RULES, SEVERITIES
from lvmh_jax.display.conceptmap import MOST_POINTS, draw_map, project
from lvmh_jax.display.facts import Facts, group_of, list_of, show_figure
from lvmh_jax.display.page import make_table, quote, show_bucket
from lvmh_jax.records import BUCKETS, LANGUAGES, Concept

ALL = "ALL"  # a lexicon's word for every language
SHORT = 3  # characters: such an alias is often a word by chance


def coverage_section(facts: Facts) -> Iterator[str]:
    """How many concepts list each language, and what its aliases find."""
    yield "<h2>Aliases by language</h2>"
    counts, unsaid = count_languages(facts.concepts)
    recall = facts.fresh.dictionary_recall if facts.fresh else {}
    known = {*counts, *recall}
    names = [*(code for code in LANGUAGES if code in known), *sorted(known - {*LANGUAGES})]
    total = max(len(facts.concepts), 1)
    # Where the lexicon tells no languages, columns of zeros would say that it has no wordings.
    has_counts = any(counts.values())
    rows = [
        (
            code,
            *((f"{counts[code]:,}", f"{counts[code] / total:.0%}") if has_counts else ()),
            show_figure(recall.get(code)),
        )
        for code in names
    ]
    if rows:
        head = ("language", *(("concepts", "share") if has_counts else ()), "dictionary recall")
        yield make_table(head, rows, numbers=tuple(range(1, len(head))))
    told = f"Concepts that list a language; {unsaid:,} list none."
    none = "No concept says in which languages its aliases are (<code>languages</code>)."
    yield f'<p class="soft">{told if has_counts else none} Dictionary recall '
    yield "is the share of annotated concepts that an alias names as written" + (
        ".</p>" if recall else "; it needs --workspace.</p>"
    )


def count_languages(concepts: Sequence[Concept]) -> tuple[Counter[str], int]:
    """Concepts that list each language, `ALL` standing for every one, and those that list none."""
    counts: Counter[str] = Counter()
    for concept in concepts:
        counts.update({*concept.languages} - {ALL})
        if ALL in concept.languages:
            counts.update({*LANGUAGES} - {*concept.languages})
    return counts, sum(not concept.languages for concept in concepts)


def map_section(facts: Facts) -> Iterator[str]:
    """The concepts as training placed them."""
    yield "<h2>Map of the concepts</h2>"
    if not facts.concepts:
        yield "<p>The lexicon is empty.</p>"
        return
    projection = project(facts.vectors_CD)
    buckets = Counter(each.bucket if each.bucket in BUCKETS else "other" for each in facts.concepts)
    keys = [f"<span>{show_bucket(b)} ({buckets[b]:,})</span>" for b in BUCKETS if buckets[b]]
    yield f'<div class="key">{"".join(keys)}</div>'
    title = f"{len(facts.concepts):,} concepts, near where training found them alike"
    drawn = draw_map(title, facts.concepts, projection.place_C2)
    yield f'<div class="scroll"><div class="map">{drawn}</div></div>'
    part = ""
    if len(facts.concepts) > MOST_POINTS:
        part = f" {MOST_POINTS:,} of {len(facts.concepts):,} are drawn, evenly chosen."
    yield (
        f'<p class="soft">Their vectors in two dimensions (PCA), which keep {projection.kept:.0%} '
        f"of the variance: far is unlike, near may be chance. Point at one for its name.{part}</p>"
    )


def warning_section(facts: Facts) -> Iterator[str]:
    """What to know of the data before trusting the figures."""
    yield "<h2>Data warnings</h2>"
    counts = group_of(facts.findings, "rules")
    rows = [
        (rule.severity, show_figure(counts[name]), f"{rule.about} ({name})")
        for severity in SEVERITIES
        for name, rule in RULES.items()
        if rule.severity == severity and counts.get(name)
    ]
    if rows:
        yield make_table(("", "found", "by the rules of doctor"), rows, numbers=(1,))
    if counts:
        yield from _say_doctor(facts, bool(rows))
    found = [*find_warnings(facts), *(facts.fresh.warnings if facts.fresh else ())]
    if found:
        yield "<ul>" + "\n".join(f"<li>{quote(each)}</li>" for each in found) + "</ul>"
    elif not rows:
        yield "<p>None.</p>"


def _say_doctor(facts: Facts, has_rows: bool) -> Iterator[str]:
    """Which rules looked at what, and where to see the places."""
    skipped = ", ".join(str(each) for each in list_of(facts.findings, "left_out"))
    yield (
        f'<p class="soft">{"" if has_rows else "The rules of doctor found nothing. "}'
        f"They looked at the lexicon and {show_figure(facts.findings.get('notes'))} notes"
        f"{f'; left out: {quote(skipped)}' if skipped else ''}. "
        "<code>lvmh-jax doctor</code> runs all of them, and names places and repairs.</p>"
    )


def find_warnings(facts: Facts) -> Iterator[str]:
    """What the model folder itself tells, one line each, without note text or alias."""
    if not group_of(facts.findings, "rules"):
        yield from _find_in_lexicon(facts.concepts)
    yield from _find_in_training(facts)


def _find_in_lexicon(concepts: Sequence[Concept]) -> Iterator[str]:
    """What can be told without the rules of `doctor`, of models older than them."""
    empty = sum(not concept.aliases for concept in concepts)
    if empty:
        yield f"{empty:,} of {len(concepts):,} concepts have no alias: nothing can find them"
    owners: defaultdict[str, set[int]] = defaultdict(set)
    for row, concept in enumerate(concepts):
        for alias in concept.aliases:
            owners[alias.casefold()].add(row)
    shared = sum(len(rows) > 1 for rows in owners.values())
    if shared:
        yield f"{shared:,} aliases belong to several concepts: only context can tell these apart"
    short = sum(alias.isascii() and len(alias) <= SHORT for alias in owners)
    if short:
        yield f"{short:,} aliases have at most {SHORT} characters: they match words by chance"


def _find_in_training(facts: Facts) -> Iterator[str]:
    validation = group_of(facts.metadata, "validation")
    if str(validation.get("protocol", "")).startswith("held-out"):
        yield "no annotated notes when it was trained: its precision is an upper bound"
    learned = group_of(facts.metadata, "learned_matches")
    if learned.get("mode") in ("dictionary", "denials"):
        why = learned.get("why_off") or "they did not beat the dictionary on validation"
        yield f"learned matches are off: {why}"
    if learned.get("scorer") == "default":
        yield "the scorer is the one that ships with lvmh-jax, fitted on the notes of its demo"
    notes = facts.metadata.get("num_notes")
    if isinstance(notes, int) and notes < FEW_NOTES:
        yield f"{notes:,} notes are few: figures are unstable below {FEW_NOTES}"
