"""Write the trained detector as the ONNX file that the program carries: ``python models/training/export.py``.

Batch norm is folded into the convolutions before, and the metadata is that of the family whose layout the output has.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from dataset import HEIGHT, WIDTH, WORK
from engine.scene import CLASS_NAMES
from network import STRIDES, Convolution, Deployed, Detector
from train import load_average

OPSET = 18
LARGEST_BYTES = 3_000_000
LARGEST_DIFFERENCE = 1e-3
"""Between PyTorch and ONNX Runtime: pixels for boxes, and far more than scores differ by."""

METADATA = {
    "description": "Inferoscope's demo detector: bottles and their defects on a rendered bottling line",
    "author": "Inferoscope",
    "license": "Apache-2.0",
    "version": "1.0",
    "task": "detect",
    "stride": str(max(STRIDES)),
    "batch": "1",
    "imgsz": str([HEIGHT, WIDTH]),
    "channels": "3",
    "names": str(dict(enumerate(CLASS_NAMES))),
}


def fuse(detector: Detector) -> Detector:
    """Fold each batch norm into its convolution, in place; the detector must be ready to predict."""
    for module in detector.modules():
        if isinstance(module, Convolution):
            module[0], module[1] = fuse_conv_bn_eval(module[0], module[1]), nn.Identity()
    return detector


def export(detector: Detector, file: Path) -> None:
    """Write the file and compare it with the network.

    Raises:
        ValueError: The file is too large, or ONNX Runtime gives something else than PyTorch.
    """
    deployed = Deployed(fuse(detector), HEIGHT, WIDTH).eval()
    example = torch.rand(1, 3, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(0))
    torch.onnx.export(
        deployed,
        (example,),
        file,
        input_names=["images"],
        output_names=["output0"],
        opset_version=OPSET,
        dynamo=True,
        optimize=True,
        external_data=False,
        verbose=False,
    )
    _finish(file)
    _check(deployed, example, file)


def _finish(file: Path) -> None:
    """Metadata in; what the exporter noted for its own purposes out."""
    model = onnx.load(file)
    del model.metadata_props[:]
    for key, value in METADATA.items():
        model.metadata_props.add(key=key, value=value)
    model.doc_string = ""
    del model.graph.value_info[:]
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*model.graph.input, *model.graph.output, *model.graph.initializer):
        del value.metadata_props[:]
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, file)


def _check(deployed: Deployed, example: torch.Tensor, file: Path) -> None:
    with torch.no_grad():
        expected = deployed(example).numpy()
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    difference = float(np.abs(session.run(None, {"images": example.numpy()})[0] - expected).max())
    size = file.stat().st_size
    print(f"{file}: {size} bytes, at most {difference:.1e} from PyTorch")
    if size > LARGEST_BYTES:
        raise ValueError(f"{file} has {size} bytes, expected at most {LARGEST_BYTES}")
    if difference > LARGEST_DIFFERENCE:
        raise ValueError(f"ONNX Runtime differs by {difference}, expected at most {LARGEST_DIFFERENCE}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write the trained detector as an ONNX file, and check it.")
    parser.add_argument("--checkpoint", type=Path, default=WORK / "runs/demo/checkpoint.pt", help="(%(default)s)")
    parser.add_argument("--output", type=Path, default=Path("models/demo.onnx"), help="(%(default)s)")
    options = parser.parse_args(arguments)
    export(load_average(options.checkpoint), options.output)


if __name__ == "__main__":
    main()
