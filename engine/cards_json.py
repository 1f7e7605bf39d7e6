"""Cards and execution reports as JSON documents. The keys are described in docs/json.md and are stable."""

from __future__ import annotations

from typing import Any

from engine.cards import ExecutionReport, ExtraInput, InputSpec, ModelCard, TensorSpec

_MOST_VALUES = 16
"""Longer fillings of an extra input (masks) are told by their rule alone."""


def card_json(card: ModelCard) -> dict[str, Any]:
    """A model card: what the model is, and why the program thinks so."""
    return {
        "path": str(card.path),
        "sha256": card.sha256,
        "model_bytes": card.model_bytes,
        "file_format": card.file_format,
        "opset": card.opset,
        "task": card.task.value,
        "family": card.family,
        "family_title": card.family_title,
        "confidence": card.confidence,
        "evidence": list(card.evidence),
        "questions": list(card.questions),
        "warnings": list(card.warnings),
        "corrected": card.corrected,
        "stored_precision": card.stored_precision.value,
        "inputs": [_tensor_json(tensor) for tensor in card.inputs],
        "outputs": [_tensor_json(tensor) for tensor in card.outputs],
        "input": input_json(card.input),
        "roles": dict(card.roles),
        "options": {key: list(value) if isinstance(value, tuple) else value for key, value in card.options.items()},
        "classes": list(card.class_names),
        "class_names_from": card.class_names_from,
        "keypoint_names": list(card.keypoint_names),
        "skeleton": [list(pair) for pair in card.skeleton],
        "metadata": dict(card.metadata),
    }


def _tensor_json(tensor: TensorSpec) -> dict[str, Any]:
    return {"name": tensor.name, "shape": list(tensor.shape), "dtype": tensor.dtype}


def input_json(spec: InputSpec) -> dict[str, Any]:
    """How pixels become the input tensor."""
    return {
        "name": spec.name,
        "width_px": spec.width,
        "height_px": spec.height,
        "batch": spec.batch,
        "free_axes": list(spec.free_axes),
        "size_multiple": spec.size_multiple,
        "fit": spec.fit.value,
        "pad_bgr": list(spec.pad_bgr),
        "colour_order": spec.colour_order.value,
        "layout": spec.layout.value,
        "dtype": spec.dtype,
        "mean": list(spec.mean),
        "scale": list(spec.scale),
        "extra_inputs": [_extra_json(extra) for extra in spec.extra_inputs],
    }


def _extra_json(extra: ExtraInput) -> dict[str, Any]:
    values = list(extra.values) if len(extra.values) <= _MOST_VALUES else None
    return {
        "name": extra.name,
        "rule": extra.rule,
        "shape": list(extra.shape),
        "dtype": extra.dtype,
        "values": values,
    }


def execution_json(report: ExecutionReport) -> dict[str, Any]:
    """What really runs, as read back from the runtime."""
    return {
        "badge": report.badge,
        "backend": report.backend,
        "backend_title": report.backend_title,
        "backend_version": report.backend_version,
        "device_requested": report.device_requested,
        "devices": list(report.devices),
        "device_title": report.device_title,
        "precision_requested": report.precision_requested.value,
        "precision": report.precision_title,
        "precision_shares": {p.value: round(share, 6) for p, share in report.precision_shares.items()},
        "placement": dict(report.placement),
        "profile": report.profile.value,
        "lanes": report.lanes,
        "threads": report.threads,
        "compile_s": round(report.compile_s, 3),
        "from_cache": report.from_cache,
        "fallbacks": [{"wanted": f.wanted, "got": f.got, "reason": f.reason, "cure": f.cure} for f in report.fallbacks],
        "warnings": list(report.warnings),
    }
