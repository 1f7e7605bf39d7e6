"""Stores what the demo model finds on sixty frames of the demo scene: the answer that ``inferoscope doctor`` knows.

    python models/training/answers.py [--model models/demo.onnx] [--output models/demo_answers.json]

The reference is ONNX Runtime in FP32 on the CPU. To be run again whenever the model or the scene has changed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.cards import Precision
from engine.doctor.answers import Answers, write_answers
from engine.doctor.demo_run import accuracy, demo_card, run_demo
from engine.doctor.messages import Combination

MODELS = Path(__file__).resolve().parents[1]
REFERENCE = Combination("onnxruntime", "CPU", Precision.FP32, "ONNX Runtime · CPU · FP32")


def store_answers(model: Path, output: Path) -> None:
    """Run the reference, store what it finds, and say how good that is.

    Raises:
        InferoscopeError: The model is not the demo's, or cannot be run.
    """
    card = demo_card(model)
    run = run_demo(card, REFERENCE)
    reference = f"{run.report.backend_title} {run.report.backend_version}, CPU, {run.report.precision_title}"
    write_answers(output, Answers(card.sha256, reference, run.prints, run.found))
    truth = accuracy(run.found, run.truth)
    print(f"{output}: {truth.found} objects on {len(run.found)} frames, {truth.expected} are there")
    print(f"precision {truth.precision or 0.0:.3f}, recall {truth.recall or 0.0:.3f}")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=MODELS / "demo.onnx")
    parser.add_argument("--output", type=Path, default=MODELS / "demo_answers.json")
    arguments = parser.parse_args()
    store_answers(arguments.model, arguments.output)


if __name__ == "__main__":
    main()
