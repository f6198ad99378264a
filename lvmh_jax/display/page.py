"""One self-contained HTML page: escaped, no script, nothing from the network, light and dark.

The policy in the head forbids the browser to load or run anything, whatever a label holds.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from html import escape

from lvmh_jax.display.colours import COLOURS
from lvmh_jax.records import BUCKETS

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
# They reorder what follows, in a terminal also our own text.
REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
REPLACEMENT = "\ufffd"

PALETTE = "".join(f"--{name}:{COLOURS[name]};" for name in BUCKETS)
# Light first; a browser that prefers dark, and is not printing, overrides the surfaces alone.
SURFACES = "--paper:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--shade:#f6f8fa;"
NIGHT = "--paper:#14171a;--ink:#e6edf3;--soft:#9aa5b1;--line:#363d46;--shade:#1d2228;"


def themed(selector: str) -> str:
    """The colours of a root element as style rules, light and dark."""
    return (
        f"{selector}{{{PALETTE}{SURFACES}color-scheme:light dark;"
        "background:var(--paper);color:var(--ink)}"
        f"@media screen and (prefers-color-scheme:dark){{{selector}{{{NIGHT}}}}}"
    )


STYLE = (
    themed(":root")
    + """
body{margin:0 auto;max-width:1080px;padding:16px;font:16px/1.5 system-ui,sans-serif;
overflow-wrap:break-word;-webkit-text-size-adjust:100%}
h1{font-size:1.5rem;line-height:1.25;margin:.5em 0}
h2{font-size:1.2rem;margin:2em 0 .5em;border-bottom:1px solid var(--line);padding-bottom:.2em}
h3{font-size:1rem;margin:1.2em 0 .4em}
p{max-width:75ch}.soft{color:var(--soft);font-size:.9rem}
.scroll{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;font-size:.9rem}
th,td{text-align:left;padding:.3em .9em .3em 0;vertical-align:top;
border-bottom:1px solid var(--line)}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
pre{background:var(--shade);padding:.8em;overflow-x:auto;font-size:.82rem;
white-space:pre-wrap;overflow-wrap:anywhere}
code{overflow-wrap:anywhere}td code{white-space:nowrap}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:16px}
figure{margin:0}figcaption{font-weight:600;font-size:.95rem;margin-bottom:.3em}
svg{display:block;width:100%;height:auto;max-width:640px}
svg text{fill:var(--ink);font:13px system-ui,sans-serif}svg .t{fill:var(--soft);font-size:12px}
svg .grid{stroke:var(--line);stroke-width:1;fill:none}svg .fine{stroke:var(--soft);fill:none}
.map{min-width:640px}svg.wide{max-width:none}
svg.wide .label{font-size:12px;stroke:var(--paper);stroke-width:3px;paint-order:stroke}
.swatch{display:inline-block;width:.75em;height:.75em;border-radius:50%;margin-right:.35em;
print-color-adjust:exact;-webkit-print-color-adjust:exact}
.key{display:flex;flex-wrap:wrap;gap:.2em 1.2em;font-size:.9rem;margin:.5em 0}
summary{cursor:pointer}
@media (max-width:480px){th,td{padding-right:.55em}table{font-size:.85rem}
td code{font-size:.7rem}}
@media print{body{max-width:none;padding:0;font-size:11pt}h2{break-after:avoid}
figure,tr{break-inside:avoid}.scroll{overflow:visible}.map{min-width:0}}
"""
)


def show_characters(text: str) -> str:
    r"""Replaces what a terminal or a page would obey instead of show, one character by one.

    Line feeds stay; tabs become spaces; controls, direction marks and surrogates become U+FFFD.

    >>> show_characters("a\x1b[2J") == "a\ufffd[2J"
    True
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_show, text))


def _show(char: str) -> str:
    if char == "\n":
        return char
    if char in "\t\r\u2028\u2029\x85":
        return " "
    return REPLACEMENT if char in REORDERING or unicodedata.category(char) in _UNSHOWN else char


_UNSHOWN = frozenset({"Cc", "Cs"})


def quote(value: object) -> str:
    """Text for a place in HTML, between tags or inside quotes.

    >>> quote('<b title="x">')
    '&lt;b title=&quot;x&quot;&gt;'
    """
    return escape(show_characters(str(value)))


def shorten(text: str, most: int) -> str:
    """At most `most` characters, with an ellipsis where some are left out."""
    return text if len(text) <= most else text[: max(most - 1, 0)] + "…"


def make_table(
    head: Sequence[str], rows: Iterable[Sequence[object]], numbers: Iterable[int] = ()
) -> str:
    """A table that scrolls by itself where the screen is narrow.

    Args:
      head: names of the columns; all empty for a table without a head.
      rows: cells as text; `Markup` is taken as it is.
      numbers: columns to align right.
    """
    right = frozenset(numbers)
    kinds = [' class="n"' if column in right else "" for column in range(len(head))]
    lines = ["".join(f"<th{k}>{quote(n)}</th>" for k, n in zip(kinds, head, strict=True))]
    for row in rows:
        lines.append("".join(f"<td{k}>{_cell(c)}</td>" for k, c in zip(kinds, row, strict=True)))
    body = "\n".join(f"<tr>{line}</tr>" for line in lines[1:])
    named = f"<thead><tr>{lines[0]}</tr></thead>\n" if any(head) else ""
    return f'<div class="scroll"><table>{named}<tbody>{body}</tbody></table></div>'


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def _cell(value: object) -> str:
    return value if isinstance(value, Markup) else quote(value)


def show_bucket(bucket: str) -> Markup:
    """A bucket's name behind its colour."""
    colour = f"var(--{bucket})" if bucket in COLOURS else "var(--other)"
    mark = f'<i class="swatch" style="background:{colour}"></i>'
    return Markup(f'<span style="white-space:nowrap">{mark}{quote(bucket)}</span>')


def make_page(title: str, body: str, style: str = "") -> str:
    """An HTML document with our style; `body` is HTML, `title` is text."""
    return "\n".join(
        (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{quote(title)}</title>",
            f"<style>{STYLE}{style}</style>\n</head>\n<body>",
            body,
            "</body>\n</html>\n",
        )
    )
