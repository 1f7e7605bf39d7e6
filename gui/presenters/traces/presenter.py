"""Collects the traces ten times a second, and decides what of them is shown, and when."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from engine.errors import InferoscopeError
from engine.sinks.disk import write_whole
from gui.presenters.port import EnginePort, TaskControl, Tasks, TileState
from gui.presenters.problems import Problems
from gui.presenters.titles import tile_title
from gui.presenters.traces.display import BY_THEMSELVES, CHARTS, WINDOWS_S, Curves, Export, TracesDisplay, TracesView
from gui.presenters.traces.export import csv_table
from gui.presenters.traces.meters import Process, ProgramMeter, TileMeter, together
from gui.presenters.traces.numbers import drops_table, latency_table
from gui.presenters.traces.store import Span, TraceStore
from gui.presenters.traces.thinning import LEAD_S, thinned
from gui.presenters.workspace import Workspace, WorkspaceStore
from gui.texts import text

_ALL = "all"
"""Stands for a tile: all of them together."""
_ALWAYS = set(CHARTS) - set(BY_THEMSELVES)
_PIXELS = 300
"""About as wide is a plot: it is drawn when the curves have moved by a pixel."""
_SOONEST_S, _LATEST_S = 0.1, 0.5
_DRAGGED_EVERY_S = 0.04
"""The plots follow the mouse so often."""
_NUMBERS_EVERY_S = 0.29
"""Nobody reads faster."""
_TABLES_EVERY_S = 1.0
_SHORTEST_S = 2.0
"""No shorter time can be zoomed in on."""


class TracesPresenter:
    """Samples all tiles always; draws the selected ones (or all together) while they can be seen.

    The time axis ends at 0: now, or the moment at which the traces are held. Zooming holds them.

    Args:
        view: The plots.
        store: Which tiles there are, and which are selected.
        engine: What they cost.
        tasks: Write files.
        problems: What could not be written.
        clock: Monotonic seconds.
        wall: Seconds since 1970.
        process: None for this one.
    """

    def __init__(
        self,
        view: TracesView,
        store: WorkspaceStore,
        engine: EnginePort,
        tasks: Tasks,
        problems: Problems,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        process: Process | None = None,
    ) -> None:
        self._view = view
        self._store = store
        self._engine = engine
        self._tasks = tasks
        self._problems = problems
        self._clock = clock
        self._wall = wall
        self._traces = TraceStore()
        self._meters: dict[str, TileMeter] = {}
        self._program = ProgramMeter(process)
        self._window_s = 60
        self._shown: tuple[str, ...] = TracesDisplay("").shown
        self._hidden: tuple[str, ...] = ()
        self._telling: set[tuple[str, str]] = set()
        """Tiles, with their sources, of which it is known how right they are."""
        self._held_s: float | None = None
        self._range = (-60.0, 0.0)
        self._is_stale = True
        self._drawn_s = self._tables_s = self._latest_s = -float("inf")
        self._latest: dict[str, float] = {}
        self._display: TracesDisplay | None = None
        store.subscribe(self._on_workspace)
        self._show_display()

    # Ten times a second ------------------------------------------------------------------------------------------

    def sample(self) -> None:
        """Measure, and draw when it is time."""
        now_s = self._clock()
        meters, self._meters = self._meters, {}
        states = {tile.tile_id: self._engine.tile_state(tile.tile_id) for tile in self._store.now.tiles}
        tiles: dict[str, Sequence[float]] = {}
        for tile_id, state in states.items():
            meter = self._meters[tile_id] = meters.get(tile_id) or TileMeter()
            timings = self._engine.take_timings(tile_id)
            tiles[tile_id] = meter.sample(state, timings, now_s)
            self._traces.add_results(tile_id, [t.at_s for t in timings], [t.stages_ms for t in timings])
        if len(tiles) > 1:
            tiles[_ALL] = together(tiles.values(), [state.accuracy for state in states.values()])
        self._traces.append(now_s, self._program.sample(now_s), tiles)
        self._look_for_truth(states)
        if self._is_due(now_s) and self._view.is_showing():
            self._draw(now_s)

    def _look_for_truth(self, states: Mapping[str, TileState]) -> None:
        """A tile that has told how right it is may do so again, until its source is another one."""
        sources = {(tile.tile_id, tile.source) for tile in self._store.now.tiles}
        telling = {key for key in sources if states[key[0]].accuracy is not None or key in self._telling}
        if telling != self._telling:
            self._telling = telling
            self._changed()

    def _is_due(self, now_s: float) -> bool:
        """What is held is drawn when it has changed, and only then."""
        every_s = min(_LATEST_S, max(_SOONEST_S, self._window_s / _PIXELS))
        return self._is_stale or (self._held_s is None and now_s - self._drawn_s >= every_s - _SOONEST_S / 2)

    def _draw(self, now_s: float) -> None:
        self._drawn_s, self._is_stale = now_s, False
        end_s = now_s if self._held_s is None else self._held_s
        from_s, to_s = self._range
        span = self._traces.span(end_s + from_s - LEAD_S, end_s + to_s, self._drawn)
        at_s, values = thinned(span, end_s + from_s)
        if self._held_s is not None or now_s - self._latest_s >= _NUMBERS_EVERY_S:
            self._latest_s = now_s
            self._latest = {key: float(curve[-1]) if len(curve) else float("nan") for key, curve in values.items()}
        now_utc_s = self._wall() - (now_s - end_s)
        self._view.show_curves(Curves(from_s, to_s, at_s - end_s, values, self._latest, now_utc_s))
        if now_s - self._tables_s >= _TABLES_EVERY_S or self._held_s is not None:
            self._show_display()  # the source may have told its name
            self._show_tables(now_s, end_s + from_s, end_s + to_s)

    def _show_tables(self, now_s: float, from_s: float, to_s: float) -> None:
        self._tables_s = now_s
        tables = {
            "latency": latency_table(self._traces.results(from_s, to_s, self._tile_ids)),
            "dropped": drops_table(self._traces.span(from_s, to_s, self._drawn)),
        }
        self._view.show_tables(tables)

    # What the person wants ---------------------------------------------------------------------------------------

    def on_window(self, seconds: int) -> None:
        """Show so much; one of ``WINDOWS_S``."""
        if seconds not in WINDOWS_S:
            raise ValueError(f"seconds: expected one of {WINDOWS_S}, got {seconds}")
        self._window_s = seconds
        self._range = (-float(seconds), 0.0)
        self._changed()

    def on_hold(self) -> None:
        """Hold the picture; measuring goes on."""
        if self._held_s is None:
            self._held_s = self._clock()
            self._changed()

    def on_live(self) -> None:
        """Follow the present again, with the whole window."""
        self._held_s = None
        self._range = (-float(self._window_s), 0.0)
        self._changed()

    def on_hold_toggled(self) -> None:
        """Hold, or follow the present again."""
        if self._held_s is None:
            self.on_hold()
        else:
            self.on_live()

    def on_range(self, from_s: float, to_s: float) -> None:
        """Show this part of the time axis: it is held for that, and kept within the ten minutes that there are."""
        length_s = min(max(to_s - from_s, _SHORTEST_S), float(WINDOWS_S[-1]))
        to_s = min(0.0, max(to_s, length_s - WINDOWS_S[-1]))
        if self._held_s is None:
            self._held_s = self._clock()
        self._range = (to_s - length_s, to_s)
        self._changed()
        if self._clock() - self._drawn_s >= _DRAGGED_EVERY_S and self._view.is_showing():
            self._draw(self._clock())

    def on_chart_toggled(self, key: str) -> None:
        """Show a chart, or hide it; one that is always there stays."""
        if key in BY_THEMSELVES:
            self._hidden = tuple(k for k in BY_THEMSELVES if k in set(self._hidden) ^ {key})
        else:
            wanted = set(self._shown) ^ {key}
            self._shown = tuple(k for k in CHARTS if k in wanted) or self._shown
        self._changed()

    @property
    def choices(self) -> dict[str, object]:
        """What a person has chosen, to be given to ``take_choices`` at the next start."""
        return {"window_s": self._window_s, "shown": list(self._shown), "hidden": list(self._hidden)}

    def take_choices(self, choices: object) -> None:
        """Show what was chosen before.

        Raises:
            ValueError: They are none of ours.
        """
        match choices:
            case {"window_s": int(seconds), "shown": [*shown], **rest} if seconds in WINDOWS_S and set(shown) & _ALWAYS:
                hidden = rest.get("hidden", [])
                self._shown = tuple(key for key in CHARTS if key in shown and key in _ALWAYS)
                self._hidden = tuple(key for key in BY_THEMSELVES if isinstance(hidden, list) and key in hidden)
                self.on_window(seconds)
            case _:
                raise ValueError(f"choices: expected a length of {WINDOWS_S} and charts of {CHARTS}, got {choices}")

    def on_shown(self) -> None:
        """The view can be seen again."""
        self._changed()

    def _on_workspace(self, before: Workspace, now: Workspace) -> None:
        if before.targets != now.targets:
            self._changed()

    def _changed(self) -> None:
        """Everything is drawn at the next sample."""
        self._is_stale = True
        self._tables_s = self._latest_s = -float("inf")
        self._show_display()

    def _show_display(self) -> None:
        held_at = ""
        if self._held_s is not None:
            held_at = _local(self._wall() - (self._clock() - self._held_s)).strftime("%H:%M:%S")
        knows = any((tile.tile_id, tile.source) in self._telling for tile in self._store.now.targets)
        offered = tuple(key for key in CHARTS if key in _ALWAYS or knows)
        wanted = (*self._shown, *(key for key in BY_THEMSELVES if key not in self._hidden))
        shown = tuple(key for key in offered if key in wanted)
        display = TracesDisplay(self._title(), self._window_s, held_at, shown, offered)
        if display != self._display:
            self._display = display
            self._view.show_display(display)

    @property
    def _tile_ids(self) -> tuple[str, ...]:
        return tuple(tile.tile_id for tile in self._store.now.targets)

    @property
    def _drawn(self) -> tuple[str, ...]:
        ids = self._tile_ids
        return ids if len(ids) == 1 else (_ALL,)

    def _title(self) -> str:
        targets = self._store.now.targets
        if len(targets) > 1:
            return text("Traces", "All {count} tiles together").format(count=len(targets))
        return self._name(targets[0].tile_id)

    def _name(self, tile_id: str) -> str:
        return tile_title(self._store.now.tile(tile_id), self._engine.tile_state(tile_id))

    # Files ---------------------------------------------------------------------------------------------------------

    def on_export(self, kind: Export) -> None:
        """Ask for a file to save the traces in."""
        moment = _local(self._wall()).strftime("%Y-%m-%d-%H%M%S")
        plain = "".join(c if c.isalnum() or c in " -_" else "-" for c in self._title())[:80].strip()
        self._view.ask_path(kind, f"{plain}-traces-{moment}.{kind.value}")

    def on_path_chosen(self, kind: Export, path: Path) -> None:
        """Save them."""
        content = self._picture() if kind is Export.PICTURE else self._table()

        def work(_control: TaskControl) -> Path:
            write_whole(path, content())
            return path

        self._tasks.start(text("Traces", "Saving the traces"), work, self._view.show_saved, self._on_not_saved)

    def _on_not_saved(self, error: InferoscopeError) -> None:
        self._problems.add(text("Traces", "Traces"), error)

    def _picture(self) -> Callable[[], bytes]:
        end_utc_s = self._wall() - (0.0 if self._held_s is None else self._clock() - self._held_s)
        until = _local(end_utc_s + self._range[1]).strftime("%Y-%m-%d %H:%M:%S")
        length = text("Traces", "{seconds} s until {time}").format(
            seconds=round(self._range[1] - self._range[0]), time=until
        )
        return self._view.rendered("   ".join(part for part in (self._title(), length, self._badges()) if part))

    def _badges(self) -> str:
        now = self._store.now
        reports = [self._engine.model_state(t.model_id).report for t in now.targets if t.model_id is not None]
        return ", ".join(dict.fromkeys(report.badge for report in reports if report is not None))

    def _table(self) -> Callable[[], bytes]:
        end_s = self._clock() if self._held_s is None else self._held_s
        span = self._traces.span(end_s + self._range[0], end_s + self._range[1], self._tile_ids)
        tiles = {tile_id: np.array(table) for tile_id, table in span.tiles.items()}
        kept = Span(span.first, np.array(span.at_s), tiles, np.array(span.program))
        names = {tile_id: self._name(tile_id) for tile_id in tiles}
        offset_s = self._wall() - self._clock()
        return lambda: csv_table(kept, names, offset_s)


def _local(utc_s: float) -> datetime:
    return datetime.fromtimestamp(utc_s, UTC).astimezone()
