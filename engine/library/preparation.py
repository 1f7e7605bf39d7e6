"""What files say about how pictures are prepared: a section of the model, a configuration beside it.

Keys: open-edge-platform/model_api, ``model_info`` (mean_values, scale_values, reverse_input_channels, resize_type,
pad_value); transformers, ``preprocessor_config.json`` (do_rescale, do_normalize, image_mean, image_std, size).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.cards import ColourOrder, Fit
from engine.library.candidate import NO_MEAN, RAW, UNIT, Convention, Triple

_MODEL_INFO = "model_info "

_FITS = {
    "standard": Fit.STRETCH,
    "fit_to_window": Fit.LETTERBOX_TOP_LEFT,
    "fit_to_window_letterbox": Fit.LETTERBOX_CENTRE,
    "crop": Fit.CROP,
}


def from_model_info(convention: Convention, metadata: Mapping[str, str]) -> Convention:
    """The convention with what model_api wrote into the model; itself where it wrote nothing."""
    info = {key.removeprefix(_MODEL_INFO): value for key, value in metadata.items() if key.startswith(_MODEL_INFO)}
    mean, scale = _triple(info.get("mean_values", "").split()), _triple(info.get("scale_values", "").split())
    if mean or scale:
        convention = replace(convention, mean=mean or NO_MEAN, scale=scale or RAW)
    reverse = info.get("reverse_input_channels", "").lower()
    if reverse in ("true", "yes", "false", "no"):
        order = ColourOrder.RGB if reverse in ("true", "yes") else ColourOrder.BGR
        convention = replace(convention, colour_order=order)
    if info.get("resize_type") in _FITS:
        convention = replace(convention, fit=_FITS[info["resize_type"]])
    pad = info.get("pad_value", "")
    if pad.isdecimal() and int(pad) <= 255:
        convention = replace(convention, pad_bgr=(int(pad),) * 3)
    return convention


def labels_from_model_info(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """Class names that model_api wrote: divided by spaces, spaces inside as underscores."""
    return tuple(label.replace("_", " ") for label in metadata.get(f"{_MODEL_INFO}labels", "").split())


def from_processor(convention: Convention, processor: Mapping[str, Any]) -> Convention:
    """The convention with a transformers processor's configuration; itself where that says nothing."""
    if not processor:
        return convention
    unit = UNIT if processor.get("do_rescale", True) else RAW
    mean, scale = _triple(processor.get("image_mean")), _triple(processor.get("image_std"))
    if processor.get("do_normalize") and mean and scale:
        convention = replace(convention, mean=_times(mean, unit[0]), scale=_times(scale, unit[0]))
    else:
        convention = replace(convention, mean=NO_MEAN, scale=unit)
    size = processor.get("size")
    height = size.get("height") if isinstance(size, dict) else None
    return replace(convention, size=height) if isinstance(height, int) and 16 <= height <= 8192 else convention


def _times(numbers: Triple, factor: float) -> Triple:
    first, second, third = (round(number * factor, 4) for number in numbers)
    return (first, second, third)


def _triple(values: Any) -> Triple | None:
    """Three numbers from one or three, None where there are others."""
    if not isinstance(values, (list, tuple)) or len(values) not in (1, 3):
        return None
    try:
        numbers = [float(value) for value in values]
    except (TypeError, ValueError):
        return None
    first, second, third = numbers * 3 if len(numbers) == 1 else numbers
    return (first, second, third)
