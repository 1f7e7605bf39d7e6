"""Where a picture lies in a widget, when it is zoomed and moved. Plain arithmetic in device pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace

MOST_SCALE = 32.0
"""Device pixels for one pixel of the picture, at the most."""

ZOOM_STEP = 1.25
"""Factor of one step of the wheel or of a key."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an array, and the device pixels that it fills.

    Attributes:
        left, top, right, bottom: Columns and rows of the array, right and bottom exclusive.
        x, y, width, height: Device pixels of the widget; may reach over its edges.
    """

    left: int
    top: int
    right: int
    bottom: int
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Viewport:
    """A picture in a widget: ``device = source * scale + offset``.

    Attributes:
        source_width, source_height: Of the picture, in pixels.
        width, height: Of the widget, in device pixels.
        magnification: 1 shows the whole picture, 2 half of its width ..
        centre_x, centre_y: What is in the middle, as shares of the picture; kept when the picture's size changes.
    """

    source_width: int
    source_height: int
    width: int
    height: int
    magnification: float = 1.0
    centre_x: float = 0.5
    centre_y: float = 0.5

    @property
    def fit_scale(self) -> float:
        """Device pixels for one pixel of a picture that is shown as a whole."""
        return max(1e-6, min(self.width / self.source_width, self.height / self.source_height))

    @property
    def scale(self) -> float:
        """Device pixels for one pixel of the picture."""
        return self.fit_scale * self.magnification

    @property
    def offset_x(self) -> int:
        """Device pixel of the picture's left edge."""
        return _offset(self.width, self.source_width * self.scale, self.centre_x)

    @property
    def offset_y(self) -> int:
        """Device pixel of the picture's top edge."""
        return _offset(self.height, self.source_height * self.scale, self.centre_y)

    @property
    def shown_xyxy(self) -> tuple[int, int, int, int]:
        """Device pixels of the widget that show the picture."""
        left, top, scale = self.offset_x, self.offset_y, self.scale
        right, bottom = left + round(self.source_width * scale), top + round(self.source_height * scale)
        return max(0, left), max(0, top), min(self.width, right), min(self.height, bottom)

    @property
    def zoomed(self) -> bool:
        """Whether less than the whole picture is shown."""
        return self.magnification > 1.0

    def to_source(self, x: float, y: float) -> tuple[float, float]:
        """The place in the picture that lies under a device pixel."""
        return (x - self.offset_x) / self.scale, (y - self.offset_y) / self.scale

    def part(self, region_xyxy: Box, columns: int, rows: int) -> Part | None:
        """What can be seen of an array that covers a region of the picture; None where nothing can.

        Args:
            region_xyxy: In source pixels.
            columns: Width of the array.
            rows: Height of the array.
        """
        across = _span((region_xyxy[0], region_xyxy[2]), columns, self.scale, self.offset_x, self.width)
        down = _span((region_xyxy[1], region_xyxy[3]), rows, self.scale, self.offset_y, self.height)
        if across is None or down is None:
            return None
        return Part(across[0], down[0], across[1], down[1], across[2], down[2], across[3], down[3])

    def zoomed_at(self, factor: float, x: float, y: float) -> Viewport:
        """Larger by a factor, while what lies under the device pixel (x, y) stays there."""
        most = max(1.0, MOST_SCALE / self.fit_scale)
        magnification = min(most, max(1.0, self.magnification * factor))
        grown = replace(self, magnification=magnification)
        source_x, source_y = self.to_source(x, y)
        return replace(
            grown,
            centre_x=(source_x + (self.width / 2.0 - x) / grown.scale) / self.source_width,
            centre_y=(source_y + (self.height / 2.0 - y) / grown.scale) / self.source_height,
        ).inside()

    def moved(self, dx: float, dy: float) -> Viewport:
        """The picture moved by so many device pixels, as far as it goes."""
        return replace(
            self,
            centre_x=self.centre_x - dx / (self.scale * self.source_width),
            centre_y=self.centre_y - dy / (self.scale * self.source_height),
        ).inside()

    def inside(self) -> Viewport:
        """The same without a border on one side while the picture is cut on the other."""
        return replace(
            self,
            centre_x=_centre(self.centre_x, self.width / (self.source_width * self.scale)),
            centre_y=_centre(self.centre_y, self.height / (self.source_height * self.scale)),
        )


def _centre(centre: float, share: float) -> float:
    """Nearest middle from which ``share`` of the picture does not reach over its edges."""
    return 0.5 if share >= 1.0 else min(1.0 - share / 2.0, max(share / 2.0, centre))


def _offset(length: int, picture: float, centre: float) -> int:
    return round(length / 2.0 - _centre(centre, length / picture) * picture)


def _span(
    extent: tuple[float, float], count: int, scale: float, offset: int, length: int
) -> tuple[int, int, int, int] | None:
    """First and last element that can be seen on one axis, and the device pixels (first, number) that they fill."""
    begin, end = extent
    step = (end - begin) / count * scale
    origin = begin * scale + offset
    if step <= 0.0:
        return None
    first = min(count, max(0, int(-origin // step)))
    last = max(0, min(count, int(-(-(length - origin) // step))))
    low, high = round(origin + first * step), round(origin + last * step)
    return (first, last, low, high - low) if last > first and high > low else None
