"""``inferoscope backends``: runtimes, devices and precisions, with reason and cure for each that cannot be used."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from engine.backends.backend import DeviceInfo, PrecisionInfo
from engine.backends.table import BACKENDS, load_backend
from engine.errors import InferoscopeError

_MANY = 4


@dataclass(frozen=True, slots=True)
class BackendInfo:
    """What one runtime offers here.

    Attributes:
        name: What ``--backend`` takes.
        title: What people call it.
        version: Version of the installed runtime, "" where it cannot be loaded.
        usable: False where it cannot be loaded or has no usable device.
        reason: Why it is not usable, one sentence.
        cure: What to do about it, one sentence.
        devices: Usable things first.
    """

    name: str
    title: str
    version: str
    usable: bool
    reason: str = ""
    cure: str = ""
    devices: tuple[DeviceInfo, ...] = ()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    parser.add_argument("--json", action="store_true", help="print one JSON document (docs/json.md)")


def run(arguments: argparse.Namespace) -> int:
    """Print every backend; 0 even where some cannot be used, since telling so is the purpose."""
    backends = [_survey(name) for name in BACKENDS]
    if arguments.json:
        print(json.dumps({"backends": [asdict(backend) for backend in backends]}, indent=2))
    else:
        print("\n".join(line for backend in backends for line in _lines(backend)))
    return 0


def _survey(name: str) -> BackendInfo:
    try:
        backend = load_backend(name)
        devices = backend.devices()
    except InferoscopeError as error:
        return BackendInfo(name, name, "", usable=False, reason=error.what, cure=error.remedy)
    usable = any(device.usable for device in devices)
    reason = "" if usable else "No device can be used"
    return BackendInfo(name, backend.title, backend.version, usable, reason, devices=devices)


def _lines(backend: BackendInfo) -> Iterator[str]:
    """A backend as a person reads it: a heading, a line a device, below it what is missing and why."""
    yield f"{backend.title} {backend.version}".rstrip() + f"  (--backend {backend.name})"
    if not backend.usable:
        yield f"  cannot be used: {_sentences(backend)}"
    width = max((len(device.name) for device in backend.devices), default=0)
    alike = _alike(backend.devices)
    for device in backend.devices:
        if device in alike:
            continue
        first, *further = _device_lines(device)
        yield f"  {device.name:<{width}}  {first}"
        yield from (f"  {'':<{width}}  {line}" for line in further)
    if alike:
        yield f"  not here: {', '.join(device.name for device in alike)} (--json tells of each)"
        yield f"  as for {alike[0].name}: {_sentences(alike[0])}"


def _alike(devices: Sequence[DeviceInfo]) -> list[DeviceInfo]:
    """The devices that lack what many others lack, told in one line."""
    missing = [device for device in devices if not device.usable]
    shapes = Counter(_without_name(device) for device in missing)
    return [device for device in missing if shapes[_without_name(device)] >= _MANY]


def _without_name(device: DeviceInfo) -> str:
    return _sentences(device).replace(device.name, "..")


def _device_lines(device: DeviceInfo) -> Iterator[str]:
    if not device.usable:
        yield f"cannot be used: {_sentences(device)}"
        return
    yield device.title
    yield "precisions: " + " ".join(info.precision.value for info in device.precisions if info.usable)
    for info in device.precisions:
        if not info.usable:
            yield f"not {info.precision.value}: {_sentences(info)}"


def _sentences(item: BackendInfo | DeviceInfo | PrecisionInfo) -> str:
    """Reason and cure as sentences, each with one full stop."""
    return " ".join(f"{text.rstrip('.')}." for text in (item.reason, item.cure) if text)
