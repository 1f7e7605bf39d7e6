"""The models page on the real engine: a download that breaks off, goes on, becomes a model and is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from unittest.mock import Mock

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot
from servers.file_server import FileServer

from engine.library import download as downloads
from engine.library.catalogue import read_catalogue
from engine.library.http_fetch import Limits
from engine.library.store import ModelStore
from engine.pipeline.session import Session
from gui.bridge.tasks import BackgroundTasks
from gui.presenters.models_page import ModelsPresenter
from gui.presenters.port import EnginePort
from gui.presenters.problems import Problems
from gui.presenters.workspace import WorkspaceStore
from gui.views.models_page import ModelsPage, connect

pytestmark = [pytest.mark.data, pytest.mark.qt_log_ignore("does not support propagateSizeHints")]


@pytest.fixture
def tasks() -> Iterator[BackgroundTasks]:
    session = Session()
    yield BackgroundTasks(session)
    assert session.close() == []


@pytest.fixture
def server(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    limits = Limits(tries=1, plain_http=True)
    monkeypatch.setattr(downloads, "download", partial(downloads.download, limits=limits))
    with FileServer((shared_data / "models" / "yunet_2023mar.onnx").read_bytes()) as server:
        yield server


def click(qtbot: QtBot, page: ModelsPage, name: str) -> None:
    """Wait for a button that has come to its place, and click it."""

    def found() -> QPushButton | None:
        buttons = (b for b in page.findChildren(QPushButton) if b.accessibleName() == name and b.isVisible())
        return next((b for b in buttons if page.childAt(b.mapTo(page, b.rect().center())) is b), None)

    qtbot.waitUntil(lambda: found() is not None, timeout=20_000)
    qtbot.mouseClick(found(), Qt.MouseButton.LeftButton)


def test_a_broken_download_goes_on_and_the_model_is_used(
    qtbot: QtBot, tasks: BackgroundTasks, server: FileServer
) -> None:
    offer = replace(next(m for m in read_catalogue() if m.key == "yunet"), address=server.address)
    page, store, show_page = ModelsPage(), WorkspaceStore(), Mock()
    presenter = ModelsPresenter(
        page,
        store,
        Mock(EnginePort),
        tasks,
        Problems(),
        model_store=ModelStore(),
        catalogue=(offer,),
        show_page=show_page,
    )
    connect(page, presenter)
    qtbot.addWidget(page)
    page.resize(1000, 800)
    page.show()
    timer = QTimer(page)
    timer.timeout.connect(tasks.settle)
    timer.timeout.connect(presenter.refresh)
    timer.start(20)

    server.breaks = [100_000]
    click(qtbot, page, "Download: YuNet")
    click(qtbot, page, "Try again: YuNet")
    click(qtbot, page, "Use YuNet")

    timer.stop()
    model = store.now.model_of("1")
    assert model is not None
    assert model.path.read_bytes() == server.content
    assert server.asked == ["", "bytes=100000-"]
    show_page.assert_called_once_with("live")
