"""By which clock the pictures of a stream are placed in a video."""

from __future__ import annotations

from engine.pipeline.stream import Stream
from engine.sinks.video_clock import Clock, Timing


def video_timing(stream: Stream) -> Timing:
    """The clock and the rate of a stream's pictures; asked when the first one is there."""
    info, most_hz = stream.source.info, stream.options.max_fps
    rate_hz = None if info is None else info.rate_hz
    if rate_hz is not None and most_hz is not None:
        rate_hz = min(rate_hz, most_hz)
    if stream.source.live:
        return Timing(Clock.CAPTURE, rate_hz)
    has_time = stream.newest_frame is not None and stream.newest_frame.media_time_s is not None
    return Timing(Clock.MEDIA if has_time else Clock.COUNT, rate_hz)
