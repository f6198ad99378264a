"""The report of `doctor` as one HTML page: no script, no network, light or dark, any width.

Every text is escaped. Notes are shown by id alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

MOST = 200  # findings of a rule; the rest is in `--json`
STYLE = """
:root{color-scheme:light dark;--ink:#1b1b1b;--paper:#fff;--line:#d5d5d5;--soft:#f4f4f4}
@media(prefers-color-scheme:dark){:root{--ink:#e8e8e8;--paper:#161616;--line:#444;--soft:#222}}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);
max-width:60rem;margin:0 auto;padding:1rem;overflow-wrap:anywhere}
h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--line)}
td.n{text-align:right;font-variant-numeric:tabular-nums}
details{border:1px solid var(--line);border-radius:.4rem;margin:.5rem 0;padding:.4rem .7rem}
summary{cursor:pointer}
li{margin:.5rem 0}
small{opacity:.8}
.error,.warning,.hint{border-radius:.3rem;padding:.05rem .4rem;font-size:.85rem;color:#fff}
.error{background:#a4133c}.warning{background:#8a5300}.hint{background:#2b5c8a}
"""


def write_page(title: str, report: Mapping[str, Any]) -> str:
    """The page of a report, as `--json` has it.

    >>> "<script>" in write_page("<script>", {"findings": [], "severities": {}, "rules": {}})
    False
    """
    counts = ", ".join(count_of(n, name) for name, n in report["severities"].items())
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1><p>{escape(counts or 'nothing found')}</p>",
        "<h2>Findings</h2>",
        *_findings(report["findings"], report["rules"]),
    ]
    for name in ("coverage", "lexicon", "gold", "training"):
        if report.get(name):
            rows = list(flatten_figures(report[name]))
            parts += [f"<h2>{name.capitalize()}</h2>", *_table(rows)]
    parts.append("<p><small>Aliases are redacted; notes are shown by id alone.</small></p>")
    return "\n".join([*parts, "</body></html>", ""])


def count_of(number: int, noun: str) -> str:
    """A number and its noun.

    >>> count_of(1, "error"), count_of(1200, "hint")
    ('1 error', '1,200 hints')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def flatten_figures(figures: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, str]]:
    """Nested figures as rows of name and text; a mapping of numbers alone is one row.

    >>> list(flatten_figures({"a": {"b": {"c": 1}}, "share": 0.25}))
    [('a, b', 'c 1'), ('share', '0.250')]
    """
    for key, value in figures.items():
        name = f"{prefix}{key}".replace("_", " ")
        if not isinstance(value, Mapping):
            yield name, _figure(value)
        elif any(isinstance(each, Mapping) for each in value.values()):
            yield from flatten_figures(value, f"{name}, ")
        else:
            told = (f"{inner.replace('_', ' ')} {_figure(each)}" for inner, each in value.items())
            yield name, ", ".join(told)


def _figure(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _findings(
    findings: Sequence[Mapping[str, Any]], rules: Mapping[str, Mapping[str, Any]]
) -> Iterable[str]:
    for name, rule in rules.items():
        found = [each for each in findings if each["rule"] == name]
        if not found:
            continue
        severity = escape(found[0]["severity"])
        yield (
            f'<details><summary><span class="{severity}">{severity}</span> '
            f"<b>{escape(name)}</b> ({len(found):,}): {escape(rule['about'])}</summary>"
        )
        yield f"<p>Repair: {escape(rule['repair'])}.</p><ul>"
        yield from (_item(each) for each in found[:MOST])
        if len(found) > MOST:
            yield f"<li>and {len(found) - MOST:,} more, with <code>--json</code></li>"
        yield "</ul></details>"


def _item(finding: Mapping[str, Any]) -> str:
    alias = f"<b>{escape(finding['alias'])}</b>: " if finding["alias"] else ""
    where = ", ".join(finding["concepts"])
    notes = ", ".join(finding["notes"])
    told = f"; {count_of(finding['count'], finding['counts'][:-1])}" if finding["count"] else ""
    told += f": {notes}" if notes else ""
    return f"<li>{alias}{escape(finding['evidence'])}<br><small>{escape(where + told)}</small></li>"


def _table(rows: Iterable[tuple[str, str]]) -> Iterable[str]:
    cells = (f"<tr><td>{escape(name)}</td><td>{escape(text)}</td></tr>" for name, text in rows)
    yield '<div class="wide"><table>'
    yield from cells
    yield "</table></div>"
