"""What settings of a model are called, and what they do."""

from __future__ import annotations

from gui.texts import text


def family_words(family: str) -> str:
    """Models that a family reads, by the names that people know; the key itself where there is none."""
    return {
        "yolov5": text("Family", "YOLOv5, YOLOv7"),
        "yolov8": text("Family", "YOLOv8, YOLO11, YOLO12"),
        "yolov8_seg": text("Family", "YOLOv8, YOLO11: outlines"),
        "yolov8_pose": text("Family", "YOLOv8, YOLO11: keypoints"),
        "yolov8_obb": text("Family", "YOLOv8, YOLO11: boxes at any angle"),
        "yolo_end2end": text("Family", "YOLOv10, YOLO26"),
        "yolo_end2end_seg": text("Family", "YOLO26: outlines"),
        "yolo_end2end_pose": text("Family", "YOLO26: keypoints"),
        "yolo_end2end_obb": text("Family", "YOLO26: boxes at any angle"),
        "yolox": text("Family", "YOLOX"),
        "nanodet": text("Family", "NanoDet"),
        "ssd_tensorflow": text("Family", "SSD of TensorFlow"),
        "ssd_openvino": text("Family", "SSD of OpenVINO"),
        "ssd_torchvision": text("Family", "Detector of torchvision"),
        "rtdetr": text("Family", "RT-DETR, D-FINE, DEIM"),
        "detr": text("Family", "DETR, RF-DETR"),
        "nms_in_graph": text("Family", "YOLO with finished boxes"),
        "yunet": text("Family", "YuNet: faces"),
        "classifier": text("Family", "Classifier"),
        "semantic": text("Family", "Semantic segmentation"),
    }.get(family, family)


def input_words(key: str) -> tuple[str, str]:
    """Title and explanation of a setting of the input."""
    return {
        "size": (
            text("Correction", "Size"),
            text("Correction", "Width x height of the picture that the model is given, in pixels."),
        ),
        "batch": (text("Correction", "Batch"), text("Correction", "Pictures in one run.")),
        "fit": (text("Correction", "Fit"), text("Correction", "How a picture of another shape gets into that size.")),
        "pad": (
            text("Correction", "Border"),
            text("Correction", "Colour round a letterboxed picture, 0 to 255: one number, or blue, green, red."),
        ),
        "colour": (text("Correction", "Colours"), text("Correction", "Order of the colours that the model expects.")),
        "mean": (
            text("Correction", "Mean"),
            text("Correction", "Taken away from each pixel (0 to 255): one number, or one for each colour."),
        ),
        "scale": (
            text("Correction", "Divisor"),
            text("Correction", "Each pixel is divided by it afterwards; 255 makes 0 to 1, 1 leaves 0 to 255."),
        ),
    }[key]


def option_words(key: str) -> tuple[str, str]:
    """Title and explanation of a setting of the decoder; the key itself where there is none."""
    return {
        "classes": (text("Correction", "Number of classes"), text("Correction", "Scores for each box.")),
        "transposed": (
            text("Correction", "A row for each box"),
            text("Correction", "On: boxes are rows of the output. Off: boxes are columns."),
        ),
        "raw": (
            text("Correction", "Boxes relative to the grid"),
            text("Correction", "On: boxes are offsets from cells of a grid. Off: boxes are in pixels already."),
        ),
        "strides": (
            text("Correction", "Strides"),
            text("Correction", "Pixels between neighbouring cells of each grid, with commas."),
        ),
        "reg_max": (
            text("Correction", "Steps of a box side"),
            text("Correction", "Largest value of the distribution that a side of a box is read from (reg_max)."),
        ),
        "sigmoid": (
            text("Correction", "Scores are logits"),
            text("Correction", "On: scores still have to be made 0 to 1 by a sigmoid."),
        ),
        "cell_centre": (
            text("Correction", "Count from the centre of a cell"),
            text("Correction", "On: boxes count from the centre of a cell. Off: from its corner, as in NanoDet-Plus."),
        ),
        "first_class": (
            text("Correction", "Number of the first class"),
            text("Correction", "1 where the model counts its classes from 1, or has a background class before them."),
        ),
        "normalised": (
            text("Correction", "Boxes from 0 to 1"),
            text("Correction", "On: boxes are shares of the picture. Off: they are pixels."),
        ),
        "background_last": (
            text("Correction", "Last class is “no object”"),
            text("Correction", "On: the last class means that there is nothing, as in DETR."),
        ),
        "box_format": (text("Correction", "Order in a box"), text("Correction", "Which number of a box is which.")),
        "keypoints": (text("Correction", "Keypoints"), text("Correction", "Keypoints of each object.")),
        "keypoint_dims": (
            text("Correction", "Numbers of a keypoint"),
            text("Correction", "2: x and y. 3: a score as well."),
        ),
        "softmax": (
            text("Correction", "Outputs are logits"),
            text("Correction", "On: scores still have to be made 0 to 1 by a softmax."),
        ),
        "labels": (
            text("Correction", "Outputs are class numbers"),
            text("Correction", "On: each pixel already has the number of its class. Off: it has scores."),
        ),
    }.get(key, (key, ""))
