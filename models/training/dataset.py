"""Rendered frames with their truth, kept as shards in a work folder.

A shard holds some frames of each of some scenes: pictures as one memory-mapped array, truth beside it. What a shard
holds depends on its split and number alone, so shards are made by several processes in any order, a broken-off run goes
on with the missing ones, and two runs give the same files.

Run: ``python models/training/dataset.py --help``.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.opencv import cv2
from engine.scene import FRAMES, Scene
from looks import random_look

HEIGHT, WIDTH = 288, 512
"""Size of the network's input; scenes of another size are fitted as the program's pipeline does it."""

WORK = Path("build/training")
"""Where everything made on the way is kept; not under version control."""

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Objects:
    """Truth of one frame: ``boxes`` float32 (N, 4), corners in pixels of the input; ``classes`` int64 (N,)."""

    boxes: NDArray[np.float32]
    classes: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Split:
    """A set of frames, apart from all others by the seeds of its scenes.

    Attributes:
        name: Name of its folder.
        first_seed: Seed of its first scene; scenes are counted up from there.
        scenes: Number of scenes, each with a look of its own.
        frames: Frames of each scene, spread over its whole run.
        held_out: Whether its textures, shapes and colours are those that training never sees.
        shard_scenes: Scenes in a shard.
    """

    name: str
    first_seed: int
    scenes: int
    frames: int
    held_out: bool = False
    shard_scenes: int = 20

    @property
    def shards(self) -> int:
        """Number of shards."""
        return -(-self.scenes // self.shard_scenes)


TRAIN = Split("train", 0, scenes=1500, frames=12)
WATCH = Split("watch", 1_000_000, scenes=50, frames=6)
HELD_OUT = Split("held-out", 2_000_000, scenes=250, frames=8, held_out=True)
SPLITS = {split.name: split for split in (TRAIN, WATCH, HELD_OUT)}


def shard_files(split: Split, shard: int, folder: Path) -> tuple[Path, Path]:
    """Files of the pictures and of the truth."""
    stem = folder / split.name / f"{shard:04d}"
    return stem.with_suffix(".npy"), stem.with_suffix(".npz")


def render_shard(split: Split, shard: int, folder: Path) -> None:
    """Make the files of one shard, unless they are there; they appear whole or not at all."""
    pictures_file, truth_file = shard_files(split, shard, folder)
    if truth_file.exists():
        return
    first = shard * split.shard_scenes
    rendered = [
        frame
        for scene in range(first, min(first + split.shard_scenes, split.scenes))
        for frame in render_scene(split, scene)
    ]
    pictures_file.parent.mkdir(parents=True, exist_ok=True)
    half_made = pictures_file.with_suffix(".part")
    with half_made.open("wb") as file:
        np.save(file, np.stack([picture for picture, _ in rendered]))
    half_made.replace(pictures_file)
    with half_made.open("wb") as file:
        np.savez(
            file,
            boxes=np.concatenate([truth.boxes for _, truth in rendered]),
            classes=np.concatenate([truth.classes for _, truth in rendered]),
            ends=np.cumsum([len(truth.classes) for _, truth in rendered]),
        )
    half_made.replace(truth_file)


def render_scene(split: Split, scene: int) -> list[tuple[Image, Objects]]:
    """Frames of one scene at the network's size, at moments spread evenly with some chance in it."""
    seed = split.first_seed + scene
    rng = np.random.default_rng(seed)
    line = Scene(random_look(rng, held_out=split.held_out), seed)
    moments = (np.arange(split.frames) + rng.random(split.frames)) * FRAMES / split.frames
    return [_fitted(line, int(moment)) for moment in moments]


def _fitted(line: Scene, number: int) -> tuple[Image, Objects]:
    frame = line.frame(number)
    height, width = frame.image.shape[:2]
    picture = frame.image
    if (height, width) != (HEIGHT, WIDTH):
        picture = np.asarray(cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR), np.uint8)
    scale = np.array([WIDTH / width, HEIGHT / height] * 2, np.float32)
    return picture, Objects(frame.truth.xyxy * scale, frame.truth.class_id.astype(np.int64))


def render(split: Split, folder: Path, processes: int) -> None:
    """Make all missing shards of a split."""
    jobs = [
        (split, shard, folder) for shard in range(split.shards) if not shard_files(split, shard, folder)[1].exists()
    ]
    with Pool(processes) as pool:
        for done, _ in enumerate(pool.imap_unordered(_render_job, jobs), 1):
            print(f"\r{split.name}: {done} of {len(jobs)} shards", end="" if done < len(jobs) else "\n", flush=True)


def _render_job(job: tuple[Split, int, Path]) -> None:
    render_shard(*job)


class RenderedFrames:
    """Frames of a split, or its first ``limit`` frames, read where they lie."""

    def __init__(self, split: Split, folder: Path = WORK, limit: int | None = None) -> None:
        files = [shard_files(split, shard, folder) for shard in range(split.shards)]
        self._pictures: list[Image] = [np.load(pictures, mmap_mode="r") for pictures, _ in files]
        self._truth = [objects for _, truth in files for objects in _read_truth(truth)][:limit]
        self._ends = np.cumsum([len(pictures) for pictures in self._pictures])

    def __len__(self) -> int:
        return len(self._truth)

    def __getitem__(self, index: int) -> tuple[Image, Objects]:
        """Picture uint8 (288, 512, 3), BGR, read-only, and its truth."""
        shard = int(np.searchsorted(self._ends, index, side="right"))
        pictures = self._pictures[shard]
        return pictures[index - self._ends[shard]], self._truth[index]


def _read_truth(file: Path) -> list[Objects]:
    with np.load(file) as stored:
        ends = stored["ends"][:-1]
        return [
            Objects(boxes, classes)
            for boxes, classes in zip(np.split(stored["boxes"], ends), np.split(stored["classes"], ends), strict=True)
        ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description="Render the frames that the embedded detector is trained and tested on."
    )
    parser.add_argument("splits", nargs="*", default=list(SPLITS), help=f"any of {', '.join(SPLITS)}; all by default")
    parser.add_argument("--folder", type=Path, default=WORK)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    for name in options.splits:
        render(SPLITS[name], options.folder, options.processes)


if __name__ == "__main__":
    main()
