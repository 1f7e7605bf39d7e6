"""Building while something breaks, with real recipes, children and disks: one sentence, and nothing is left."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import onnx
import psutil
import pytest
from perf.yolo11n_shaped import build as toy

from engine.cards import ModelCard
from engine.errors import CancelledError, InferoscopeError, ModelError, SinkError
from engine.library.identify import identify
from engine.optimise import build as building
from engine.optimise.build import build, variant_file, work_folder
from engine.optimise.calibration import collect
from engine.optimise.job import OptimiseJob
from engine.optimise.plan import Plan, StepState
from engine.optimise.timing import Effort
from engine.optimise.variant import parse_kind

_MB = 1_000_000


START: tuple[str, ...] = ("",)
"""A short task is through its phases before anyone hears of them: as soon as the child is there."""
WORK = ("Reading", "Calibrating")
"""The long phases of those that calibrate."""


class Disturbed:
    """Whoever waits; something happens once: at ``START``, or when they hear of a phase that begins like one of these.

    What a child tells is looked at now and then, so phases must last, or be many, to be heard of for sure.
    """

    def __init__(self, phases: tuple[str, ...] = (), happens: Callable[[], None] = lambda: None) -> None:
        self._phases = phases
        self._happens = happens
        self.phases: list[str] = []

    def progress(self, phase: str, share: float | None = None) -> None:
        self.phases.append(phase)
        if self._phases != START and phase.startswith(self._phases):
            self._disturb()

    def cancelled(self) -> bool:
        if self._phases == START and builders():
            self._disturb()
        return False

    def _disturb(self) -> None:
        self._phases = ()
        self._happens()

    def wait(self, _seconds: float) -> bool:
        return False


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> ModelCard:
    path = tmp_path_factory.mktemp("model") / "toy.onnx"
    onnx.save(toy(size=64, width=0.25), path)
    return identify(path)


@contextmanager
def disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A disk of its own size."""
    folder.mkdir(exist_ok=True)
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}M", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("disks can be mounted by root alone")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Leave no room on a disk."""
    with (folder / "filler").open("wb") as file, suppress(OSError):  # that is what it is for
        while True:
            file.write(bytes(_MB))
            file.flush()


def files(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and path.name != "filler"]


def builders() -> list[psutil.Process]:
    """The child that builds, if one does."""
    return [child for child in psutil.Process().children() if "optimise-child" in " ".join(child.cmdline())]


def kill_builder() -> None:
    """Kill the child that builds."""
    (builder,) = builders()
    builder.kill()


def cancel() -> None:
    raise CancelledError


def built(card: ModelCard, name: str, output: Path, pictures: Path, control: Disturbed) -> InferoscopeError | None:
    """Collect frames and build; what went wrong."""
    with work_folder() as folder:
        try:
            calibration = collect(card, str(pictures), folder, control)
            build(
                card,
                parse_kind(name),
                calibration,
                output=variant_file(card, parse_kind(name), output),
                control=control,
            )
        except InferoscopeError as error:
            return error
    return None


@pytest.mark.skipif(sys.platform != "linux", reason="mounts disks")
@pytest.mark.parametrize("phases", [("Collecting",), WORK, ("Checking",)])
@pytest.mark.parametrize("name", ["onnx-int8", "openvino-int8"])
def test_the_disk_of_the_program_fills_up(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, pictures: Path, tmp_path: Path, phases: tuple[str, ...], name: str
) -> None:
    with disk(tmp_path / "home", 100) as home:
        monkeypatch.setenv("INFEROSCOPE_HOME", str(home))
        control = Disturbed(phases, lambda: fill(home))
        error = built(card, name, tmp_path / "out", pictures, control)

        assert files(home / "cache" / "optimise") == []
        if error is None:
            assert phases == ("Checking",), "what is built already needs no more room there"
            return
        assert isinstance(error, SinkError), control.phases
        assert error.what == "The disk is full"
    assert not (tmp_path / "out").exists() or files(tmp_path / "out") == []


@pytest.mark.skipif(sys.platform != "linux", reason="mounts disks")
@pytest.mark.parametrize("name", ["onnx-fused", "openvino-int8"])
def test_the_disk_for_variants_fills_up(card: ModelCard, pictures: Path, tmp_path: Path, name: str) -> None:
    with disk(tmp_path / "out", 100) as output:
        error = built(card, name, output, pictures, Disturbed(("Moving",), lambda: fill(output)))
        assert isinstance(error, SinkError)
        assert error.what == "The disk is full"
        assert files(output) == []


@pytest.mark.skipif(sys.platform != "linux", reason="mounts disks")
def test_a_folder_that_may_not_be_written(card: ModelCard, pictures: Path, tmp_path: Path) -> None:
    with disk(tmp_path / "out", 100) as output:
        subprocess.run(["mount", "-o", "remount,ro", str(output)], check=True)
        control = Disturbed()
        error = built(card, "onnx-fused", output, pictures, control)
        assert isinstance(error, SinkError)
        assert (error.what, error.remedy) == ("The disk is read-only", "Choose another folder")
        assert not any("Fusing" in phase for phase in control.phases), "told before anything is built"


@pytest.mark.skipif(sys.platform != "linux", reason="mounts disks")
def test_a_folder_of_the_program_that_may_not_be_written(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, pictures: Path, tmp_path: Path
) -> None:
    with disk(tmp_path / "home", 10) as home:
        subprocess.run(["mount", "-o", "remount,ro", str(home)], check=True)
        monkeypatch.setenv("INFEROSCOPE_HOME", str(home))
        with pytest.raises(SinkError, match="The disk is read-only"):
            built(card, "onnx-fused", tmp_path / "out", pictures, Disturbed())


@pytest.mark.parametrize("happens", [kill_builder, cancel])
@pytest.mark.parametrize(("name", "when"), [("onnx-int8", WORK), ("openvino-int8", WORK), ("onnx-fp16", START)])
def test_the_builder_is_killed_or_nobody_wants_it_any_more(
    card: ModelCard,
    pictures: Path,
    tmp_path: Path,
    own_home: Path,
    happens: Callable[[], None],
    name: str,
    when: tuple[str, ...],
) -> None:
    error = built(card, name, tmp_path / "out", pictures, Disturbed(when, happens))

    if happens is kill_builder:
        assert isinstance(error, ModelError)
        assert name in error.what
        assert "SIGKILL" in error.what
    else:
        assert isinstance(error, CancelledError)
    assert files(tmp_path / "out") == []
    assert files(own_home / "cache" / "optimise") == []
    assert builders() == []


def test_what_cannot_be_built_keeps_no_other_from_being_built(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, tmp_path: Path, own_home: Path
) -> None:
    ask = building.ask_child
    killed: list[str] = []

    def once(command: list[str], *rest: object) -> object:
        if not killed:
            killed.append("the first")
            command = [*command[:1], "-c", "import os; os.abort()"]
        return ask(command, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(building, "ask_child", once)
    kinds = (parse_kind("onnx-fp16"), parse_kind("onnx-fused"))
    plan = Plan(card, kinds, tmp_path / "out", "", backends=("onnxruntime",), effort=Effort.within(1.0))
    progress = OptimiseJob(plan).run(Disturbed())

    steps = {step.name: step for step in progress.steps}
    assert steps["onnx-fp16"].state is StepState.REFUSED
    assert "SIGABRT" in str(steps["onnx-fp16"].error)
    assert steps["onnx-fused"].state is StepState.DONE
    assert files(tmp_path / "out") == ["toy-onnx-fused.onnx"]
    assert files(own_home / "cache" / "optimise") == []
