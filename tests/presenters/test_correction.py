"""Correct what a model is taken for: what is asked for, looked at, kept and discarded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

import numpy as np
import pytest
from cards import make_card
from fakes import make_frame
from frame_results import make_detections, make_result
from waiting_tasks import WaitingTasks

from engine.cards import Fit, InputSpec, ModelCard, Task
from engine.errors import BackendError, ModelError
from engine.frames import Frame, FrameResult
from engine.library.corrections import Correction
from engine.results import Classification, SegmentationMap
from gui.presenters.correction import CorrectionPresenter, CorrectionView, FieldKind, FormState, PreviewState, fields
from gui.presenters.correction import presenter as module
from gui.presenters.correction.work import found_words
from gui.presenters.port import EnginePort, Picture
from gui.presenters.workspace import ModelChoice, Tile, Workspace, WorkspaceStore

PATH = Path("m.onnx")
CARD = make_card(PATH, family="yolox", family_title="YOLOX", options={"classes": 2, "raw": True, "strides": (8, 16)})
OTHER = make_card(PATH, family="nanodet", family_title="NanoDet", options={"classes": 2, "reg_max": 7})


def identified(_path: Path, *, correction: Correction) -> ModelCard:
    """As the library does, for settings that these tests use."""
    said = correction.settings
    if said.get("mean") == "many":
        raise ModelError("mean=many cannot be used", expected="one number")
    card = OTHER if said.get("family") == "nanodet" else CARD
    spec = replace(card.input, fit=Fit(said.get("fit", card.input.fit)))
    return replace(card, input=spec, class_names=correction.names or card.class_names, corrected=bool(correction))


class Room:
    """A presenter with everything round it; ``objects`` says how many are found with a card."""

    def __init__(self, stored: Correction, monkeypatch: pytest.MonkeyPatch, *, picture: bool = True) -> None:
        self.view: Any = create_autospec(CorrectionView, instance=True)
        self.engine: Any = create_autospec(EnginePort, instance=True)
        self.frame = make_frame()
        self.engine.picture.return_value = Picture(self.frame) if picture else None
        self.engine.analyse.side_effect = self._analyse
        self.objects: Callable[[ModelCard], int] = lambda card: 3 if card.input.fit is Fit.STRETCH else 1
        self.kept: list[Correction] = []
        monkeypatch.setattr(module, "stored_correction", lambda _path: stored)
        monkeypatch.setattr(module, "identify", identified)
        monkeypatch.setattr(module, "keep_correction", lambda _path, said: self.kept.append(said))
        monkeypatch.setattr(module, "forget", lambda _path: self.kept.append(Correction()))
        self.tasks = WaitingTasks()
        store = WorkspaceStore(Workspace((Tile("1", model_id="2"),), (ModelChoice("2", PATH),)))
        self.presenter = CorrectionPresenter(self.view, store, self.engine, self.tasks)

    def _analyse(self, card: ModelCard, frame: Frame, _thresholds: object) -> Callable[[object], FrameResult]:
        def work(_control: object) -> FrameResult:
            found = make_detections(*[(0, 0, 9, 9, 0.9, 0)] * self.objects(card))
            return replace(make_result(found), frame=frame)

        return work

    def say(self, key: str, value: str) -> None:
        self.presenter.on_change(key, value)
        self.presenter.on_settled()

    @property
    def form(self) -> FormState:
        form: FormState = self.view.show_form.call_args.args[0]
        return form

    @property
    def preview(self) -> PreviewState:
        preview: PreviewState = self.view.show_preview.call_args.args[0]
        return preview

    def field(self, key: str) -> Any:
        return next(f for f in self.form.fields if f.key == key)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    made = Room(Correction(), monkeypatch)
    made.tasks.run()
    return made


def test_it_begins_with_what_the_program_found(room: Room) -> None:
    assert room.form.title == "m.onnx"
    assert room.form.taken_for == "YOLOX, 100 % sure"
    assert [f.key for f in room.form.fields if f.said] == []
    assert (room.form.usable, room.form.forgettable) == (False, False)
    assert room.preview.found == "Now: 1 object. Before: 1 object."
    assert room.engine.analyse.call_count == 1


def test_a_change_shows_what_it_finds_beside_what_was_found_before(room: Room) -> None:
    room.say("fit", "stretch")
    room.tasks.run()

    assert room.preview.found == "Now: 3 objects. Before: 1 object."
    assert room.preview.picture is not None
    assert room.preview.picture.frame is room.frame
    assert room.field("fit").said
    assert room.form.usable


def test_nothing_is_looked_at_before_there_is_rest(room: Room) -> None:
    room.presenter.on_change("fit", "stretch")
    assert room.tasks.waiting == []

    room.presenter.on_settled()
    assert room.tasks.names == ["Identifying the model"]


def test_a_stale_answer_is_discarded_and_the_newest_wish_looked_at(room: Room) -> None:
    room.say("fit", "stretch")
    room.tasks.waiting.pop(0).run()  # identified; the picture is analysed
    analysis = room.tasks.waiting.pop(0)
    room.say("fit", "crop")
    assert room.tasks.waiting == []  # one at a time

    analysis.run()
    assert room.preview.found == "Now: 1 object. Before: 1 object."
    room.tasks.run()

    assert room.field("fit").value == "crop"
    assert [c.args[0].input.fit for c in room.engine.analyse.call_args_list][-1] is Fit.CROP


def test_a_stale_answer_waits_for_rest(room: Room) -> None:
    room.say("fit", "stretch")
    room.presenter.on_change("fit", "crop")

    room.tasks.waiting.pop(0).run()

    assert room.tasks.waiting == []
    assert room.preview.busy == ""


def test_the_old_preview_stays_while_the_new_one_is_made(room: Room) -> None:
    before = room.preview.picture

    room.say("fit", "stretch")

    assert room.preview.picture is before
    assert room.preview.busy == "Identifying the model"


def test_what_cannot_be_is_told_in_words_beside_the_form(room: Room) -> None:
    room.say("mean", "many")
    room.tasks.run()

    assert room.form.error == "mean=many cannot be used; expected one number."
    assert room.field("mean").value == "many"
    room.presenter.on_change("mean", "1")
    assert room.form.error == ""


def test_a_model_that_fails_on_the_picture_says_so_below_it(room: Room) -> None:
    def fail(*_: object) -> Callable[[object], FrameResult]:
        def work(_control: object) -> FrameResult:
            raise ModelError("The output has the shape (1, 2)", remedy="Correct the model's family or options")

        return work

    room.engine.analyse.side_effect = fail
    room.say("family", "nanodet")
    room.tasks.run()

    assert room.preview.error == "The output has the shape (1, 2). Correct the model's family or options."
    assert room.preview.found == ""
    assert room.form.taken_for == "NanoDet, corrected by you"


def test_a_model_that_failed_before_is_compared_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(Correction(), monkeypatch)
    fine = room.engine.analyse.side_effect
    room.engine.analyse.side_effect = lambda *_: _raise
    room.tasks.run()
    assert room.preview.error == "The runtime crashed."

    room.engine.analyse.side_effect = fine
    room.say("fit", "stretch")
    room.tasks.run()
    assert room.preview.found == "Now: 3 objects. Before: it failed."


def _raise(_control: object) -> FrameResult:
    raise BackendError("The runtime crashed")


def test_another_family_drops_what_was_said_of_the_decoder_and_keeps_the_rest(room: Room) -> None:
    room.say("raw", "false")
    room.say("fit", "stretch")
    room.tasks.run()

    room.say("family", "nanodet")
    room.tasks.run()

    assert {f.key for f in room.form.fields if f.said} == {"family", "fit"}
    assert room.field("reg_max").value == "7"


def test_what_the_program_found_itself_is_nothing_said(room: Room) -> None:
    room.say("family", "nanodet")
    room.tasks.run()
    room.say("family", "yolox")
    room.tasks.run()

    assert not room.form.usable
    assert not room.field("family").said


def test_a_word_is_taken_back(room: Room) -> None:
    room.say("fit", "stretch")
    room.tasks.run()

    room.presenter.on_reset("fit")
    room.tasks.run()

    assert (room.field("fit").value, room.field("fit").said) == ("letterbox_centre", False)


def test_what_was_said_before_is_shown_and_can_be_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(Correction({"fit": "stretch"}, ("a", "b")), monkeypatch)
    room.tasks.run()
    assert room.field("fit").said
    assert room.form.names == "a\nb"
    assert room.form.forgettable
    assert room.preview.found == "Now: 3 objects. Before: 3 objects."

    room.presenter.on_forget()
    room.tasks.run()

    assert room.kept == [Correction()]
    room.engine.reload.assert_called_once_with("2")
    room.view.close_dialog.assert_called_once()


def test_using_keeps_what_was_said_and_loads_the_model_again(room: Room) -> None:
    room.say("fit", "stretch")
    room.presenter.on_names("cat\n\n dog \n")
    room.tasks.run()

    room.presenter.on_use()
    room.engine.reload.assert_not_called()
    room.tasks.run()

    assert room.kept == [Correction({"fit": "stretch"}, ("cat", "dog"))]
    room.engine.reload.assert_called_once_with("2")
    room.view.close_dialog.assert_called_once()


def test_what_cannot_be_kept_leaves_the_dialog_open(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path, _said: Correction) -> None:
        raise ModelError("The correction cannot be written (disk full)", remedy="Free some space")

    monkeypatch.setattr(module, "keep_correction", refuse)
    room.say("fit", "stretch")
    room.tasks.run()
    room.presenter.on_use()
    room.tasks.run()

    assert room.form.error == "The correction cannot be written (disk full). Free some space."
    room.view.close_dialog.assert_not_called()


def test_names_come_from_a_file(room: Room, tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    file.write_text("lion\ntiger\n")

    room.presenter.on_names_file(file)
    room.tasks.run()

    assert room.form.names == "lion\ntiger"
    assert room.form.names_now == "Now 2, from metadata: lion, tiger …"


def test_a_file_without_names_is_told(room: Room, tmp_path: Path) -> None:
    room.presenter.on_names_file(tmp_path / "none.txt")
    room.tasks.run()

    assert room.form.error.startswith("The class names cannot be read")


def test_without_a_picture_there_is_a_form_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(Correction(), monkeypatch, picture=False)
    room.tasks.run()

    assert room.form.taken_for == "YOLOX, 100 % sure"
    assert room.preview.found == "Start the stream to see a preview."

    room.engine.picture.return_value = Picture(room.frame)
    room.presenter.on_take_picture()
    room.tasks.run()
    assert room.preview.found == "Now: 1 object. Before: 1 object."


def test_a_new_picture_is_looked_at_both_ways(room: Room) -> None:
    room.say("fit", "stretch")
    room.tasks.run()
    room.objects = lambda card: 7 if card.input.fit is Fit.STRETCH else 2

    room.presenter.on_take_picture()
    room.tasks.run()

    assert room.preview.found == "Now: 7 objects. Before: 2 objects."


def test_a_model_that_was_not_recognised_can_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(path: Path, *, correction: Correction) -> ModelCard:
        if not correction:
            raise ModelError("The outputs are not those of a model that the program knows")
        return identified(path, correction=correction)

    room = Room(Correction(), monkeypatch)
    monkeypatch.setattr(module, "identify", unknown)
    room.tasks.run()
    assert [f.key for f in room.form.fields] == ["family"]
    assert room.form.error.startswith("The outputs are not those")

    room.say("family", "nanodet")
    room.tasks.run()
    assert room.preview.found == "Now: 1 object. Before: it was not recognised."


def test_nobody_waits_after_the_dialog_is_closed(room: Room) -> None:
    room.say("fit", "stretch")
    room.presenter.on_closed()
    calls = room.view.mock_calls.copy()

    room.tasks.run()

    assert room.view.mock_calls == calls


def test_fields_follow_the_card() -> None:
    spec = InputSpec("i", 64, 96, free_axes=("height",), mean=(1.0, 2.0, 3.0), pad_bgr=(0, 0, 0))
    card = make_card(PATH, input=spec, options={"box_format": "yxyx", "normalised": False, "count": 3, "strides": (8,)})
    found = {f.key: f for f in fields(card, {"batch": "x"})}

    assert found["size"].value == "96x64"
    assert found["size"].fixed == ""
    assert found["batch"].fixed != ""
    assert (found["batch"].value, found["batch"].said) == ("x", True)
    assert found["mean"].value == "1, 2, 3"
    assert found["pad"].value == "0"
    assert (found["normalised"].kind, found["normalised"].value) == (FieldKind.SWITCH, "false")
    assert (found["box_format"].kind, found["box_format"].value) == (FieldKind.CHOICE, "yxyx")
    assert (found["strides"].kind, found["strides"].value) == (FieldKind.TEXT, "8")
    assert found["count"].title == "count"


def test_what_was_found_is_said_for_each_kind_of_model() -> None:
    whole = replace(CARD, task=Task.CLASSIFY)

    assert found_words(CARD, make_detections()) == "0 objects"
    assert found_words(whole, Classification(np.array([0.1, 0.9], np.float32))) == "dog, 90 %"
    assert found_words(whole, SegmentationMap(np.array([[0, 0, 0, 1]], np.int32))) == "cat, 75 %"
    assert found_words(whole, SegmentationMap(np.array([[-1]], np.int32))) == "nothing"
