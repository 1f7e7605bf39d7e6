"""The optimise page: what it shows, and what comes of a person's wishes there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock, create_autospec

import numpy as np
import pytest
from cards import make_card
from example_reports import entry, report, way
from findings import FP16_FINDING, INT8_FINDING, ORIGINAL_FINDING, POOR_FINDING, make_finding
from frame_results import REPORT as RUNS
from waiting_tasks import WaitingTasks

from engine.capture.source import Ended, SourceInfo
from engine.capture.tap import TappedSource
from engine.cards import ModelCard, Precision
from engine.errors import ModelError, SourceError
from engine.frames import Frame
from engine.optimise.candidate import ORIGINAL
from engine.optimise.keeping import keep
from engine.optimise.plan import FRAMES_STEP, Finding, Plan, Progress, Step, StepState
from engine.optimise.report import Entry, Report
from engine.optimise.shelf import shelf_of
from gui.presenters.optimise.display import ResultRow, Results, Running, Setup
from gui.presenters.optimise.presenter import OptimisePresenter, OptimiseView
from gui.presenters.optimise.results import results, with_kept
from gui.presenters.port import EnginePort, LoadState, ModelState, Picture, TaskControl, TileState
from gui.presenters.problems import Problems
from gui.presenters.workspace import ModelChoice, Tile, Workspace, WorkspaceStore

MODEL = Path("/models/yard.onnx")
CARD = make_card(MODEL, sha256="ab" * 32, model_bytes=4_000_000)
REPORT = Report("yard.onnx", "detect", "a processor", "yard.mp4", 10, 0.95, Entry(ORIGINAL, MODEL, 4_000_000))
CAMERA = SourceInfo("camera", "Yard", 640, 360, 30.0, None, None, "", live=True, seekable=False)


class FakeJob:
    """Finds what it is told to find."""

    def __init__(
        self, plan: Plan, findings: tuple[Finding, ...], report: Report = REPORT, error: Exception | None = None
    ) -> None:
        self.plan = plan
        self.now = Progress(tuple(Step(name) for name in (FRAMES_STEP, ORIGINAL, *(k.name for k in plan.kinds))))
        self._findings = findings
        self._report = report
        self._error = error

    def run(self, _control: TaskControl) -> Progress:
        if self._error is not None:
            raise self._error
        steps = tuple(replace(step, state=StepState.DONE) for step in self.now.steps)
        self.now = Progress(steps, self._findings, report=self._report)
        return self.now


class Page:
    """The presenter, with everything around it."""

    def __init__(self) -> None:
        self.view = create_autospec(OptimiseView, instance=True)
        tiles = (Tile("1", source="/videos/yard.mp4", running=True, model_id="2", hidden_classes=frozenset({1})),)
        self.store = WorkspaceStore(Workspace(tiles=tiles, models=(ModelChoice("2", MODEL),)))
        self.engine = create_autospec(EnginePort, instance=True)
        self.engine.tile_state.return_value = TileState()
        self.engine.model_state.return_value = ModelState()
        self.tasks, self.problems, self.show_page = WaitingTasks(), Problems(), Mock()
        self.found: tuple[Finding, ...] = (ORIGINAL_FINDING, INT8_FINDING)
        self.report = REPORT
        self.error: Exception | None = None
        self.jobs: list[FakeJob] = []
        self.presenter = OptimisePresenter(
            self.view,
            self.store,
            self.engine,
            self.tasks,
            self.problems,
            make_job=self._make_job,
            show_page=self.show_page,
            clock=lambda: 10.0,
        )

    def _make_job(self, plan: Plan) -> FakeJob:
        self.jobs.append(FakeJob(plan, self.found, self.report, self.error))
        return self.jobs[-1]

    def open(self) -> None:
        """Let the model be read."""
        self.presenter.refresh()
        self.tasks.run()
        self.presenter.refresh()

    def build(self) -> None:
        """Let everything that was chosen be done."""
        self.presenter.on_start()
        self.tasks.run()
        self.presenter.refresh()

    @property
    def setup(self) -> Setup:
        return self.view.show_setup.call_args.args[0]

    @property
    def running(self) -> Running | None:
        return self.view.show_running.call_args.args[0]

    @property
    def results(self) -> Results:
        return self.view.show_results.call_args.args[0]

    def row(self, title: str) -> ResultRow:
        return next(row for row in self.results.rows if row.title == title)

    @property
    def message(self) -> str:
        return self.view.show_message.call_args.args[0].words

    @property
    def checked(self) -> list[str]:
        return [variant.key for variant in self.setup.variants if variant.checked]

    @property
    def model(self) -> ModelChoice | None:
        return self.store.now.model_of("1")


@pytest.fixture(autouse=True)
def identified(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[Path, ModelCard]]:
    cards = {MODEL: CARD}

    def identify(path: Path) -> ModelCard:
        if path not in cards:
            raise ModelError("The file is not a model", subject=str(path), remedy="Choose another")
        return cards[path]

    monkeypatch.setattr("engine.library.identify.identify", identify)
    yield cards


@pytest.fixture
def page() -> Page:
    page = Page()
    page.open()
    return page


def test_it_begins_with_the_selected_tile_and_what_helps_most_people(page: Page) -> None:
    assert page.setup.model.current == str(MODEL)
    assert [choice.title for choice in page.setup.source.choices] == ["yard.mp4"]
    assert page.checked == ["openvino-int8", "openvino-fp16"]
    assert page.setup.can_start
    assert "5 of 100" in page.setup.loss_words


def test_without_a_model_it_says_what_to_do_first() -> None:
    page = Page()
    page.store.edit_tile("1", model_id=None)
    page.open()
    assert not page.setup.can_start
    assert page.setup.hint == "Choose a model first."


def test_without_variants_there_is_nothing_to_build(page: Page) -> None:
    for key in page.checked:
        page.presenter.on_variant_checked(key, False)
    assert not page.setup.can_start
    page.presenter.on_start()
    assert page.jobs == []


def test_what_cannot_be_made_of_a_model_is_greyed_with_the_reason(identified: dict[Path, ModelCard]) -> None:
    identified[MODEL] = replace(CARD, stored_precision=Precision.INT8)
    page = Page()
    page.open()
    int8 = next(variant for variant in page.setup.variants if variant.key == "openvino-int8")
    assert not int8.usable
    assert not int8.checked
    assert "quantised already" in int8.about


def test_a_model_that_cannot_be_read_is_a_problem_and_builds_nothing(page: Page) -> None:
    page.presenter.on_model_chosen("/models/no.onnx")
    page.tasks.run()
    page.presenter.refresh()
    assert "not a model" in page.message
    assert not page.setup.can_start
    assert len(page.problems.items) == 1


def test_the_plan_is_what_was_chosen(page: Page) -> None:
    page.presenter.on_loss_changed(2)
    page.presenter.on_start()
    (job,) = page.jobs
    assert [kind.name for kind in job.plan.kinds] == ["openvino-fp16", "openvino-int8"]  # the quick one first
    assert job.plan.limit == pytest.approx(0.98)
    assert job.plan.source == "/videos/yard.mp4"
    assert job.plan.tapped is None
    assert job.plan.folder == shelf_of(CARD.sha256)


def test_a_folder_of_pictures_may_have_labels_and_another_source_has_none(page: Page) -> None:
    page.presenter.on_folder_chosen("/pictures")
    page.presenter.on_labels_chosen(Path("/pictures/instances.json"))
    assert page.setup.labels == "instances.json"
    page.presenter.on_start()
    assert (page.jobs[0].plan.source, page.jobs[0].plan.annotations) == ("/pictures", Path("/pictures/instances.json"))
    page.presenter.on_source_chosen("/pictures")
    assert page.setup.labels == "instances.json"
    page.presenter.on_source_chosen("/videos/other.mp4")
    assert not page.setup.labels_usable
    assert page.setup.labels == ""


def test_a_camera_that_runs_is_not_opened_twice(page: Page) -> None:
    page.engine.tile_state.return_value = TileState(info=CAMERA)
    frame = Frame(np.zeros((36, 64, 3), np.uint8), 0, 0, 0, None, "camera:0")
    page.engine.picture.return_value = Picture(frame)
    page.presenter.on_start()
    tapped = page.jobs[0].plan.tapped
    assert isinstance(tapped, TappedSource)
    page.presenter.refresh()
    assert tapped.read() is frame
    assert not isinstance(tapped.read(), Frame | Ended)  # each frame once


def test_steps_are_shown_while_it_runs(page: Page) -> None:
    page.presenter.on_start()
    running = page.running
    assert running is not None
    assert running.model == "yard.onnx"
    assert [step.title for step in running.steps][:3] == ["Collect frames", "Measure the original", "FP16 for OpenVINO"]
    assert page.presenter.busy
    page.tasks.run()
    assert page.running is None
    assert not page.presenter.busy


def test_results_fill_the_table_and_say_what_to_take(page: Page) -> None:
    page.found = (ORIGINAL_FINDING, INT8_FINDING, FP16_FINDING, POOR_FINDING)
    page.build()
    assert [row.verdict for row in page.results.rows] == ["", "recommended", "fine", "loses too much"]
    assert page.row("INT8 for OpenVINO").speed == "2.00 ×"
    assert page.row("Original").in_use
    assert "Take INT8 for OpenVINO: 2.00 times as fast" in page.message
    assert page.results.frontier == ((1.0, 1.0), (2.0, 0.97), (3.0, 0.6))


def test_what_may_be_lost_judges_again_at_once(page: Page) -> None:
    page.build()
    page.presenter.on_loss_changed(1)
    assert page.row("INT8 for OpenVINO").verdict == "loses too much"
    assert page.row("Original").verdict == "keep it"
    assert page.results.limit == pytest.approx(0.99)


def test_a_refused_variant_is_a_row_with_its_reason() -> None:
    error = ModelError("It has a loop", subject="yard.onnx")
    steps = (Step("onnx-int8", StepState.REFUSED, error=error),)
    shown = results((ORIGINAL_FINDING,), steps, 0.95, original_path=MODEL)
    assert (shown.rows[1].verdict, shown.rows[1].usable) == ("not built", False)
    assert "It has a loop" in shown.rows[1].about


def test_what_may_be_chance_is_not_recommended() -> None:
    faster = replace(INT8_FINDING, speed=1.08, speed_low=0.95)
    slower = replace(FP16_FINDING, speed=0.93, speed_high=1.05)
    shown = results((ORIGINAL_FINDING, faster, slower), (), 0.95, original_path=MODEL)
    assert [row.verdict for row in shown.rows] == ["keep it", "fine", "fine"]


def test_labels_decide_where_there_are_any() -> None:
    original = replace(ORIGINAL_FINDING, map=0.40)
    fair, poor = replace(POOR_FINDING, map=0.395), replace(INT8_FINDING, map=0.30)
    shown = results((original, fair, poor), (), 0.95, original_path=MODEL)
    assert [row.verdict for row in shown.rows[1:]] == ["recommended", "loses too much"]
    assert shown.labelled


def test_labels_decide_of_half_precision_too() -> None:
    original = replace(ORIGINAL_FINDING, map=0.40)
    half = replace(POOR_FINDING, map=0.395, precision=Precision.BF16)
    shown = results((original, half), (), 0.95, original_path=MODEL)
    assert shown.rows[1].verdict == "recommended"
    assert [row.accuracy for row in shown.rows] == ["0.400", "0.395"]


def test_apply_swaps_it_in_and_keeps_what_was_said_about_classes(page: Page) -> None:
    page.build()
    page.presenter.on_apply(page.row("INT8 for OpenVINO").key)
    model = page.model
    assert model is not None
    assert (model.path, model.backend, model.device) == (INT8_FINDING.path, "openvino", "")
    assert model.precision is Precision.AUTO
    assert page.store.now.tile("1").hidden_classes == {1}
    assert page.store.now.tile("1").running


def on_shelf(finding: Finding) -> Finding:
    """The finding of a variant that lies where the program puts it."""
    return replace(finding, path=shelf_of(CARD.sha256) / f"yard-{finding.name}.xml")


def applied(page: Page) -> None:
    """INT8 was applied, and loads."""
    page.found = (ORIGINAL_FINDING, on_shelf(INT8_FINDING))
    page.build()
    page.presenter.on_apply(page.row("INT8 for OpenVINO").key)
    page.engine.model_state.return_value = ModelState(loading=LoadState("Compiling", 0.5, None), report=RUNS)
    page.presenter.refresh()


def test_what_is_applied_is_said_to_come_and_then_to_run(page: Page) -> None:
    applied(page)
    assert page.message == "INT8 for OpenVINO takes over as soon as it is loaded; the stream goes on meanwhile."
    page.engine.model_state.return_value = ModelState(report=RUNS)
    page.presenter.refresh()
    assert page.message == "INT8 for OpenVINO runs now."


def test_what_is_applied_and_does_not_load_is_told_there(page: Page) -> None:
    applied(page)
    page.engine.model_state.return_value = ModelState(error=ModelError("The file is damaged", remedy="Build it again"))
    page.presenter.refresh()
    assert page.message == "The file is damaged. Build it again."


def test_what_is_applied_is_no_news_once_something_else_was_chosen(page: Page) -> None:
    applied(page)
    page.store.use_model(MODEL, ("1",))
    page.presenter.refresh()
    page.view.show_message.assert_called_with(None)


def test_a_message_that_was_dismissed_does_not_come_back(page: Page) -> None:
    applied(page)
    page.presenter.on_dismiss()
    page.engine.model_state.return_value = ModelState(report=RUNS)
    page.presenter.refresh()
    page.view.show_message.assert_called_with(None)


def test_after_apply_the_page_stays_with_the_original(page: Page) -> None:
    applied(page)
    assert page.row("INT8 for OpenVINO").in_use
    assert page.setup.model.current == str(MODEL)
    page.presenter.on_apply(page.row("Original").key)
    assert page.model is not None
    assert page.model.path == MODEL


def test_it_is_swapped_in_when_it_is_ready_where_that_was_wished(page: Page) -> None:
    page.presenter.on_swap_checked(True)
    page.build()
    assert page.model is not None
    assert page.model.path == INT8_FINDING.path


def test_what_makes_it_doubtful_is_said_before_and_after_it_is_swapped_in(page: Page) -> None:
    page.found = (ORIGINAL_FINDING, on_shelf(INT8_FINDING))
    few = replace(ORIGINAL_FINDING.likeness, expected=17)
    page.report = report(entry(ORIGINAL, replace(way(ORIGINAL, 1.0), likeness=few)))
    page.presenter.on_swap_checked(True)
    page.build()
    doubts = "Only 17 found on the frames that were compared: more frames would tell more."
    assert page.message.startswith("INT8 for OpenVINO takes over")
    assert page.message.endswith(doubts)
    page.engine.model_state.return_value = ModelState(report=RUNS)
    page.presenter.refresh()
    assert page.message == f"INT8 for OpenVINO runs now. {doubts}"


def test_nothing_is_swapped_in_that_loses_too_much(page: Page) -> None:
    page.found = (ORIGINAL_FINDING, POOR_FINDING)
    page.presenter.on_swap_checked(True)
    page.build()
    assert page.model is not None
    assert page.model.path == MODEL
    assert "keep the original" in page.message


def test_cancel_ends_it_at_once_and_changes_nothing(page: Page) -> None:
    page.presenter.on_start()
    page.presenter.on_cancel()
    page.tasks.run()
    page.presenter.refresh()
    assert page.running is None
    assert page.message.startswith("Stopped")
    assert page.model is not None
    assert page.model.path == MODEL


def test_what_goes_wrong_is_told_and_ends_it(page: Page) -> None:
    page.error = SourceError("It gives no picture", subject="yard.mp4")
    page.build()
    assert "It gives no picture" in page.message
    assert [problem.error for problem in page.problems.items] == [page.error]
    assert page.running is None


def test_a_row_shows_a_frame_through_both(page: Page) -> None:
    page.build()
    key = page.row("INT8 for OpenVINO").key
    page.presenter.on_selected(key)
    shown_key, comparison = page.view.show_selected.call_args.args
    assert shown_key == key
    assert (comparison.original, comparison.variant) == (b"one", b"other")
    assert (comparison.number, comparison.count) == (1, 1)
    page.presenter.on_selected(page.row("Original").key)
    assert page.view.show_selected.call_args.args[1] is None


def test_what_was_found_comes_back_the_next_time(page: Page) -> None:
    shelf = shelf_of(CARD.sha256)
    shelf.mkdir(parents=True)
    int8 = replace(INT8_FINDING, path=shelf / "yard-openvino-int8.xml")
    int8.path.write_bytes(b"variant")
    page.found = (ORIGINAL_FINDING, int8)
    page.build()
    again = Page()
    again.open()
    assert [row.title for row in again.results.rows] == ["Original", "INT8 for OpenVINO"]
    int8.path.unlink()
    gone = Page()
    gone.open()
    assert [row.title for row in gone.results.rows] == ["Original"]


def test_what_is_finished_is_kept_while_the_rest_goes_on(page: Page) -> None:
    shelf = shelf_of(CARD.sha256)
    shelf.mkdir(parents=True)
    int8 = replace(INT8_FINDING, path=shelf / "yard-openvino-int8.xml")
    int8.path.write_bytes(b"variant")
    page.presenter.on_start()
    (job,), (work,) = page.jobs, page.tasks.waiting
    job.now = replace(job.now, findings=(ORIGINAL_FINDING, int8))
    page.presenter.refresh()
    page.presenter.refresh()
    (keeping,) = (task for task in page.tasks.waiting if task is not work)
    keeping.run()
    assert page.presenter.busy
    again = Page()
    again.open()
    assert [row.title for row in again.results.rows] == ["Original", "INT8 for OpenVINO"]


def test_what_was_built_before_stays_beside_what_is_built_now(page: Page) -> None:
    shelf = shelf_of(CARD.sha256)
    shelf.mkdir(parents=True)
    fp16 = replace(FP16_FINDING, path=shelf / "yard-openvino-fp16.xml")
    fp16.path.write_bytes(b"variant")
    keep(shelf, MODEL, (ORIGINAL_FINDING, fp16))
    again = Page()
    again.open()
    again.build()
    assert [row.title for row in again.results.rows] == ["Original", "INT8 for OpenVINO", "FP16 for OpenVINO"]


def test_int8_in_the_top_bar_leads_to_the_page_with_int8_chosen(page: Page) -> None:
    page.presenter.on_int8_wanted()
    page.show_page.assert_called_once_with("optimise")
    assert page.checked == ["openvino-int8"]
    assert page.setup.swap
    assert "no INT8 variant yet" in page.message


def test_int8_that_was_asked_for_is_swapped_in_even_where_something_else_is_faster(page: Page) -> None:
    bf16 = make_finding(ORIGINAL, 2.5, precision=Precision.BF16)
    page.found = (ORIGINAL_FINDING, bf16, INT8_FINDING)
    page.presenter.on_int8_wanted()
    assert page.setup.swap_words == "Swap in INT8 for OpenVINO when it is ready"
    page.build()
    assert page.model is not None
    assert page.model.path == INT8_FINDING.path


def test_what_was_asked_for_is_not_swapped_in_where_it_loses_too_much(page: Page) -> None:
    page.found = (ORIGINAL_FINDING, replace(POOR_FINDING, name="openvino-int8"))
    page.presenter.on_int8_wanted()
    page.build()
    assert page.model is not None
    assert page.model.path == MODEL


def test_the_best_is_meant_again_when_the_person_chooses_otherwise(page: Page) -> None:
    page.presenter.on_int8_wanted()
    page.presenter.on_variant_checked("openvino-int8", False)
    assert page.setup.swap_words == "Swap in the best when it is ready"


def test_int8_in_the_top_bar_takes_what_was_built_before(page: Page) -> None:
    shelf = shelf_of(CARD.sha256)
    shelf.mkdir(parents=True)
    int8 = replace(INT8_FINDING, path=shelf / "yard-openvino-int8.xml")
    int8.path.write_bytes(b"variant")
    keep(shelf, MODEL, (ORIGINAL_FINDING, int8))
    again = Page()
    again.presenter.on_int8_wanted()
    again.tasks.run()
    assert again.model is not None
    assert again.model.path == int8.path
    again.show_page.assert_not_called()


def test_variants_are_copied_to_a_folder(page: Page, tmp_path: Path) -> None:
    files = tmp_path / "shelf"
    files.mkdir()
    for suffix in (".xml", ".bin"):
        (files / f"yard-openvino-int8{suffix}").write_bytes(suffix.encode())
    page.found = (ORIGINAL_FINDING, replace(INT8_FINDING, path=files / "yard-openvino-int8.xml"))
    page.build()
    target = tmp_path / "mine"
    target.mkdir()
    page.presenter.on_export(target)
    page.tasks.run()
    assert sorted(file.name for file in target.iterdir()) == ["yard-openvino-int8.bin", "yard-openvino-int8.xml"]
    assert str(target) in page.message


def test_a_folder_that_is_gone_is_told(page: Page, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(b"x")
    page.found = (ORIGINAL_FINDING, replace(INT8_FINDING, path=tmp_path / "a.xml"))
    page.build()
    page.presenter.on_export(tmp_path / "gone")
    page.tasks.run()
    assert len(page.problems.items) == 1


@pytest.mark.parametrize("ending", [".html", ".csv", ".json"])
def test_the_report_is_saved_now_and_the_next_time(page: Page, tmp_path: Path, ending: str) -> None:
    assert not page.results.saveable
    page.build()
    assert page.results.saveable
    page.presenter.on_save_report(tmp_path / f"now{ending}")
    page.tasks.run()
    again = Page()
    again.open()
    assert again.results.saveable
    again.presenter.on_save_report(tmp_path / f"later{ending}")
    again.tasks.run()
    assert (tmp_path / f"later{ending}").read_bytes() == (tmp_path / f"now{ending}").read_bytes()
    assert b"yard.onnx" in (tmp_path / f"now{ending}").read_bytes() or ending == ".csv"
    assert f"later{ending}" in again.message


def test_a_report_that_cannot_be_saved_is_told(page: Page, tmp_path: Path) -> None:
    page.build()
    page.presenter.on_save_report(tmp_path / "gone" / "report.html")
    page.tasks.run()
    assert "does not exist" in page.message
    assert len(page.problems.items) == 1


def test_what_is_built_first_stays_beside_what_is_built_then(page: Page) -> None:
    shelf = shelf_of(CARD.sha256)
    shelf.mkdir(parents=True)
    for name in ("int8", "fp16"):
        (shelf / f"{name}.xml").write_bytes(b"variant")
    page.found = (ORIGINAL_FINDING, replace(INT8_FINDING, path=shelf / "int8.xml"))
    page.build()
    page.found = (ORIGINAL_FINDING, replace(FP16_FINDING, path=shelf / "fp16.xml"))
    page.build()
    assert [row.title for row in page.results.rows] == ["Original", "FP16 for OpenVINO", "INT8 for OpenVINO"]


def test_the_original_elsewhere_is_told_apart_and_can_be_swapped_in(page: Page) -> None:
    bf16 = make_finding(ORIGINAL, 1.4, 0.98, precision=Precision.BF16)
    badge = "ONNX Runtime · CPU · FP32"
    elsewhere = make_finding(ORIGINAL, 1.3, path=MODEL, backend="onnxruntime", badge=badge)
    page.found = (ORIGINAL_FINDING, bf16, elsewhere)
    page.build()
    assert [row.title for row in page.results.rows] == ["Original", "Original in BF16", "Original on ONNX Runtime"]
    assert [row.in_use for row in page.results.rows] == [True, False, False]
    page.presenter.on_apply(page.row("Original on ONNX Runtime").key)
    page.presenter.refresh()
    assert page.model is not None
    assert page.model.backend == "onnxruntime"
    assert [row.in_use for row in page.results.rows] == [False, False, True]


def test_a_variant_that_runs_best_elsewhere_now_has_one_row() -> None:
    elsewhere = replace(INT8_FINDING, backend="onnxruntime")
    assert with_kept((ORIGINAL_FINDING, elsewhere), (ORIGINAL_FINDING, INT8_FINDING)) == (ORIGINAL_FINDING, elsewhere)
