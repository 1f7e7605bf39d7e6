"""The runtimes, by name. Literal, so that it can be searched, is lazy, and works when frozen."""

from __future__ import annotations

from importlib import import_module

from engine.backends.backend import Backend
from engine.errors import NotAvailableError

BACKENDS = {
    "openvino": "engine.backends.openvino_runtime:OpenVinoBackend",
    "onnxruntime": "engine.backends.onnx_runtime:OnnxRuntimeBackend",
    "opencv": "engine.backends.opencv_dnn:OpenCvDnnBackend",
}
"""Name -> "module:Class". The first one is the default."""


def load_backend(name: str) -> Backend:
    """The backend of this name; its runtime is imported now.

    Raises:
        NotAvailableError: There is no such backend, or its package is not installed.
    """
    entry = BACKENDS.get(name)
    if entry is None:
        raise NotAvailableError(
            "There is no such backend",
            subject=name,
            expected="one of " + ", ".join(BACKENDS),
            remedy="Choose one of these",
        )
    module, _, attribute = entry.partition(":")
    try:
        backend: Backend = getattr(import_module(module), attribute)()
    except ImportError as error:
        raise NotAvailableError(
            "The runtime of this backend cannot be loaded",
            subject=name,
            remedy="Install the program again, or choose another backend",
            detail=str(error),
        ) from error
    return backend
