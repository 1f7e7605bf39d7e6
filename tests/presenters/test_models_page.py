"""The models page: what it shows, and what comes of a person's wishes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock, create_autospec

import pytest
from cards import make_card
from findings import INT8_FINDING, ORIGINAL_FINDING
from waiting_tasks import WaitingTasks

from engine.cards import ModelCard, Precision, Task
from engine.errors import DownloadError, ModelError
from engine.library.catalogue import CatalogueModel, models_folder, read_catalogue
from engine.library.store import ModelStore
from engine.optimise.keeping import keep
from engine.optimise.shelf import shelf_of
from gui.presenters.model_adding import MOST
from gui.presenters.model_displays import ModelDisplay, OfferDisplay, OfferState
from gui.presenters.models_page import ModelsPresenter, ModelsView
from gui.presenters.port import EnginePort, ModelState
from gui.presenters.problems import Problems
from gui.presenters.workspace import WorkspaceStore

CATALOGUE = read_catalogue()
YUNET = next(model for model in CATALOGUE if model.key == "yunet")


class Page:
    """The presenter, with everything around it."""

    def __init__(self, model_store: ModelStore | None = None) -> None:
        self.view = create_autospec(ModelsView, instance=True)
        self.store = WorkspaceStore()
        self.engine = create_autospec(EnginePort, instance=True)
        self.engine.model_state.return_value = ModelState()
        self.tasks, self.problems = WaitingTasks(), Problems()
        self.models = model_store or ModelStore()
        self.show_page = Mock()
        self.now_s = 0.0
        self.presenter = ModelsPresenter(
            self.view,
            self.store,
            self.engine,
            self.tasks,
            self.problems,
            model_store=self.models,
            catalogue=CATALOGUE,
            show_page=self.show_page,
            clock=lambda: self.now_s,
        )

    def refresh(self, after_s: float = 0.0) -> None:
        """Let time pass, tasks run, and the page be shown."""
        self.now_s += after_s
        self.presenter.refresh()
        self.tasks.run()
        self.presenter.refresh()

    @property
    def mine(self) -> tuple[ModelDisplay, ...]:
        return tuple(model for model in self.view.show_models.call_args.args[0] if not model.builtin)

    @property
    def builtin(self) -> ModelDisplay:
        (model,) = (model for model in self.view.show_models.call_args.args[0] if model.builtin)
        return model

    @property
    def offers(self) -> tuple[OfferDisplay, ...]:
        return self.view.show_catalogue.call_args.args[0]

    @property
    def yunet(self) -> OfferDisplay:
        return next(offer for offer in self.offers if offer.key == "yunet")

    @property
    def message(self) -> Any:
        return self.view.show_message.call_args.args[0]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "usb" / "yard.onnx"
    path.parent.mkdir()
    path.write_bytes(b"model")
    return path


@pytest.fixture
def identified(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is a model, but those called no.onnx."""

    def identify(path: Path) -> ModelCard:
        if path.name == "no.onnx":
            raise ModelError("The file is not an ONNX model", subject=str(path), remedy="Export it again")
        known = {model.target: model.sha256 for model in CATALOGUE}
        return make_card(path, sha256=known.get(path, "ab" * 32), model_bytes=3_800_000)

    monkeypatch.setattr("engine.library.identify.identify", identify)


@pytest.fixture
def fetch(monkeypatch: pytest.MonkeyPatch, identified: None) -> SimpleNamespace:
    """What downloads do: ``fetch.do`` may be replaced."""

    def arrive(wanted: Any, _report: Callable[..., None]) -> Path:
        wanted.target.parent.mkdir(parents=True, exist_ok=True)
        wanted.target.write_bytes(b"model")
        return wanted.target

    fetch = SimpleNamespace(do=arrive)

    def download(wanted: Any, report: Callable[..., None]) -> Path:
        return fetch.do(wanted, report)

    monkeypatch.setattr("engine.library.download.download", download)
    return fetch


def test_an_empty_page_shows_no_models_and_the_whole_catalogue() -> None:
    page = Page()
    page.refresh()
    assert page.mine == ()
    assert [offer.title for offer in page.offers] == [model.title for model in CATALOGUE]
    assert all(offer.state is OfferState.OFFERED for offer in page.offers)
    assert page.yunet.facts == ("640 × 640", "1 class", "0.2 MB")
    assert page.yunet.licence == "MIT"


def test_a_refresh_that_changes_nothing_draws_nothing() -> None:
    page = Page()
    page.refresh()
    page.view.reset_mock()
    page.refresh(after_s=10.0)
    assert page.view.mock_calls == []


def test_an_added_file_is_listed_with_what_is_known_of_it(file: Path, identified: None) -> None:
    page = Page()
    page.presenter.on_add([file])
    assert page.message.kind == "busy"
    page.refresh()
    (model,) = page.mine
    assert (model.title, model.subtitle) == ("yard", "Finds objects")
    assert model.facts == ("YOLOv8", "64 × 64", "2 classes", "3.8 MB", "FP32")
    assert (model.trouble, model.in_use, model.downloaded) == ("", False, False)
    assert page.message.words == "Added yard.onnx: Finds objects."
    assert page.message.use == file


def test_the_models_of_a_folder_are_added(file: Path, identified: None) -> None:
    (file.parent / "gate.xml").write_text("graph")
    (file.parent / "readme.txt").write_text("text")
    page = Page()
    page.presenter.on_add([file.parent])
    page.refresh()
    assert sorted(model.title for model in page.mine) == ["gate", "yard"]
    assert page.message.words == "Added 2 models."


def test_a_file_that_is_no_model_is_told_and_the_others_are_added(file: Path, identified: None) -> None:
    page = Page()
    page.presenter.on_add([file.parent / "no.onnx", file, file.parent / "gone" / "no.onnx"])
    page.refresh()
    assert [model.title for model in page.mine] == ["yard"]
    assert page.message.kind == "error"
    assert "The file is not an ONNX model. Export it again. 1 more could not be added" in page.message.words
    assert [problem.about for problem in page.problems.items] == ["no.onnx", "no.onnx"]
    page.presenter.on_dismiss()
    assert page.message is None


def test_of_very_many_files_the_first_are_added_and_the_rest_is_told(file: Path, identified: None) -> None:
    page = Page()
    page.presenter.on_add([file.parent / f"{number}.onnx" for number in range(MOST + 5)])
    page.refresh()
    assert len(page.mine) == MOST
    assert page.message.words == f"Only {MOST} files are added at a time. Add the others afterwards."


def test_the_page_loads_neither_the_http_library_nor_onnx() -> None:
    code = "import sys, gui.presenters.models_page; print({'urllib3', 'onnx'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "set()"


def test_adding_can_be_cancelled(file: Path, identified: None) -> None:
    page = Page()
    page.presenter.on_add([file])
    page.presenter.on_cancel_add()
    page.refresh()
    assert page.mine == ()
    assert page.message is None


def test_a_model_whose_folder_is_away_stays_and_comes_back(file: Path) -> None:
    page = Page()
    page.models.note(make_card(file))
    away = file.parent.with_name("away")
    file.parent.rename(away)
    page.refresh()
    assert page.mine[0].trouble == f"The folder is not available: {file.parent}"
    away.rename(file.parent)
    page.refresh(after_s=5.0)
    assert page.mine[0].trouble == ""
    file.unlink()
    page.refresh(after_s=5.0)
    assert page.mine[0].trouble == "The file is no longer there"


def test_a_folder_that_does_not_answer_holds_up_no_other(file: Path, tmp_path: Path) -> None:
    page = Page()
    page.models.note(make_card(file))
    page.models.note(make_card(tmp_path / "share" / "far.onnx"))
    page.presenter.refresh()
    looks = [task for task in page.tasks.waiting if task.name == "look for models"]
    dead, alive = looks
    alive.run()
    dead.elapsed_s = 6.0
    page.presenter.refresh()
    assert [model.trouble for model in page.mine] == [f"The folder does not answer: {tmp_path / 'share'}", ""]
    page.now_s += 60.0
    page.presenter.refresh()
    assert sum(task.name == "look for models" for task in page.tasks.waiting) == 3


def test_the_demo_model_is_there_without_being_added_and_stays(identified: None) -> None:
    page = Page()
    page.refresh()
    assert (page.builtin.path, page.builtin.title) == (Path("demo"), "Demo: bottle inspection")
    assert page.builtin.place == "Comes with the program"
    assert page.builtin.facts[0] == "YOLOv8"
    page.presenter.on_remove(page.builtin.path)
    page.presenter.on_use(page.builtin.path)
    page.refresh()
    assert page.builtin.in_use
    page.presenter.on_task("face")
    assert page.view.show_models.call_args.args[0] == ()


def test_a_demo_model_that_is_missing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.library.bundled.bundled", Mock(side_effect=FileNotFoundError("models/demo.onnx")))
    page = Page()
    page.refresh()
    assert page.builtin.trouble.startswith("The demo model is missing from this installation. Install Inferoscope")


def test_the_demo_model_in_use_is_none_of_the_persons_own(identified: None) -> None:
    page = Page()
    page.store.use_model(Path("demo"))
    page.engine.model_state.return_value = ModelState(card=make_card(Path("/opt/inferoscope/models/demo.onnx")))
    page.presenter.watch()
    assert page.models.models == ()


def test_used_models_are_listed_when_their_card_is_known(file: Path) -> None:
    page = Page()
    model_id = page.store.use_model(file)
    page.presenter.watch()
    assert page.models.models == ()
    page.engine.model_state.return_value = ModelState(card=make_card(file))
    page.presenter.watch()
    page.presenter.on_remove(file)
    page.presenter.watch()
    assert page.models.models == ()  # not listed again behind the person's back
    page.engine.model_state.assert_called_with(model_id)
    page.presenter.on_add([])
    page.store.edit_tile("1", model_id=None)
    page.presenter.watch()
    page.store.use_model(file)
    page.presenter.watch()
    page.refresh()
    assert [model.in_use for model in page.mine] == [True]


def test_a_used_model_goes_to_the_selected_tile_and_the_picture_is_shown(file: Path) -> None:
    page = Page()
    page.presenter.on_use(file)
    model = page.store.now.model_of("1")
    assert model is not None
    assert model.path == file
    page.show_page.assert_called_once_with("live")


def test_a_download_becomes_one_of_my_models(fetch: SimpleNamespace) -> None:
    page = Page()
    page.refresh()
    assert page.tasks.waiting == []
    page.presenter.on_download("yunet")
    assert page.yunet.state is OfferState.RUNNING
    page.refresh()
    assert page.yunet.state is OfferState.OWNED
    assert page.yunet.path == YUNET.target
    assert [(model.title, model.downloaded) for model in page.mine] == [("YuNet", True)]
    assert (page.message.kind, page.message.use) == ("good", YUNET.target)


def test_a_download_tells_amount_speed_and_remaining_time() -> None:
    page = Page()
    page.refresh()
    page.presenter.on_download("yolox-s")
    control = page.tasks.waiting[-1].control

    def seen(share: float, phase: str = "Downloading") -> OfferDisplay:
        control.progress(phase, share)
        page.now_s += 0.5
        page.presenter.refresh()
        return page.offers[0]

    assert seen(0.0).status == "Downloading · 0.0 kB of 35.9 MB"
    assert seen(0.1).status == "3.6 MB of 35.9 MB · 7.2 MB per second · 5 s left"
    assert seen(0.11).share == pytest.approx(0.11)
    for _ in range(2):
        waiting = seen(0.11, "The server stopped sending. Trying again in 4 s")
    assert waiting.status == "The server stopped sending. Trying again in 4 s · 3.9 MB of 35.9 MB"


def test_a_failed_download_says_why_and_can_be_tried_again(fetch: SimpleNamespace) -> None:
    arrive = fetch.do

    def fail(_wanted: Any, _report: Callable[..., None]) -> Path:
        raise DownloadError("The server does not answer", subject="https://long", remedy="Check the network")

    fetch.do = fail
    page = Page()
    page.presenter.on_download("yunet")
    page.refresh()
    assert (page.yunet.state, page.yunet.error) == (
        OfferState.FAILED,
        "The server does not answer. Check the network.",
    )
    assert page.problems.items[0].about == "Download of YuNet"
    fetch.do = arrive
    page.presenter.on_download("yunet")
    page.refresh()
    assert (page.yunet.state, page.yunet.error) == (OfferState.OWNED, "")


def test_a_cancelled_download_can_go_on_or_be_discarded() -> None:
    page = Page()
    page.refresh()
    page.presenter.on_download("yunet")
    part = YUNET.target.with_name(f"{YUNET.target.name}.part")
    part.parent.mkdir(parents=True)
    part.write_bytes(bytes(YUNET.model_bytes // 2))
    page.tasks.waiting.pop().cancel()  # its thread is held up by the server
    page.presenter.on_cancel_download("yunet")
    page.refresh()
    assert (page.yunet.state, page.yunet.status) == (OfferState.PAUSED, "0.1 MB of 0.2 MB")
    assert page.yunet.share == pytest.approx(0.5, abs=0.01)
    page.presenter.on_discard_download("yunet")
    page.refresh()
    assert page.yunet.state is OfferState.OFFERED
    assert not part.exists()


def test_a_download_that_was_broken_off_in_an_earlier_run_can_go_on() -> None:
    models_folder().mkdir(parents=True)
    YUNET.target.with_name(f"{YUNET.target.name}.part").write_bytes(bytes(100_000))
    page = Page()
    page.refresh()
    assert page.yunet.state is OfferState.PAUSED


def test_a_model_that_came_from_elsewhere_is_known_by_its_content(file: Path) -> None:
    page = Page()
    page.models.note(make_card(file, sha256=YUNET.sha256))
    page.refresh()
    assert page.yunet.path == file
    assert page.mine[0].title == "YuNet"
    file.unlink()
    page.refresh(after_s=5.0)
    assert page.yunet.state is OfferState.OFFERED


def test_the_file_of_a_downloaded_model_can_be_deleted(fetch: SimpleNamespace) -> None:
    page = Page()
    page.presenter.on_download("yunet")
    page.refresh()
    page.presenter.on_delete_file(YUNET.target)
    page.refresh()
    assert not YUNET.target.exists()
    assert page.mine == ()
    assert page.yunet.state is OfferState.OFFERED


def test_the_file_of_an_own_model_is_never_deleted(file: Path) -> None:
    page = Page()
    page.models.note(make_card(file))
    page.presenter.on_delete_file(file)
    page.refresh()
    assert file.exists()
    assert "not downloaded by the program" in page.message.words


def test_search_and_task_choose_what_is_shown(file: Path) -> None:
    page = Page()
    page.models.note(make_card(file, stored_precision=Precision.INT8))
    page.refresh()
    page.presenter.on_search("  small   FAST ")
    assert {offer.key for offer in page.offers} == {"yunet", "mobilenet-v1"}
    assert page.view.show_models.call_args.kwargs == {"filtered": True}
    page.presenter.on_search("int8")
    assert (len(page.mine), page.offers) == (1, ())
    page.presenter.on_search("")
    page.presenter.on_task(Task.FACE)
    assert (page.mine, [offer.key for offer in page.offers]) == ((), ["yunet"])
    page.presenter.on_task("")
    assert len(page.offers) == len(CATALOGUE)


def test_a_list_that_cannot_be_kept_or_read_is_told(own_home: Path, file: Path, identified: None) -> None:
    (own_home / "data").write_bytes(b"a file where the folder should be")
    page = Page()
    assert "The list of models cannot be read" in str(page.problems.items[0].error)
    page.presenter.on_add([file])
    page.refresh()
    assert any("cannot be kept" in str(problem.error) for problem in page.problems.items)
    assert len(page.mine) == 1


def test_every_task_can_be_chosen() -> None:
    page = Page()
    tasks = page.view.show_tasks.call_args.args[0]
    assert tasks[0] == ("", "All tasks")
    assert {value for value, _ in tasks[1:]} == set(Task)


def test_a_catalogue_entry_is_named_as_its_repository(file: Path) -> None:
    entry: CatalogueModel = YUNET
    page = Page()
    page.refresh()
    assert (page.yunet.source, page.yunet.home) == ("OpenCV Zoo", entry.home)


def test_variants_stand_on_the_card_of_their_original_and_are_no_models_of_their_own(
    file: Path, identified: None
) -> None:
    shelf = shelf_of("ab" * 32)
    shelf.mkdir(parents=True)
    int8 = replace(INT8_FINDING, path=shelf / "yard-openvino-int8.xml")
    int8.path.write_bytes(b"variant")
    keep(shelf, file, (ORIGINAL_FINDING, int8))
    page = Page()
    page.presenter.on_add([file])
    page.refresh()
    assert [(model.title, model.variants) for model in page.mine] == [("yard", "Variants: INT8 for OpenVINO")]
    page.store.use_model(int8.path)
    page.engine.model_state.return_value = ModelState(card=make_card(int8.path, sha256="ef" * 32))
    page.presenter.watch()
    page.refresh(after_s=6.0)
    assert [(model.title, model.in_use) for model in page.mine] == [("yard", True)]
