"""What a person corrects is used at once and next time, and never half-written."""

from __future__ import annotations

from pathlib import Path

import exporter_graphs as graphs
import pytest

from engine.cards import ColourOrder, Fit
from engine.errors import ModelError
from engine.folders import data_folder
from engine.library.corrections import Correction, load_correction, parse_settings
from engine.library.identify import correct, forget, identify


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "net.onnx"
    file.write_bytes(graphs.yolox(classes=3).SerializeToString())
    return file


@pytest.fixture
def free(tmp_path: Path) -> Path:
    file = tmp_path / "free.onnx"
    file.write_bytes(graphs.yolo(dynamic=True, metadata=graphs.ultralytics("detect", 80)).SerializeToString())
    return file


def test_a_correction_is_used_next_time(path: Path) -> None:
    before = identify(path)
    corrected = correct(path, parse_settings(["family=yolov5", "fit=stretch", "colour=RGB", "scale=255", "pad=1,2,3"]))
    again = identify(path)

    assert (before.family, before.corrected) == ("yolox", False)
    assert corrected == again
    assert (again.family, again.corrected, again.confidence) == ("yolov5", True, 1.0)
    assert (again.input.fit, again.input.colour_order) == (Fit.STRETCH, ColourOrder.RGB)
    assert (again.input.scale, again.input.pad_bgr) == ((255.0,) * 3, (1, 2, 3))
    assert "family=yolov5" in again.evidence[0]


def test_it_belongs_to_the_contents_not_to_the_name(path: Path, tmp_path: Path) -> None:
    correct(path, parse_settings(["fit=stretch"]))
    renamed = path.rename(tmp_path / "renamed.onnx")
    other = tmp_path / "net.onnx"
    other.write_bytes(graphs.yolox(classes=4).SerializeToString())

    assert identify(renamed).input.fit is Fit.STRETCH
    assert identify(other).corrected is False


def test_corrections_add_up_and_are_forgotten_together(path: Path) -> None:
    correct(path, parse_settings(["fit=stretch"]))
    card = correct(path, parse_settings(["mean=1,2,3"]))

    assert (card.input.fit, card.input.mean) == (Fit.STRETCH, (1.0, 2.0, 3.0))
    assert forget(path) is True
    assert forget(path) is False
    assert identify(path).corrected is False


def test_names_are_kept_without_their_file(path: Path, tmp_path: Path) -> None:
    names = tmp_path / "my names.txt"
    names.write_text("a\nb\nc\n")
    correct(path, parse_settings([f"names={names}"]))
    names.unlink()
    card = identify(path)

    assert (card.class_names, card.class_names_from) == (("a", "b", "c"), "correction")
    assert "my names.txt" in card.evidence[0]


def test_options_of_the_decoder_keep_their_type(path: Path) -> None:
    card = correct(path, parse_settings(["raw=false", "classes=2", "strides=4,8"]))

    assert dict(card.options) == {"classes": 2, "raw": False, "strides": (4, 8)}


def test_free_axes_can_be_set(free: Path) -> None:
    card = correct(free, parse_settings(["size=320x256", "batch=4"]))

    assert (card.input.width, card.input.height, card.input.batch) == (320, 256, 4)


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("family=yolo99", "yolox"),
        ("family=classifier", "cannot read these outputs"),
        ("size=320x320", "640x640"),
        ("batch=2", "fixes the batch"),
        ("fit=diagonal", "letterbox_centre"),
        ("colour=cmyk", "rgb"),
        ("pad=300", "0 to 255"),
        ("mean=a,b,c", "three with commas"),
        ("scale=0", "other than 0"),
        ("raw=maybe", "true or false"),
        ("classes=-1", "whole number"),
        ("colour_blindness=1", "one of family, size"),
        ("family", "key=value"),
        ("=x", "key=value"),
        ("names=/no/such/file.txt", "one name a line"),
    ],
)
def test_what_does_not_fit_is_refused_and_not_kept(path: Path, setting: str, expected: str) -> None:
    with pytest.raises(ModelError) as caught:
        correct(path, parse_settings([setting]))

    assert expected in str(caught.value)
    assert identify(path).corrected is False
    assert not (data_folder() / "corrections").exists()


def test_sizes_must_suit_the_strides(free: Path) -> None:
    with pytest.raises(ModelError, match="multiples of 32"):
        correct(free, parse_settings(["size=333x320"]))


def test_an_empty_correction_leaves_stored_ones_aside(path: Path) -> None:
    correct(path, parse_settings(["fit=stretch"]))

    assert identify(path, correction=Correction()).corrected is False


def test_looking_writes_nothing(path: Path, own_home: Path) -> None:
    identify(path)

    assert list(own_home.iterdir()) == []


def test_a_damaged_correction_says_which_file_it_is(path: Path) -> None:
    correct(path, parse_settings(["fit=stretch"]))
    (stored,) = (data_folder() / "corrections").iterdir()
    stored.write_text("{ half")

    with pytest.raises(ModelError, match="--forget") as caught:
        identify(path)
    assert stored.name in str(caught.value)
    assert forget(path) is True
    assert identify(path).family == "yolox"


def test_a_folder_that_cannot_be_written_is_told(path: Path, own_home: Path) -> None:
    (own_home / "data").write_text("a file where the folder should be")

    with pytest.raises(ModelError, match="cannot be written"):
        correct(path, parse_settings(["fit=stretch"]))


def test_nothing_is_stored_for_an_unknown_hash() -> None:
    assert not load_correction("0" * 64)
