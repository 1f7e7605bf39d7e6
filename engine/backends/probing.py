"""Which precisions a device really has: networks of one convolution are run there and read back.

An answer is ``{"shares": number format -> share of multiply-adds}`` or ``{"refused": native reason}``; plain data, so
that it can be remembered on disk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.backends.backend import DeviceInfo, PrecisionInfo
from engine.backends.compiled_cache import CompiledCache, key_of
from engine.backends.precision import is_had, titles
from engine.cards import Precision

Answer = Mapping[str, Any]
PROBED = (Precision.FP32, Precision.BF16, Precision.FP16, Precision.INT8)


def probe_device(name: str, title: str, runtime: str, version: str, ask: Callable[[Precision], Answer]) -> DeviceInfo:
    """A device with the precisions that it has; unusable where it runs none of them.

    Args:
        name: Name of the device.
        title: Its full name.
        runtime: What people call the runtime.
        version: Version of the runtime; answers are remembered for it and this device.
        ask: Runs the network of one precision there.
    """
    answers = _answers(key_of("precisions", runtime, version, name, title), ask)
    if all("refused" in answer for answer in answers.values()):
        return DeviceInfo(
            name,
            title,
            usable=False,
            reason=f"{runtime} lists it, but it runs nothing: {answers[Precision.FP32]['refused']}",
            cure="Install the libraries and the driver that it needs",
        )
    place = f"{runtime}'s {name}"
    precisions = tuple(_told(place, precision, answers[precision]) for precision in PROBED)
    return DeviceInfo(name, title, usable=True, precisions=precisions)


def _answers(key: str, ask: Callable[[Precision], Answer]) -> Mapping[str, Answer]:
    cache = CompiledCache()
    known = cache.read(key)
    if known is not None:
        return known.facts
    answers = {precision.value: ask(precision) for precision in PROBED}
    if any("shares" in answer for answer in answers.values()):  # what runs nothing may be repaired
        cache.write(key, b"", answers)
    return answers


def _told(place: str, wanted: Precision, answer: Answer) -> PrecisionInfo:
    if "refused" in answer:
        reason, cure = f"{place} refuses it", "Choose another precision or device"
    elif is_had(wanted, answer["shares"]):
        return PrecisionInfo(wanted, usable=True)
    else:
        got = titles(answer["shares"])
        reason, cure = f"{place} computes in {got} when asked for {wanted.upper()}", f"Ask for {got.lower()}"
    return PrecisionInfo(wanted, usable=False, reason=reason, cure=f"{cure}, or choose another backend")
