"""Growth curves as SVG, on logarithmic axes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

Points = Sequence[tuple[float, float]]
_WIDTH, _HEIGHT = 640, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 20, 40, 50
_COLOURS = ("#1f6feb", "#8b949e", "#d4731a")


def plot(title: str, across: str, series: Mapping[str, Points]) -> str:
    """One drawing. `across` says what the points' first number counts; the second is seconds.

    Raises ValueError without a point, and for one that is not above zero.
    """
    points = [each for line in series.values() for each in line]
    if not points or min(min(each) for each in points) <= 0:
        raise ValueError(f"{title}: a curve needs points above zero")
    x_axis, y_axis = (_axis([each[place] for each in points]) for place in (0, 1))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        _text(_LEFT, 22, title, size=15),
        _text(_WIDTH - _RIGHT, _HEIGHT - 8, across, anchor="end"),
        *_grid(sorted({each[0] for each in points}), x_axis, y_axis),
    ]
    for number, (name, line) in enumerate(series.items()):
        parts += _line(name, line, number, x_axis, y_axis)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _axis(values: Sequence[float]) -> tuple[float, float]:
    """The logarithms of both ends, whole decades."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _grid(
    sizes: Sequence[float], x_axis: tuple[float, float], y_axis: tuple[float, float]
) -> list[str]:
    parts = []
    for decade in range(int(y_axis[0]), int(y_axis[1]) + 1):
        y = _y(10.0**decade, y_axis)
        parts.append(f'<path d="M{_LEFT} {y}H{_WIDTH - _RIGHT}" stroke="#d0d7de"/>')
        seconds = f"{10.0**decade:g} s" if decade >= 0 else f"{10.0 ** (decade + 3):g} ms"
        parts.append(_text(_LEFT - 8, y + 4, seconds, anchor="end"))
    for size in sizes:
        parts.append(_text(_x(size, x_axis), _HEIGHT - _BOTTOM + 18, f"{size:,g}", "middle"))
    return parts


def _line(
    name: str,
    points: Points,
    number: int,
    x_axis: tuple[float, float],
    y_axis: tuple[float, float],
) -> list[str]:
    colour = _COLOURS[number % len(_COLOURS)]
    places = [(_x(x, x_axis), _y(y, y_axis)) for x, y in sorted(points)]
    path = " ".join(f"{x},{y}" for x, y in places)
    dots = [f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>' for x, y in places]
    legend = _text(_WIDTH - _RIGHT, 22 + 16 * number, name, anchor="end", colour=colour)
    line = f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    return [line, *dots, legend]


def _x(value: float, axis: tuple[float, float]) -> float:
    share = (math.log10(value) - axis[0]) / (axis[1] - axis[0])
    return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)


def _y(value: float, axis: tuple[float, float]) -> float:
    share = (math.log10(value) - axis[0]) / (axis[1] - axis[0])
    return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM), 1)


def _text(
    x: float, y: float, text: str, anchor: str = "start", colour: str = "#24292f", size: int = 12
) -> str:
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}" '
        f'font-size="{size}">{escape(text)}</text>'
    )
