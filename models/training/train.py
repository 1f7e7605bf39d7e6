"""Train the embedded detector: ``python models/training/train.py``. Broken off, it goes on where it was.

The learning rate warms up and then falls along a half cosine over the whole budget, given in steps or in minutes of
training. What is kept is a moving average of the weights, which is also what is measured on the way.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import os
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import BrokenBarrierError
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.multiprocessing import get_context

from accuracy import Figures, detections_of, measure
from dataset import HEIGHT, SPLITS, WATCH, WIDTH, WORK, Image, RenderedFrames
from engine.results import Detections
from engine.scene import CLASS_NAMES
from feeding import Batch, Draws, VariedFrames, as_input, batches, leave_signals
from loss import DetectionLoss, Losses
from network import Deployed, Detector, Layout, cell_centres
from together import Together, places

AVERAGE_DECAY = 0.9995
"""Of the moving average of the weights, once it has run for a while."""

CALM_SHARE = 0.12
"""The last part of training, in which frames are varied little."""

WARM_UP_STEPS = 300
LEAST_RATE_SHARE = 0.02
MOST_GRADIENT = 10.0
SAVE_S, LOG_STEPS = 120.0, 50


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says."""

    folder: Path
    run: str
    frames: str
    limit: int | None
    steps: int | None
    minutes: float | None
    batch: int
    rate: float
    decay: float
    seed: int
    processes: int
    workers: int
    bf16: bool
    device: str
    measure_minutes: float
    fresh: bool


class MovingAverage:
    """Weights averaged over the steps, the last ones counting most (Polyak and Juditsky, 1992)."""

    def __init__(self, network: Detector) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)

    @torch.no_grad()
    def update(self, network: Detector, step: int) -> None:
        """Move towards the network's weights of this step: quickly in the beginning."""
        decay = min(AVERAGE_DECAY, (1 + step) / (20 + step))
        mine, theirs = self.network.state_dict(), network.state_dict()
        names = [name for name, value in mine.items() if value.is_floating_point()]
        torch._foreach_lerp_([mine[name] for name in names], [theirs[name] for name in names], 1 - decay)


class Training:
    """State of a training run, and the loop."""

    def __init__(self, options: Options, together: Together) -> None:
        self._options, self._together = options, together
        self._device = torch.device(options.device)
        self._folder = options.folder / "runs" / options.run
        self._folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(options.seed)
        self._network = Detector(len(CLASS_NAMES)).to(self._device, memory_format=torch.channels_last).train()
        self._average = MovingAverage(self._network)
        self._optimiser = torch.optim.AdamW(_groups(self._network, options.decay), lr=options.rate)
        centres, strides = (tensor.to(self._device) for tensor in cell_centres(HEIGHT, WIDTH))
        self._loss = DetectionLoss(centres, strides)
        self._step, self._seconds = 0, 0.0
        if not options.fresh and self.checkpoint.exists():
            self._restore()

    @property
    def checkpoint(self) -> Path:
        """File of the newest state."""
        return self._folder / "checkpoint.pt"

    @property
    def share(self) -> float:
        """How much of the budget is used, 0 to 1."""
        if self._options.steps is not None:
            return min(1.0, self._step / self._options.steps)
        assert self._options.minutes is not None
        return min(1.0, self._seconds / 60 / self._options.minutes)

    def run(self) -> None:
        """Train until the budget is used up or Ctrl+C; the state is saved in both cases."""
        frames = RenderedFrames(SPLITS[self._options.frames], self._options.folder, self._options.limit)
        watched = RenderedFrames(WATCH, self._options.folder)
        seed, part = self._options.seed, slice(self._together.rank, None, self._together.count)
        draws = Draws(len(frames), self._options.batch, seed, self._step, part, lambda: self.share > 1 - CALM_SHARE)
        try:
            self._train(batches(VariedFrames(frames, seed), draws, self._options.workers), watched)
        finally:
            self._together.leave()
            if self._together.leads:
                self._save()

    def _train(self, feed: Iterator[Batch], watched: RenderedFrames) -> None:
        pending: list[Losses] = []
        before = saved = measured = time.monotonic()
        while self.share < 1:
            pending.append(self._learn(next(feed), before))
            now = before = time.monotonic()
            if not self._together.leads:
                continue
            if self._step % LOG_STEPS == 0:
                self._log_losses(pending)
                pending.clear()
            if now - saved > SAVE_S:
                self._save()
                saved = now
            if now - measured > self._options.measure_minutes * 60:
                self._log_figures(watched)
                before = measured = time.monotonic()  # Measuring is not training.
        if self._together.leads:
            self._log_figures(watched)

    def _learn(self, batch: Batch, before: float) -> Losses:
        """One step on one batch; what passed since ``before`` counts as training."""
        rate = self._options.rate * self._rate_share()
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        pictures = as_input(batch.pictures.to(self._device, non_blocking=True))
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._options.bf16):
            prediction = self._network(pictures)
        losses = self._loss(prediction, batch.truth.to(self._device))
        self._optimiser.zero_grad()
        losses.total.backward()
        seconds = self._seconds + time.monotonic() - before
        self._seconds = self._together.average_gradients(self._network.parameters(), seconds)
        nn.utils.clip_grad_norm_(self._network.parameters(), MOST_GRADIENT)
        self._optimiser.step()
        self._step += 1
        self._average.update(self._network, self._step)
        return Losses(losses.total.detach(), *losses[1:])

    def _rate_share(self) -> float:
        falling = LEAST_RATE_SHARE + (1 - LEAST_RATE_SHARE) * (1 + math.cos(math.pi * self.share)) / 2
        return min(1.0, (self._step + 1) / WARM_UP_STEPS) * falling

    def _log_losses(self, pending: Sequence[Losses]) -> None:
        means = torch.stack([torch.stack(losses) for losses in pending]).mean(0).tolist()
        losses = {name: round(value, 4) for name, value in zip(Losses._fields, means, strict=True)}
        self._log({**losses, "rate": self._options.rate * self._rate_share()})

    def _log_figures(self, watched: RenderedFrames) -> None:
        found = watch(self._average.network, watched, self._device)
        self._log({"map": found.all.map, "ap50": found.all.ap50, "ap50_by_class": found.ap50_by_class})

    def _log(self, entry: dict[str, Any]) -> None:
        """One line in the log and on the console."""
        where = {
            "step": self._step,
            "share": round(self.share, 4),
            "seconds": round(self._seconds, 1),
            "images_per_s": round(self._step * self._options.batch / max(self._seconds, 1e-3), 1),
        }
        line = json.dumps({**where, **entry})
        with (self._folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(line + "\n")
        print(line, flush=True)

    def _save(self) -> None:
        part = self.checkpoint.with_suffix(".part")
        torch.save(
            {
                "layout": asdict(self._network.layout),
                "network": self._network.state_dict(),
                "average": self._average.network.state_dict(),
                "optimiser": self._optimiser.state_dict(),
                "step": self._step,
                "seconds": self._seconds,
            },
            part,
        )
        part.replace(self.checkpoint)

    def _restore(self) -> None:
        state = torch.load(self.checkpoint, map_location=self._device, weights_only=True)
        self._network.load_state_dict(state["network"])
        self._average.network.load_state_dict(state["average"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._step, self._seconds = state["step"], state["seconds"]


def _groups(network: nn.Module, decay: float) -> list[dict[str, Any]]:
    """Parameters for the optimiser: only what convolutions multiply with decays."""
    parameters: list[nn.Parameter] = list(network.parameters())
    return [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]


def load_average(checkpoint: Path) -> Detector:
    """The averaged network of a checkpoint, ready to predict."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    network = Detector(len(CLASS_NAMES), Layout(**state["layout"]))
    network.load_state_dict(state["average"])
    return network.eval()


def watch(network: Detector, frames: RenderedFrames, device: torch.device) -> Figures:
    """Accuracy of the network as it is."""
    deployed = Deployed(network, HEIGHT, WIDTH).to(device).eval()

    @torch.no_grad()
    def detect(picture: Image) -> Detections:
        pictures: Tensor = as_input(torch.from_numpy(np.array(picture[None])).to(device))
        return detections_of(deployed(pictures)[0].cpu().numpy())

    return measure(detect, (frames[i] for i in range(len(frames))))


def read_options(arguments: Sequence[str] | None = None) -> Options:
    """Command line to options."""
    parser = argparse.ArgumentParser(description="Train the embedded detector; goes on from its checkpoint.")
    parser.add_argument("--folder", type=Path, default=WORK, help="work folder (%(default)s)")
    parser.add_argument("--run", default="demo", help="name of the run (%(default)s)")
    parser.add_argument("--frames", default="train", choices=list(SPLITS), help="frames to learn from (%(default)s)")
    parser.add_argument("--limit", type=int, help="learn from that many frames alone")
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument("--steps", type=int, help="budget in steps: the same result in every run on the same machine")
    budget.add_argument("--minutes", type=float, help="budget in minutes of training (90)")
    parser.add_argument("--batch", type=int, default=16, help="frames in a batch (%(default)s)")
    parser.add_argument("--rate", type=float, default=2e-3, help="highest learning rate (%(default)s)")
    parser.add_argument("--decay", type=float, default=0.03, help="weight decay (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of weights, order and variety (%(default)s)")
    cores, graphics = os.cpu_count() or 1, torch.cuda.is_available()
    parser.add_argument(
        "--processes", type=int, default=1 if graphics else cores, help="that train, one thread each (%(default)s)"
    )
    parser.add_argument(
        "--workers", type=int, default=cores if graphics else 0, help="that only prepare batches (%(default)s)"
    )
    parser.add_argument("--fp32", dest="bf16", action="store_false", help="compute in FP32, not in BF16")
    parser.add_argument("--device", default="cuda" if graphics else "cpu", help="(%(default)s)")
    parser.add_argument("--measure-minutes", type=float, default=10.0, help="between measurements (%(default)s)")
    parser.add_argument("--fresh", action="store_true", help="begin anew, even where there is a checkpoint")
    options = vars(parser.parse_args(arguments))
    if options["steps"] is None and options["minutes"] is None:
        options["minutes"] = 90.0
    return Options(**options)


def work(options: Options, together: Together) -> None:
    """What each process does."""
    torch.set_num_threads(1)
    if not together.leads:
        leave_signals()
    training = Training(options, together)
    try:
        training.run()
    except BrokenBarrierError:
        print(f"Process {together.rank} ends, for another one has")
    except KeyboardInterrupt:
        print(f"Stopped; the state is in {training.checkpoint}")


def main() -> None:
    """Command line."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = read_options()
    parameters = sum(p.numel() for p in Detector(len(CLASS_NAMES)).parameters())
    first, *others = places(options.processes, parameters)
    for place in others:
        get_context("spawn").Process(target=work, args=(options, place), daemon=True).start()
    work(options, first)


if __name__ == "__main__":
    main()
