"""What is known about models and about how they run: data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class Task(StrEnum):
    """What a model answers."""

    DETECT = "detect"
    SEGMENT = "segment"
    POSE = "pose"
    OBB = "obb"
    CLASSIFY = "classify"
    SEMANTIC = "semantic"
    FACE = "face"


class Fit(StrEnum):
    """How a picture is fitted onto the canvas."""

    LETTERBOX_CENTRE = "letterbox_centre"
    LETTERBOX_TOP_LEFT = "letterbox_top_left"
    STRETCH = "stretch"
    CROP = "crop"
    """The shorter side fills the canvas, the longer one is cut at both ends (classifiers)."""


class TensorLayout(StrEnum):
    """Order of the axes of a picture input."""

    NCHW = "NCHW"
    NHWC = "NHWC"


class ColourOrder(StrEnum):
    """Order of the channels that a model expects; the canvas is always BGR."""

    BGR = "bgr"
    RGB = "rgb"
    GREY = "grey"


class Precision(StrEnum):
    """Number format of layers. ``AUTO`` means FP32 for a float model."""

    AUTO = "auto"
    FP32 = "fp32"
    BF16 = "bf16"
    FP16 = "fp16"
    INT8 = "int8"


class Profile(StrEnum):
    """What a compiled model is tuned for."""

    LATENCY = "latency"
    THROUGHPUT = "throughput"


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One input or output of a graph. A free axis is None, or its symbolic name where the file gives one.

    ``dtype`` is the numpy name ("float32", "uint8"), or the format's own name for types numpy lacks ("bfloat16").
    """

    name: str
    shape: tuple[int | str | None, ...]
    dtype: str


@dataclass(frozen=True, slots=True)
class ExtraInput:
    """An input beside the picture, filled once when the model is compiled.

    Sizes of the picture are always those of the canvas, so what comes back is in canvas pixels like everything else.

    Attributes:
        name: Tensor name.
        values: The numbers, row by row.
        shape: Shape that they fill; a leading batch axis is already included.
        dtype: numpy name.
        rule: What the numbers mean ("canvas_wh", "canvas_hw", "unit_scale", "constant"), for the card's reader.
    """

    name: str
    values: tuple[float, ...]
    shape: tuple[int, ...]
    dtype: str
    rule: str


@dataclass(frozen=True, slots=True)
class InputSpec:
    """How pixels become the tensor: ``tensor = (pixel - mean) / scale``, per channel in ``colour_order``.

    Attributes:
        name: Tensor name of the picture input.
        height, width: Canvas size in pixels, settled even where the file leaves it free.
        batch: Pictures a run, settled likewise.
        free_axes: Which of "batch", "height", "width" the file leaves free and a person may change.
        size_multiple: Height and width must be multiples of this where they are free.
        fit: How a picture gets onto the canvas.
        pad_bgr: Border colour, 0 to 255, BGR.
        colour_order: What the model expects.
        layout: What the model expects.
        dtype: numpy name of the tensor's type ("float32", "float16", "uint8").
        mean: Subtracted, in pixel units 0 to 255, in ``colour_order``.
        scale: Divided by afterwards, in the same units (255 makes 0 to 1).
        extra_inputs: Inputs beside the picture.
    """

    name: str
    height: int
    width: int
    batch: int = 1
    free_axes: tuple[str, ...] = ()
    size_multiple: int = 1
    fit: Fit = Fit.LETTERBOX_CENTRE
    pad_bgr: tuple[int, int, int] = (114, 114, 114)
    colour_order: ColourOrder = ColourOrder.RGB
    layout: TensorLayout = TensorLayout.NCHW
    dtype: str = "float32"
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)
    extra_inputs: tuple[ExtraInput, ...] = ()

    @property
    def canvas_shape(self) -> tuple[int, int, int, int]:
        """Shape of the canvas: (batch, height, width, 3)."""
        return (self.batch, self.height, self.width, 3)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What of a decoder's candidates is kept. Belongs to a stream and may change between two frames.

    Attributes:
        confidence: Smallest score kept, 0 to 1.
        iou: Boxes of one class that overlap more than this are one object, 0 to 1.
        max_detections: At most so many objects a picture.
    """

    confidence: float = 0.25
    iou: float = 0.45
    max_detections: int = 300


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Everything the program believes about a model file, and why.

    Attributes:
        path: The file (.onnx, or .xml of an OpenVINO IR).
        sha256: Of the file (of .xml and .bin together for an IR), hexadecimal.
        model_bytes: Size on disk, weights included.
        file_format: "onnx" or "openvino_ir".
        task: What it answers.
        family: Key of ``engine.decoders.table``.
        family_title: The name that people know ("YOLOX", "YOLOv8").
        roles: What the decoder calls a tensor -> name of that output.
        options: Numbers and switches of the decoder (strides, class count, reg_max ..), see ``decoders.table``.
        input: How a picture becomes the input tensor.
        inputs, outputs: The graph's own declaration.
        class_names: One per class; numbers as text where nothing better is known.
        class_names_from: "metadata", "side file NAME", "known set COCO (80)", "numbers".
        confidence: How sure the identification is, 0 to 1.
        evidence: What speaks for it, one sentence each.
        questions: What a person would have to say where it is not sure.
        warnings: What a person should know (class count differs, free axes settled ..).
        stored_precision: Number format of the stored weights.
        keypoint_names: Names of keypoints, empty where there are none or they are unknown.
        skeleton: Pairs of keypoint indices that are joined by a line.
        opset: ONNX opset, 0 for an IR.
        metadata: The file's own key-value metadata (bounded in number and length).
        corrected: True when a person's correction was applied.
        weight_files: Files beside it that hold its weights (.bin of an IR, external data).
    """

    path: Path
    sha256: str
    model_bytes: int
    file_format: str
    task: Task
    family: str
    family_title: str
    roles: Mapping[str, str]
    options: Mapping[str, Any]
    input: InputSpec
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    class_names: tuple[str, ...]
    class_names_from: str
    confidence: float
    evidence: tuple[str, ...]
    questions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    stored_precision: Precision = Precision.FP32
    keypoint_names: tuple[str, ...] = ()
    skeleton: tuple[tuple[int, int], ...] = ()
    opset: int = 0
    metadata: Mapping[str, str] = field(default_factory=dict)
    corrected: bool = False
    weight_files: tuple[Path, ...] = ()

    def class_name(self, class_id: int) -> str:
        """Name of a class, its number as text where there is no name for it."""
        if 0 <= class_id < len(self.class_names):
            return self.class_names[class_id]
        return str(class_id)


@dataclass(frozen=True, slots=True)
class Fallback:
    """Something that was asked for and not had."""

    wanted: str
    got: str
    reason: str
    cure: str


@dataclass(frozen=True, slots=True)
class ExecutionReport:
    """What really runs, read back from the runtime after compiling.

    Attributes:
        backend: Key of ``engine.backends.table``.
        backend_title: "OpenVINO", "ONNX Runtime", "OpenCV DNN".
        backend_version: Version of the runtime.
        device_requested: As asked for ("AUTO").
        devices: Where it really runs ("CPU"); several for a split graph.
        device_title: Full name of the hardware.
        precision_requested: As asked for.
        precision_shares: Number format -> share of multiply-adds computed in it (0 to 1, sums to 1).
        placement: Runtime's unit of placement (device or execution provider) -> number of graph nodes.
        profile: Latency or throughput.
        lanes: Parallel inference requests.
        threads: CPU threads of the runtime in all, 0 where unknown.
        compile_s: Seconds from reading the file to ready.
        from_cache: True when a compiled model was taken from the cache, None where the runtime does not tell.
        fallbacks: What was asked for and not had.
        warnings: Facts a person should know that are no fall-back.
    """

    backend: str
    backend_title: str
    backend_version: str
    device_requested: str
    devices: tuple[str, ...]
    device_title: str
    precision_requested: Precision
    precision_shares: Mapping[Precision, float]
    placement: Mapping[str, int]
    profile: Profile
    lanes: int
    threads: int
    compile_s: float
    from_cache: bool | None = None
    fallbacks: tuple[Fallback, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def precision_title(self) -> str:
        """Number formats in use, integer first: "FP32", "INT8 + FP32"."""
        order = (Precision.INT8, Precision.BF16, Precision.FP16, Precision.FP32)
        used = [p.upper() for p in order if self.precision_shares.get(p, 0.0) > 0.0]
        return " + ".join(used) if used else "unknown"

    @property
    def badge(self) -> str:
        """Runtime, device and precision in use: "OpenVINO · CPU · FP32"."""
        return " · ".join((self.backend_title, "+".join(self.devices), self.precision_title))


@dataclass(frozen=True, slots=True)
class Configuration:
    """One way a model runs. Every result names the configuration that made it."""

    number: int
    card: ModelCard
    report: ExecutionReport
