"""What ONNX Runtime can run on here: its execution providers, those of plug-in libraries, and what is missing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import onnxruntime as ort

from engine.backends.backend import DeviceInfo, PrecisionInfo
from engine.backends.compiled_cache import CompiledCache, key_of
from engine.backends.onnx_session import (
    CPU_PROVIDER,
    ERRORS,
    Place,
    measure_shares,
    read_placement,
    session_options,
    short_name,
    start_session,
    zeros,
)
from engine.backends.precision import Shares, is_had, titles
from engine.backends.processor import processor_name
from engine.cards import Precision

PLUGINS_VARIABLE = "INFEROSCOPE_ORT_PLUGINS"
"""Paths of plug-in provider libraries, separated like those of PATH."""

_REMOTE = "AzureExecutionProvider"
_PROBED = (Precision.FP32, Precision.BF16, Precision.FP16, Precision.INT8)


@dataclass(frozen=True, slots=True)
class BrokenPlugin:
    """A plug-in library that could not be loaded."""

    path: str
    reason: str


def present_places() -> tuple[Place, ...]:
    """Every place that the runtime offers, the CPU first; whether it works is another matter."""
    load_plugins(os.environ.get(PLUGINS_VARIABLE, ""))
    by_provider: dict[str, list[Any]] = {}
    for device in ort.get_ep_devices():
        by_provider.setdefault(device.ep_name, []).append(device)
    for provider in ort.get_available_providers():
        if provider != _REMOTE:
            by_provider.setdefault(provider, [])
    places = (place for provider, devices in by_provider.items() for place in _places(provider, devices))
    return tuple(sorted(places, key=lambda place: place.provider != CPU_PROVIDER))


@cache
def load_plugins(paths: str) -> tuple[BrokenPlugin, ...]:
    """Register plug-in libraries, once a process; those that could not be loaded."""
    broken = []
    for path in filter(None, paths.split(os.pathsep)):
        try:
            ort.register_execution_provider_library(Path(path).stem, path)
        except ERRORS as error:
            broken.append(BrokenPlugin(path, str(error).rpartition(" : ")[2]))
    return tuple(broken)


def survey() -> tuple[DeviceInfo, ...]:
    """All places, usable ones first, with what really runs on them, and everything the runtime knows of beside."""
    infos = [_info(place) for place in present_places()]
    infos += absent_devices()
    return tuple(sorted(infos, key=lambda info: not info.usable))


def absent_devices() -> list[DeviceInfo]:
    """Plug-ins that do not load, and providers that the installed package was built without."""
    broken = load_plugins(os.environ.get(PLUGINS_VARIABLE, ""))
    infos = [_unusable(Path(plugin.path).stem, plugin.reason, f"Correct {PLUGINS_VARIABLE}") for plugin in broken]
    there = {place.provider for place in present_places()}
    for provider in ort.get_all_providers():
        if provider == _REMOTE:
            infos.append(_unusable("Azure", "It sends data to a remote service", "Choose a device of this computer"))
        elif provider not in there:
            name = short_name(provider)
            cure = f"Install a package of ONNX Runtime with {name}, or name its plug-in library in {PLUGINS_VARIABLE}"
            infos.append(_unusable(name, f"The installed ONNX Runtime was built without {name}", cure))
    return infos


def _unusable(name: str, reason: str, cure: str) -> DeviceInfo:
    return DeviceInfo(name, name, usable=False, reason=reason, cure=cure)


def _places(provider: str, devices: list[Any]) -> Iterator[Place]:
    name = short_name(provider)
    if provider == CPU_PROVIDER:
        yield Place(name, processor_name(), provider)
    elif not devices:
        yield Place(name, name, provider)
    for number, device in enumerate(devices if provider != CPU_PROVIDER else ()):
        numbered = name if len(devices) == 1 else f"{name}.{number}"
        yield Place(numbered, _title(device.device), provider, (device,))


def _title(device: Any) -> str:
    described = dict(device.metadata).get("Description")
    return str(described or f"{device.vendor} {device.type.name}")


def _info(place: Place) -> DeviceInfo:
    answers = _probes(place)
    if "refused" in answers[Precision.FP32]:
        return _unusable(
            place.name,
            f"The provider is there but does not work: {answers[Precision.FP32]['refused']}",
            "Install the libraries and the driver that it needs",
        )
    precisions = tuple(_answer(place, Precision(name), answer) for name, answer in answers.items())
    return DeviceInfo(place.name, place.title, usable=True, precisions=precisions)


def _answer(place: Place, wanted: Precision, answer: dict[str, Any]) -> PrecisionInfo:
    shares: Shares = answer.get("shares", {})
    if "refused" not in answer and is_had(wanted, shares):
        return PrecisionInfo(wanted, usable=True)
    if "refused" in answer:
        reason = f"ONNX Runtime's {place.name} has no convolution in {wanted.upper()}"
    else:
        reason = f"ONNX Runtime's {place.name} computes {wanted.upper()} files in {titles(shares)}"
    return PrecisionInfo(wanted, usable=False, reason=reason, cure="Ask for fp32, or choose another backend")


def _probes(place: Place) -> dict[str, dict[str, Any]]:
    """What each tiny network ran in, remembered for this version of the runtime and this place."""
    cache_, key = CompiledCache(), key_of("precisions", "onnxruntime", ort.__version__, place.provider, place.title)
    known = cache_.read(key)
    if known is not None:
        return dict(known.facts)
    answers = {precision.value: _probe(place, precision) for precision in _PROBED}
    if "refused" not in answers[Precision.FP32]:  # what does not work may be repaired
        cache_.write(key, b"", answers)
    return answers


def _probe(place: Place, precision: Precision) -> dict[str, Any]:
    from engine.backends.onnx_probe import INPUT, SHAPE, TYPES, network

    model = network(precision)
    try:
        session = start_session(model, place, session_options(threads=1))
        if short_name(place.provider) not in read_placement(session):
            return {"refused": "it takes no node of a network"}
        feeds = {INPUT: zeros(SHAPE, TYPES[precision])}
        return {"shares": measure_shares(model, place, feeds, lambda _options: None)}
    except ERRORS as error:
        return {"refused": str(error).rpartition(" : ")[2]}
