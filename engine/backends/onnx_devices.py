"""What ONNX Runtime can run on here: its execution providers, those of plug-in libraries, and what is missing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from engine.backends.backend import DeviceInfo
from engine.backends.onnx_session import (
    CPU_PROVIDER,
    ERRORS,
    TITLE,
    Place,
    measure_shares,
    read_placement,
    session_options,
    short_name,
    start_session,
)
from engine.backends.probing import Answer, probe_device
from engine.backends.processor import processor_name
from engine.cards import Precision

PLUGINS_VARIABLE = "INFEROSCOPE_ORT_PLUGINS"
"""Paths of plug-in provider libraries, separated like those of PATH."""

_REMOTE = "AzureExecutionProvider"


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
            broken.append(BrokenPlugin(path, _last_part(error)))
    return tuple(broken)


def survey() -> tuple[DeviceInfo, ...]:
    """All places, usable ones first, with what really runs on them, and everything the runtime knows of beside."""
    probes = (
        probe_device(place.name, place.title, TITLE, ort.__version__, partial(_ask, place))
        for place in present_places()
    )
    infos = [*probes, *absent_devices()]
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


def _ask(place: Place, precision: Precision) -> Answer:
    """What a convolution stored in this precision runs in."""
    from engine.backends.onnx_probe import INPUT, SHAPE, TYPES, network

    model = network(precision)
    try:
        session = start_session(model, place, session_options(threads=1))
        if short_name(place.provider) not in read_placement(session):
            return {"refused": "it takes no node of a network"}
        feeds = {INPUT: np.zeros(SHAPE, TYPES[precision])}
        return {"shares": measure_shares(model, place, feeds, lambda _options: None)}
    except ERRORS as error:
        return {"refused": _last_part(error)}


def _last_part(error: Exception) -> str:
    return str(error).strip().rpartition(" : ")[2]
