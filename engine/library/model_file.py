"""Opens a model file: what it is by its contents, its hash, its size. Strangers write these files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from engine.errors import ModelError
from engine.library.bundled import model_file
from engine.library.graph import Graph

LARGEST_ONNX = 2**31 - 1
"""Bytes; the limit of the format itself."""


_EXPECTED = "an .onnx file, or the .xml of an OpenVINO IR"

_FOREIGN = {
    ".pt": "Export it where it was trained, with torch.onnx.export(...) or, for YOLO, yolo export format=onnx",
    ".pth": "Export it where it was trained, with torch.onnx.export(...)",
    ".ckpt": "Export it where it was trained, with torch.onnx.export(...)",
    ".engine": "A TensorRT engine runs on one GPU only: load the ONNX file that it was built from",
    ".plan": "A TensorRT engine runs on one GPU only: load the ONNX file that it was built from",
    ".trt": "A TensorRT engine runs on one GPU only: load the ONNX file that it was built from",
    ".tflite": "Convert it with python -m tf2onnx.convert --tflite MODEL --output model.onnx",
    ".pb": "Convert it with python -m tf2onnx.convert --graphdef MODEL --output model.onnx",
    ".h5": "Convert it with python -m tf2onnx.convert --keras MODEL --output model.onnx",
    ".keras": "Convert it with model.export('model.onnx', format='onnx') in Keras",
    ".safetensors": "It holds weights without a graph: export the model with optimum-cli export onnx",
    ".gguf": "It holds a language model",
    ".mlmodel": "Load the ONNX file that it was converted from",
    ".mlpackage": "Load the ONNX file that it was converted from",
    ".caffemodel": "Convert it to an OpenVINO IR or to ONNX",
    ".weights": "Convert the Darknet weights to ONNX first",
    ".param": "Load the ONNX file that the ncnn model was converted from",
    ".pdmodel": "Convert it with paddle2onnx",
    ".bin": "Choose the .xml file beside it",
    ".zip": "Unpack it and choose the model inside",
}


_OTHER_STARTS = (
    (0, b"version https://git-lfs", "a Git LFS pointer", "Fetch the model itself with git lfs pull"),
    (0, b"<html", "a web page", "Download the model again"),
    (0, b"PK\x03\x04", "a zip archive or a PyTorch file", _FOREIGN[".pt"]),
    (0, b"\x80\x02", "a Python pickle", _FOREIGN[".pth"]),
    (0, b"\x89HDF", "a Keras file", _FOREIGN[".h5"]),
    (0, b"GGUF", "a GGUF file", _FOREIGN[".gguf"]),
    (0, b"ftrt", "a TensorRT engine", _FOREIGN[".engine"]),
    (4, b"TFL3", "a TensorFlow Lite file", _FOREIGN[".tflite"]),
    (4, b"ORTM", "a model in ONNX Runtime's own format", "Load the .onnx file that it was made from"),
)
"""Position, first bytes, what it is, what to do: for files that are called .onnx or .xml and are not."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model as read from disk."""

    path: Path
    sha256: str
    model_bytes: int
    graph: Graph
    weight_files: tuple[Path, ...] = ()


def read_model_file(path: Path) -> ModelFile:
    """Read a model's graph, hash and size.

    Args:
        path: The file, or the name of one that comes with the program (``bundled.inside_models``).

    Raises:
        ModelError: The file is missing, is no model, is damaged, or is of a kind that is not read.
    """
    path = model_file(path)
    try:
        _check_path(path)
        return _read_ir(path) if path.suffix.lower() == ".xml" else _read_onnx(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        subject = str(error.filename or path)
        raise ModelError(f"The file cannot be read ({reason})", subject=subject, remedy="Check its rights") from error


def _check_path(path: Path) -> None:
    suffix = path.suffix.lower()
    if not _has_plain_name(path):
        raise ModelError(
            "The file name has letters that cannot be passed on to a runtime",
            subject=str(path),
            expected="a name in UTF-8",
            remedy="Rename the file or its folder",
        )
    if not path.exists():
        raise ModelError("There is no such file", subject=str(path), expected=_EXPECTED, remedy="Check the path")
    if path.is_dir():
        raise ModelError("This is a folder", subject=str(path), expected=_EXPECTED, remedy=_inside(path))
    if not path.is_file():
        raise ModelError("This is not a plain file", subject=str(path), expected=_EXPECTED, remedy="Name a model file")
    if suffix in _FOREIGN:
        raise ModelError(
            f"A {suffix} file cannot be run", subject=str(path), expected=_EXPECTED, remedy=_FOREIGN[suffix]
        )
    if path.stat().st_size == 0:
        raise ModelError("The file is empty", subject=str(path), expected=_EXPECTED, remedy="Copy or download it again")


def _has_plain_name(path: Path) -> bool:
    """Whether the name is Unicode; Python keeps other bytes as surrogates, on which runtimes crash."""
    return not any("\ud800" <= letter <= "\udfff" for letter in str(path.absolute()))


def _inside(folder: Path) -> str:
    """What to name instead of a folder: a model in it, where there is one."""
    models = sorted(file.name for file in folder.iterdir() if file.suffix.lower() in (".onnx", ".xml"))
    return f"Name the file inside it, such as {models[0]}" if models else "Name a model file"


def _read_onnx(path: Path) -> ModelFile:
    size = path.stat().st_size
    if size > LARGEST_ONNX:
        raise ModelError(
            "The file is too large for ONNX",
            subject=str(path),
            expected="2 GB at most",
            remedy="Export the model with its weights in a second file",
        )
    data = path.read_bytes()
    _check_start(data[:512], path)
    from engine.library.onnx_file import external_files, parse_onnx, read_onnx

    model = parse_onnx(data, path)
    return _model_file(path, data, external_files(model, path), read_onnx(model, path))


def _read_ir(path: Path) -> ModelFile:
    weights = path.with_suffix(".bin")
    from engine.library.ir_file import read_ir

    data = path.read_bytes()
    _check_start(data[:512], path)
    if not weights.is_file():
        raise ModelError(
            "The OpenVINO model has no weights",
            subject=str(path),
            expected=f"{weights.name} in the same folder",
            remedy="Copy both files of the model",
        )
    graph = read_ir(data, weights)
    return _model_file(path, data, (weights,), graph)


def _model_file(path: Path, data: bytes, others: tuple[Path, ...], graph: Graph) -> ModelFile:
    """Hash and size of a file's contents and of the weight files that belong to it."""
    digest, size = hashlib.sha256(data), len(data)
    for other in others:
        size += other.stat().st_size
        with other.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return ModelFile(path, digest.hexdigest(), size, graph, others)


def _check_start(start: bytes, path: Path) -> None:
    """Refuse what is plainly something else, with its own cure."""
    if start.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
        start = b"<html"
    for position, magic, kind, remedy in _OTHER_STARTS:
        if start[position:].startswith(magic):
            raise ModelError(
                f"This is {kind}, not a model that can be run", subject=str(path), expected=_EXPECTED, remedy=remedy
            )
