"""What goes into an installer beside the demo: taken from a folder by what is in the files, or fetched, and checked."""

from __future__ import annotations

import hashlib
import importlib
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from engine.errors import InferoscopeError
from engine.library.catalogue import CatalogueModel, read_catalogue

PACKAGING = Path(__file__).parents[3] / "packaging"


@pytest.fixture
def inside_models(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(PACKAGING))
    return importlib.import_module("inside_models")


def model_of(content: bytes) -> CatalogueModel:
    digest = hashlib.sha256(content).hexdigest()
    return replace(read_catalogue()[0], key="faces", model_bytes=len(content), sha256=digest)


def test_people_and_faces_are_marked_and_may_be_shipped() -> None:
    marked = {model.key: model.licence for model in read_catalogue() if model.bundle}
    assert marked == {"nanodet-m": "Apache-2.0", "yunet": "MIT"}


def test_a_file_is_found_by_its_content(inside_models: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "any name.onnx").write_bytes(b"a model")
    inside_models.take([model_of(b"a model")], tmp_path, tmp_path / "inside")
    assert (tmp_path / "inside" / "faces.onnx").read_bytes() == b"a model"


def test_a_file_that_differs_does_not_get_in(inside_models: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "faces.onnx").write_bytes(b"another one")
    with pytest.raises(inside_models.MissingModelError, match="SHA-256"):
        inside_models.take([model_of(b"a model")], tmp_path, tmp_path)


@pytest.mark.data
def test_the_real_files_get_in(inside_models: ModuleType, shared_data: Path, tmp_path: Path) -> None:
    marked = [model for model in read_catalogue() if model.bundle]
    inside_models.take(marked, shared_data / "models", tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["nanodet-m.onnx", "yunet.onnx"]


def test_what_cannot_be_fetched_is_told(
    inside_models: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inside_models._Patient, "wait", lambda *_: False)
    nowhere = replace(model_of(b"a model"), address="http://127.0.0.1:9/faces.onnx")
    with pytest.raises(InferoscopeError):
        inside_models.fetch([nowhere], tmp_path)
    assert not (tmp_path / "faces.onnx").exists()
