"""Model cards for tests, made without identifying anything."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.cards import ColourOrder, Fit, InputSpec, ModelCard, Precision, Task, TensorSpec


def make_card(path: Path, **changes: Any) -> ModelCard:
    """A card for this file (which need not exist): a detector of the layout YOLOv8, 64x64, two classes.

    ``changes`` are fields of ``ModelCard``; pass ``input=InputSpec(..)`` for another input.
    """
    files = [file for file in (path, path.with_suffix(".bin")) if file.is_file()]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    card = ModelCard(
        path=path,
        sha256=digest.hexdigest(),
        model_bytes=sum(file.stat().st_size for file in files),
        file_format="openvino_ir" if path.suffix == ".xml" else "onnx",
        task=Task.DETECT,
        family="yolov8",
        family_title="YOLOv8",
        roles={"output": "output0"},
        options={"classes": 2, "transposed": False},
        input=InputSpec(name="images", height=64, width=64, scale=(255.0, 255.0, 255.0)),
        inputs=(TensorSpec("images", (1, 3, 64, 64), "float32"),),
        outputs=(TensorSpec("output0", (1, 6, 84), "float32"),),
        class_names=("cat", "dog"),
        class_names_from="metadata",
        confidence=1.0,
        evidence=("made for a test",),
        stored_precision=Precision.FP32,
        opset=17,
    )
    return replace(card, **changes)


def yolox_nano_card(shared_data: Path) -> ModelCard:
    """The card of ``models/yolox_nano.onnx`` of the real data."""
    return make_card(
        shared_data / "models" / "yolox_nano.onnx",
        family="yolox",
        family_title="YOLOX",
        roles={"output": "output"},
        options={"classes": 80, "raw": True, "strides": (8, 16, 32)},
        input=InputSpec(name="images", height=416, width=416, fit=Fit.LETTERBOX_TOP_LEFT, colour_order=ColourOrder.BGR),
        inputs=(TensorSpec("images", (1, 3, 416, 416), "float32"),),
        outputs=(TensorSpec("output", (1, 3549, 85), "float32"),),
        class_names=tuple(str(number) for number in range(80)),
        class_names_from="numbers",
        opset=11,
    )
