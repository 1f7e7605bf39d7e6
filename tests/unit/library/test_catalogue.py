"""The catalogue that comes with the program, against the facts that its repository records."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from engine.library.catalogue import CatalogueModel, models_folder, read_catalogue
from engine.library.identify import identify


@pytest.fixture
def models() -> tuple[CatalogueModel, ...]:
    return read_catalogue()


def test_every_entry_is_complete_and_distinct(models: tuple[CatalogueModel, ...]) -> None:
    assert len(models) >= 7
    for field in ("key", "title", "address", "sha256", "target"):
        assert len({getattr(model, field) for model in models}) == len(models)
    for model in models:
        assert re.fullmatch("[0-9a-f]{64}", model.sha256)
        assert urlsplit(model.address).scheme == "https"
        assert model.home.startswith("https://")
        assert model.target.parent == models_folder()
        assert model.target.suffix == ".onnx"
        assert model.about.endswith(".")
        assert min(model.height, model.width, model.classes, model.model_bytes) > 0


@pytest.mark.data
def test_what_is_promised_is_what_the_repository_records(shared_data: Path, models: tuple[CatalogueModel, ...]) -> None:
    facts = json.loads((shared_data / "opencv_zoo.json").read_text())
    recorded = {
        f"https://media.githubusercontent.com/media/{facts['repository']}/{facts['commit']}/{file['path']}": file
        for file in facts["files"]
    }
    for model in models:
        file = recorded[model.address]
        assert (model.sha256, model.model_bytes, model.licence) == (file["sha256"], file["bytes"], file["license"])


@pytest.mark.data
def test_what_is_said_of_a_model_is_what_its_card_says(shared_data: Path, models: tuple[CatalogueModel, ...]) -> None:
    by_hash = {model.sha256: model for model in models}
    checked = 0
    for path in sorted((shared_data / "models").glob("*.onnx")):
        listed = by_hash.get(hashlib.sha256(path.read_bytes()).hexdigest())
        if listed is not None:
            card = identify(path)
            assert card.sha256 == listed.sha256
            assert (card.task, card.input.height, card.input.width) == (listed.task, listed.height, listed.width)
            assert (len(card.class_names), card.model_bytes) == (listed.classes, listed.model_bytes)
            checked += 1
    assert checked >= 2
