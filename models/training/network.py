"""The embedded detector: an anchor-free one-stage network, made to be small, fast and easy to quantise.

A CSP backbone (Wang et al., CSPNet, 2020) feeds a path aggregation neck (Liu et al., PANet, 2018) of one width, and a
decoupled head predicts, at each cell of three grids, class logits and the distribution of the four distances from the
cell's centre to the box's sides (Li et al., Generalized Focal Loss, 2020). Every activation is a ReLU, every width a
multiple of 16.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDES = (8, 16, 32)
"""Pixels of the input per cell of each grid."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Widths (channels) and depths (blocks) of the network.

    Attributes:
        stem: Channels at stride 2.
        widths: Channels at strides 4, 8, 16, 32.
        depths: Residual blocks at strides 4, 8, 16, 32.
        neck: Channels of all three grids of the neck.
        neck_depth: Blocks in each merge of the neck.
        box: Channels of the box branch.
        score: Channels of the class branch.
        bins: Bins of the distribution of a distance; the largest distance is ``bins - 1`` strides.
    """

    stem: int = 16
    widths: tuple[int, int, int, int] = (32, 64, 96, 96)
    depths: tuple[int, int, int, int] = (1, 2, 1, 1)
    neck: int = 64
    neck_depth: int = 1
    box: int = 48
    score: int = 32
    bins: int = 12


class Prediction(NamedTuple):
    """What the head says at all cells A of the three grids, finest first, rows of a grid one after the other.

    Attributes:
        scores: Class logits (B, A, C).
        sides: Logits of the distances to the left, top, right and bottom side (B, A, 4, bins), in strides.
    """

    scores: Tensor
    sides: Tensor


class Convolution(nn.Sequential):
    """Convolution, batch norm, ReLU; the picture keeps its size at stride 1 and is halved at stride 2."""

    def __init__(self, into: int, out: int, kernel: int = 3, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(into, out, kernel, stride, kernel // 2, bias=False),
            nn.BatchNorm2d(out, eps=1e-3, momentum=0.03),
            nn.ReLU(inplace=True),
        )


class Residual(nn.Module):
    """Two 3x3 convolutions beside an identity."""

    def __init__(self, width: int, *, identity: bool) -> None:
        super().__init__()
        self.body = nn.Sequential(Convolution(width, width), Convolution(width, width))
        self.identity = identity

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x) if self.identity else self.body(x)


class Partial(nn.Module):
    """Cross stage partial block: half of the channels go through residual blocks, half pass by."""

    def __init__(self, into: int, out: int, depth: int, *, identity: bool = True) -> None:
        super().__init__()
        half = out // 2
        self.enter = Convolution(into, half, 1)
        self.bypass = Convolution(into, half, 1)
        self.blocks = nn.Sequential(*(Residual(half, identity=identity) for _ in range(depth)))
        self.leave = Convolution(out, out, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.leave(torch.cat((self.blocks(self.enter(x)), self.bypass(x)), 1))


class Pooling(nn.Module):
    """Spatial pyramid pooling by three 5x5 maxima in a row (Jocher, YOLOv5, 2020): sees far at little cost."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.enter = Convolution(width, width // 2, 1)
        self.leave = Convolution(width * 2, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        maxima = [self.enter(x)]
        for _ in range(3):
            maxima.append(functional.max_pool2d(maxima[-1], 5, 1, 2))
        return self.leave(torch.cat(maxima, 1))


class Backbone(nn.Module):
    """Picture (B, 3, H, W) to features at strides 8, 16 and 32."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.stem = Convolution(3, layout.stem, 3, 2)
        before = (layout.stem, *layout.widths[:-1])
        self.stages = nn.ModuleList(
            nn.Sequential(Convolution(into, width, 3, 2), Partial(width, width, depth))
            for into, width, depth in zip(before, layout.widths, layout.depths, strict=True)
        )
        self.pooling = Pooling(layout.widths[-1])

    def forward(self, x: Tensor) -> list[Tensor]:
        features = [self.stem(x)]
        for stage in self.stages:
            features.append(stage(features[-1]))
        return [features[2], features[3], self.pooling(features[4])]


class Neck(nn.Module):
    """Mixes the three grids, from coarse to fine and back; all leave with one width."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        width, depth = layout.neck, layout.neck_depth

        def merge(into: int) -> Partial:
            return Partial(into, width, depth, identity=False)

        self.coarse = Convolution(layout.widths[3], width, 1)
        self.down_middle = merge(layout.widths[2] + width)
        self.down_fine = merge(layout.widths[1] + width)
        self.halve_fine = Convolution(width, width, 3, 2)
        self.up_middle = merge(2 * width)
        self.halve_middle = Convolution(width, width, 3, 2)
        self.up_coarse = merge(2 * width)

    def forward(self, features: list[Tensor]) -> list[Tensor]:
        coarse = self.coarse(features[2])
        middle = self.down_middle(torch.cat((_double(coarse), features[1]), 1))
        fine = self.down_fine(torch.cat((_double(middle), features[0]), 1))
        middle = self.up_middle(torch.cat((self.halve_fine(fine), middle), 1))
        return [fine, middle, self.up_coarse(torch.cat((self.halve_middle(middle), coarse), 1))]


def _double(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


class Head(nn.Module):
    """Class logits and box sides of one grid, in branches of their own."""

    def __init__(self, layout: Layout, classes: int, stride: int) -> None:
        super().__init__()
        sides, scores = nn.Conv2d(layout.box, 4 * layout.bins, 1), nn.Conv2d(layout.score, classes, 1)
        self.box = nn.Sequential(Convolution(layout.neck, layout.box), sides)
        self.score = nn.Sequential(Convolution(layout.neck, layout.score), scores)
        # About five objects in a picture of 640 x 640 before anything is learnt (Jocher, YOLOv5), so that the many
        # empty cells do not drown the first steps.
        nn.init.constant_(scores.bias, math.log(5 / classes / (640 / stride) ** 2))
        nn.init.constant_(sides.bias, 1.0)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.score(x).flatten(2), self.box(x).flatten(2)


class Detector(nn.Module):
    """Picture (B, 3, H, W), RGB, 0 to 1, H and W multiples of 32, to a ``Prediction``."""

    def __init__(self, classes: int, layout: Layout | None = None) -> None:
        super().__init__()
        self.layout = layout or Layout()
        self.backbone = Backbone(self.layout)
        self.neck = Neck(self.layout)
        self.heads = nn.ModuleList(Head(self.layout, classes, stride) for stride in STRIDES)

    def forward(self, x: Tensor) -> Prediction:
        scores, sides = self.grids(x)
        return Prediction(scores.transpose(1, 2), sides.unflatten(1, (4, -1)).permute(0, 3, 1, 2))

    def grids(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Class logits (B, C, A) and side logits (B, 4 * bins, A), as the convolutions leave them."""
        grids = self.neck(self.backbone(x))
        scores, sides = zip(*(head(grid) for head, grid in zip(self.heads, grids, strict=True)), strict=True)
        return torch.cat(scores, 2), torch.cat(sides, 2)


def cell_centres(height: int, width: int) -> tuple[Tensor, Tensor]:
    """Centres (A, 2) as x, y in pixels, and strides (A,), of all cells for an input of that size."""
    centres, strides = [], []
    for stride in STRIDES:
        y, x = torch.meshgrid(
            torch.arange(stride / 2, height, stride), torch.arange(stride / 2, width, stride), indexing="ij"
        )
        centres.append(torch.stack((x, y), -1).reshape(-1, 2))
        strides.append(torch.full((x.numel(),), float(stride)))
    return torch.cat(centres), torch.cat(strides)


def expected_distance(sides: Tensor, dim: int = -1) -> Tensor:
    """Mean of the distribution over bins along ``dim``, in strides (Generalized Focal Loss, equation 5)."""
    shape = [1] * sides.dim()
    shape[dim] = -1
    bins = torch.arange(sides.shape[dim], dtype=sides.dtype, device=sides.device).reshape(shape)
    return (sides.softmax(dim) * bins).sum(dim)


class Deployed(nn.Module):
    """The detector as it is shipped: one output (B, 4 + C, A) in YOLOv8's layout.

    Rows are the box's centre x, centre y, width and height in pixels of the input, then the class scores, 0 to 1.
    """

    centres: Tensor
    strides: Tensor

    def __init__(self, detector: Detector, height: int, width: int) -> None:
        super().__init__()
        self.detector = detector
        centres, strides = cell_centres(height, width)
        self.register_buffer("centres", centres.T[None].contiguous())
        self.register_buffer("strides", strides[None, None])

    def forward(self, images: Tensor) -> Tensor:
        scores, sides = self.detector.grids(images)
        distances = expected_distance(sides.unflatten(1, (4, -1)), 2) * self.strides
        before, after = distances.split(2, 1)
        return torch.cat((self.centres + (after - before) / 2, before + after, scores.sigmoid()), 1)
