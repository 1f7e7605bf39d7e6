"""Mean average precision of a model on a person's labelled pictures, while something else waits for it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from engine.backends.backend import CompileRequest
from engine.cards import ModelCard, Profile
from engine.optimise.candidate import Candidate
from engine.optimise.evaluate import Truth, evaluate, read_truth
from engine.optimise.variant import BuildControl
from engine.pipeline.jobs import Job
from engine.pipeline.lanes import LoadedModel
from engine.pipeline.loading import LoadOptions
from engine.pipeline.session import Session

_LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class Labels:
    """Pictures in a folder, and what is on them."""

    images: Path
    truth: Truth

    @classmethod
    def read(cls, annotations: Path, images: Path) -> Labels:
        """Read COCO labels of pictures.

        Raises:
            ModelError: The labels cannot be read.
            SourceError: Pictures are missing.
        """
        return cls(images, read_truth(annotations, images))

    def accuracy(self, card: ModelCard, control: BuildControl, run: Candidate | None = None) -> float:
        """Mean average precision of a model, 0 to 1.

        Args:
            card: The model. It has just run here, or in a child: no trial comes first.
            control: Told how far it is; can stop it.
            run: How it is run; None for FP32 on the runtime that its file is for.

        Raises:
            InferoscopeError: It does not run, or knows other classes.
            CancelledError: Nobody wants it any more.
        """
        backend = "openvino" if card.file_format == "openvino_ir" else "onnxruntime"
        run = run or Candidate("", card.path, backend)
        request = CompileRequest(card, run.device, run.precision, Profile.LATENCY, lanes=1, cache=False)

        def told(done: int, of: int) -> None:
            control.progress("Comparing with the labels", done / of)

        with closing(Session()) as session:
            model = _loaded(session.load(run.backend, request, LoadOptions(trial=False)), control)
            return evaluate(session, model, self.images, self.truth, interrupted=control.cancelled, progress=told).map


def _loaded(job: Job[LoadedModel], control: BuildControl) -> LoadedModel:
    while not job.wait(_LOOK_S):
        if control.cancelled():
            job.cancel()
    return job.result()
