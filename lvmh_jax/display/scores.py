"""Sections of the report on how good a model is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lvmh_jax.display.charts import (
    Bar,
    draw_bars,
    draw_curves,
    draw_reliability,
    draw_tradeoff,
)
from lvmh_jax.display.facts import Facts, group_of, list_of, number_of, show_figure
from lvmh_jax.display.page import Markup, make_table, quote
from lvmh_jax.evaluate.basis import (
    LEAST_MENTIONS,
    PROTOCOLS,
    count_mentions,
    is_measurable,
    tell_decided,
    tell_few,
)
from lvmh_jax.evaluate.confusion import Confusion

LEAST_NOTES = 5  # a bootstrap over fewer says nothing: over one note its interval has no width
FIGURES = ("precision", "recall", "f1")
TOLD = (*FIGURES, "protocol", "macro_f1", "span_strict", "span_relaxed", "denied", "dictionary")
ASK = "Measured on a workspace: run <code>lvmh-jax report --workspace DIR</code>."
NEEDS_GOLD = "Measured on annotated notes, and there were none."
# "There were none" would contradict a page that says on which annotated notes it was decided.
NEEDS_DEV = (
    "Measured on annotated notes of the split <code>dev</code>, and there were none: those of "
    "<code>train</code> decided what ships. <code>lvmh-jax review import --split dev</code> takes "
    "others in."
)


def score_section(facts: Facts) -> Iterator[str]:
    """Precision, recall and F1 by protocol, then by language and bucket."""
    yield "<h2>How good it is</h2>"
    trained = group_of(facts.metadata, "validation")
    if facts.fresh and any(facts.fresh.figures.get(key) != trained.get(key) for key in TOLD):
        yield from _score_table("Measured for this report", facts.fresh.figures)
    yield from _score_table("When it was trained", trained)
    yield from _decision_table(facts)
    yield '<p class="soft">Notes are compared by their concepts. Intervals are 95 %, by bootstrap '
    yield "over notes.</p>"
    yield '<div class="pair">'
    for key, name in (("by_language", "F1 by language"), ("by_bucket", "F1 by bucket")):
        yield _draw_group(facts, key, name)
    yield "</div>"
    if facts.fresh and facts.fresh.concepts:
        yield "<details><summary>F1 by concept, the most annotated</summary>"
        rows = [
            (
                _code(each.concept_id),
                show_figure(each.precision),
                show_figure(each.recall),
                show_figure({"value": each.f1} | _name_ends(each.interval)),
                str(each.gold),
            )
            for each in facts.fresh.concepts
        ]
        yield make_table(("concept", "precision", "recall", "F1", "to find"), rows, numbers=(4,))
        yield "</details>"


def _name_ends(interval: tuple[float, float] | None) -> dict[str, float]:
    return {} if interval is None else {"ci_low": interval[0], "ci_high": interval[1]}


def _score_table(when: str, figures: Mapping[str, Any]) -> Iterator[str]:
    """A line of each way to count, of one protocol."""
    yield f"<h3>{when}</h3>"
    if not figures:
        yield "<p>Not validated.</p>"
        return
    protocol = str(figures.get("protocol", "not said"))
    yield f"<p>Protocol <code>{quote(protocol)}</code>: "
    yield f"{quote(PROTOCOLS.get(protocol, 'as its name says'))}.</p>"
    mentions = count_mentions(figures)
    if not is_measurable(mentions):
        yield f"<p>{tell_few(mentions).capitalize()}: {LEAST_MENTIONS} are the least.</p>"
        return
    lines = [("concepts of a note", figures)]
    lines += [
        (name, group_of(figures, key))
        for key, name in (
            ("span_strict", "spans, exact"),
            ("span_relaxed", "spans, overlapping"),
            ("dictionary", "dictionary alone"),
        )
        if group_of(figures, key)
    ]
    rows = [
        (name, *(show_figure(line.get(key)) for key in FIGURES), _show_support(figures, line))
        for name, line in lines
    ]
    if denied := group_of(figures, "denied"):
        rows.insert(1, _make_denied_row(denied))
    if number_of(figures.get("macro_f1")) is not None:
        rows.append(("mean over concepts", "", "", show_figure(figures["macro_f1"]), ""))
    yield make_table(("", "precision", "recall", "F1", "to find"), rows, numbers=(4,))


def _make_denied_row(denied: Mapping[str, Any]) -> tuple[str, ...]:
    """What the notes deny; of few denied concepts, that nothing can be told."""
    name, count = "concepts that a note denies", denied["gold"]
    if not is_measurable(count):
        return (name, "", "", tell_few(count), str(count))
    return (name, *(show_figure(denied.get(key)) for key in FIGURES), str(count))


def _decision_table(facts: Facts) -> Iterator[str]:
    """The F1 that decided what ships, where nothing better was measured."""
    if facts.decided is None:
        return
    protocol = facts.decided.protocol
    yield "<h3>What decided what ships</h3>"
    yield f"<p>Protocol <code>{quote(protocol)}</code>: "
    yield f"{quote(PROTOCOLS.get(protocol, 'as its name says'))}.</p>"
    yield make_table(("", ""), [("F1", tell_decided(facts.decided))])


def _show_support(figures: Mapping[str, Any], line: Mapping[str, Any]) -> str:
    """How much there is to find; of notes the dictionary's line says it too."""
    return show_figure(line.get("gold", group_of(figures, "dictionary").get("gold")))


def _draw_group(facts: Facts, key: str, name: str) -> str:
    told = is_measurable(count_mentions(facts.figures))
    groups = group_of(facts.figures, key) if told else {}
    intervals = group_of(facts.fresh.intervals, key) if facts.fresh else {}
    bars = []
    for each in groups:
        figures = group_of(groups, each)
        f1 = number_of(figures.get("f1"))
        if f1 is None:
            continue
        notes = figures.get("notes")
        told = each in intervals and isinstance(notes, int) and notes >= LEAST_NOTES
        low, high = intervals[each] if told else (None, None)
        support = figures.get("gold")
        bars.append(Bar(each, f1, low, high, support if isinstance(support, int) else None))
    if not bars:
        return f"<figure><figcaption>{name}</figcaption><p>Not measured.</p></figure>"
    return f"<figure><figcaption>{name}</figcaption>{draw_bars(name, bars)}</figure>"


def confidence_section(facts: Facts) -> Iterator[str]:
    """Whether confidences are right as often as they say, and the thresholds on them."""
    yield "<h2>Confidence</h2>"
    bins = [each for each in list_of(facts.figures, "reliability") if isinstance(each, Mapping)]
    # Where no learned match ships, every mention has one confidence, and the curve is of none.
    curve = [(at, share) for at, share in facts.curve if facts.scorer != "none"]
    tradeoff = [e for e in list_of(facts.figures, "precision_recall") if isinstance(e, Mapping)]
    if bins or curve or tradeoff:
        yield '<div class="pair">'
        if tradeoff:
            yield "<figure><figcaption>Precision by recall (large dot: all it names)"
            yield f"</figcaption>{draw_tradeoff('precision by recall', tradeoff)}</figure>"
        if bins:
            yield "<figure><figcaption>Share that is right, by confidence</figcaption>"
            yield draw_reliability("share of mentions that is right, by confidence", bins)
            yield "</figure>"
        if curve:
            about = _CURVES.get(facts.scorer, "")
            yield f"<figure><figcaption>{_CURVE}{about}</figcaption>"
            yield draw_curves(
                _CURVE.lower(),
                [at for at, _ in curve],
                {"precision": [share for _, share in curve]},
                across="confidence",
                top=1.0,
            )
            yield "</figure>"
        yield "</div>"
    error = show_figure(facts.figures.get("calibration_error"))
    yield f"<p>Calibration error, the mean distance from the diagonal: {error}.</p>"
    if not bins:
        missing = _tell_need(facts) if facts.fresh else ASK
        yield f'<p class="soft">There is no reliability curve. {missing}</p>'
    thresholds = group_of(facts.metadata, "thresholds")
    if thresholds:
        rows = [(_THRESHOLDS.get(key, key), _show_limit(at)) for key, at in thresholds.items()]
        yield "<h3>Thresholds</h3>" + make_table(("a mention is kept from", ""), rows, numbers=(1,))


_CURVE = "Precision of mentions from a confidence up"
# As the warning of `detect --min-precision` says it.
_CURVES = {
    "default": " of the shipped scorer, on the demo's annotated notes",
    "gold": ", on the annotated notes, each judged by the fold that did not see it",
}


def _tell_need(facts: Facts) -> str:
    """Why nothing could be compared: no annotated notes, or all of them decided what ships."""
    decided_on = str(group_of(facts.metadata, "learned_matches").get("decided_on", ""))
    return NEEDS_DEV if decided_on.startswith("gold-train") else NEEDS_GOLD


def _show_limit(at: object) -> str:
    """A threshold beyond every confidence is how a detector says never."""
    number = number_of(at)
    return "never" if number is not None and number > 1 else show_figure(at)


_THRESHOLDS = {
    "keep_exact": "dictionary match",
    "add_learned": "learned match",
    "overlapping": "match that overlaps a surer one",
    "note_level": "concept of the whole note, without a place",
    "link": "phrase to link",
}


def confusion_section(facts: Facts) -> Iterator[str]:
    """What is taken for what: concept ids, counts, and a redacted sentence of each."""
    yield "<h2>Most confused concepts</h2>"
    if facts.fresh is None:
        yield f'<p class="soft">{ASK}</p>'
        return
    if not facts.fresh.errors:
        is_gold = str(facts.figures.get("protocol", "")).startswith("gold")
        yield f"<p>{'No error on the annotated notes.' if is_gold else _tell_need(facts)}</p>"
        return
    yield '<div class="pair"><div><h3>One concept for another, at one place</h3>'
    examples = facts.fresh.examples or [""] * len(facts.fresh.confusions)
    pairs = [
        (each.notes, _describe_confusion(each, example))
        for each, example in zip(facts.fresh.confusions, examples, strict=True)
    ]
    yield make_table(("notes", "holds, and named instead"), pairs, numbers=(0,))
    yield "</div><div><h3>Most errors</h3>"
    rows = [(e.missed, e.wrong, e.gold, _code(e.concept_id)) for e in facts.fresh.errors]
    yield make_table(("missed", "wrong", "holds in", "concept"), rows, numbers=(0, 1, 2))
    yield "</div></div>"


def _describe_confusion(confusion: Confusion, example: str) -> Markup:
    """Both concepts in a line, and below them the sentence: a column of its own is too narrow."""
    sentence = f'<br><span class="soft">{quote(example)}</span>' if example else ""
    return Markup(f"{_code(confusion.gold)}, {_code(confusion.found)}{sentence}")


def _code(name: str) -> Markup:
    return Markup(f"<code>{quote(name)}</code>")
