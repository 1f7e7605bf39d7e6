"""``inferoscope run``: streams sources through a model, writes results, and tells what ran, how fast, and on what."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from engine.backends.processor import machine
from engine.capture.source import Source, SourceOptions, SourceState
from engine.capture.table import open_source
from engine.cards import ModelCard, Profile, Thresholds
from engine.cli.files import model_path, output_path, refuse_to_replace_inputs
from engine.cli.int8_model import card_to_run
from engine.cli.interrupt import Interrupt
from engine.cli.messages import say, say_error
from engine.cli.model_options import DEFAULT_BACKEND, add_model_arguments, card_of, compile_request, load
from engine.cli.run_summary import Found, RunFacts, print_summary, summary
from engine.cli.values import not_negative, positive, share, size, whole
from engine.errors import CancelledError, InferoscopeError, SinkError, SourceError, SourceReason
from engine.library.preferences import load_preference
from engine.pipeline.recording import Recorder, Route
from engine.pipeline.session import Session
from engine.pipeline.stream import Mode, Stream, StreamOptions
from engine.pipeline.stream_timing import video_timing

_IOU_HELP = "of two boxes of a class that overlap by more than this, 0 to 1, the weaker one goes (default: 0.45)"
_LOOK_S = 0.05
_TOLD_STATES = {SourceState.LIVE, SourceState.STALLED, SourceState.RECONNECTING, SourceState.ENDED}
"""What a person wants to know while it runs; why a source cannot be had at all is told by its error."""
_SETTLE_S = 2.0
"""Longest time for the frames under way to be accounted for; a native call may not come back."""
_SETTLE_LOOK_S = 0.005
_FINISH_S = 3600.0
"""Longest time for the sinks to write what waits and close their files; a large live WebM is converted then."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this sub-command."""
    parser.add_argument(
        "--source",
        required=True,
        action="append",
        metavar="S",
        help="a file, a folder of pictures, camera:0, camera:NAME, rtsp://.., http://.., screen:0 or demo; repeatable",
    )
    parser.add_argument(
        "--model", type=model_path, required=True, metavar="M", help="an .onnx file, an OpenVINO .xml, or demo"
    )
    add_model_arguments(parser, tuned=True)
    _add_stream_arguments(parser)
    group = parser.add_argument_group("what is kept of the results")
    group.add_argument("--conf", type=share, default=0.25, metavar="C", help="smallest score, 0 to 1 (default: 0.25)")
    group.add_argument(
        "--iou",
        type=share,
        default=0.45,
        metavar="I",
        help=_IOU_HELP,
    )
    group.add_argument("--results", type=output_path, metavar="FILE.jsonl", help="one JSON object a frame")
    group.add_argument("--csv", type=output_path, metavar="FILE.csv", help="a row a detection")
    group.add_argument("--video", type=output_path, metavar="FILE.mp4", help="annotated video, .mp4 or .webm")
    parser.add_argument("--json", action="store_true", help="print the summary as one JSON document")


def _add_stream_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how the sources run")
    group.add_argument(
        "--mode", choices=[m.value for m in Mode], help="default: every-frame for files, realtime for live sources"
    )
    group.add_argument("--start", type=not_negative, default=0.0, metavar="SECONDS", help="begin there in a file")
    group.add_argument("--loop", action="store_true", help="begin again at the end of a file")
    group.add_argument("--max-frames", type=whole(1), metavar="N", help="end each source after N frames were read")
    group.add_argument("--max-fps", type=positive, metavar="R", help="analyse at most R frames a second")
    group.add_argument("--size", type=size, metavar="WxH", help="picture size of a camera (default: up to 1920x1080)")
    group.add_argument("--rate", type=positive, metavar="HZ", help="frames a second of a camera or the screen")
    group.add_argument(
        "--keep-trying", action="store_true", help="wait for a live source that cannot be reached at the start"
    )
    group.add_argument("--mirror", action="store_true", help="flip a camera's picture left and right")


def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit status says how it ended."""
    with Interrupt() as interrupt:
        session = Session()
        try:
            return _run(arguments, session, interrupt)
        except CancelledError:
            return interrupt.status
        finally:
            session.close()


def _run(arguments: argparse.Namespace, session: Session, interrupt: Interrupt) -> int:
    begun = time.monotonic()
    streams = _add_streams(arguments, session)
    card = card_of(arguments)
    _prefer(arguments, card)
    refuse_to_replace_inputs(_outputs(arguments), arguments.source, card)
    card = card_to_run(arguments, card, arguments.source[0])
    refuse_to_replace_inputs(_outputs(arguments), arguments.source, card)
    request = compile_request(arguments, card, _profile_for(streams))
    model = load(session, arguments.backend, request, interrupt.happened)
    load_s = time.monotonic() - begun
    recorder = session.record(_routes(arguments, card, streams))
    thresholds = Thresholds(arguments.conf, arguments.iou)
    found = [Found() for _ in streams]
    for stream, counts in zip(streams, found, strict=True):
        session.attach(stream, model, thresholds=thresholds, deliver=counts.add)
    cpu_s = time.process_time()
    for stream in streams:
        stream.start()
    errors = _wait(session, interrupt, quiet=arguments.json, keep_trying=arguments.keep_trying)
    for stream in streams:
        stream.stop()
    errors += _settle(session)
    errors += _finish(recorder, session)
    errors += [_starts_too_late(stream) for stream in streams if _gave_nothing(stream) and not interrupt.happened()]
    facts = RunFacts(
        model,
        streams,
        found,
        tuple(path for path in _outputs(arguments) if path.exists()),
        load_s,
        time.process_time() - cpu_s,
        recorder.not_recorded,
        interrupt.happened(),
    )
    if errors and not any(stream.newest_frame for stream in streams):
        raise errors[0]
    _report(summary(facts), errors, as_json=arguments.json)
    if interrupt.happened():
        return interrupt.status
    return 1 if errors else 0


def _outputs(arguments: argparse.Namespace) -> list[Path]:
    videos = _video_paths(arguments.video, len(arguments.source)) if arguments.video else []
    return [path for path in (arguments.results, arguments.csv) if path] + videos


def _add_streams(arguments: argparse.Namespace, session: Session) -> list[Stream]:
    width, height = arguments.size or (None, None)
    source_options = SourceOptions(width, height, arguments.rate, arguments.mirror)
    options = StreamOptions(
        mode=Mode(arguments.mode) if arguments.mode else None,
        start_s=arguments.start,
        loop=arguments.loop,
        max_fps=arguments.max_fps,
        max_frames=arguments.max_frames,
    )
    sources: list[Source] = [open_source(text, source_options) for text in arguments.source]
    names = [str(number) for number in range(len(sources))]
    return [session.add_stream(name, source, options) for name, source in zip(names, sources, strict=True)]


def _prefer(arguments: argparse.Namespace, card: ModelCard) -> None:
    """Run the model as ``bench --tune`` found best here, where nothing else is asked for."""
    asked = (arguments.backend, arguments.device, arguments.lanes, arguments.threads, arguments.profile)
    preference = None if any(asked) or arguments.precision != "auto" else load_preference(card.sha256, machine())
    arguments.backend = arguments.backend or DEFAULT_BACKEND
    if preference is not None:
        arguments.backend, arguments.device = preference.backend, preference.device
        arguments.precision, arguments.profile = preference.precision, preference.profile
        arguments.lanes, arguments.threads = preference.lanes, preference.threads
        how = f"{preference.backend}, {preference.device}, {preference.precision}"
        say(f"inferoscope: {card.path.name}: runs as bench --tune found best here ({how}); --backend chooses otherwise")


def _profile_for(streams: Sequence[Stream]) -> Profile:
    """One picture to be watched wants low latency; all else wants throughput."""
    watched = len(streams) == 1 and streams[0].mode is Mode.REALTIME
    return Profile.LATENCY if watched else Profile.THROUGHPUT


def _routes(arguments: argparse.Namespace, card: ModelCard, streams: Sequence[Stream]) -> list[Route]:
    routes = []
    if arguments.results:
        from engine.sinks.json_lines import JsonLinesSink

        routes.append(Route(JsonLinesSink(arguments.results)))
    if arguments.csv:
        from engine.sinks.csv_rows import CsvSink

        routes.append(Route(CsvSink(arguments.csv)))
    if arguments.video:
        from engine.sinks.video_file import VideoFileSink

        for stream, path in zip(streams, _video_paths(arguments.video, len(streams)), strict=True):
            routes.append(Route(VideoFileSink(path, partial(video_timing, stream)), stream.stream_id))
    return routes


def _video_paths(path: Path, count: int) -> list[Path]:
    """One file a source: ``out.mp4``, or ``out-0.mp4``, ``out-1.mp4`` .. for several."""
    return [path] if count == 1 else [path.with_stem(f"{path.stem}-{number}") for number in range(count)]


def _wait(session: Session, interrupt: Interrupt, *, quiet: bool, keep_trying: bool) -> list[InferoscopeError]:
    """Until every source has ended, the person interrupts, or the model or the recording cannot go on."""
    errors: list[InferoscopeError] = []
    told: dict[str, str] = {}
    while not (session.finished or interrupt.happened()):
        failure = session.failures.take(_LOOK_S)
        if failure is not None:
            errors.append(failure.error)
            if failure.kind != "stream":
                break
        for stream in session.streams:
            if not keep_trying and _unreachable(stream):
                errors.append(_unreachable_error(stream))
                stream.stop()
            elif not quiet:
                _tell_change(stream, told)
    while (failure := session.failures.take(0.0)) is not None:
        errors.append(failure.error)
    return errors


def _unreachable(stream: Stream) -> bool:
    """Whether the first attempt to connect has failed; a source that was there once is waited for, for ever."""
    return stream.newest_frame is None and stream.snapshot().status.state is SourceState.RECONNECTING


def _unreachable_error(stream: Stream) -> SourceError:
    status = stream.snapshot().status
    return SourceError(
        f"The source cannot be reached ({status.reason}): {status.why}",
        reason=status.reason,
        subject=stream.source.source_id,
        remedy="Look at the address and the device, or wait for it with --keep-trying",
    )


def _tell_change(stream: Stream, told: dict[str, str]) -> None:
    """Say on standard error when a live source goes away or comes back."""
    status = stream.snapshot().status
    key = f"{status.state} {status.reason} {status.attempt}"
    if stream.source.live and status.state in _TOLD_STATES and told.get(stream.stream_id) != key:
        told[stream.stream_id] = key
        about = stream.source.source_id
        say(status.message if about in status.message else f"{about}: {status.message or status.state}")


def _settle(session: Session) -> list[InferoscopeError]:
    """Until no frame is under way any more, so that the summary adds up."""
    errors: list[InferoscopeError] = []
    deadline_s = time.monotonic() + _SETTLE_S
    while not session.finished and time.monotonic() < deadline_s:
        failure = session.failures.take(_SETTLE_LOOK_S)
        if failure is not None:
            errors.append(failure.error)
    return errors


def _gave_nothing(stream: Stream) -> bool:
    """Whether a file was read to its end, beginning behind it."""
    ended = stream.snapshot().status.state is SourceState.ENDED
    return ended and stream.options.start_s > 0 and stream.newest_frame is None


def _starts_too_late(stream: Stream) -> SourceError:
    length_s = None if stream.source.info is None else stream.source.info.duration_s
    return SourceError(
        f"There is no picture {stream.options.start_s:g} s after the beginning",
        reason=SourceReason.ENDED,
        subject=stream.source.source_id,
        expected="" if length_s is None else f"--start below its length, {length_s:.1f} s",
        remedy="Begin earlier",
    )


def _finish(recorder: Recorder, session: Session) -> list[InferoscopeError]:
    known = recorder.failure
    if not recorder.finish(_FINISH_S):
        return [SinkError(f"The results were not written within {_FINISH_S:g} s", remedy="Look at the disk")]
    session.failures.take(0.0)
    return [recorder.failure] if recorder.failure is not None and known is None else []


def _report(document: dict[str, object], errors: Sequence[InferoscopeError], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))
    else:
        print_summary(document)
    for error in errors:
        say_error(error)
