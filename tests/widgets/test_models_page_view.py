"""The models page under real clicks, keys and drops."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest.mock import create_autospec

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QProgressBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.library.catalogue import read_catalogue
from gui.presenters.model_displays import Message, ModelDisplay, OfferState, offer_display
from gui.presenters.model_downloads import Progress
from gui.presenters.models_page import ModelsPresenter
from gui.views.models_page import ModelsPage, connect

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

OFFERS = tuple(offer_display(model, Progress(), None) for model in read_catalogue())
YARD = ModelDisplay(
    path=Path("/models/yard.onnx"),
    title="yard",
    subtitle="Finds objects",
    facts=("YOLOX", "640 × 640", "80 classes", "35.9 MB", "FP32"),
    trouble="",
    in_use=False,
    downloaded=True,
    place="/models/yard.onnx",
)
AWAY = replace(
    YARD,
    path=Path("/mnt/usb/gate.onnx"),
    title="gate",
    trouble="The folder is not available: /mnt/usb",
    downloaded=False,
    place="/mnt/usb/gate.onnx",
)
INSIDE = replace(
    YARD,
    path=Path("demo"),
    title="Demo: bottle inspection",
    downloaded=False,
    place="Comes with the program",
    builtin=True,
)


@pytest.fixture
def page(qtbot: QtBot) -> ModelsPage:
    page = ModelsPage()
    qtbot.addWidget(page)
    page.resize(1000, 800)
    page.show_tasks((("", "All tasks"), ("face", "Finds faces")))
    page.show_models((YARD, AWAY), filtered=False)
    page.show_catalogue(OFFERS)
    page.show()
    qtbot.waitExposed(page)
    return page


def button(page: QWidget, name: str) -> QAbstractButton:
    """The visible button with this accessible name, or this text."""
    found = [
        b
        for b in page.findChildren(QAbstractButton)
        if b.isVisible() and name in (b.accessibleName(), b.accessibleName() or b.text(), b.text())
    ]
    assert len(found) == 1, [(b.accessibleName(), b.text()) for b in page.findChildren(QAbstractButton)]
    return found[0]


def texts(page: QWidget) -> list[str]:
    return [label.text() for label in page.findChildren(QLabel) if label.isVisible()]


def click(qtbot: QtBot, page: QWidget, name: str) -> None:
    qtbot.mouseClick(button(page, name), Qt.MouseButton.LeftButton)


def test_a_card_says_everything_about_a_model(page: ModelsPage) -> None:
    shown = texts(page)
    for words in ("yard", "Finds objects", str(YARD.path), "The folder is not available: /mnt/usb"):
        assert words in shown
    assert "YOLOX · 640 × 640 · 80 classes · 35.9 MB · FP32" in [t.replace("\N{NO-BREAK SPACE}", " ") for t in shown]


def test_a_model_is_used_by_a_click_and_by_a_key(qtbot: QtBot, page: ModelsPage) -> None:
    with qtbot.waitSignal(page.use_requested) as asked:
        click(qtbot, page, "Use yard")
    assert asked.args == [YARD.path]
    with qtbot.waitSignal(page.use_requested):
        qtbot.keyClick(button(page, "Use yard"), Qt.Key.Key_Space)
    assert not button(page, "Use gate").isEnabled()


def test_a_model_is_removed_from_the_list(qtbot: QtBot, page: ModelsPage) -> None:
    with qtbot.waitSignal(page.remove_requested) as asked:
        click(qtbot, page, "Remove gate from the list")
    assert asked.args == [AWAY.path]
    page.show_models((YARD,), filtered=False)
    assert "gate" not in texts(page)


@pytest.mark.parametrize(("answer", "deleted"), [("Delete", True), ("Cancel", False)])
def test_a_file_is_deleted_only_after_a_question(qtbot: QtBot, page: ModelsPage, answer: str, deleted: bool) -> None:
    asked: list[Path] = []
    page.delete_requested.connect(asked.append)
    click(qtbot, page, "Delete the file of yard")
    box = page.findChild(QMessageBox)
    assert box is not None
    assert asked == []
    choice = next(b for b in box.buttons() if b.text().replace("&", "") == answer)
    qtbot.mouseClick(choice, Qt.MouseButton.LeftButton)
    assert asked == ([YARD.path] if deleted else [])


def test_what_comes_with_the_program_cannot_be_removed(qtbot: QtBot, page: ModelsPage) -> None:
    page.show_models((INSIDE,), filtered=False)
    qtbot.waitUntil(lambda: {"Demo: bottle inspection", "Comes with the program"} <= set(texts(page)))
    offered = {b.accessibleName() for b in page.findChildren(QAbstractButton) if b.isVisible()}
    assert "Use Demo: bottle inspection" in offered
    assert not [name for name in offered if "Remove" in name or "Delete" in name or "Show Demo" in name]


def test_a_file_in_use_is_not_deleted(page: ModelsPage) -> None:
    page.show_models((replace(YARD, in_use=True),), filtered=False)
    assert not button(page, "Delete the file of yard").isEnabled()
    assert "In use" in texts(page)


@pytest.mark.parametrize("opens", [True, False])
def test_the_folder_is_shown(qtbot: QtBot, page: ModelsPage, monkeypatch: pytest.MonkeyPatch, opens: bool) -> None:
    opened: list[str] = []

    def open_url(url: QUrl) -> bool:
        opened.append(url.toLocalFile())
        return opens

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    told: list[Path] = []
    page.folder_not_opened.connect(told.append)
    click(qtbot, page, "Show yard in its folder")
    assert opened == ["/models"]
    assert told == ([] if opens else [YARD.path])


def test_empty_states_say_what_to_do(page: ModelsPage) -> None:
    page.show_models((), filtered=False)
    assert any("drop an ONNX or OpenVINO file here" in words for words in texts(page))
    page.show_models((), filtered=True)
    page.show_catalogue(())
    assert "None of your models matches the search." in texts(page)
    assert "No open model matches the search." in texts(page)


def test_a_download_goes_through_its_states(qtbot: QtBot, page: ModelsPage) -> None:
    offer = OFFERS[2]
    with qtbot.waitSignal(page.download_requested) as asked:
        click(qtbot, page, "Download: YuNet")
    assert asked.args == ["yunet"]

    running = replace(offer, state=OfferState.RUNNING, share=0.5, status="0.1 MB of 0.2 MB · 5 s left")
    page.show_catalogue((running,))
    assert "0.1 MB of 0.2 MB · 5 s left" in texts(page)
    assert page.findChild(QProgressBar, options=Qt.FindChildOption.FindChildrenRecursively) is not None
    with qtbot.waitSignal(page.download_cancelled):
        click(qtbot, page, "Cancel: YuNet")

    page.show_catalogue((replace(running, state=OfferState.PAUSED),))
    with qtbot.waitSignal(page.download_discarded):
        click(qtbot, page, "Discard: YuNet")
    button(page, "Continue: YuNet")

    page.show_catalogue((replace(running, state=OfferState.FAILED, error="The server does not answer."),))
    assert "The server does not answer." in texts(page)
    with qtbot.waitSignal(page.download_requested):
        click(qtbot, page, "Try again: YuNet")

    page.show_catalogue((replace(offer, state=OfferState.OWNED, path=YARD.path),))
    assert "In my models" in texts(page)
    with qtbot.waitSignal(page.use_requested) as used:
        click(qtbot, page, "Use: YuNet")
    assert used.args == [YARD.path]


def test_the_progress_bar_shows_the_share(page: ModelsPage) -> None:
    page.show_catalogue((replace(OFFERS[2], state=OfferState.RUNNING, share=0.25, status="x"),))
    bar = next(bar for bar in page.findChildren(QProgressBar) if bar.isVisible())
    assert bar.value() / bar.maximum() == pytest.approx(0.25)
    assert bar.accessibleName() == "Download of YuNet"


def test_the_focus_follows_the_button_that_takes_the_place(qtbot: QtBot, page: ModelsPage) -> None:
    page.activateWindow()
    button(page, "Download: YuNet").setFocus()
    offers = list(OFFERS)
    offers[2] = replace(OFFERS[2], state=OfferState.RUNNING, share=0.0, status="Connecting")
    page.show_catalogue(tuple(offers))
    qtbot.waitUntil(lambda: QApplication.focusWidget() is button(page, "Cancel: YuNet"))


def test_the_licence_leads_to_the_page_of_the_model(
    qtbot: QtBot, page: ModelsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    click(qtbot, page, "Licence of YuNet: MIT")
    assert opened == [OFFERS[2].home]


def test_words_and_task_are_asked_for(qtbot: QtBot, page: ModelsPage) -> None:
    field, tasks = page.findChild(QLineEdit), page.findChild(QComboBox)
    with qtbot.waitSignal(page.search_changed) as words:
        qtbot.keyClicks(field, "f")
    with qtbot.waitSignal(page.task_chosen) as task:
        tasks.setFocus()
        qtbot.keyClick(tasks, Qt.Key.Key_Down)
    assert (words.args, task.args) == (["f"], ["face"])


def drop(page: ModelsPage, *urls: str) -> bool:
    """Drag things over the page and let go; whether it took them."""
    mime = QMimeData()
    mime.setUrls([QUrl(url) for url in urls])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, mime, buttons, keys)
    enter.ignore()
    QApplication.sendEvent(page, enter)
    if enter.isAccepted():
        hint = "Drop the files to add them to your models"
        assert hint in texts(page)
        QApplication.sendEvent(page, QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, mime, buttons, keys))
        assert hint not in texts(page)
    return enter.isAccepted()


def test_files_can_be_dropped_anywhere(qtbot: QtBot, page: ModelsPage) -> None:
    with qtbot.waitSignal(page.add_requested) as asked:
        assert drop(page, "file:///models/a.onnx", "https://example.org/b.onnx")
    assert asked.args == [[Path("/models/a.onnx")]]
    assert not drop(page, "https://example.org/b.onnx")


def test_files_can_be_chosen(qtbot: QtBot, page: ModelsPage, tmp_path: Path) -> None:
    file = tmp_path / "a.onnx"
    file.write_bytes(b"model")
    click(qtbot, page, "Add a model…")
    dialog = page.findChild(QFileDialog)
    assert dialog is not None
    dialog.setDirectory(str(tmp_path))
    dialog.selectFile(str(file))
    with qtbot.waitSignal(page.add_requested) as asked:
        dialog.accept()
    assert asked.args == [[file]]


def test_messages_are_shown_and_dismissed(qtbot: QtBot, page: ModelsPage) -> None:
    page.show_message(Message("busy", "Reading a.onnx", 0.5))
    assert not button(page, "Add a model…").isEnabled()
    with qtbot.waitSignal(page.add_cancelled):
        click(qtbot, page, "Cancel")
    page.show_message(Message("good", "Added a.onnx.", use=YARD.path))
    with qtbot.waitSignal(page.use_requested) as used:
        click(qtbot, page, "Use now")
    assert used.args == [YARD.path]
    page.show_message(Message("error", "This is no model."))
    with qtbot.waitSignal(page.dismissed):
        click(qtbot, page, "Dismiss the message")
    page.show_message(None)
    assert "This is no model." not in texts(page)


def test_tab_goes_through_the_cards_as_they_stand(qtbot: QtBot, page: ModelsPage) -> None:
    page.show_models((AWAY, YARD), filtered=False)
    page.activateWindow()
    button(page, "Add a model…").setFocus()
    names = []
    for _ in range(5):
        focused = QApplication.focusWidget()
        assert focused is not None
        names.append(focused.accessibleName() or focused.property("text"))
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert names == [
        "Add a model…",
        "Remove gate from the list",
        "Use yard",
        "Show yard in its folder",
        "Delete the file of yard",
    ]


def test_every_control_has_a_name(page: ModelsPage) -> None:
    for control in page.findChildren(QAbstractButton):
        if control.isVisible() and not isinstance(control.parent(), QLineEdit):
            assert control.accessibleName() or control.text()


@pytest.mark.parametrize(("width", "columns"), [(400, 1), (760, 2), (1100, 3)])
def test_cards_stand_in_as_many_equal_columns_as_fit(page: ModelsPage, width: int, columns: int) -> None:
    page.resize(width, 800)
    QApplication.processEvents()
    cards = [button(page, f"Download: {offer.title}").parentWidget() for offer in OFFERS]
    assert len({card.x() for card in cards}) == columns
    assert max(card.width() for card in cards) - min(card.width() for card in cards) <= 1
    assert all(card.parentWidget().width() <= width for card in cards)


def test_every_intent_reaches_the_presenter(page: ModelsPage) -> None:
    presenter = create_autospec(ModelsPresenter, instance=True)
    connect(page, presenter)
    page.search_changed.emit("x")
    page.task_chosen.emit("face")
    page.add_requested.emit([YARD.path])
    page.add_cancelled.emit()
    page.dismissed.emit()
    page.use_requested.emit(YARD.path)
    page.remove_requested.emit(YARD.path)
    page.delete_requested.emit(YARD.path)
    page.folder_not_opened.emit(YARD.path)
    page.download_requested.emit("yunet")
    page.download_cancelled.emit("yunet")
    page.download_discarded.emit("yunet")
    assert len(presenter.method_calls) == 12
    assert len({call[0] for call in presenter.method_calls}) == 12
