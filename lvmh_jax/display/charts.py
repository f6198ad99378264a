"""Small charts as SVG text: curves, bars with intervals, reliability. No plotting library.

Coordinates are those of the view box; a page scales it. Colours that depend on light and dark are
classes of the page's style sheet.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lvmh_jax.display.page import quote, shorten

WIDTH, HEIGHT = 440, 250
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 10, 34
TRAIN, VALIDATION = "#E69F00", "#0072B2"  # Okabe and Ito's orange and blue
STROKES = ((VALIDATION, ""), (TRAIN, ' stroke-dasharray="6 4"'))  # told apart without colour too
KEY_STEP = 140  # from one name of the key to the next
BAR_HEIGHT, FIGURE_WIDTH = 22, 110
LONGEST = 16  # characters of a bar's name; the whole of it is under the pointer

Point = tuple[float, float]


class Bar(NamedTuple):
    """A share with its interval, if it has one, and how many cases it is of."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    support: int | None = None


class Drawing(str):
    """An SVG element; `height` is that of its view box, whose width is always `WIDTH`."""

    __slots__ = ("height",)
    height: float

    def place_at(self, left: float, top: float) -> str:
        """The same within another SVG."""
        box = f'x="{left:g}" y="{top:g}" width="{WIDTH}" height="{self.height:g}"'
        return self.replace("<svg ", f"<svg {box} ", 1)


def choose_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers that lie between two bounds, at most `most` and one more.

    >>> choose_ticks(0.0, 1.0)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    if not high > low:
        return [low]
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= rough * (1 - 1e-9))
    digits = max(0, -math.floor(math.log10(step)))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(each * step, digits) for each in range(first, last + 1)]


def draw_curves(
    title: str,
    places: Sequence[float],
    series: Mapping[str, Sequence[float | None]],
    *,
    across: str,
    top: float | None = None,
    mark: float | None = None,
) -> Drawing:
    """Draws a line a series, each named at its end.

    Args:
      title: for who does not see the picture.
      places: along the horizontal axis, as many as each series has figures.
      series: name to figures, two at most; None and what is not finite is left out.
      across: what the horizontal axis is.
      top: of the vertical axis; the largest figure unless it is given.
      mark: a place to mark, as the epoch that was kept.

    Returns: an SVG element; without a figure it says so.
    """
    points = {name: _finite(places, figures) for name, figures in series.items()}
    every = [point for line in points.values() for point in line]
    if not every:
        return _say_nothing(title)
    low_x, high_x = min(x for x, _ in every), max(x for x, _ in every)
    high_y = top if top is not None else (max(y for _, y in every) * 1.05 or 1.0)
    low_y = min(0.0, *(y for _, y in every))
    frame = _Axes(low_x, high_x, low_y, high_y)
    body = frame.draw(across)
    if mark is not None and low_x <= mark <= high_x:
        x = frame.x(mark)
        body.append(f'<path class="fine" stroke-dasharray="2 3" d="M{x} {TOP}V{HEIGHT - BOTTOM}"/>')
    for (name, line), (colour, dashes) in zip(points.items(), STROKES, strict=False):
        body += _draw_line(name, line, frame, colour, dashes)
    if len(points) == 1 and mark is None:
        return _frame(title, HEIGHT, body)
    key = [(name, *stroke) for name, stroke in zip(points, STROKES, strict=False)]
    return _frame(title, HEIGHT + 20, [*body, *_draw_key(key, mark)])


def draw_tradeoff(title: str, points: Sequence[Mapping[str, float]]) -> Drawing:
    """Draws precision over recall; the last point is where the detector stands.

    Args:
      title: for who does not see the picture.
      points: as `evaluate.mistakes.measure_curve` makes them, the surest first.
    """
    frame = _Axes(0.0, 1.0, 0.0, 1.0)
    body = frame.draw("recall, and precision upwards")
    if not points:
        return _say_nothing(title)
    line = [(float(each["recall"]), float(each["precision"])) for each in points]
    told = [
        f"from confidence {each['confidence']:.2f}: precision {each['precision']:.3f}, "
        f"recall {each['recall']:.3f}"
        for each in points
    ]
    body += _draw_path(line, frame, VALIDATION, "")
    body += _draw_dots(line[:-1], told[:-1], frame, VALIDATION, 2)
    body += _draw_dots(line[-1:], told[-1:], frame, TRAIN, 5.5)
    return _frame(title, HEIGHT, body)


def draw_reliability(title: str, bins: Sequence[Mapping[str, float]]) -> Drawing:
    """Draws confidence against the share that is right; on the diagonal the two agree.

    Args:
      title: for who does not see the picture.
      bins: as `evaluate.calibration` makes them: `confidence`, `accuracy`, `count`.
    """
    if not bins:
        return _say_nothing(title)
    frame = _Axes(0.0, 1.0, 0.0, 1.0)
    body = frame.draw("confidence, and the share that is right upwards")
    body.append(
        f'<path class="fine" stroke-dasharray="4 4" d="M{frame.x(0)} {frame.y(0)}'
        f'L{frame.x(1)} {frame.y(1)}"/>'
    )
    points = [(float(each["confidence"]), float(each["accuracy"])) for each in bins]
    told = [
        f"confidence {each['confidence']:.2f}, right {each['accuracy']:.2f}, "
        f"{each['count']:,.0f} mentions"
        for each in bins
    ]
    body += _draw_path(points, frame, VALIDATION, "")
    body += _draw_dots(points, told, frame, VALIDATION, 4.5)
    return _frame(title, HEIGHT, body)


def draw_bars(title: str, bars: Sequence[Bar]) -> Drawing:
    """Draws shares from 0 to 1, one below the other, with value, interval and support."""
    if not bars:
        return _say_nothing(title)
    left = 12 + 7.5 * min(max((len(bar.name) for bar in bars), default=0), LONGEST)
    body = [_draw_bar(bar, row * BAR_HEIGHT + 4, left) for row, bar in enumerate(bars)]
    return _frame(title, len(bars) * BAR_HEIGHT + 8, body)


def _draw_bar(bar: Bar, top: float, left: float) -> str:
    scale = WIDTH - left - FIGURE_WIDTH
    middle = top + BAR_HEIGHT / 2
    long = round(min(max(bar.value, 0.0), 1.0) * scale, 1)
    parts = [
        f"<g><title>{quote(_tell(bar))}</title>",
        _text(left - 6, middle + 4, shorten(bar.name, LONGEST), "end"),
        f'<path class="grid" d="M{left:g} {middle:g}h{scale:g}"/>',
        f'<rect x="{left:g}" y="{top + 4:g}" width="{long:g}" height="{BAR_HEIGHT - 8}" '
        f'fill="{VALIDATION}"/>',
        _draw_interval(bar, middle, left, scale),
        _text(WIDTH - FIGURE_WIDTH + 8, middle + 4, f"{bar.value:.3f}", "start"),
        "" if bar.support is None else _soft(WIDTH - 2, middle + 4, f"of {bar.support:,}"),
        "</g>",
    ]
    return "".join(parts)


def _tell(bar: Bar) -> str:
    interval = "" if bar.low is None else f", 95 % interval {bar.low:.3f} to {bar.high:.3f}"
    support = "" if bar.support is None else f", {bar.support:,} to find"
    return f"{bar.name}: {bar.value:.3f}{interval}{support}"


def _draw_interval(bar: Bar, middle: float, start: float, scale: float) -> str:
    if bar.low is None or bar.high is None:
        return ""
    left, right = (round(start + scale * each, 1) for each in (bar.low, bar.high))
    return (
        f'<path stroke="{TRAIN}" stroke-width="2" d="M{left} {middle - 4}v8M{left} {middle}'
        f'H{right}M{right} {middle - 4}v8"/>'
    )


class _Axes(NamedTuple):
    """From figures to places in the view box, with the grid."""

    low_x: float
    high_x: float
    low_y: float
    high_y: float

    def x(self, value: float) -> float:
        share = (value - self.low_x) / ((self.high_x - self.low_x) or 1.0)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        share = (value - self.low_y) / ((self.high_y - self.low_y) or 1.0)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    def draw(self, across: str) -> list[str]:
        parts = []
        for value in choose_ticks(self.low_y, self.high_y):
            y = self.y(value)
            parts.append(f'<path class="grid" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>')
            parts.append(_soft(LEFT - 6, y + 4, f"{value:g}"))
        for value in choose_ticks(self.low_x, self.high_x):
            parts.append(_soft(self.x(value), HEIGHT - BOTTOM + 15, f"{value:g}", "middle"))
        middle = (LEFT + WIDTH - RIGHT) / 2
        parts.append(_soft(middle, HEIGHT - 4, across, "middle"))
        return parts


def _finite(places: Sequence[float], figures: Sequence[float | None]) -> list[Point]:
    pairs = zip(places, figures, strict=False)
    return [(float(x), float(y)) for x, y in pairs if y is not None and math.isfinite(y)]


def _draw_line(
    name: str, line: Sequence[Point], frame: _Axes, colour: str, dashes: str
) -> list[str]:
    told = [f"{name}, {x:g}: {y:.3f}" for x, y in line]
    return [
        *_draw_path(line, frame, colour, dashes),
        *_draw_dots(line, told, frame, colour, 2.5),
    ]


def _draw_path(line: Sequence[Point], frame: _Axes, colour: str, dashes: str) -> list[str]:
    if len(line) < 2:
        return []
    steps = "L".join(f"{frame.x(x)} {frame.y(y)}" for x, y in line)
    return [f'<path fill="none" stroke="{colour}" stroke-width="2"{dashes} d="M{steps}"/>']


def _draw_dots(
    line: Sequence[Point], told: Sequence[str], frame: _Axes, colour: str, radius: float
) -> list[str]:
    return [
        f'<circle cx="{frame.x(x)}" cy="{frame.y(y)}" r="{radius}" fill="{colour}">'
        f"<title>{quote(text)}</title></circle>"
        for (x, y), text in zip(line, told, strict=True)
    ]


def _draw_key(names: Sequence[tuple[str, str, str]], mark: float | None) -> list[str]:
    parts = []
    for place, (name, colour, dashes) in enumerate(names):
        x = LEFT + place * KEY_STEP
        parts.append(
            f'<path stroke="{colour}" stroke-width="2"{dashes} d="M{x} {HEIGHT + 10}h26"/>'
            + _text(x + 32, HEIGHT + 14, name, "start")
        )
    if mark is not None:
        x = LEFT + len(names) * KEY_STEP
        parts.append(
            f'<path class="fine" stroke-dasharray="2 3" d="M{x + 8} {HEIGHT + 2}v16"/>'
            + _text(x + 18, HEIGHT + 14, f"kept: {mark:g}", "start")
        )
    return parts


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}">{quote(text)}</text>'


def _soft(x: float, y: float, text: str, anchor: str = "end") -> str:
    return f'<text class="t" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{quote(text)}</text>'


def _say_nothing(title: str) -> Drawing:
    return _frame(title, HEIGHT, [_soft(WIDTH / 2, HEIGHT / 2, "nothing was measured", "middle")])


def _frame(title: str, height: float, body: Sequence[str]) -> Drawing:
    drawn = Drawing(
        f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img"><title>{quote(title)}</title>\n'
        + "\n".join(body)
        + "\n</svg>"
    )
    drawn.height = height
    return drawn
