"""Speed against agreement as an SVG picture; a circle's area is the size of the file. Needs the styles of the page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from engine.optimise.report import Report

_WIDTH, _HEIGHT = 860, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 28, 24, 52
_LARGEST_PX, _SMALLEST_PX = 26.0, 6.0
"""Radius of the largest circle, and the least of any."""
_LABEL_PX = 15
_LETTER_PX = 6.3
"""About the width of a letter of a label."""
_ACROSS = "Frames a second, as a multiple of the original’s"
_UPWARDS = "Agreement with the original"


@dataclass(frozen=True, slots=True)
class Point:
    """A way to run a variant.

    Attributes:
        label: In short.
        told: In full.
        speed: Frames a second as a multiple of the original's.
        agreement: With the original, 0 to 1.
        model_bytes: Size of the file.
        series: Number of its runtime, for its colour.
        taken: Whether it is what is recommended.
    """

    label: str
    told: str
    speed: float
    agreement: float
    model_bytes: int
    series: int
    taken: bool


def points(report: Report) -> list[Point]:
    """What there is to draw: the ways whose agreement is known."""
    taken = report.recommendation.candidate if report.recommendation else None
    runtimes = series(report)
    found = []
    for entry, way in report.ways():
        if way.likeness is None:
            continue
        timing = way.timing
        precision = str(timing.execution["precision"])
        told = (
            f"{entry.name} on {timing.badge}: {timing.live_speed.median:.2f} x, "
            f"agreement {way.likeness.agreement:.3f}, {entry.model_bytes / 1e6:.1f} MB"
        )
        found.append(
            Point(
                f"{entry.name} · {precision}",
                told,
                timing.live_speed.median,
                way.likeness.agreement,
                entry.model_bytes,
                runtimes.index(str(timing.execution["backend_title"])),
                timing.candidate == taken,
            )
        )
    return found


def series(report: Report) -> list[str]:
    """The runtimes, each with a colour of its own."""
    return list(dict.fromkeys(str(way.timing.execution["backend_title"]) for _, way in report.ways()))


def frontier(of: Sequence[Point]) -> list[Point]:
    """Those that no other one beats in both speed and agreement, slowest first."""
    best: list[Point] = []
    for point in sorted(of, key=lambda p: (-p.speed, -p.agreement)):
        if not best or point.agreement > best[-1].agreement:
            best.append(point)
    return best[::-1]


def plot(report: Report) -> str:
    """The picture; "" where fewer than two points are known."""
    shown = points(report)
    if len(shown) < 2:
        return ""
    scale = _Scale.of(shown, report.limit)
    parts = [
        *_axes(scale),
        *_limit(scale, report.limit),
        *_frontier(scale, frontier(shown)),
        *_circles(scale, shown),
        *_labels(scale, shown),
    ]
    title = "Speed against agreement with the original; larger circles are larger files"
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}">'
        f"<title>{title}</title>{''.join(parts)}</svg>"
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """From figures to places: both axes from 0 or a round number below the least, to one above the most."""

    least_speed: float
    most_speed: float
    step_speed: float
    least_agreement: float
    step_agreement: float
    bytes_of_largest: int

    @staticmethod
    def of(shown: Sequence[Point], limit: float) -> _Scale:
        least_speed, most_speed, step_speed = _round_range(
            min(p.speed for p in shown), max(p.speed for p in shown), margin=0.12
        )
        least = min(*(p.agreement for p in shown), limit)
        low, _, step = _round_range(least, 1.0, margin=0.1)
        return _Scale(least_speed, most_speed, step_speed, low, step, max(p.model_bytes for p in shown))

    def x(self, speed: float) -> float:
        share = (speed - self.least_speed) / (self.most_speed - self.least_speed)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(self, agreement: float) -> float:
        share = (agreement - self.least_agreement) / (self._top_agreement - self.least_agreement)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    @property
    def _top_agreement(self) -> float:
        """A little above 1, so that the circles there are whole."""
        return 1.0 + (1.0 - self.least_agreement) * 0.09

    def radius(self, model_bytes: int) -> float:
        """Area in proportion to bytes."""
        return max(_SMALLEST_PX, _LARGEST_PX * math.sqrt(model_bytes / max(1, self.bytes_of_largest)))


def _round_range(least: float, most: float, margin: float) -> tuple[float, float, float]:
    """Ends of an axis, and the step of its marks."""
    span = max(most - least, 0.05 * max(most, 1e-9))
    step = _round_step(span / 5)
    low = max(0.0, math.floor((least - margin * span) / step) * step)
    return low, math.ceil((most + margin * span) / step) * step, step


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)


def _marks(low: float, high: float, step: float) -> Iterator[float]:
    count = math.floor((high - low) / step + 1e-6)
    return (low + number * step for number in range(count + 1))


def _digits(step: float) -> int:
    return max(0, -math.floor(math.log10(step) + 1e-9))


def _axes(scale: _Scale) -> Iterator[str]:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    for speed in _marks(scale.least_speed, scale.most_speed, scale.step_speed):
        x = scale.x(speed)
        yield f'<line class="grid" x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{bottom}"/>'
        label = f"{speed:.{_digits(scale.step_speed)}f}×"
        yield f'<text class="mark" x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{label}</text>'
    for agreement in _marks(scale.least_agreement, 1.0, scale.step_agreement):
        y = scale.y(agreement)
        yield f'<line class="grid" x1="{_LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>'
        label = f"{agreement:.{_digits(scale.step_agreement)}f}"
        yield f'<text class="mark" x="{_LEFT - 10}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'
    middle = (_LEFT + right) / 2
    yield f'<text class="axis" x="{middle:.0f}" y="{_HEIGHT - 10}" text-anchor="middle">{_ACROSS}</text>'
    turned = f"translate(16 {(_TOP + bottom) / 2:.0f}) rotate(-90)"
    yield f'<text class="axis" transform="{turned}" text-anchor="middle">{_UPWARDS}</text>'


def _limit(scale: _Scale, limit: float) -> Iterator[str]:
    y, right = scale.y(limit), _WIDTH - _RIGHT
    height = _HEIGHT - _BOTTOM - y
    if height > 0:
        yield f'<rect class="outside" x="{_LEFT}" y="{y:.1f}" width="{right - _LEFT}" height="{height:.1f}"/>'
    yield f'<line class="limit" x1="{_LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>'
    yield f'<text class="limit-name" x="{right - 6}" y="{y + 16:.1f}" text-anchor="end">limit {limit:g}</text>'


def _frontier(scale: _Scale, best: Sequence[Point]) -> Iterator[str]:
    if len(best) > 1:
        path = " ".join(f"{scale.x(p.speed):.1f},{scale.y(p.agreement):.1f}" for p in best)
        yield f'<polyline class="frontier" points="{path}"/>'


def _circles(scale: _Scale, shown: Sequence[Point]) -> Iterator[str]:
    for point in sorted(shown, key=lambda p: -p.model_bytes):
        x, y, radius = scale.x(point.speed), scale.y(point.agreement), scale.radius(point.model_bytes)
        if point.taken:
            yield f'<circle class="taken" cx="{x:.1f}" cy="{y:.1f}" r="{radius + 5:.1f}"/>'
        yield (
            f'<circle class="point s{point.series % 4}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}">'
            f"<title>{escape(point.told)}</title></circle>"
        )


def _labels(scale: _Scale, shown: Sequence[Point]) -> Iterator[str]:
    """A label beside each circle, moved down where another one is in the way; a line leads to its circle then."""
    placed: list[tuple[float, float, float]] = []
    for point in sorted(shown, key=lambda p: (-p.agreement, p.speed)):
        x, y, radius = scale.x(point.speed), scale.y(point.agreement), scale.radius(point.model_bytes)
        width = len(point.label) * _LETTER_PX
        left = x + radius + 6 if x + radius + 6 + width < _WIDTH else x - radius - 6 - width
        line = y + 4
        while any(abs(line - other) < _LABEL_PX and left < b and left + width > a for a, b, other in placed):
            line += _LABEL_PX
        placed.append((left, left + width, line))
        if line - y > _LABEL_PX:
            yield f'<line class="leader" x1="{x:.1f}" y1="{y:.1f}" x2="{left - 2:.1f}" y2="{line - 4:.1f}"/>'
        weight = " strong" if point.taken else ""
        yield f'<text class="label{weight}" x="{left:.1f}" y="{line:.1f}">{escape(point.label)}</text>'
