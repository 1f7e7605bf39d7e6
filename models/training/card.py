"""Write the model card of the embedded detector from what was measured: ``python models/training/card.py``.

The words are below; every figure comes from ``evaluate.py`` and from the log of the training run.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dataset import WORK

Figures = dict[str, Any]

WORDS = """\
# The demo model

A small detector that comes with Inferoscope: it finds bottles and their defects on the bottling line that the program
draws (`--source demo`). It shows on any machine, without network, what a live model looks like, and the self-test
(`inferoscope doctor`) holds every backend, device and precision against its stored answer.

| | |
|---|---|
| file | `demo.onnx`, {model_bytes:,} bytes, ONNX opset 18 |
| licence | Apache-2.0, weights and code; trained on drawn frames alone, nothing of others is in it |
| input | `images` float32 (1, 3, 288, 512): RGB, 0 to 1, the picture fitted in whole and centred, border 114 |
| output | `output0` float32 (1, 9, 3024): centre x and y, width, height in pixels of the input, five class scores |
| classes | 0 bottle, 1 missing_cap, 2 skewed_label, 3 low_fill, 4 crack |
| network | 0.71 million parameters, 0.64 billion multiply-adds: CSP backbone, PAN neck, strides 8, 16, 32, ReLU |

**What it is not for**: bottles elsewhere. It has seen nothing but drawn ones, and no figure below says anything about
photographs.

## Accuracy and speed

On {held_out_frames:,} held-out frames ({held_out_boxes:,} boxes), whose scenes and sets of textures training
never saw, by COCO's rules, through the program's own backend and decoder. Speed is `benchmark_app` of OpenVINO for
throughput on the machine that evaluated it (two shared cores with AVX512 and VNNI); INT8 is static, by NNCF.

{table}

INT8 loses {int8_map_lost:.4f} mAP and is {int8_speed_up:.2f} times as fast.

## Training

`models/training/` makes it again: `dataset.py`, `train.py --minutes {minutes:.0f}`, `export.py`, `evaluate.py`,
`answers.py`, `card.py`, in that order; its README tells how. {steps:,} steps of 16 frames took {minutes:.0f} minutes on
two cores that others used, too. Accuracy of the averaged weights on 300 watched frames as training went on:

{curve}
"""


def table(figures: Figures) -> str:
    """Accuracy and speed, a row a figure."""
    fp32, int8 = figures["fp32"], figures["int8"]
    rows = ["| | FP32 | INT8 |", "|---|---|---|"]
    for title, key in (("mAP", "map"), ("AP50", "ap50"), ("AP75", "ap75")):
        rows.append(f"| {title} | {fp32[key]:.3f} | {int8[key]:.3f} |")
    for name in fp32["ap50_by_class"]:
        rows.append(f"| AP50 of {name} | {fp32['ap50_by_class'][name]:.3f} | {int8['ap50_by_class'][name]:.3f} |")
    rows.append(f"| frames a second | {fp32['frames_per_s']:.0f} | {int8['frames_per_s']:.0f} |")
    return "\n".join(rows)


def curve(log: Sequence[Figures]) -> str:
    """Accuracy over time, a row a measurement."""
    rows = ["| minutes | steps | mAP | AP50 |", "|---|---|---|---|"]
    for entry in log:
        if "map" in entry:
            minutes = entry["seconds"] / 60
            rows.append(f"| {minutes:.0f} | {entry['step']:,} | {entry['map']:.3f} | {entry['ap50']:.3f} |")
    return "\n".join(rows)


def card(figures: Figures, log: Sequence[Figures]) -> str:
    """The whole text."""
    last = log[-1]
    return WORDS.format(
        **figures, table=table(figures), curve=curve(log), steps=last["step"], minutes=last["seconds"] / 60
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write the model card of the embedded detector.")
    parser.add_argument("--figures", type=Path, default=WORK / "figures.json", help="of evaluate.py (%(default)s)")
    parser.add_argument("--log", type=Path, default=WORK / "runs/demo/log.jsonl", help="of train.py (%(default)s)")
    parser.add_argument("--output", type=Path, default=Path("models/demo.md"), help="(%(default)s)")
    options = parser.parse_args(arguments)
    figures = json.loads(options.figures.read_text(encoding="utf-8"))
    log = [json.loads(line) for line in options.log.read_text(encoding="utf-8").splitlines()]
    options.output.write_text(card(figures, log), encoding="utf-8")


if __name__ == "__main__":
    main()
