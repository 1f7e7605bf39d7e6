"""Ten minutes of samples in constant memory."""

from __future__ import annotations

import csv
import io
import math
import time
from typing import Any

import numpy as np
import pytest

from engine.agreement import Agreement
from engine.capture.source import SourceInfo, SourceState, SourceStatus
from gui.presenters.port import TileState, Timing
from gui.presenters.traces.export import csv_table
from gui.presenters.traces.meters import NOTHING, ProgramMeter, TileMeter, together
from gui.presenters.traces.numbers import drops_table, latency_table
from gui.presenters.traces.store import COLUMNS, KEPT_SAMPLES, Span, TraceStore
from gui.presenters.traces.thinning import MOST_POINTS, thinned

PROGRAM = (12.5, 400.0)


def sample(**values: float) -> tuple[float, ...]:
    return tuple(values.get(column, 0.0) for column in COLUMNS)


def filled(samples: int, **columns: float) -> TraceStore:
    store = TraceStore()
    for i in range(samples):
        store.append(i / 10, PROGRAM, {"1": sample(capture_hz=i, **columns)})
    return store


def test_memory_is_constant_however_long_it_runs() -> None:
    store = TraceStore()
    sizes = []
    stages = np.ones((2048, 5)).tolist()
    for i in range(4 * KEPT_SAMPLES):
        store.append(i / 10, PROGRAM, {"1": NOTHING, "2": NOTHING})
        if i % 24 == 0:  # two million results in all
            store.add_results("1", np.linspace((i - 24) / 10, i / 10, 2048).tolist(), stages)
        if i % KEPT_SAMPLES == KEPT_SAMPLES - 1:
            sizes.append(store.nbytes)
    assert sizes[0] < 4_000_000
    assert len(set(sizes)) == 1


def test_the_newest_ten_minutes_are_kept() -> None:
    store = filled(3 * KEPT_SAMPLES + 7)
    newest = (3 * KEPT_SAMPLES + 6) / 10
    span = store.span(0.0, 1e9, ("1",))
    assert len(span.at_s) == KEPT_SAMPLES
    assert span.at_s[-1] == pytest.approx(newest)
    assert span.tiles["1"][0, -1] == 3 * KEPT_SAMPLES + 6
    assert span.tiles["1"][0, 0] == span.first


def test_a_tile_that_goes_away_frees_its_memory() -> None:
    store = TraceStore()
    store.append(0.0, PROGRAM, {"1": NOTHING})
    alone = store.nbytes
    store.append(0.1, PROGRAM, {"1": NOTHING, "2": NOTHING})
    store.add_results("2", [0.1], [(1, 1, 1, 1, 1)])
    assert store.nbytes > alone
    store.append(0.2, PROGRAM, {"1": NOTHING})
    assert store.nbytes == alone
    assert store.span(0.0, 1.0, ("2",)).tiles == {}


def test_a_tile_that_came_later_has_nothing_before() -> None:
    store = filled(3)
    store.append(0.3, PROGRAM, {"1": NOTHING, "2": sample(capture_hz=25)})
    assert np.isnan(store.span(0.0, 1.0, ("2",)).tiles["2"][0]).tolist() == [True, True, True, False]


def test_results_between_two_moments() -> None:
    store = TraceStore()
    store.add_results("1", [1.0, 2.0, 3.0], [(1, 0, 0, 0, 0), (2, 0, 0, 0, 0), (3, 0, 0, 0, 0)])
    store.add_results("2", [2.5], [(9, 0, 0, 0, 0)])
    assert store.results(1.5, 3.0, ("1", "2"))[0].tolist() == [2, 3, 9]
    assert store.results(1.5, 3.0, ()).shape == (5, 0)


# Samples -------------------------------------------------------------------------------------------------------------


def column(values: tuple[float, ...], name: str) -> float:
    return values[COLUMNS.index(name)]


def test_stages_are_the_median_of_the_results_since_the_last_sample() -> None:
    timings = [Timing(1.0, (1, 2, 30, 4, 5)), Timing(1.1, (3, 2, 10, 4, 5)), Timing(1.2, (2, 2, 20, 4, 5))]
    values = TileMeter().sample(TileState(open=True), timings, 1.2)
    assert [column(values, f"{s}_ms") for s in ("queue", "infer", "total")] == [2, 20, 33]


def test_a_slow_model_holds_its_line_for_two_seconds() -> None:
    meter, state = TileMeter(), TileState(open=True)
    meter.sample(state, [Timing(0.0, (1, 1, 900, 1, 1))], 0.0)
    assert column(meter.sample(state, [], 1.9), "infer_ms") == 900
    assert math.isnan(column(meter.sample(state, [], 2.1), "infer_ms"))


def test_a_stopped_stream_breaks_every_line() -> None:
    meter = TileMeter()
    meter.sample(TileState(open=True), [Timing(0.0, (1, 1, 1, 1, 1))], 0.0)
    assert all(math.isnan(value) for value in meter.sample(TileState(open=False), [], 0.1))


def test_the_age_is_how_old_the_picture_gets_between_frames() -> None:
    meter = TileMeter()
    ages = (0.03, 0.07, 0.01, 0.05, 0.02, 0.06, 0.04, 0.5, 0.6)
    shown = [column(meter.sample(TileState(open=True, age_s=age), [], 0.0), "age_ms") for age in ages]
    assert shown == pytest.approx([30, 70, 70, 70, 70, 70, 60, 500, 600])
    assert math.isnan(column(meter.sample(TileState(open=True), [], 0.0), "age_ms"))


def test_a_film_that_rests_grows_no_older_but_a_camera_does() -> None:
    def shown(live: bool, **changes: Any) -> float:
        info = SourceInfo("film", "", 960, 540, 30.0, 1800, 60.0, "", live=live, seekable=not live)
        return column(TileMeter().sample(TileState(open=True, info=info, age_s=9.0, **changes), [], 0.0), "age_ms")

    ended = SourceStatus(SourceState.ENDED)
    assert math.isnan(shown(live=False, paused=True))
    assert math.isnan(shown(live=False, status=ended))
    assert shown(live=False) == shown(live=True, paused=True) == 9000


def test_drops_are_counted_from_sample_to_sample() -> None:
    meter = TileMeter()
    dropped = [
        column(meter.sample(TileState(open=True, dropped={"superseded": n}), [], i / 10), "dropped_superseded")
        for i, n in enumerate((100, 103, 103, 2))
    ]
    assert dropped == [0, 3, 0, 2]  # at last the stream was opened anew


def test_precision_and_recall_are_percentages_and_nothing_where_there_is_nothing_to_compare() -> None:
    names = ("precision_percent", "recall_percent")

    def of(counts: Agreement | None) -> list[float]:
        values = TileMeter().sample(TileState(open=True, accuracy=counts), [], 0.0)
        return [column(values, name) for name in names]

    assert of(Agreement(hits=3, found=4, expected=6)) == [75, 50]
    assert [math.isnan(value) for value in of(Agreement(hits=0, found=0, expected=6))] == [True, False]
    assert all(math.isnan(value) for value in of(None))


def test_tiles_together_add_up_rates_and_show_the_slowest() -> None:
    fast = sample(capture_hz=30, infer_ms=5, total_ms=8, age_ms=90, dropped_stale=1)
    slow = sample(capture_hz=10, infer_ms=50, total_ms=60, age_ms=20, dropped_stale=2)
    values = tuple(together((fast, slow, NOTHING)))
    names = ("capture_hz", "infer_ms", "total_ms", "age_ms", "dropped_stale")
    assert [column(values, name) for name in names] == [40, 50, 60, 90, 3]
    assert all(math.isnan(value) for value in together((NOTHING, NOTHING)))


class FakeProcess:
    def __init__(self) -> None:
        self.asked = 0

    def cpu_percent(self) -> float:
        self.asked += 1
        return 50.0

    def memory_info(self) -> FakeProcess:
        return self

    rss = 300_000_000


def test_the_program_is_measured_once_a_second() -> None:
    process = FakeProcess()
    meter = ProgramMeter(process)
    assert math.isnan(meter.sample(0.0)[0])
    values = [meter.sample(i / 10) for i in range(1, 35)]
    assert process.asked == 1 + 3
    assert values[-1][1] == 300.0


# Drawing -------------------------------------------------------------------------------------------------------------


def test_few_points_are_drawn_and_no_peak_is_lost() -> None:
    store = TraceStore()
    for i in range(6000):
        rate, recall, age = 0 if i == 1234 else 30, 12 if i == 2345 else 95, 500 if i == 3210 else 40
        store.append(i / 10, PROGRAM, {"1": sample(capture_hz=rate, recall_percent=recall, age_ms=age)})
    at_s, values = thinned(store.span(-1e9, 1e9, ("1",)), 0.0)
    assert len(at_s) <= MOST_POINTS
    assert values["age_ms"].max() == 500
    assert values["capture_hz"].min() == 0
    assert values["recall_percent"].min() == 12


def test_the_stages_of_a_point_belong_to_one_sample() -> None:
    store = TraceStore()
    for i in range(6000):
        stages = {"queue_ms": 30, "infer_ms": 5} if i % 2 else {"queue_ms": 1, "infer_ms": 40}
        store.append(i / 10, PROGRAM, {"1": sample(total_ms=sum(stages.values()), **stages)})
    _at_s, values = thinned(store.span(-1e9, 1e9, ("1",)), 0.0)
    assert np.array_equal(values["queue_ms"] + values["infer_ms"], values["total_ms"])
    assert set(values["infer_ms"].tolist()) == {40.0}


def test_a_curve_moves_without_flickering() -> None:
    store = filled(3000)
    rng = np.random.default_rng(0)
    before: dict[float, float] = {}
    for i in range(3000, 3020):
        store.append(i / 10, PROGRAM, {"1": sample(age_ms=float(rng.random()))})
        at_s, values = thinned(store.span(i / 10 - 122, i / 10, ("1",)), i / 10 - 120)
        points = dict(zip(at_s.tolist(), values["age_ms"].tolist(), strict=True))
        assert all(points[t] == before[t] for t in points.keys() & before.keys())
        assert not before or len(points.keys() & before.keys()) >= len(points) - 2
        before = points


def test_drops_are_drawn_per_second() -> None:
    store = filled(100, dropped_superseded=2, dropped_stale=1)
    _at_s, values = thinned(store.span(0.0, 1e9, ("1",)), 5.0)
    assert values["dropped_superseded"] == pytest.approx(20, rel=0.01)
    assert values["dropped_hz"] == pytest.approx(30, rel=0.01)


def test_nothing_measured_is_nothing_drawn() -> None:
    at_s, values = thinned(TraceStore().span(0.0, 1.0, ("1",)), 0.0)
    assert len(at_s) == 0
    assert len(values["age_ms"]) == 0


def test_ten_minutes_of_sixteen_tiles_are_drawn_in_time() -> None:
    store = TraceStore()
    tiles = {str(i): sample(capture_hz=30) for i in range(16)}
    for i in range(KEPT_SAMPLES):
        store.append(i / 10, PROGRAM, tiles)
    began = time.process_time()
    for _ in range(10):
        thinned(store.span(-1e9, 1e9, ("1",)), 0.0)
    assert (time.process_time() - began) / 10 < 0.02


# Numbers -------------------------------------------------------------------------------------------------------------


def test_percentiles_are_exact() -> None:
    stages = np.zeros((5, 100), np.float32)
    stages[2] = np.arange(1, 101)
    table = latency_table(stages)
    infer, total = table.rows[2], table.rows[-1]
    assert infer.trace.title == "Infer"
    assert infer.cells == total.cells == ("50.5", "95.0", "99.0")
    assert "100 results" in table.summary


def test_without_results_there_are_dashes() -> None:
    table = latency_table(np.zeros((5, 0), np.float32))
    assert {cell for row in table.rows for cell in row.cells} == {"–"}


def test_drops_are_told_in_words_the_most_frequent_first() -> None:
    table = drops_table(filled(10, dropped_stale=1, dropped_superseded=3).span(0.0, 9.0, ("1",)))
    assert [(row.trace.title, row.cells) for row in table.rows] == [
        ("A newer frame came first", ("30",)),
        ("Result came too late", ("10",)),
    ]
    assert drops_table(filled(3).span(0.0, 9.0, ("1",))).summary == "No frame was dropped in this time."


# Table ---------------------------------------------------------------------------------------------------------------


def test_csv_has_a_row_a_sample_and_empty_cells_for_nothing() -> None:
    store = filled(2, infer_ms=12.3456, recall_percent=87.5)
    store.append(0.2, PROGRAM, {"1": NOTHING})
    rows = list(csv.DictReader(io.StringIO(csv_table(store.span(0, 9, ("1",)), {"1": "Yard"}, 1_760_000_000).decode())))
    assert len(rows) == 3
    assert rows[0]["time"].startswith("2025-10-")
    assert rows[0]["infer_ms"] == "12.346"
    assert rows[0]["recall_percent"] == "87.5"
    assert rows[2]["infer_ms"] == rows[2]["precision_percent"] == ""
    assert rows[2]["memory_mb"] == "400"


def test_csv_of_several_tiles_names_them() -> None:
    store = TraceStore()
    store.append(0.0, PROGRAM, {"1": NOTHING, "2": NOTHING})
    span: Span = store.span(0, 9, ("1", "2"))
    head = next(csv.reader(io.StringIO(csv_table(span, {"1": "=cmd()\nx", "2": "庭"}, 0.0).decode())))
    assert "age_ms 庭" in head
    assert "age_ms =cmd() x" in head  # no head begins with a sign that a spreadsheet would run
