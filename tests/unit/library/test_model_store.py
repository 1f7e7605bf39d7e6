"""The list of a person's models: kept, bounded, damaged, and files that are away."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from cards import make_card

from engine.cards import Precision, Task
from engine.errors import ModelError
from engine.library.catalogue import models_folder
from engine.library.store import KnownModel, ModelStore, delete_file, why_not_available


@pytest.fixture
def clock() -> Callable[[], float]:
    ticks = count(1000)
    return lambda: float(next(ticks))


@pytest.fixture
def file(own_home: Path) -> Path:
    return own_home / "data" / "models.json"


def noted(store: ModelStore, path: Path) -> KnownModel:
    return store.note(make_card(path, sha256="ab" * 32, model_bytes=3_800_000))


def test_a_model_is_there_again_at_the_next_start(clock: Callable[[], float], tmp_path: Path) -> None:
    model = noted(ModelStore(clock=clock), tmp_path / "a.onnx")
    assert ModelStore().models == (model,)
    assert (model.task, model.family_title, model.width, model.height) == (Task.DETECT, "YOLOv8", 64, 64)
    assert (model.classes, model.model_bytes, model.stored_precision) == (2, 3_800_000, Precision.FP32)


def test_the_one_used_last_comes_first_and_keeps_when_it_was_added(clock: Callable[[], float], tmp_path: Path) -> None:
    store = ModelStore(clock=clock)
    first = noted(store, tmp_path / "a.onnx")
    noted(store, tmp_path / "b.onnx")
    again = noted(store, tmp_path / "a.onnx")
    assert [model.path.name for model in store.models] == ["a.onnx", "b.onnx"]
    assert again.added_s == first.added_s
    assert again.used_s > first.used_s


def test_a_relative_path_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert noted(ModelStore(), Path("a.onnx")).path == tmp_path / "a.onnx"


def test_a_removed_model_is_gone_and_its_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.onnx"
    path.write_bytes(b"model")
    store = ModelStore()
    noted(store, path)
    store.remove(path)
    store.remove(path)
    assert ModelStore().models == ()
    assert path.exists()


def test_the_list_is_bounded(clock: Callable[[], float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.library.store._MOST", 3)
    store = ModelStore(clock=clock)
    for number in range(5):
        noted(store, tmp_path / f"{number}.onnx")
    assert [model.path.stem for model in ModelStore().models] == ["4", "3", "2"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 99, "models": []}', '{"version": 1}', "\udcff"])
def test_a_damaged_list_is_told_and_set_aside(file: Path, tmp_path: Path, content: str) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes(content.encode(errors="surrogateescape"))
    store = ModelStore()
    assert store.models == ()
    assert len(store.warnings) == 1
    assert str(file) in store.warnings[0]
    noted(store, tmp_path / "a.onnx")
    assert len(ModelStore().models) == 1
    assert file.with_name("models.unreadable.json").read_bytes() == content.encode(errors="surrogateescape")


@pytest.mark.parametrize(
    "damage", [{"path": "relative.onnx"}, {"task": "juggle"}, {"height": None}, {"stored_precision": 7}]
)
def test_one_damaged_entry_costs_no_other(file: Path, tmp_path: Path, damage: dict[str, object]) -> None:
    store = ModelStore()
    noted(store, tmp_path / "a.onnx")
    noted(store, tmp_path / "b.onnx")
    document = json.loads(file.read_text())
    document["models"][0] |= damage
    file.write_text(json.dumps(document))
    store = ModelStore()
    assert [model.path.name for model in store.models] == [Path(document["models"][1]["path"]).name]
    assert len(store.warnings) == 1


def test_a_list_that_cannot_be_kept_is_told_and_holds(file: Path, tmp_path: Path) -> None:
    file.parent.write_bytes(b"a file where the folder should be")
    store = ModelStore()
    with pytest.raises(ModelError, match="cannot be kept"):
        noted(store, tmp_path / "a.onnx")
    assert len(store.models) == 1


def test_why_a_file_cannot_be_used(tmp_path: Path) -> None:
    folder = tmp_path / "usb"
    model, graph = folder / "a.onnx", folder / "b.xml"
    assert why_not_available(model) == f"The folder is not available: {folder}"
    folder.mkdir()
    assert why_not_available(model) == "The file is no longer there"
    for file in (model, graph):
        file.write_bytes(b"model")
    assert why_not_available(model) == ""
    assert why_not_available(graph) == "Its weights are no longer there: b.bin"
    graph.with_suffix(".bin").write_bytes(b"weights")
    assert why_not_available(graph) == ""


def test_only_downloaded_files_are_deleted(tmp_path: Path) -> None:
    own = noted(ModelStore(), tmp_path / "own.onnx")
    fetched = replace(own, path=models_folder() / "fetched.onnx")
    for model in (own, fetched):
        model.path.parent.mkdir(parents=True, exist_ok=True)
        model.path.write_bytes(b"model")
    delete_file(fetched)
    delete_file(fetched)
    with pytest.raises(ModelError, match="not downloaded by the program"):
        delete_file(own)
    assert (own.path.exists(), fetched.path.exists()) == (True, False)
