"""A variant appears whole or not at all, whatever becomes of the child that builds it."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
import pytest
from unit.library import exporter_graphs as graphs

from engine.cards import ModelCard, Precision
from engine.errors import CancelledError, InferoscopeError, ModelError, SinkError
from engine.library.corrections import Correction
from engine.library.identify import correct, identify
from engine.optimise import build as building
from engine.optimise.build import build, remove, variant_file, work_folder
from engine.optimise.exported import exported_to
from engine.optimise.variant import Variant, parse_kind
from engine.pipeline.child import ChildLimits, answer_line

ORIGIN = {"source_name": "model.onnx", "source_sha256": "", "recipe": "onnx-fused"}
BUILT = {"origin": ORIGIN, "notes": ["did something"]}


class Waiting:
    """Whoever waits; they cancel when they hear of a phase."""

    def __init__(self, cancel_at: str = "") -> None:
        self.phases: list[tuple[str, float | None]] = []
        self._cancel_at = cancel_at

    def progress(self, phase: str, share: float | None = None) -> None:
        self.phases.append((phase, share))
        if phase == self._cancel_at:
            raise CancelledError

    def cancelled(self) -> bool:
        return False

    def wait(self, _seconds: float) -> bool:
        return False


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    path = tmp_path / "model.onnx"
    onnx.save(graphs.classifier(3, size=(64, 64)), path)
    return identify(path)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "variants" / "model-onnx-fused.onnx"


def child(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Let this program be the child; it finds the request as ``request`` and its folder as ``folder``."""
    given = "import json, sys, pathlib, shutil, time\nrequest = json.loads(pathlib.Path(sys.argv[1]).read_text())\n"
    given += "folder = pathlib.Path(request['folder'])\n"

    def command(_name: str, question: Mapping[str, Any]) -> list[str]:
        return [sys.executable, "-c", given + program, question["request"]]

    monkeypatch.setattr(building, "command_of", command)


def copying(answer: Mapping[str, Any] = BUILT) -> str:
    """A child that gives the original for a variant."""
    return f"shutil.copy(request['source'], request['target'])\nprint({answer_line(answer)!r})"


def built(card: ModelCard, output: Path, control: Waiting | None = None, name: str = "onnx-fused") -> Variant:
    return build(card, parse_kind(name), None, output=output, control=control or Waiting())


def refused(card: ModelCard, output: Path, name: str = "onnx-fused") -> InferoscopeError:
    with pytest.raises(InferoscopeError) as told:
        built(card, output, name=name)
    return told.value


def nothing_left(own_home: Path, output: Path) -> bool:
    work = own_home / "cache" / "optimise"
    return not (work.exists() and any(work.iterdir())) and not (output.parent.exists() and any(output.parent.iterdir()))


def test_a_variant_comes_to_its_place(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, output: Path, own_home: Path
) -> None:
    child(monkeypatch, copying())
    variant = built(card, output)

    assert variant.path == output
    assert variant.model_bytes == output.stat().st_size == card.model_bytes
    assert variant.notes == ("did something",)
    assert exported_to(card.sha256, parse_kind("onnx-fused")) == (output,)
    assert [file.name for file in output.parent.iterdir()] == [output.name]
    assert not any((own_home / "cache" / "optimise").iterdir())


def test_progress_of_the_child_is_passed_on(monkeypatch: pytest.MonkeyPatch, card: ModelCard, output: Path) -> None:
    child(monkeypatch, "(folder / 'progress.json').write_text('[\"Half way\", 0.5]')\ntime.sleep(0.5)\n" + copying())
    control = Waiting()
    built(card, output, control)
    assert ("Half way", 0.5) in control.phases


@pytest.mark.parametrize(
    ("program", "what"),
    [
        ("import os\nos.abort()", "SIGABRT"),
        ("sys.exit(3)", "status 3"),
        (
            f"print({answer_line({'error': {'what': 'No such luck', 'expected': '', 'remedy': '', 'detail': ''}})!r})",
            "",
        ),
    ],
)
def test_a_child_that_fails_is_one_sentence_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, output: Path, own_home: Path, program: str, what: str
) -> None:
    half = "pathlib.Path(request['target']).write_bytes(b'half')\n"
    child(monkeypatch, half + program)
    error = refused(card, output)

    assert isinstance(error, ModelError)
    assert error.subject == "model.onnx"
    assert what in error.what
    assert nothing_left(own_home, output)


def test_a_child_that_never_ends_is_given_up(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, output: Path, own_home: Path
) -> None:
    monkeypatch.setattr(building, "_LIMITS", ChildLimits(seconds=0.3))
    child(monkeypatch, "time.sleep(60)")
    assert "did not finish" in refused(card, output).what
    assert nothing_left(own_home, output)


@pytest.mark.parametrize("phase", ["Working", "Checking", "Moving it to its place"])
def test_a_cancel_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, output: Path, own_home: Path, phase: str
) -> None:
    working = "(folder / 'progress.json').write_text('[\"Working\", 0.5]')\n"
    child(monkeypatch, working + ("time.sleep(60)" if phase == "Working" else copying()))
    with pytest.raises(CancelledError):
        built(card, output, Waiting(phase))
    assert nothing_left(own_home, output)


def test_what_was_there_before_stays_where_it_fails(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, output: Path
) -> None:
    output.parent.mkdir()
    output.write_bytes(b"older")
    child(monkeypatch, "sys.exit(1)")
    refused(card, output)
    assert output.read_bytes() == b"older"


def test_another_model_is_no_variant(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, output: Path, tmp_path: Path, own_home: Path
) -> None:
    other = tmp_path / "other.onnx"
    onnx.save(graphs.semantic(size=(64, 64)), other)
    child(monkeypatch, f"shutil.copy({str(other)!r}, request['target'])\nprint({answer_line(BUILT)!r})")
    assert "would not be taken for" in refused(card, output).what or "family" in str(refused(card, output))
    assert nothing_left(own_home, output)


def test_what_a_person_corrected_holds_for_the_variant(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, output: Path
) -> None:
    corrected = correct(card.path, Correction({"mean": "10", "scale": "20"}, ("a", "b", "c"), "names.txt"))
    child(monkeypatch, "data = open(request['source'], 'rb').read()\n" + _with_other_hash())
    variant = built(corrected, output)

    found = identify(output)
    assert (found.input, found.class_names) == (corrected.input, ("a", "b", "c"))
    assert any("remembered" in note for note in variant.notes)


def _with_other_hash() -> str:
    # An unknown field at the end of the message is read over.
    return f"open(request['target'], 'wb').write(data + b'\\xf8\\x07\\x01')\nprint({answer_line(BUILT)!r})"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_refuses_the_child(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, output: Path, own_home: Path, number: int
) -> None:
    child(monkeypatch, f"print({answer_line({'refused_by_disk': number})!r})")
    error = refused(card, output)
    assert isinstance(error, SinkError)
    assert error.what in ("The disk is full", "The disk is read-only")
    assert nothing_left(own_home, output)


@pytest.fixture
def another_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work folder and output lie on two disks: between them nothing can be renamed."""
    replace_ = Path.replace

    def renamed(self: Path, target: Path) -> Path:
        if "optimise" in self.parts and "optimise" not in Path(target).parts:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        return replace_(self, target)

    monkeypatch.setattr(Path, "replace", renamed)


@pytest.mark.usefixtures("another_disk")
def test_a_variant_comes_to_another_disk(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, output: Path, own_home: Path
) -> None:
    child(monkeypatch, copying())
    assert built(card, output).model_bytes == output.stat().st_size
    assert [file.name for file in output.parent.iterdir()] == [output.name]


@pytest.mark.usefixtures("another_disk")
def test_another_disk_that_fills_while_the_variant_is_moved(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, output: Path, own_home: Path
) -> None:
    def full(_source: Path, target: Path) -> None:
        Path(target).write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    child(monkeypatch, copying())
    monkeypatch.setattr(building.shutil, "copyfile", full)
    assert refused(card, output).what == "The disk is full"
    assert nothing_left(own_home, output)


def test_too_little_space_is_told_before_anything_is_built(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, output: Path
) -> None:
    huge = replace(card, model_bytes=1 << 60)
    assert "almost full" in refused(huge, output).what


def test_a_folder_that_may_not_be_written(card: ModelCard, tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_bytes(b"")
    error = refused(card, blocked / "model-onnx-fused.onnx")
    assert isinstance(error, SinkError)
    assert error.remedy


@pytest.mark.parametrize("letters", [230, 236, 240])
def test_a_name_that_is_too_long_is_told_before_anything_is_built(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, tmp_path: Path, own_home: Path, letters: int
) -> None:
    child(monkeypatch, copying())
    place = variant_file(replace(card, path=Path("m" * letters + ".onnx")), parse_kind("onnx-fused"), tmp_path / "out")
    if letters == 230:
        assert built(card, place).path == place
        return
    error = refused(card, place)
    assert (type(error), error.what) == (SinkError, "The file name is too long")
    assert nothing_left(own_home, place)


def test_the_model_is_not_replaced(card: ModelCard) -> None:
    assert "would replace the model" in refused(card, card.path).what


@pytest.mark.parametrize(
    ("changes", "name", "what"),
    [
        ({"stored_precision": Precision.INT8}, "openvino-int8", "quantised already"),
        ({"stored_precision": Precision.INT8}, "onnx-int8", "quantised already"),
        ({"stored_precision": Precision.INT8}, "onnx-fp16", "quantised already"),
        ({"stored_precision": Precision.INT8}, "pruned-50", "quantised already"),
        ({"stored_precision": Precision.FP16}, "onnx-fp16", "half precision already"),
        ({"file_format": "openvino_ir"}, "onnx-fused", "cannot be turned back"),
        ({}, "openvino-int8", "without frames"),
    ],
)
def test_what_cannot_be_built_is_refused_at_once(
    card: ModelCard, output: Path, changes: dict[str, Any], name: str, what: str
) -> None:
    assert what in refused(replace(card, **changes), output, name).what
    assert not output.parent.exists()


def test_both_files_of_an_ir_are_removed(tmp_path: Path) -> None:
    for suffix in (".xml", ".bin"):
        (tmp_path / f"a{suffix}").write_bytes(b"1")
    remove(tmp_path / "a.xml")
    assert not list(tmp_path.glob("a.*"))


def test_work_folders_of_programs_that_died_are_removed(own_home: Path) -> None:
    home = own_home / "cache" / "optimise"
    dead, alive = home / "999999999-abc", home / f"{os.getppid()}-abc"
    for folder in (dead, alive):
        folder.mkdir(parents=True)
    with work_folder() as mine:
        assert sorted(path.name for path in home.iterdir()) == sorted([alive.name, mine.name])
    assert [path.name for path in home.iterdir()] == [alive.name]


@pytest.mark.parametrize(("name", "suffix"), [("onnx-int8", ".onnx"), ("openvino-int8", ".xml"), ("pruned-5", ".onnx")])
def test_files_are_called_after_model_and_variant(card: ModelCard, tmp_path: Path, name: str, suffix: str) -> None:
    assert variant_file(card, parse_kind(name), tmp_path) == tmp_path / f"model-{name}{suffix}"
