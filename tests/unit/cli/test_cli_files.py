"""Files that a person names: no output replaces an input, by whatever name."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cards import make_card

from engine.cards import ModelCard
from engine.cli.files import model_path, output_path, refuse_to_replace_inputs
from engine.errors import ModelError, SinkError


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    for name in ("net.xml", "net.bin"):
        (tmp_path / name).write_text("weights")
    return make_card(tmp_path / "net.xml", weight_files=(tmp_path / "net.bin",))


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_text("pictures")
    return path


def refused(outputs: list[Path], sources: list[Path], card: ModelCard) -> str:
    with pytest.raises(SinkError) as caught:
        refuse_to_replace_inputs(outputs, [str(source) for source in sources], card)
    return caught.value.what


@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_a_link_to_a_source_is_that_source(
    film: Path, card: ModelCard, link: Callable[[Path, Path], None], tmp_path: Path
) -> None:
    link(film, tmp_path / "other.jsonl")
    assert refused([tmp_path / "other.jsonl"], [film], card) == "The output would replace a source"


@pytest.mark.parametrize("name", ["net.xml", "net.bin"])
def test_the_model_is_two_files(film: Path, card: ModelCard, name: str) -> None:
    assert refused([card.path.with_name(name)], [film], card) == "The output would replace the model"


def test_a_picture_of_a_source_folder_stays_but_earlier_results_there_do_not(card: ModelCard, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "1.jpg").write_text("picture")
    (folder / "results.jsonl").write_text("{}")
    assert refused([folder / "1.jpg"], [folder], card) == "The output would replace a picture of a source"
    refuse_to_replace_inputs([folder / "results.jsonl"], [str(folder)], card)


def test_an_unfinished_video_may_be_a_source(card: ModelCard, tmp_path: Path) -> None:
    source = tmp_path / "out.part.mp4"
    source.write_text("pictures")
    assert refused([tmp_path / "out.mp4"], [source], card) == "The output would replace a source"


def test_two_outputs_need_two_files(film: Path, card: ModelCard, tmp_path: Path) -> None:
    same = [tmp_path / "a.jsonl", tmp_path / "folder" / ".." / "a.jsonl"]
    assert refused(same, [film], card) == "Two outputs have the same name"
    refuse_to_replace_inputs([Path(os.devnull), Path(os.devnull)], [str(film)], card)


def test_an_address_is_no_file() -> None:
    with pytest.raises(ModelError, match="A model is a file on this computer") as model:
        model_path("http://ann:hush@yard/net.onnx")
    with pytest.raises(SinkError, match="An output is a file on this computer") as output:
        output_path("http://ann:hush@yard/r.jsonl")
    assert "hush" not in f"{model.value}{output.value}"


def test_what_is_not_named_is_said() -> None:
    with pytest.raises(ModelError, match="No model is named"):
        model_path("")
    with pytest.raises(SinkError, match="No file is named"):
        output_path("")


def test_demo_is_the_model_that_comes_with_the_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    with pytest.raises(ModelError, match=r"demo: The demo model is missing.*Install Inferoscope again"):
        model_path("demo")

    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "demo.onnx").write_bytes(b"weights")
    assert model_path("demo") == tmp_path / "models" / "demo.onnx"
