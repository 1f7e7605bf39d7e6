"""Speed against agreement as an SVG picture; a circle's area is the size of the file. Needs the styles of the page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from engine.optimise.report import Report

_WIDTH, _HEIGHT = 860, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 28, 24, 52
_LARGEST_PX, _SMALLEST_PX = 20.0, 5.0
"""Radius of the largest circle, and the least of any."""
_RING_PX = 5.0
"""Between what is recommended and the ring round it."""
_MARGIN = 0.08
"""Of the height, above and below what the axis spans."""
_DEEPEST = 3.0
"""The axis goes so many times as deep as the limit; what lies deeper is told by its label."""
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
            f"{entry.name} on {timing.badge}: {timing.live_speed.median:.2f} ×, "
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
        deepest = 1 - _DEEPEST * (1 - limit)
        least = min(*(max(p.agreement, deepest) for p in shown), limit)
        low, _, step = _round_range(least, 1.0, margin=0.1)
        return _Scale(least_speed, most_speed, step_speed, low, step, max(p.model_bytes for p in shown))

    def x(self, speed: float) -> float:
        share = (speed - self.least_speed) / (self.most_speed - self.least_speed)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(self, agreement: float) -> float:
        """What lies deeper than the axis goes stands at its end; circles there and at 1 are whole."""
        margin = (1.0 - self.least_agreement) * _MARGIN
        share = (max(agreement, self.least_agreement) - self.least_agreement + margin) / (
            1.0 - self.least_agreement + 2 * margin
        )
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    def radius(self, model_bytes: int) -> float:
        """Area in proportion to bytes."""
        return max(_SMALLEST_PX, _LARGEST_PX * math.sqrt(model_bytes / max(1, self.bytes_of_largest)))


def _round_range(least: float, most: float, margin: float) -> tuple[float, float, float]:
    """Ends of an axis, and the step of its marks."""
    span = max(most - least, 0.05 * max(most, 1e-9))
    step = _round_step(span / 6)
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
        place = f'cx="{x:.1f}" cy="{y:.1f}"'
        if point.taken:
            yield f'<circle class="taken" {place} r="{radius + _RING_PX:.1f}"/>'
        yield f'<circle class="under" {place} r="{radius:.1f}"/>'
        yield (
            f'<circle class="point s{point.series % 4}" {place} r="{radius:.1f}">'
            f"<title>{escape(point.told)}</title></circle>"
        )


# Labels ---------------------------------------------------------------------------------------------------------------

_Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def _labels(scale: _Scale, shown: Sequence[Point]) -> Iterator[str]:
    """A label at each circle where it covers nothing; where there is no room further off, with a line to its circle."""
    taken = [_circle_box(scale, point) for point in shown]
    for point in sorted(shown, key=lambda p: (not p.taken, -p.agreement, p.speed)):
        box = next((box for box in _places(scale, point) if _is_free(box, taken)), None)
        if box is None:
            continue  # Its figures stand in the tool tip and in the table.
        taken.append(box)
        if box[1] > _circle_box(scale, point)[3] + _LABEL_PX:
            x, y = scale.x(point.speed), scale.y(point.agreement)
            end = box[0] - 2 if box[0] > x else box[2] + 2
            yield f'<line class="leader" x1="{x:.1f}" y1="{y:.1f}" x2="{end:.1f}" y2="{box[3] - 4:.1f}"/>'
        weight = " strong" if point.taken else ""
        label = _label(scale, point)
        yield f'<text class="label{weight}" x="{box[0]:.1f}" y="{box[3] - 3:.1f}">{escape(label)}</text>'


def _label(scale: _Scale, point: Point) -> str:
    return point.label if point.agreement >= scale.least_agreement else f"{point.label} ▼ {point.agreement:.2f}"


def _circle_box(scale: _Scale, point: Point) -> _Box:
    x, y = scale.x(point.speed), scale.y(point.agreement)
    radius = scale.radius(point.model_bytes) + (_RING_PX if point.taken else 0)
    return x - radius, y - radius, x + radius, y + radius


def _places(scale: _Scale, point: Point) -> Iterator[_Box]:
    """Where a label may stand, best first: right, left, below, above, then ever further down at both sides."""
    left, top, right, bottom = _circle_box(scale, point)
    width, middle = len(_label(scale, point)) * _LETTER_PX, (left + right) / 2
    half = _LABEL_PX / 2
    for x, y in (
        (right + 5, (top + bottom) / 2),
        (left - 5 - width, (top + bottom) / 2),
        (middle - width / 2, bottom + half + 2),
        (middle - width / 2, top - half - 2),
    ):
        yield x, y - half, x + width, y + half
    for step in range(1, 12):
        for x in (right + 12, left - 12 - width):
            y = bottom + step * _LABEL_PX
            yield x, y - half, x + width, y + half


def _is_free(box: _Box, taken: Sequence[_Box]) -> bool:
    inside = box[0] >= _LEFT and box[2] <= _WIDTH and box[1] >= 0 and box[3] <= _HEIGHT - _BOTTOM
    return inside and all(_is_apart(box, other) for other in taken)


def _is_apart(one: _Box, other: _Box) -> bool:
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
