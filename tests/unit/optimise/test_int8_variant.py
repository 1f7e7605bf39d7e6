"""The INT8 variant of a model is found where it may lie, and only where it says that it was made of this very model."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import onnx
import pytest
from findings import INT8_FINDING, ORIGINAL_FINDING
from perf.yolo11n_shaped import build

from engine.cards import ModelCard, Precision
from engine.cli.int8_model import card_to_run
from engine.errors import NotAvailableError
from engine.library.identify import identify
from engine.optimise.exported import exported_to, remember_export
from engine.optimise.int8_variant import find_int8
from engine.optimise.keeping import keep
from engine.optimise.shelf import shelf_of
from engine.optimise.variant import ORIGIN_KEY, Origin, Recipe, VariantKind, origin_in

ONNX_INT8 = VariantKind(Recipe.ONNX_INT8)


@pytest.fixture(scope="module")
def network() -> onnx.ModelProto:
    return build(size=64, width=0.25)


@pytest.fixture
def card(network: onnx.ModelProto, tmp_path: Path) -> ModelCard:
    (tmp_path / "models").mkdir()
    onnx.save(network, tmp_path / "models" / "yard.onnx")
    return identify(tmp_path / "models" / "yard.onnx")


def put(card: ModelCard, path: Path, **origin: Any) -> Path:
    """A file that says it is the INT8 variant of a model; what ``origin`` says, it says otherwise."""
    model = onnx.load(card.path)
    told = {**asdict(Origin(card.path.name, card.sha256, "onnx-int8")), **origin}
    onnx.helper.set_model_props(model, {**{p.key: p.value for p in model.metadata_props}, ORIGIN_KEY: json.dumps(told)})
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)
    return path


def found(card: ModelCard, backend: str = "onnxruntime") -> Path | None:
    variant = find_int8(card, backend)
    return None if variant is None else variant.path


def test_there_is_none_before_one_is_built(card: ModelCard) -> None:
    assert found(card) is None


def test_the_one_on_the_shelf_comes_first(card: ModelCard) -> None:
    beside = put(card, card.path.parent / "yard-onnx-int8.onnx")
    assert found(card) == beside
    own = put(card, shelf_of(card.sha256) / "yard-onnx-int8.onnx")
    keep(own.parent, card.path, (ORIGINAL_FINDING, replace(INT8_FINDING, name="onnx-int8", path=own)))
    assert found(card) == own


def test_one_that_was_exported_anywhere_is_found_again_the_newest_first(card: ModelCard, tmp_path: Path) -> None:
    first, second = (put(card, tmp_path / name / "yard-onnx-int8.onnx") for name in "ab")
    remember_export(card.sha256, ONNX_INT8, first)
    remember_export(card.sha256, ONNX_INT8, second)
    assert found(card) == second
    second.unlink()
    assert found(card) == first


def test_what_a_later_version_says_of_the_origin_is_read_over(card: ModelCard) -> None:
    beside = put(card, card.path.parent / "yard-onnx-int8.onnx", something_new=1)
    assert found(card) == beside


def test_openvino_takes_the_onnx_variant_where_it_has_none_of_its_own(card: ModelCard) -> None:
    beside = put(card, card.path.parent / "yard-onnx-int8.onnx")
    assert found(card, "openvino") == beside


@pytest.mark.parametrize("origin", [{"source_sha256": "ab" * 32}, {"recipe": "onnx-fp16"}, {"recipe": None}])
def test_what_was_made_of_another_model_or_in_another_way_is_not_taken(
    card: ModelCard, origin: dict[str, object]
) -> None:
    put(card, card.path.parent / "yard-onnx-int8.onnx", **origin)
    assert found(card) is None


def test_what_would_be_taken_for_another_model_is_not_taken(card: ModelCard) -> None:
    path = put(card, card.path.parent / "yard-onnx-int8.onnx")
    model = onnx.load(path)
    for prop in model.metadata_props:
        prop.value = "{0: 'another thing'}" if prop.key == "names" else prop.value
    onnx.save(model, path)
    assert found(card) is None


@pytest.mark.parametrize("content", [b"", b"no model"])
def test_a_damaged_variant_is_as_if_it_were_not_there(card: ModelCard, content: bytes) -> None:
    (card.path.parent / "yard-onnx-int8.onnx").write_bytes(content)
    assert found(card) is None


@pytest.mark.parametrize("content", [b"", b"[]", b'{"version": 9}', b'{"version": 1, "places": {"onnx-int8": 3}}'])
def test_a_damaged_memory_of_exports_means_none_and_is_written_anew(
    card: ModelCard, tmp_path: Path, content: bytes
) -> None:
    shelf_of(card.sha256).mkdir(parents=True)
    (shelf_of(card.sha256) / "exported.json").write_bytes(content)
    assert found(card) is None
    place = put(card, tmp_path / "a" / "yard-onnx-int8.onnx")
    remember_export(card.sha256, ONNX_INT8, place)
    assert found(card) == place


def test_a_disk_that_refuses_the_memory_is_a_note(card: ModelCard, tmp_path: Path) -> None:
    shelf_of(card.sha256).parent.mkdir(parents=True)
    shelf_of(card.sha256).write_bytes(b"in the way")
    assert "There is a file where the folder should be" in remember_export(card.sha256, ONNX_INT8, tmp_path / "a.onnx")


def test_what_lies_on_a_shelf_or_on_the_way_is_not_remembered(card: ModelCard, own_home: Path) -> None:
    for folder in (shelf_of(card.sha256), own_home / "cache" / "optimise" / "1-a"):
        assert remember_export(card.sha256, ONNX_INT8, folder / "yard-onnx-int8.onnx") == ""
    assert exported_to(card.sha256, ONNX_INT8) == ()


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '"a"', "{}", "[" * 100_000])
def test_an_origin_that_cannot_be_read_is_none(text: str) -> None:
    assert origin_in({ORIGIN_KEY: text}) is None
    assert origin_in({}) is None


# What the command line makes of it ------------------------------------------------------------------------------------


def asked(precision: str = "int8", backend: str = "openvino", *, fallback: bool = False) -> argparse.Namespace:
    return argparse.Namespace(precision=precision, backend=backend, allow_fallback=fallback)


def test_int8_of_a_float_model_runs_the_variant_and_says_so(
    card: ModelCard, capsys: pytest.CaptureFixture[str]
) -> None:
    beside = put(card, card.path.parent / "yard-onnx-int8.onnx")
    assert card_to_run(asked("INT8"), card, "demo").path == beside
    assert str(beside) in capsys.readouterr().err


def test_without_a_variant_the_command_that_builds_it_is_told(card: ModelCard) -> None:
    with pytest.raises(NotAvailableError) as refused:
        card_to_run(asked(), card, "my road.mp4")
    command = f"inferoscope export {card.path} --to openvino-int8 --calibrate 'my road.mp4' --output variants"
    assert command in str(refused.value)


def test_a_password_is_not_told(card: ModelCard) -> None:
    with pytest.raises(NotAvailableError) as refused:
        card_to_run(asked(), card, "rtsp://anna:secret@10.0.0.7/yard")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "arguments", [asked("fp32"), asked("auto"), asked(fallback=True), asked(backend="nothing"), asked("nothing")]
)
def test_where_int8_need_not_be_the_model_itself_runs(card: ModelCard, arguments: argparse.Namespace) -> None:
    assert card_to_run(arguments, card, "demo") is card


def test_a_model_that_is_quantised_runs_itself(card: ModelCard) -> None:
    quantised = replace(card, stored_precision=Precision.INT8)
    assert card_to_run(asked(), quantised, "demo") is quantised
