from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.capture.source import SourceOptions
from engine.cards import Precision, Thresholds
from engine.errors import InferoscopeError
from gui.presenters.session_format import LARGEST_BYTES, from_document, to_document
from gui.presenters.workspace import MOST_TILES, Chosen, Display, ModelChoice, Tile, Workspace

FOLDER = Path("/home/anna/sessions")
FULL = Workspace(
    tiles=(
        Tile("1", "Yard", "rtsp://***@10.0.0.7/yard", running=True, model_id="3", max_fps=7.5),
        Tile(
            "2",
            "Küche",
            "camera:USB Cam",
            SourceOptions(1280, 720, 30.0, mirror=True),
            model_id="3",
            thresholds=Thresholds(0.4, 0.6, 50),
            hidden_classes=frozenset({0, 7}),
            class_colours={2: (255, 0, 16)},
            display=Display.SMOOTH,
            every_frame=True,
            loop=False,
            speed=0.5,
        ),
    ),
    models=(ModelChoice("3", Path("/models/yolox.onnx"), "onnxruntime", "CPU", Precision.FP16, Chosen.BY_HAND),),
    selected="2",
    all_selected=True,
    enlarged="1",
    overlay=False,
)


def document(**changes: Any) -> bytes:
    values = json.loads(to_document(FULL, FOLDER))
    return json.dumps({**values, **changes}).encode()


def tile_document(**changes: Any) -> bytes:
    values = json.loads(to_document(FULL, FOLDER))["tiles"][0]
    return document(tiles=[{**values, **changes}])


@pytest.mark.parametrize(
    ("told", "chosen"),
    [
        ({}, Chosen.BY_DEFAULT),
        ({"backend": "openvino", "device": "", "precision": "auto"}, Chosen.BY_DEFAULT),
        ({"backend": "onnxruntime"}, Chosen.BY_HAND),
        ({"backend": "onnxruntime", "chosen": "measured"}, Chosen.MEASURED),
        ({"chosen": "hand"}, Chosen.BY_HAND),
    ],
)
def test_who_chose_how_a_model_runs(told: dict[str, str], chosen: Chosen) -> None:
    models = [{"id": "3", "path": "/models/yolox.onnx", **told}]
    restored = from_document(document(models=models), FOLDER)
    assert (restored.workspace.models[0].chosen, restored.warnings) == (chosen, ())


def test_all_that_was_set_up_comes_back() -> None:
    restored = from_document(to_document(FULL, FOLDER), FOLDER)
    assert restored.workspace == FULL
    assert restored.warnings == ()


def test_a_document_with_the_least_in_it_is_a_fresh_start() -> None:
    restored = from_document(b'{"format": "inferoscope-session", "version": 1, "tiles": [{"id": "1"}]}', FOLDER)
    assert restored.workspace == Workspace()


@pytest.mark.parametrize(
    "source",
    [
        "rtsp://admin:s3cret@10.0.0.7/yard",
        "http://cam.local/live?token=s3cret&channel=1",
        "rtsp://admin:s3/c#r?s3cret@10.0.0.7/yard",
        "admin:s3cret@10.0.0.7",
    ],
)
def test_no_secret_is_ever_written(source: str) -> None:
    # The workspace never has one; should a mistake put one there, it stops here.
    content = to_document(Workspace(tiles=(Tile("1", name=f"was {source}", source=source),)), FOLDER)
    assert b"s3cret" not in content
    assert b"admin" not in content


def test_a_secret_that_was_typed_into_the_file_does_not_get_in() -> None:
    restored = from_document(tile_document(source="rtsp://admin:s3cret@10.0.0.7/yard"), FOLDER)
    assert restored.workspace.tiles[0].source == "rtsp://***@10.0.0.7/yard"
    assert len(restored.warnings) == 1
    assert "tiles[0].source" in restored.warnings[0]
    assert "s3cret" not in restored.warnings[0]


def test_what_is_not_known_is_left_out_and_told() -> None:
    restored = from_document(tile_document(ghost=1), FOLDER)
    assert replace(restored.workspace.tiles[0]) == FULL.tiles[0]
    assert restored.warnings == ("tiles[0].ghost is not known and was left out",)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"id": "one"}, "tiles[0].id"),
        ({"id": 1}, "tiles[0].id"),
        ({"name": 7}, "tiles[0].name"),
        ({"source": "a\nb"}, "tiles[0].source"),
        ({"running": 1}, "tiles[0].running"),
        ({"width_px": 0}, "tiles[0].width_px"),
        ({"width_px": True}, "tiles[0].width_px"),
        ({"rate_hz": 1e999}, "tiles[0].rate_hz"),
        ({"rate_hz": float("nan")}, "tiles[0].rate_hz"),
        ({"max_fps": 10**400}, "tiles[0].max_fps"),
        ({"max_fps": "fast"}, "tiles[0].max_fps"),
        ({"speed": -1}, "tiles[0].speed"),
        ({"thresholds": {"confidence": 1.5}}, "tiles[0].thresholds.confidence"),
        ({"thresholds": []}, "tiles[0].thresholds"),
        ({"hidden_classes": [1.5]}, "tiles[0].hidden_classes"),
        ({"hidden_classes": 3}, "tiles[0].hidden_classes"),
        ({"class_colours": {"-1": "#ffffff"}}, "tiles[0].class_colours"),
        ({"class_colours": {"1": "red"}}, "tiles[0].class_colours"),
        ({"class_colours": ["#ffffff"]}, "tiles[0].class_colours"),
        ({"display": "upside_down"}, "tiles[0].display"),
        ({"display": ["smooth"]}, "tiles[0].display"),
        ({"model": "99"}, "tiles[0].model"),
    ],
)
def test_a_wrong_value_is_named_by_its_place(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(InferoscopeError) as caught:
        from_document(tile_document(**changes), FOLDER)
    assert caught.value.subject == place
    assert caught.value.expected


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", "line 1, column 1"),
        (b'{"format": "inferoscope-session", "version": 1,', "line 1, column 48"),
        (b"\xff\xfe", ""),
        (b"[" * 500_000, ""),
        (b"9" * 100_000, ""),
        (b" " * (LARGEST_BYTES + 1), ""),
        (b"[]", ""),
        (b"{}", "format"),
        (document(format="other"), "format"),
        (document(version="1"), "version"),
        (document(version=2), "version"),
        (document(tiles={}), "tiles"),
        (document(tiles=[1]), "tiles[0]"),
        (document(tiles=[{"id": str(n)} for n in range(MOST_TILES + 1)]), "tiles"),
        (document(models=[{"id": "3"}]), "models[0].path"),
        (document(models=[{"id": "3", "path": ""}]), "models[0].path"),
        (document(models=[{"id": "1", "path": "/m.onnx"}]), "id"),
        (document(selected=None), "selected"),
        (document(overlay=None), "overlay"),
    ],
)
def test_a_damaged_document_is_refused_with_its_place(content: bytes, place: str) -> None:
    with pytest.raises(InferoscopeError) as caught:
        from_document(content, FOLDER)
    assert caught.value.subject == place


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists))
def test_no_value_brings_the_reader_down(value: Any) -> None:
    for name in ("source", "name", "width_px", "thresholds", "hidden_classes", "class_colours", "display", "speed"):
        try:
            from_document(tile_document(**{name: value}), FOLDER)
        except InferoscopeError as error:
            assert error.subject.startswith("tiles[0]")


def test_a_folder_that_moved_with_its_session_is_found_again(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    (new / "clips").mkdir(parents=True)
    for name in ("yard.mp4", "net.onnx"):
        (new / "clips" / name).touch()
    workspace = Workspace(
        tiles=(Tile("1", source=str(old / "clips" / "yard.mp4"), model_id="2"),),
        models=(ModelChoice("2", old / "clips" / "net.onnx"),),
    )
    content = to_document(workspace, old)
    assert json.loads(content)["tiles"][0]["source_relative"] == "clips/yard.mp4"
    restored = from_document(content, new).workspace
    assert restored.tiles[0].source == str(new / "clips" / "yard.mp4")
    assert restored.models[0].path == new / "clips" / "net.onnx"


def test_files_elsewhere_are_kept_by_their_whole_path_alone(tmp_path: Path) -> None:
    content = to_document(Workspace(tiles=(Tile("1", source="/videos/yard.mp4"),)), tmp_path)
    assert "source_relative" not in json.loads(content)["tiles"][0]
    assert from_document(content, tmp_path).workspace.tiles[0].source == "/videos/yard.mp4"


def test_a_file_name_that_is_not_unicode_survives(tmp_path: Path) -> None:
    workspace = Workspace(tiles=(Tile("1", source="/videos/\udcff.mp4"),))
    assert from_document(to_document(workspace, tmp_path), tmp_path).workspace == workspace
