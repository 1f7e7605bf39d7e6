"""What a person can choose to run a model with: everything is listed, only what can run is selectable."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.backends.backend import DeviceInfo, PrecisionInfo
from engine.cards import ExecutionReport, ModelCard, Precision
from engine.library.bundled import is_inside
from gui.engine_words import as_sentences, translated
from gui.presenters.port import BackendState, ModelState
from gui.presenters.titles import inside_words, model_title
from gui.presenters.workspace import Chosen, ModelChoice, Workspace
from gui.texts import text

_READS_IR = ("openvino",)
"""Backends that read OpenVINO's own format; ONNX is read by all."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a selector.

    Attributes:
        key: Its name in the workspace.
        title: What it is called.
        detail: What it is, or why it cannot be chosen and what would help.
        usable: Whether it can be chosen.
    """

    key: str
    title: str
    detail: str = ""
    usable: bool = True


@dataclass(frozen=True, slots=True)
class Selector:
    """What a selector shows: its lines, and the key of the one that is chosen. Without lines there is no choice."""

    choices: tuple[Choice, ...] = ()
    current: str = ""

    def usable(self, key: str) -> bool:
        """Whether a key can be chosen."""
        return any(choice.key == key and choice.usable for choice in self.choices)


def models(workspace: Workspace, known: Iterable[Path]) -> tuple[Choice, ...]:
    """Those of the workspace and others that are known, each once; the key is the path."""
    paths = dict.fromkeys((*(model.path for model in workspace.models), *known))
    return tuple(Choice(str(path), model_title(path), _model_folder(path)) for path in paths)


def _model_folder(path: Path) -> str:
    return inside_words() if is_inside(path) else str(path.parent)


def backends(states: Sequence[BackendState], model: ModelChoice, card: ModelCard | None) -> Selector:
    """The runtimes; one that is missing or cannot read the model's file is greyed."""
    choices = (_backend(state, card) for state in states)
    return _with_current(tuple(_measured(choice, model) for choice in choices), model.backend)


def _measured(choice: Choice, model: ModelChoice) -> Choice:
    """The line with the reason why it is chosen, where no person chose it."""
    if choice.key != model.backend or model.chosen is not Chosen.MEASURED or not choice.usable:
        return choice
    return replace(choice, detail=text("Selection", "Measured to be the best for this model on this computer."))


def _backend(state: BackendState, card: ModelCard | None) -> Choice:
    if state.error is not None:
        return Choice(state.name, state.title, as_sentences(state.error.what, state.error.remedy), usable=False)
    if card is not None and card.file_format == "openvino_ir" and state.name not in _READS_IR:
        reason = text("Selection", "It does not read OpenVINO models")
        cure = text("Selection", "Choose OpenVINO, or the ONNX file that the model was made from")
        return Choice(state.name, state.title, as_sentences(reason, cure), usable=False)
    if not any(device.usable for device in state.devices):
        return Choice(state.name, state.title, text("Selection", "It finds no device here."), usable=False)
    return Choice(state.name, state.title)


def devices(states: Sequence[BackendState], model: ModelChoice, now: ModelState) -> Selector:
    """The devices of the model's backend, the backend's own choice first."""
    report = now.report
    title = text("Selection", "Automatic")
    if report is not None and report.backend == model.backend and not model.device:
        title = text("Selection", "Automatic ({device})").format(device="+".join(report.devices))
    own = Choice("", title, text("Selection", "What runs everywhere with this backend"))
    return _with_current((own, *(_device(device) for device in _devices_of(states, model.backend))), model.device)


def _device(device: DeviceInfo) -> Choice:
    if device.usable:
        return Choice(device.name, device.name, translated(device.title) if device.title != device.name else "")
    return Choice(device.name, device.name, as_sentences(device.reason, device.cure), usable=False)


def precisions(
    states: Sequence[BackendState], model: ModelChoice, card: ModelCard | None, report: ExecutionReport | None = None
) -> Selector:
    """The precisions of the model's device, ``auto`` first with its meaning: what it came to where it runs."""
    runs = report if report is not None and _is_of(report, model) else None
    automatic = Choice(Precision.AUTO, _automatic(card, runs), text("Selection", "The most exact"))
    known = _precisions_of(_devices_of(states, model.backend), model.device)
    return _with_current((automatic, *(_precision(info, card) for info in known)), model.precision)


def _is_of(report: ExecutionReport, model: ModelChoice) -> bool:
    """Whether a report tells of this choice, not of one that still runs while this one loads."""
    asked = (report.backend, report.device_requested, report.precision_requested)
    return asked == (model.backend, model.device, Precision.AUTO)


def _automatic(card: ModelCard | None, report: ExecutionReport | None) -> str:
    if card is None:
        return text("Selection", "Automatic")
    meant = "INT8 + FP32" if card.stored_precision is Precision.INT8 else "FP32"
    got = report.precision_title if report is not None else meant
    return text("Selection", "Automatic ({precision})").format(precision=got)


def _precision(info: PrecisionInfo, card: ModelCard | None) -> Choice:
    title = info.precision.upper()
    if not info.usable:
        return Choice(info.precision, title, as_sentences(info.reason, info.cure), usable=False)
    if needs_variant(info.precision, card):
        return Choice(
            info.precision, title, text("Selection", "Takes the INT8 variant of the model, or offers to build it.")
        )
    return Choice(info.precision, title)


def needs_variant(precision: Precision, card: ModelCard | None) -> bool:
    """Whether a precision is a matter of another file, which this one would have to be made into."""
    return precision is Precision.INT8 and card is not None and card.stored_precision is not Precision.INT8


def fitting(states: Sequence[BackendState], model: ModelChoice, card: ModelCard | None) -> ModelChoice:
    """The choice without a device or precision that its backend does not have."""
    names = {device.name for device in _devices_of(states, model.backend) if device.usable}
    if model.device not in names:
        model = replace(model, device="")
    if needs_variant(model.precision, card) or not precisions(states, model, card).usable(model.precision):
        model = replace(model, precision=Precision.AUTO)
    return model


def _with_current(choices: tuple[Choice, ...], current: str) -> Selector:
    """What is chosen is always a line, also where the runtimes do not know it (or were not asked yet)."""
    if any(choice.key == current for choice in choices):
        return Selector(choices, current)
    unknown = Choice(current, current.upper(), text("Selection", "It is not known here."), usable=False)
    return Selector((*choices, unknown), current)


def _devices_of(states: Sequence[BackendState], backend: str) -> tuple[DeviceInfo, ...]:
    return next((state.devices for state in states if state.name == backend), ())


def _precisions_of(devices: Sequence[DeviceInfo], name: str) -> tuple[PrecisionInfo, ...]:
    """Of a device; of the first usable one where the backend chooses."""
    fits = (device for device in devices if (device.name == name if name else device.usable))
    return next((device.precisions for device in fits), ())
