"""Model, backend and precision change while a real film runs: nothing is lost, nothing comes out of order."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import LIMIT_S, wait_until

from engine.backends.backend import CompileRequest
from engine.capture.source import SourceOptions
from engine.capture.table import open_source
from engine.cards import Precision
from engine.frames import FrameResult
from engine.library.identify import identify
from engine.pipeline.lanes import LoadedModel
from engine.pipeline.loading import LoadOptions
from engine.pipeline.session import Session

pytestmark = pytest.mark.data

WAYS = [
    ("yolox_nano.onnx", "openvino", Precision.FP32),
    ("yolox_nano.onnx", "onnxruntime", Precision.FP32),
    ("nanodet_m.onnx", "openvino", Precision.FP32),
    ("yolox_nano.onnx", "opencv", Precision.FP32),
    ("nanodet_m.onnx", "onnxruntime", Precision.AUTO),
    ("yunet_2023mar.onnx", "openvino", Precision.AUTO),
]


def _load(session: Session, models: Path, way: tuple[str, str, Precision]) -> LoadedModel:
    name, backend, precision = way
    request = CompileRequest(identify(models / name), precision=precision, lanes=2)
    job = session.load(backend, request, LoadOptions(trial=False))
    assert job.wait(LIMIT_S)
    return job.result()


def test_five_swaps_in_a_film_of_377_frames_give_377_results_in_order(shared_data: Path) -> None:
    session = Session()
    results: list[FrameResult] = []
    models = [_load(session, shared_data / "models", way) for way in WAYS]
    film = open_source(str(shared_data / "video" / "car-detection.mp4"), SourceOptions())
    stream = session.add_stream("film", film)
    attachment = session.attach(stream, models[0], deliver=results.append)
    stream.start()

    for number, model in enumerate(models[1:], 1):
        assert wait_until(lambda wanted=number * 50: len(results) >= wanted, 60)
        session.use(model, attachment)

    assert wait_until(lambda: session.finished, 60)
    assert session.close(LIMIT_S) == []
    assert [r.frame.sequence for r in results] == list(range(377))
    made_by = [(r.configuration.card.path.name, r.configuration.report.backend) for r in results]
    assert list(dict.fromkeys(made_by)) == [(name, backend) for name, backend, _ in WAYS]
    tickets = [r.ticket for r in results]
    assert tickets == sorted(tickets)
