"""Models of transformers made from small configurations with seeded random weights, and exported to ONNX.

Nothing is downloaded. The legacy exporter is taken because it needs no further package.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn
from transformers import (
    DetrConfig,
    DetrForObjectDetection,
    DFineConfig,
    DFineForObjectDetection,
    ResNetConfig,
    RTDetrConfig,
    RTDetrForObjectDetection,
    RTDetrResNetConfig,
    SegformerConfig,
    SegformerForSemanticSegmentation,
)

torch.set_num_threads(1)  # the models are tiny: a second thread only waits for the first

BATCH, HEIGHT, WIDTH = 2, 128, 160
CLASSES = 5
QUERIES = 30

_TINY_BACKBONE = {"embedding_size": 8, "hidden_sizes": [8, 16, 32, 32], "depths": [1, 1, 1, 1], "layer_type": "basic"}
_TINY_DETR = {
    "d_model": 32,
    "num_queries": QUERIES,
    "num_labels": CLASSES,
    "encoder_layers": 1,
    "decoder_layers": 2,
    "encoder_ffn_dim": 32,
    "decoder_ffn_dim": 32,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "attn_implementation": "eager",
}
_TINY_RT_DETR = _TINY_DETR | {
    "encoder_hidden_dim": 32,
    "encoder_in_channels": [16, 32, 32],
    "decoder_in_channels": [32, 32, 32],
    "num_denoising": 0,
}


class Raw(nn.Module):
    """A detector that gives its logits and boxes, as transformers' own export does."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixel_values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        found = self.model(pixel_values)
        return found.logits, found.pred_boxes


class Deployed(nn.Module):
    """A detector with the post-processing that RT-DETR and D-FINE put into the graph when they are deployed.

    It gives what went in there too: behind labels, boxes and scores come the raw logits and boxes.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: torch.Tensor, orig_target_sizes: torch.Tensor) -> tuple[torch.Tensor, ...]:
        found = self.model(images)
        cx, cy, width, height = found.pred_boxes.unbind(-1)
        corners = torch.stack((cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2), dim=-1)
        corners = corners * orig_target_sizes.repeat(1, 2).unsqueeze(1)
        scores, pair = torch.topk(found.logits.sigmoid().flatten(1), QUERIES, dim=1)
        query = (pair // CLASSES).unsqueeze(-1).expand(-1, -1, 4)
        return pair % CLASSES, corners.gather(1, query), scores, found.logits, found.pred_boxes


class Planes(nn.Module):
    """A segmentation model that gives its logits."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.model(pixel_values).logits
        return logits


def detr() -> nn.Module:
    torch.manual_seed(1)
    backbone = ResNetConfig(out_features=["stage4"], **_TINY_BACKBONE)
    model = DetrForObjectDetection(DetrConfig(backbone_config=backbone, **_TINY_DETR))
    for name, parameter in model.named_parameters():  # with the usual small weights all queries answer alike
        if parameter.ndim == 2:
            nn.init.normal_(parameter, std=4.0 if "query" in name else 0.25)
    return model.eval()


def rt_detr() -> nn.Module:
    torch.manual_seed(2)
    backbone = RTDetrResNetConfig(out_features=["stage2", "stage3", "stage4"], **_TINY_BACKBONE)
    return RTDetrForObjectDetection(RTDetrConfig(backbone_config=backbone, **_TINY_RT_DETR)).eval()


def d_fine() -> nn.Module:
    torch.manual_seed(3)
    backbone = RTDetrResNetConfig(out_features=["stage2", "stage3", "stage4"], **_TINY_BACKBONE)
    return DFineForObjectDetection(DFineConfig(backbone_config=backbone, **_TINY_RT_DETR)).eval()


def segformer() -> nn.Module:
    torch.manual_seed(4)
    config = SegformerConfig(
        depths=[1, 1, 1, 1],
        hidden_sizes=[8, 16, 16, 32],
        num_attention_heads=[1, 1, 2, 2],
        decoder_hidden_size=32,
        num_labels=19,
        attn_implementation="eager",
    )
    return SegformerForSemanticSegmentation(config).eval()


def export(model: nn.Module, path: Path, inputs: Sequence[str], outputs: Sequence[str]) -> None:
    """Write a model as ONNX: the picture input first, then ``orig_target_sizes`` where the model has it."""
    pixels = torch.rand(BATCH, 3, HEIGHT, WIDTH)
    sizes = torch.tensor([[WIDTH, HEIGHT]] * BATCH)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of every Python number, and that a newer exporter exists
        torch.onnx.export(
            model.eval(),
            (pixels, sizes)[: len(inputs)],
            path,
            input_names=list(inputs),
            output_names=list(outputs),
            opset_version=17,
            dynamo=False,
        )
