"""What ``run`` tells at its end. The keys are described in docs/json.md and are stable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.agreement import Agreement
from engine.cards_json import execution_json
from engine.frames import FrameResult
from engine.pipeline.attachment import Attachment
from engine.pipeline.lanes import LoadedModel
from engine.pipeline.statistics import Ledger, stage_percentiles
from engine.pipeline.stream import Stream
from engine.results import Classification, Detections

_BEST = 5
"""So many classes are named."""


class Found:
    """Counts what a stream's results show, by class name."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def add(self, result: FrameResult) -> None:
        """Count objects of detections, the best class of a picture, the classes of a map."""
        name = result.configuration.card.class_name
        found = result.result
        if isinstance(found, Detections):
            self.counts.update(name(class_id) for class_id in found.class_id.tolist())
        elif isinstance(found, Classification):
            self.counts[name(int(found.score.argmax()))] += 1
        else:
            self.counts.update(name(class_id) for class_id, _ in found.shares())


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a run leaves behind.

    Attributes:
        model: Who analysed.
        streams: What was analysed.
        found: What was found in each of them.
        files: What was written.
        load_s: Seconds from the start of the command to warm lanes.
        cpu_s: CPU seconds of the process while streaming.
        not_recorded: Results of live streams that the sinks were too slow for.
        interrupted: Whether a person ended it.
    """

    model: LoadedModel
    streams: Sequence[Stream]
    found: Sequence[Found]
    files: Sequence[Path]
    load_s: float
    cpu_s: float
    not_recorded: int
    interrupted: bool


def summary(facts: RunFacts) -> dict[str, Any]:
    """The whole run as one JSON document."""
    card = facts.model.configuration.card
    totals = _totals([attachment for stream in facts.streams for attachment in stream.attachments])
    return {
        **totals,
        "load_s": round(facts.load_s, 3),
        "cpu_ms_per_frame": round(facts.cpu_s * 1e3 / totals["frames"], 3) if totals["frames"] else None,
        "found": dict(sum((found.counts for found in facts.found), Counter[str]()).most_common()),
        "files": [str(path) for path in facts.files],
        "not_recorded": facts.not_recorded,
        "interrupted": facts.interrupted,
        "model": {
            "path": str(card.path),
            "task": card.task.value,
            "family": card.family,
            "confidence": card.confidence,
            "sha256": card.sha256,
        },
        "execution": execution_json(facts.model.configuration.report),
        "sources": [_source(stream) for stream in facts.streams],
    }


def _totals(attachments: Sequence[Attachment]) -> dict[str, Any]:
    ledgers = [attachment.ledger for attachment in attachments]
    counts = [ledger.counts() for ledger in ledgers]
    dropped: Counter[str] = Counter()
    for count in counts:
        dropped.update({cause.value: number for cause, number in count.dropped.items()})
    frames = sum(count.published for count in counts)
    elapsed_s = _elapsed_s(ledgers)
    return {
        "frames": frames,
        "captured": sum(count.captured for count in counts),
        "frames_per_s": round(frames / elapsed_s, 2) if elapsed_s else 0.0,
        "elapsed_s": round(elapsed_s, 3),
        "dropped": dict(dropped),
        "stages": {stage: _rounded(asdict(p)) for stage, p in stage_percentiles(ledgers).items()},
        "accuracy": _accuracy(attachments),
    }


def _accuracy(attachments: Iterable[Attachment]) -> dict[str, Any] | None:
    """What was found against the truth of the sources; None where none of them knows it."""
    known = [total for attachment in attachments if (total := attachment.accuracy.total) is not None]
    if not known:
        return None
    counts = sum(known, Agreement())
    shares = {"precision": counts.precision, "recall": counts.recall}
    return {key: share if share is None else round(share, 4) for key, share in shares.items()} | asdict(counts)


def _elapsed_s(ledgers: Iterable[Ledger]) -> float:
    """From the first capture to the last result, in seconds; 0 where there was none."""
    spans = [(first, last) for first, last in (ledger.span_ns() for ledger in ledgers) if first and last]
    return (max(last for _, last in spans) - min(first for first, _ in spans)) / 1e9 if spans else 0.0


def _rounded(numbers: dict[str, float]) -> dict[str, float]:
    return {key: round(number, 3) for key, number in numbers.items()}


def _source(stream: Stream) -> dict[str, Any]:
    status, info = stream.snapshot().status, stream.source.info
    return {
        "id": stream.stream_id,
        "source": stream.source.source_id,
        "mode": stream.mode.value,
        "state": status.state.value,
        "reason": status.reason.value if status.reason else None,
        "message": status.message,
        "info": asdict(info) if info else None,
        **_totals(stream.attachments),
    }


def print_summary(document: dict[str, Any]) -> None:
    """The same for a person."""
    execution = document["execution"]
    print(f"{document['model']['path']}: {document['model']['task']}, {document['model']['family']}")
    lanes = _count(execution["lanes"], "lane")
    print(f"Ran on {execution['badge']} ({execution['device_title']}), {lanes}, tuned for {execution['profile']}")
    for fallback in execution["fallbacks"]:
        print(f"Fall-back: wanted {fallback['wanted']}, got {fallback['got']}: {fallback['reason']}")
    for warning in execution["warnings"]:
        print(f"Note: {warning}")
    for source in document["sources"]:
        _print_source(source)
    _print_found(document)
    if not document["frames"]:
        print("No frame was analysed.")
        return
    print(
        f"{_count(document['frames'], 'frame')} in {document['elapsed_s']:.1f} s: "
        f"{document['frames_per_s']:.1f} frames/s, loaded in {document['load_s']:.1f} s"
    )
    if document["dropped"]:
        print("Dropped: " + ", ".join(f"{n} {cause}" for cause, n in document["dropped"].items()))
    print("Latency in ms  " + "".join(f"{stage:>12}" for stage in document["stages"]))
    for key in ("p50_ms", "p95_ms", "p99_ms"):
        print(f"  {key[:3]:12s} " + "".join(f"{stage[key]:12.2f}" for stage in document["stages"].values()))


def _print_found(document: dict[str, Any]) -> None:
    found = list(document["found"].items())
    if found:
        more = f" and {_count(len(found) - _BEST, 'other class', 'other classes')}" if len(found) > _BEST else ""
        print("Found: " + ", ".join(f"{count} {name}" for name, count in found[:_BEST]) + more)
    if document["accuracy"] is not None:
        print(_told(document["accuracy"]))
    for path in document["files"]:
        print(f"Written: {path}")


def _told(accuracy: dict[str, Any]) -> str:
    """How right it was, in one line."""
    shares = (accuracy["precision"], accuracy["recall"])
    precision, recall = ("unknown" if share is None else f"{share:.1%}" for share in shares)
    hits, found, expected = accuracy["hits"], accuracy["found"], accuracy["expected"]
    return (
        f"Against the truth of the source: precision {precision} ({hits} right of {found} found), "
        f"recall {recall} ({hits} found of {expected} there)"
    )


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _print_source(source: dict[str, Any]) -> None:
    info = source["info"]
    if info is None:
        print(f"{source['source']}: {source['message'] or source['state']}")
        return
    rate = f", {info['rate_hz']:g} frames/s" if info["rate_hz"] else ""
    print(f"{source['source']}: {info['width']}x{info['height']}{rate} {info['codec']}".rstrip())
    for note in dict.fromkeys([*info["warnings"], source["message"]]):
        if note:
            print(f"Note: {note}")
