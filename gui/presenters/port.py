"""What presenters know of the engine: commands for the moment, and states to pull. The bridge fulfils it.

What lasts (sources, models, thresholds ..) is not commanded: it is edited in the workspace, and the bridge makes the
engine agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from engine.agreement import Agreement
from engine.backends.backend import DeviceInfo
from engine.capture.source import SourceInfo, SourceOptions, SourceState, SourceStatus, TryOut
from engine.cards import ExecutionReport, ModelCard, Thresholds
from engine.errors import InferoscopeError
from engine.frames import Frame, FrameResult
from engine.overlay import Style

T = TypeVar("T")

STAGES = ("queue", "preprocess", "infer", "decode", "draw")
"""Stages of a frame's latency, in order; the last one is the window's own."""


@dataclass(frozen=True, slots=True)
class TileState:
    """A stream at one moment.

    Attributes:
        open: Whether there is a stream (it may have ended or failed).
        status: State with its reason in words.
        info: What was got when the source was opened, None before.
        paused: Whether a person holds the picture.
        age_s: Age of the newest frame, None before the first one.
        position: Number of the newest frame in its file, None before the first.
        media_time_s: Its place in the media, None where there is none.
        captured, published: Frames that came, and results that came of them.
        dropped: Cause -> frames that got no result. Causes: "superseded", "rate_limit", "no_model", "timeline",
            "stale", "failed", "hung".
        capture_hz, inference_hz, display_hz: Over the last two seconds.
        accuracy: What was found in the last two seconds, compared with the truth of the source; None where the source
            knows none, or nothing came.
        error: Why it cannot go on, None while it can.
        password_wanted: The source needs a password that the keyring does not have.
    """

    open: bool = False
    status: SourceStatus = field(default_factory=lambda: SourceStatus(SourceState.IDLE))
    info: SourceInfo | None = None
    paused: bool = False
    age_s: float | None = None
    position: int | None = None
    media_time_s: float | None = None
    captured: int = 0
    published: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    capture_hz: float = 0.0
    inference_hz: float = 0.0
    display_hz: float = 0.0
    accuracy: Agreement | None = None
    error: InferoscopeError | None = None
    password_wanted: bool = False


@dataclass(frozen=True, slots=True)
class LoadState:
    """A model that is being loaded: its phase in words, and how long it takes.

    ``expected_s`` is how long it took last time, None the first time.
    """

    phase: str
    elapsed_s: float
    expected_s: float | None


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model of the workspace at one moment.

    Attributes:
        card: What it was identified as, None before.
        report: How it really runs, None while nothing runs. While another configuration loads, that of the old one.
        loading: What is going on, None while nothing is.
        error: Why it does not run as wanted, None while it does. The video goes on.
    """

    card: ModelCard | None = None
    report: ExecutionReport | None = None
    loading: LoadState | None = None
    error: InferoscopeError | None = None


@dataclass(frozen=True, slots=True)
class BackendState:
    """A runtime and what it can use here. ``error`` says why it cannot be used at all."""

    name: str
    title: str
    devices: tuple[DeviceInfo, ...] = ()
    error: InferoscopeError | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What a tile shows: a frame, and what is drawn over it.

    Attributes:
        frame: The picture.
        result: Drawn over it, None without one. In step it is the result of this very frame.
        result_behind_s: How much older the result's frame is than the picture, 0 in step.
    """

    frame: Frame
    result: FrameResult | None = None
    result_behind_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Timing:
    """One result's way, in ms: ``stages_ms`` in the order of ``STAGES``; ``at_s`` on the monotonic clock."""

    at_s: float
    stages_ms: tuple[float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class TileRecording:
    """What is recorded of one tile.

    Attributes:
        tile_id: The tile.
        stem: Name of its files without an ending; there are no files of that name yet.
        style: How results are drawn, None for pictures as they came.
    """

    tile_id: str
    stem: str
    style: Style | None


@dataclass(frozen=True, slots=True)
class RecordingPlan:
    """What is to be recorded, and where to.

    Attributes:
        tiles: At least one. Each gets a video and, beside it, its results under the same name.
        folder: Where the files go; it exists.
        video_ending: ".mp4" or ".webm".
        records: "none", "jsonl" or "csv".
        keep_free_bytes: The recording ends, with videos that can be played, before less than this is free.
    """

    tiles: tuple[TileRecording, ...]
    folder: Path
    video_ending: str = ".mp4"
    records: str = "jsonl"
    keep_free_bytes: int = 2_000_000_000


@dataclass(frozen=True, slots=True)
class RecordingState:
    """The recording at one moment; after its end, how the last one went.

    Attributes:
        active: From the start until every file is finished.
        finishing: While files are finished after the end (a conversion may take a while), how much of that is done,
            0 to 1; None before and after.
        elapsed_s: Length of the recording so far.
        frames: Frames written, of all tiles.
        not_recorded: Frames of live streams that came faster than the disk or the encoder took them.
        files: Those that are written, or were.
        error: Why it ended by itself, or could not begin; None otherwise. What was recorded before is kept.
    """

    active: bool = False
    finishing: float | None = None
    elapsed_s: float = 0.0
    frames: int = 0
    not_recorded: int = 0
    files: tuple[Path, ...] = ()
    error: InferoscopeError | None = None


class TaskControl(Protocol):
    """A background task's own end."""

    def progress(self, phase: str, share: float | None = None) -> None:
        """A new phase begins, or goes on; ``share`` of the whole is done, 0 to 1, None where that is unknown.

        Raises:
            CancelledError: Nobody wants the answer any more.
        """

    def cancelled(self) -> bool:
        """Whether nobody wants the answer any more."""

    def wait(self, seconds: float) -> bool:
        """Wait so long, such as for another try; True, at once, when nobody wants the answer any more."""


class Task(Protocol):
    """A background task as whoever started it sees it."""

    @property
    def phase(self) -> str:
        """What is going on, in words."""

    @property
    def share(self) -> float | None:
        """How much is done, 0 to 1; None where that is unknown."""

    @property
    def elapsed_s(self) -> float:
        """Seconds since it began."""

    def cancel(self) -> None:
        """It is over for the person, now: neither ``done`` nor ``failed`` is called."""

    def wait(self, seconds: float) -> bool:
        """Wait for the end of the work, at most so long: inside another task, or at the end of the program alone."""


class Tasks(Protocol):
    """Runs what takes longer than a frame, off the GUI thread."""

    def start(
        self,
        name: str,
        work: Callable[[TaskControl], T],
        done: Callable[[T], None],
        failed: Callable[[InferoscopeError], None],
    ) -> Task:
        """Run ``work`` in a thread; ``done`` or ``failed`` is called in the GUI thread, later, never before return."""


class EnginePort(Protocol):
    """The engine as presenters see it. GUI thread alone; nothing here waits."""

    def tile_state(self, tile_id: str) -> TileState:
        """The stream of a tile."""

    def model_state(self, model_id: str) -> ModelState:
        """A model of the workspace."""

    def backends(self) -> tuple[BackendState, ...]:
        """The runtimes and their devices; empty until they have been asked, shortly after the start."""

    def picture(self, tile_id: str) -> Picture | None:
        """What to show now, None before the first frame. The same object as long as nothing new came."""

    def take_timings(self, tile_id: str) -> tuple[Timing, ...]:
        """The results published since the last call, oldest first; a thousand at most."""

    def drawn(self, tile_id: str, picture: Picture, draw_ms: float) -> None:
        """Tell that a new picture was painted, and what that took: counts the display rate and the draw stage."""

    def play(self, tile_id: str) -> None:
        """Go on."""

    def pause(self, tile_id: str) -> None:
        """Hold the picture."""

    def step(self, tile_id: str, frames: int) -> None:
        """Hold the picture and show the frame that many further (or before, if negative). Files alone."""

    def seek_frame(self, tile_id: str, index: int) -> None:
        """Go to a frame of a file. Called often while a slider is dragged: only the newest wish is carried out."""

    def cancel_load(self, model_id: str) -> None:
        """Stop loading; what ran before goes on, and the workspace says so again."""

    def reload(self, model_id: str) -> None:
        """Identify and compile again: after a correction, or to try once more."""

    def restart(self, tile_id: str) -> None:
        """Open the source again: after it ended or failed."""

    def try_now(self, tile_id: str) -> None:
        """Do not wait for the next attempt to find a lost source."""

    def start_recording(self, plan: RecordingPlan) -> None:
        """Record from now on; where it cannot begin, ``recording`` says why. Nothing happens while one is active."""

    def stop_recording(self) -> None:
        """End the recording, and finish its files in the background."""

    def recording(self) -> RecordingState:
        """The recording, or how the last one went."""

    def analyse(self, card: ModelCard, frame: Frame, thresholds: Thresholds) -> Callable[[TaskControl], FrameResult]:
        """Work for ``Tasks``: one frame through a model as ``card`` has it, which need not be loaded or stored.

        It fails with ``ModelError`` where the outputs are not what the card promises, with ``BackendError`` where the
        model cannot be run.
        """

    def try_source(self, source: str, options: SourceOptions) -> Callable[[TaskControl], TryOut]:
        """The work that opens a source until its first picture, for ``Tasks``; any thread may ask for it.

        Args:
            source: With its secrets.
            options: What was chosen about it.
        """
