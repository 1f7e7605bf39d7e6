"""YuNet: planted faces, and the same faces as OpenCV's own detector."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from cards import make_card
from numpy.typing import NDArray
from planted_scene import CANVAS_HEIGHT, CANVAS_WIDTH, SPEC, TALL, WIDE, Picture, Thing, assert_found, run_graph

from engine.cards import ColourOrder, Fit, InputSpec, ModelCard, Task, Thresholds
from engine.decoders.table import make_decoder
from engine.frames import Image
from engine.geometry import fit_onto_canvas
from engine.opencv import cv2
from engine.results import Detections

STRIDES = (8, 16, 32)
LANDMARKS = ((0.3, 0.35), (0.7, 0.35), (0.5, 0.55), (0.35, 0.8), (0.65, 0.8))
"""Where eyes, nose and mouth are in a planted face, in shares of its box."""

FACES = Picture(
    640, 360, (Thing((40, 40, 140, 180), 0, 0.9), Thing((400, 60, 640, 360), 0, 0.8), Thing((300, 10, 330, 50), 0, 0.5))
)


def yunet_card(spec: InputSpec) -> ModelCard:
    roles = {f"{kind}_{stride}": f"{kind}_{stride}" for kind in ("cls", "obj", "bbox", "kps") for stride in STRIDES}
    return make_card(
        Path("yunet.onnx"),
        task=Task.FACE,
        family="yunet",
        roles=roles,
        options={"strides": STRIDES},
        input=spec,
        class_names=("face",),
    )


def planted_outputs(pictures: list[Picture]) -> dict[str, NDArray]:
    """Each face in the cell of its middle, at the stride nearest to a quarter of its width, as it is trained."""
    outputs = {}
    for stride in STRIDES:
        cells = (CANVAS_WIDTH // stride) * (CANVAS_HEIGHT // stride)
        for kind, width in (("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10)):
            outputs[f"{kind}_{stride}"] = np.zeros((len(pictures), cells, width), np.float32)
    for number, picture in enumerate(pictures):
        for thing in picture.things:
            x1, y1, x2, y2 = picture.on_canvas(thing)
            stride = min(STRIDES, key=lambda s: abs(math.log((x2 - x1) / 4 / s)))
            x, y = (x1 + x2) / 2 / stride, (y1 + y2) / 2 / stride
            column, row = int(x), int(y)
            cell = row * (CANVAS_WIDTH // stride) + column
            size = math.log((x2 - x1) / stride), math.log((y2 - y1) / stride)
            points = [
                (start + share * length) / stride - corner
                for shares in LANDMARKS
                for start, length, share, corner in zip(
                    (x1, y1), (x2 - x1, y2 - y1), shares, (column, row), strict=True
                )
            ]
            outputs[f"cls_{stride}"][number, cell] = thing.score**2 / 0.95
            outputs[f"obj_{stride}"][number, cell] = 0.95
            outputs[f"bbox_{stride}"][number, cell] = x - column, y - row, *size
            outputs[f"kps_{stride}"][number, cell] = points
    return outputs


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_planted_faces_are_found_with_their_landmarks(dtype: type[np.floating]) -> None:
    outputs = {name: array.astype(dtype) for name, array in planted_outputs([FACES, TALL]).items()}
    found, _ = make_decoder(yunet_card(SPEC)).decode(
        run_graph(outputs), [FACES.geometry, TALL.geometry], Thresholds(0.3)
    )
    assert isinstance(found, Detections)
    assert_found(found, FACES.things)
    boxes = np.array([thing.xyxy for thing in FACES.things])
    expected = boxes[:, None, :2] + np.array(LANDMARKS) * (boxes[:, None, 2:] - boxes[:, None, :2])
    assert found.keypoints is not None
    assert found.keypoints[..., :2] == pytest.approx(expected, abs=1.0)
    assert (found.keypoints[..., 2] == 1).all()


def test_no_face_is_an_empty_result() -> None:
    found = make_decoder(yunet_card(SPEC)).decode(planted_outputs([WIDE, FACES]), [WIDE.geometry], Thresholds(0.95))[0]
    assert len(found) == 0


def test_scores_beyond_one_are_held_within_it_as_opencv_does() -> None:
    outputs = planted_outputs([TALL])
    outputs["obj_32"] *= 3
    found = make_decoder(yunet_card(SPEC)).decode(outputs, [TALL.geometry], Thresholds(0.3))[0]
    assert found.score.tolist() == pytest.approx([math.sqrt(0.8**2 / 0.95)])


# Against OpenCV -------------------------------------------------------------------------------------------------------

REAL = InputSpec(
    "input", 640, 640, fit=Fit.LETTERBOX_TOP_LEFT, pad_bgr=(0, 0, 0), colour_order=ColourOrder.BGR, scale=(1.0,) * 3
)
REAL_THRESHOLDS = Thresholds(confidence=0.6, iou=0.3, max_detections=100)


def ours(image: Image, model: Path) -> Detections:
    canvas = np.empty((REAL.height, REAL.width, 3), np.uint8)
    geometry = fit_onto_canvas(image, canvas, REAL)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    answers = session.run(names, {"input": canvas.transpose(2, 0, 1)[None].astype(np.float32)})
    outputs = dict(zip(names, answers, strict=True))
    found = make_decoder(yunet_card(REAL)).decode(outputs, [geometry], REAL_THRESHOLDS)[0]
    assert isinstance(found, Detections)
    return found


def opencvs(image: Image, model: Path) -> NDArray[np.float32]:
    """Rows of x, y, width, height, ten coordinates of landmarks, score; best first."""
    size = (image.shape[1], image.shape[0])
    detector = cv2.FaceDetectorYN.create(str(model), "", size, REAL_THRESHOLDS.confidence, REAL_THRESHOLDS.iou, 5000)
    faces = detector.detect(image)[1]
    return faces[np.argsort(-faces[:, 14])]


def assert_same_faces(found: Detections, faces: NDArray[np.float32], scale: float, size: tuple[int, int]) -> None:
    assert len(found) == len(faces) > 0
    assert found.score == pytest.approx(faces[:, 14], abs=0.01)
    boxes = np.concatenate((faces[:, :2], faces[:, :2] + faces[:, 2:4]), axis=1) / scale
    assert found.xyxy == pytest.approx(np.clip(boxes, 0, np.array(size * 2)), abs=1.0)
    assert found.keypoints is not None
    assert found.keypoints[..., :2] == pytest.approx(faces[:, 4:14].reshape(-1, 5, 2) / scale, abs=1.0)


@pytest.mark.data
@pytest.mark.parametrize("name", ["000000000110", "000000000113", "000000000241", "000000000308", "000000000328"])
def test_photographs_show_the_same_faces_as_to_opencv(shared_data: Path, name: str) -> None:
    """These are 640 pixels long, so that canvas and picture are one."""
    model = shared_data / "models" / "yunet_2023mar.onnx"
    image = cv2.imread(str(shared_data / "coco64" / "images" / f"{name}.jpg"))
    padded = np.zeros((640, 640, 3), np.uint8)
    padded[: image.shape[0], : image.shape[1]] = image
    assert_same_faces(ours(image, model), opencvs(padded, model), 1.0, image.shape[1::-1])


@pytest.mark.data
def test_a_frame_that_is_made_smaller_shows_the_same_face_as_to_opencv(shared_data: Path) -> None:
    model = shared_data / "models" / "yunet_2023mar.onnx"
    video = cv2.VideoCapture(str(shared_data / "video" / "one-by-one-person-detection.mp4"))
    for _ in range(190):
        assert video.grab()
    frame = video.read()[1]
    assert frame.shape == (432, 768, 3)
    smaller = cv2.resize(frame, (640, 360), interpolation=cv2.INTER_LINEAR)
    assert_same_faces(ours(frame, model), opencvs(smaller, model), 640 / 768, (768, 432))
