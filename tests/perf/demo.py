"""What the demo costs: the scene alone, which is drawn in the stream's capture thread."""

from __future__ import annotations

import statistics
import time

from rows import Row

from engine.scene import FRAMES, Scene


def scene() -> Row:
    """CPU time of each frame of the whole film, the bottles drawn as they first come."""
    film = Scene()
    took_ms = []
    for number in range(FRAMES):
        began = time.thread_time()
        film.frame(number)
        took_ms.append(1e3 * (time.thread_time() - began))
    median, mean, worst = statistics.median(took_ms), statistics.fmean(took_ms), max(took_ms)
    reached = f"{median:.1f} ms (mean {mean:.1f}, at most {worst:.0f})"
    return Row("CPU for drawing a frame of the demo scene", reached, "<= 6 ms", median <= 6.0 and mean <= 6.0)
