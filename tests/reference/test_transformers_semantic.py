"""SegFormer of transformers, exported, identified, run and decoded, against its own post-processing."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnxruntime
import pytest

_REASON = "the exporters are not installed: pip install -r tests/reference/requirements.txt"
torch = pytest.importorskip("torch", reason=_REASON)
pytest.importorskip("transformers", reason=_REASON)
pytest.importorskip("PIL", reason=_REASON)

import tiny_transformers as tiny  # noqa: E402
from transformers.models.segformer.image_processing_pil_segformer import SegformerImageProcessorPil  # noqa: E402

from engine.cards import Thresholds  # noqa: E402
from engine.decoders.table import make_decoder  # noqa: E402
from engine.geometry import fit_geometry  # noqa: E402
from engine.library.identify import identify  # noqa: E402
from engine.results import SegmentationMap  # noqa: E402


def test_a_map_of_a_quarter_of_the_canvas_is_read_as_transformers_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    tiny.export(tiny.Planes(tiny.segformer()), path, ["pixel_values"], ["logits"])
    card = identify(path)
    assert card.family == "semantic"
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    pixels = np.random.default_rng(5).standard_normal((tiny.BATCH, 3, tiny.HEIGHT, tiny.WIDTH), np.float32)
    logits = session.run(["logits"], {card.input.name: pixels})[0]
    assert logits.shape == (tiny.BATCH, 19, tiny.HEIGHT // 4, tiny.WIDTH // 4)
    geometries = [fit_geometry(320, 256, card.input), fit_geometry(640, 512, card.input)]
    found = make_decoder(card).decode({"logits": logits}, geometries, Thresholds())
    outputs = SimpleNamespace(logits=torch.from_numpy(logits))
    for one, reference in zip(
        found, SegformerImageProcessorPil().post_process_semantic_segmentation(outputs), strict=True
    ):
        assert isinstance(one, SegmentationMap)
        assert (one.class_id == reference.numpy()).all()
