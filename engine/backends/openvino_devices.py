"""What OpenVINO can run on here: devices as the runtime names them, precisions as read back from a tiny network."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import numpy as np
import openvino as ov
from openvino import opset13 as operations

from engine.backends.backend import DeviceInfo
from engine.backends.openvino_report import read_graph
from engine.backends.probing import Answer, probe_device
from engine.cards import Precision

TITLE = "OpenVINO"
AUTO = "AUTO"
CPU = "CPU"
HINTS = {Precision.FP32: "f32", Precision.BF16: "bf16", Precision.FP16: "f16"}
"""What OpenVINO calls a compute precision."""

_PLUGIN = re.compile(r"openvino_intel_(\w+?)_plugin")


def full_name(core: ov.Core, device: str) -> str:
    """What the maker calls a device; its short name where it does not answer."""
    try:
        return str(core.get_property(device, "FULL_DEVICE_NAME"))
    except RuntimeError:
        return device


def present_devices(core: ov.Core) -> dict[str, str]:
    """Name -> full name of every device that is there, AUTO last. The GPU's plug-in takes 0.15 s to look."""
    found = {name: full_name(core, name) for name in core.available_devices}
    return {**found, AUTO: f"the best of {', '.join(found)}, chosen by OpenVINO"}


def absent_devices(present: dict[str, str]) -> tuple[DeviceInfo, ...]:
    """Devices that the installed OpenVINO has a plug-in for and that are not there."""
    libraries = Path(ov.__file__).parent / "libs"
    plugins = {found[1].upper() for file in libraries.glob("*") if (found := _PLUGIN.search(file.name))}
    there = {name.partition(".")[0] for name in present}
    return tuple(
        DeviceInfo(
            name,
            f"Intel {name}",
            usable=False,
            reason=f"OpenVINO finds no Intel {name} with a working driver",
            cure=f"Install the driver of the Intel {name}, or choose another device",
        )
        for name in sorted(plugins - there)
    )


def survey(core: ov.Core) -> tuple[DeviceInfo, ...]:
    """All devices, usable ones first, with what really runs on them."""
    present = present_devices(core)
    infos = [
        probe_device(name, title, TITLE, ov.get_version(), partial(_ask, core, name)) for name, title in present.items()
    ]
    return tuple(sorted((*infos, *absent_devices(present)), key=lambda info: not info.usable))


def _ask(core: ov.Core, device: str, precision: Precision) -> Answer:
    """What a convolution runs in when this precision is asked for."""
    hint = HINTS.get(precision, HINTS[Precision.FP32])
    network = _tiny_network(quantised=precision is Precision.INT8)
    try:
        compiled = core.compile_model(network, device, {"INFERENCE_PRECISION_HINT": hint})
    except RuntimeError as error:
        return {"refused": str(error).strip().splitlines()[-1]}
    return {"shares": read_graph(compiled)[0]}


def _tiny_network(*, quantised: bool) -> ov.Model:
    """One 3x3 convolution of 16 channels; quantised ones have their ranges noted by FakeQuantize."""
    picture = operations.parameter([1, 16, 16, 16], np.float32)
    values = np.linspace(-1, 1, 16 * 16 * 9, dtype=np.float32).reshape(16, 16, 3, 3)
    source, kernel = picture, operations.constant(values)
    if quantised:
        source = _quantised(picture, 0.0, 2.55, 256)
        kernel = _quantised(kernel, -1.27, 1.27, 255)
    convolution = operations.convolution(source, kernel, [1, 1], [1, 1], [1, 1], [1, 1])
    return ov.Model([operations.relu(convolution)], [picture], "probe")


def _quantised(node: ov.Node, low: float, high: float, levels: int) -> ov.Node:
    lowest, highest = np.float32(low), np.float32(high)
    return operations.fake_quantize(node, lowest, highest, lowest, highest, levels)
