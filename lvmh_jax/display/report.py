"""The report of a model: one page that holds all it shows, and no note text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lvmh_jax.display.charts import draw_curves
from lvmh_jax.display.facts import Facts, group_of, list_of, number_of, show_f1, show_figure
from lvmh_jax.display.lexicon import coverage_section, map_section, warning_section
from lvmh_jax.display.page import Markup, make_page, make_table, quote
from lvmh_jax.display.scores import confidence_section, confusion_section, score_section
from lvmh_jax.evaluate.basis import (
    count_mentions,
    is_measurable,
    tell_decided,
    tell_good_accuracy,
)

HISTORY = (
    ("loss", "Loss by epoch", "loss", "train_loss", None),
    ("accuracy", "Accuracy by epoch", "accuracy", "train_accuracy", 1.0),
)


def render_report(facts: Facts) -> str:
    """The whole page as HTML.

    Args:
      facts: a model; what its metadata lacks is left out or said to be unknown.
    """
    sections: tuple[Callable[[Facts], Iterator[str]], ...] = (
        _head,
        _training_section,
        _curve_section,
        score_section,
        confidence_section,
        confusion_section,
        coverage_section,
        map_section,
        warning_section,
        _reproduction_section,
    )
    body = "\n".join(part for section in sections for part in section(facts))
    return make_page(f"Report: {facts.name}", body)


def _head(facts: Facts) -> Iterator[str]:
    yield f"<h1>{quote(facts.name)}</h1>"
    f1 = show_f1(facts.figures)
    alone = ""
    if is_measurable(count_mentions(facts.figures)):
        figure = show_figure(group_of(facts.figures, "dictionary").get("f1"))
        alone = f", of the dictionary alone {figure}"
    accuracy = show_figure(facts.metadata.get("final_accuracy"))
    yield (
        f"<p>A concept detector of <code>lvmh-jax</code>. F1 <strong>{f1}</strong>{alone}. "
        f"{_tell_deciding(facts)}Accuracy on hidden aliases {accuracy}: what to expect "
        f"on wordings that the lexicon does not list. {_tell_good(facts)}Accuracy on trained "
        "aliases says nothing.</p>"
    )


def _tell_good(facts: Facts) -> str:
    good = tell_good_accuracy(facts.metadata.get("num_concepts"))
    return f"{good.capitalize()}. " if good else ""


def _tell_deciding(facts: Facts) -> str:
    if facts.decided is None:
        return ""
    told = tell_decided(facts.decided)
    return f"What ships was decided by F1 {quote(told)} ({quote(facts.decided.protocol)}). "


def _training_section(facts: Facts) -> Iterator[str]:
    """What was trained on what."""
    yield "<h2>What was trained on what</h2>"
    data = facts.metadata
    learned = group_of(data, "learned_matches")
    epochs = f"{data.get('epochs_run', '-')} of {data.get('epochs', '-')}, kept the one after "
    rows: list[tuple[object, object]] = [
        ("preset", f"{data.get('size', '-')}, {data.get('embedding_dim', '-')} dimensions"),
        ("trained", data.get("training_date", "-")),
        ("concepts", show_figure(data.get("num_concepts"))),
        ("aliases, hidden of them", _pair(data, "num_aliases", "num_aliases_held_out")),
        ("notes, hidden of them", _pair(data, "num_notes", "num_notes_held_out")),
        ("training examples", show_figure(data.get("num_training_examples"))),
        ("epochs", f"{epochs}{data.get('best_epoch', '-')}"),
        ("loss and accuracy are of", data.get("measured_on", "-")),
        ("learned matches", f"{learned.get('mode', '-')}, by {learned.get('decided_on', '-')}"),
        ("scorer", learned.get("scorer", "-")),
        ("ran on", f"{data.get('backend', '-')}, {len(list_of(data, 'devices'))} device(s)"),
    ]
    yield make_table(("", ""), rows)


def _pair(data: Mapping[str, Any], first: str, second: str) -> str:
    return f"{show_figure(data.get(first))}, {show_figure(data.get(second))}"


def _curve_section(facts: Facts) -> Iterator[str]:
    yield "<h2>Learning</h2>"
    history = group_of(facts.metadata, "training_history")
    places = [float(each) for each in list_of(history, "epochs")]
    best = number_of(facts.metadata.get("best_epoch"))
    yield '<div class="pair">'
    for name, title, held, trained, top in HISTORY:
        series = {
            "hidden aliases": [number_of(each) for each in list_of(history, held)],
            "training": [number_of(each) for each in list_of(history, trained)],
        }
        drawn = draw_curves(
            f"{name} on hidden aliases and in training",
            places,
            series,
            across="epoch",
            top=top,
            mark=best,
        )
        yield f"<figure><figcaption>{title}</figcaption>{drawn}</figure>"
    yield "</div>"


def _reproduction_section(facts: Facts) -> Iterator[str]:
    """Command, inputs, versions, configuration."""
    yield "<h2>How to reproduce it</h2>"
    commands = [facts.command, facts.fresh.command if facts.fresh else ""]
    yield f"<pre>{quote(chr(10).join(filter(None, commands)))}</pre>"
    inputs = group_of(facts.metadata, "inputs")
    same = facts.fresh.same_inputs if facts.fresh else {}
    rows = [
        (name, Markup(f"<code>{quote(digest)}</code>"), _same(same.get(name)))
        for name, digest in inputs.items()
    ]
    yield "<h3>Inputs</h3>"
    yield make_table(("file", "sha256", "in the workspace measured"), rows)
    versions = group_of(facts.metadata, "package_versions")
    yield "<h3>Versions</h3>" + make_table(("package", "version"), list(versions.items()))
    configuration = json.dumps(
        group_of(facts.metadata, "configuration"), indent=1, ensure_ascii=False
    )
    yield f"<details><summary>Configuration</summary><pre>{quote(configuration)}</pre></details>"


def _same(is_same: bool | None) -> str:
    return "-" if is_same is None else "the same" if is_same else "another, or not there"
