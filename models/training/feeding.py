"""Batches for training: frames in a new order each round, each varied by a generator of its own."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from augment import Variety, vary
from dataset import Image, Objects, RenderedFrames
from loss import Truth

CALM = Variety(scale=(0.9, 1.1), shift=0.05, contrast=0.1, brightness=0.05, saturation=0.15, hue_rad=0.05, grey=0.0,
               blur=0.03, noise=0.1, jpeg=0.03, cut_out=0.0)  # fmt: skip
"""For the end of training: close to what the program will show."""


class Draw(NamedTuple):
    """One frame to give: its running number in the whole training, which frame, and whether it is varied little."""

    number: int
    frame: int
    calm: bool


class Batch(NamedTuple):
    """``pictures`` uint8 (B, H, W, 3), BGR, and what is on them."""

    pictures: Tensor
    truth: Truth


class VariedFrames(Dataset[tuple[Image, Objects]]):
    """Frames as they are drawn; the same draw gives the same picture in every run."""

    def __init__(self, frames: RenderedFrames, seed: int) -> None:
        self._frames, self._seed = frames, seed

    def __getitem__(self, draw: Draw) -> tuple[Image, Objects]:
        picture, truth = self._frames[draw.frame]
        rng = np.random.default_rng((self._seed, draw.number))
        return vary(picture, truth, rng, CALM if draw.calm else Variety())


@dataclass(frozen=True, slots=True)
class Draws(Sampler[list[Draw]]):
    """Draws of batch after batch without end, each frame once a round, from any step on.

    Attributes:
        frames: Number of frames.
        batch: Frames in a batch of all processes together.
        seed: Decides the order.
        first_step: Batches that have been drawn before.
        part: Which draws of each batch are this process's.
        calm: Asked at each batch whether its frames are to be varied little.
    """

    frames: int
    batch: int
    seed: int
    first_step: int
    part: slice
    calm: Callable[[], bool]

    def __iter__(self) -> Iterator[list[Draw]]:
        order, ordered = np.empty(0, np.int64), -1
        for step in itertools.count(self.first_step):
            calm, batch = self.calm(), []
            for number in range(step * self.batch, (step + 1) * self.batch):
                if number // self.frames != ordered:
                    ordered = number // self.frames
                    order = np.random.default_rng((self.seed, ordered)).permutation(self.frames)
                batch.append(Draw(number, int(order[number % self.frames]), calm))
            yield batch[self.part]


def collate(frames: list[tuple[Image, Objects]]) -> Batch:
    """Frames of one batch, side by side."""
    counts = torch.tensor([len(truth.classes) for _, truth in frames])
    return Batch(
        torch.from_numpy(np.stack([picture for picture, _ in frames])),
        Truth(
            torch.from_numpy(np.concatenate([truth.boxes for _, truth in frames])),
            torch.from_numpy(np.concatenate([truth.classes for _, truth in frames])),
            torch.repeat_interleave(torch.arange(len(frames)), counts),
        ),
    )


def batches(dataset: VariedFrames, draws: Draws, workers: int) -> Iterator[Batch]:
    """Batches without end, prepared by ``workers`` processes, or by this one where it is 0."""
    return iter(
        DataLoader(dataset, batch_sampler=draws, num_workers=workers, collate_fn=collate, worker_init_fn=leave_signals)
    )


def leave_signals(_worker: int = 0) -> None:
    """Signals are for the process that leads; the others end when it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def as_input(pictures: Tensor) -> Tensor:
    """Pictures uint8 (B, H, W, 3), BGR, as the network takes them: float32 (B, 3, H, W), RGB, 0 to 1."""
    return pictures.permute(0, 3, 1, 2).flip(1).contiguous(memory_format=torch.channels_last).float().div_(255)
