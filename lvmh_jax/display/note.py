"""A note with its mentions as HTML: a coloured line under each, one above the other.

What is denied is dashed and struck. Numbers come from the style sheet, so that copied text is the
note's own; under the pointer a place tells its concepts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lvmh_jax.display.colours import COLOURS
from lvmh_jax.display.layers import Piece, assign_layers, cut_pieces
from lvmh_jax.display.page import make_page, make_table, quote, show_bucket, themed
from lvmh_jax.records import ML_ENHANCED, NEGATED, Concept, Mention

STEP_EM = 0.34  # from one layer to the next
UNDER_EM = 1.22  # from the top of the letters to the first layer
STYLE = (
    themed(".lvmh-note")
    + """
.lvmh-note{padding:12px;font-family:system-ui,sans-serif}
.lvmh-note .text{white-space:pre-wrap;overflow-wrap:anywhere;font-size:1.1rem;margin:0 0 1em}
.lvmh-note .m{background-repeat:no-repeat;box-decoration-break:clone;
-webkit-box-decoration-break:clone;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.lvmh-note .m[data-n]::after{content:attr(data-n);display:inline-block;font-size:.62em;
font-weight:600;vertical-align:.5em;line-height:0;padding:0 .15em;color:var(--soft);
unicode-bidi:isolate}
.lvmh-note .no{text-decoration:line-through}
.lvmh-note .scroll{overflow-x:auto}
.lvmh-note table{border-collapse:collapse;font-size:.9rem}
.lvmh-note th,.lvmh-note td{text-align:left;vertical-align:top;padding:.3em .9em .3em 0;
border-bottom:1px solid var(--line);background:none;color:var(--ink)}
.lvmh-note th.n,.lvmh-note td.n{text-align:right;font-variant-numeric:tabular-nums}
.lvmh-note .swatch{display:inline-block;width:.75em;height:.75em;border-radius:50%;
margin-right:.35em;print-color-adjust:exact;-webkit-print-color-adjust:exact}
"""
)


@dataclass(frozen=True, slots=True)
class ShownNote:
    """A note that a notebook shows as a picture.

    Attributes:
      text: of the note.
      mentions: found in it.
      labels: concept id to its entry in the lexicon.
    """

    text: str
    mentions: tuple[Mention, ...]
    labels: Mapping[str, Concept]

    def _repr_html_(self) -> str:
        """The note with its mentions, as HTML."""
        return render_note_html(self.text, self.mentions, self.labels)

    def __repr__(self) -> str:
        """No text: what a program prints ends up in logs."""
        return f"<note of {len(self.text)} characters, {len(self.mentions)} mentions>"


def label_of(concept_id: str, labels: Mapping[str, Concept]) -> str:
    """The label of a concept; its id where the lexicon has none."""
    concept = labels.get(concept_id)
    return concept.label if concept and concept.label else concept_id


def bucket_of(concept_id: str, labels: Mapping[str, Concept]) -> str:
    """The bucket of a concept; `other` where the lexicon lacks it or says another."""
    concept = labels.get(concept_id)
    return concept.bucket if concept and concept.bucket in COLOURS else "other"


def order_mentions(mentions: Sequence[Mention]) -> list[Mention]:
    """In reading order, those of the whole note last: the order in which they are numbered."""
    return sorted(
        mentions,
        key=lambda m: (m.start is None, m.start or 0, -(m.end or 0), -m.confidence, m.concept_id),
    )


def spans_of(mentions: Sequence[Mention]) -> list[tuple[int, int]]:
    """The places of the mentions that have one."""
    return [(m.start, m.end) for m in mentions if m.start is not None and m.end is not None]


def render_note_html(text: str, mentions: Sequence[Mention], labels: Mapping[str, Concept]) -> str:
    """A note as a part of a page, with its own style and nothing of the network.

    Args:
      text: of the note; any Unicode text, and no markup of it is obeyed.
      mentions: of this note, in any order; they may overlap.
      labels: concept id to its entry in the lexicon; an id that it lacks stands for itself.

    Raises:
      ValueError: a mention's place is not within the text.
    """
    ordered = order_mentions(mentions)
    placed = [mention for mention in ordered if mention.start is not None]
    spans = spans_of(placed)
    layers = assign_layers(spans)
    depth = max(layers, default=-1) + 1
    shown = [_show_piece(each, placed, layers, depth, labels) for each in cut_pieces(text, spans)]
    height = 1.75 + depth * STEP_EM
    return (
        f'<div class="lvmh-note"><style>{STYLE}</style>'
        f'<p class="text" dir="auto" style="line-height:{height:.2f}em">{"".join(shown)}</p>'
        f"{_list_mentions(text, ordered, labels)}</div>"
    )


def render_note_page(
    title: str, text: str, mentions: Sequence[Mention], labels: Mapping[str, Concept]
) -> str:
    """The same as one page; arguments and errors are those of `render_note_html`."""
    fragment = render_note_html(text, mentions, labels)
    return make_page(title, f"<h1>{quote(title)}</h1>\n{fragment}", ".lvmh-note{padding:0}")


def describe(mention: Mention, labels: Mapping[str, Concept]) -> str:
    """Label, confidence, alias and polarity in one line.

    >>> describe(Mention("n1", "ring", "anneau", 0, 6, 0.912), {})
    "ring, 0.91, alias 'anneau', affirmed"
    """
    alias = f", alias '{mention.alias}'" if mention.alias else ""
    label = label_of(mention.concept_id, labels)
    return f"{label}, {mention.confidence:.2f}{alias}, {mention.polarity}"


def _show_piece(
    piece: Piece,
    mentions: Sequence[Mention],
    layers: Sequence[int],
    depth: int,
    labels: Mapping[str, Concept],
) -> str:
    if not piece.rows:
        return quote(piece.text)
    end = piece.start + len(piece.text)
    covering = [mentions[row] for row in piece.rows]
    ending = [str(row + 1) for row in sorted(piece.rows) if mentions[row].end == end]
    told = "\n".join(describe(mention, labels) for mention in covering)
    denied = all(mention.polarity == NEGATED for mention in covering)
    lines = [_line(m, layers[row], labels) for m, row in zip(covering, piece.rows, strict=True)]
    columns = (",".join(column) for column in zip(*lines, strict=True))
    image, place, size = columns
    number = f' data-n="{",".join(ending)}"' if ending else ""
    return (
        f'<span class="m{" no" if denied else ""}"{number} title="{quote(told)}" '
        f'style="padding-bottom:{depth * STEP_EM:.2f}em;background-image:{image};'
        f'background-position:{place};background-size:{size}">{quote(piece.text)}</span>'
    )


def _line(mention: Mention, layer: int, labels: Mapping[str, Concept]) -> tuple[str, str, str]:
    """Image, place and size of the line under a piece."""
    colour = f"var(--{bucket_of(mention.concept_id, labels)})"
    image = f"linear-gradient({colour},{colour})"
    if mention.polarity == NEGATED:
        image = f"repeating-linear-gradient(90deg,{colour} 0 .3em,transparent .3em .5em)"
    return image, f"0 {UNDER_EM + layer * STEP_EM:.2f}em", "100% .2em"


def _list_mentions(text: str, mentions: Sequence[Mention], labels: Mapping[str, Concept]) -> str:
    if not mentions:
        return "<p>No concept was found.</p>"
    rows = [
        (
            number,
            label_of(mention.concept_id, labels),
            f"{mention.confidence:.2f}",
            mention.polarity,
            "(whole note)" if mention.start is None else text[mention.start : mention.end],
            mention.alias or "-",
            show_bucket(bucket_of(mention.concept_id, labels)),
            "learned" if mention.method == ML_ENHANCED else "dictionary",
        )
        for number, mention in enumerate(mentions, start=1)
    ]
    head = ("", "concept", "confidence", "polarity", "words", "alias", "bucket", "found by")
    return make_table(head, rows, numbers=(0, 2))
