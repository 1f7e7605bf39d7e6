"""Files that are no model, no whole model, or no model of pictures: one line that says what, which and what to do."""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import exporter_graphs as graphs
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from engine.errors import ModelError
from engine.library.identify import identify
from engine.library.ir_file import read_ir


def refused(path: Path) -> str:
    """The one line that a person reads."""
    with pytest.raises(ModelError) as caught:
        identify(path)
    line = str(caught.value)
    assert "\n" not in line
    assert str(path) in line
    assert caught.value.remedy or caught.value.expected
    return line


def write(path: Path, content: bytes | onnx.ModelProto) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.SerializeToString())
    return path


def text_model(inputs: dict[str, tuple[int, list[int | str]]]) -> onnx.ModelProto:
    """A network with these inputs and one meaningless output."""
    infos = [helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in inputs.items()]
    node = helper.make_node("Shape", [next(iter(inputs))], ["out"])
    out = helper.make_tensor_value_info("out", TensorProto.INT64, [None])
    graph = helper.make_graph([node], "net", infos, [out])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])


@pytest.mark.parametrize(
    "content",
    [b"this is no model\n" * 100, b"\x00" * 64, b"\xff" * 5000, b"\n", os.urandom(4096)],
    ids=["text", "zeros", "ones", "newline", "noise"],
)
def test_something_else_called_onnx(tmp_path: Path, content: bytes) -> None:
    assert "not an ONNX model" in refused(write(tmp_path / "thing.onnx", content))


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n", "git lfs pull"),
        (b"\n<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
        (b"\x89HDF\r\n\x1a\n" + b"\0" * 64, "Keras"),
        (b"\x1c\x00\x00\x00TFL3" + b"\0" * 64, "TensorFlow Lite"),
        (b"\x80\x02}q\x00." + b"\0" * 64, "pickle"),
        (b"GGUF" + b"\0" * 64, "GGUF"),
    ],
)
def test_other_formats_are_known_by_their_first_bytes(tmp_path: Path, content: bytes, word: str) -> None:
    assert word in refused(write(tmp_path / "thing.onnx", content))


def test_a_pytorch_file_called_onnx(tmp_path: Path) -> None:
    path = tmp_path / "yolov8n.onnx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02}q\x00.")

    assert "onnx.export" in refused(path)


@pytest.mark.parametrize(
    "suffix", [".pt", ".pth", ".engine", ".tflite", ".safetensors", ".pb", ".h5", ".bin", ".keras", ".gguf"]
)
def test_other_formats_say_how_to_go_on(tmp_path: Path, suffix: str) -> None:
    line = refused(write(tmp_path / f"model{suffix}", b"anything"))

    assert suffix in line
    assert ".onnx file" in line


def test_a_missing_file_an_empty_file_and_a_folder(tmp_path: Path) -> None:
    (tmp_path / "yolo_openvino_model").mkdir()
    write(tmp_path / "yolo_openvino_model" / "yolo.xml", b"<net/>")

    assert "no such file" in refused(tmp_path / "nothing.onnx")
    assert "empty" in refused(write(tmp_path / "empty.onnx", b""))
    assert "such as yolo.xml" in refused(tmp_path / "yolo_openvino_model")


@pytest.mark.parametrize("share", [0.01, 0.3, 0.7, 0.99, 0.9999])
def test_a_truncated_model(tmp_path: Path, share: float) -> None:
    whole = graphs.yolo(metadata=graphs.ultralytics("detect", 80)).SerializeToString()
    line = refused(write(tmp_path / "cut.onnx", whole[: int(len(whole) * share)]))

    assert "cut short" in line


def test_a_model_cut_right_behind_its_graph(tmp_path: Path) -> None:
    model = graphs.classifier()
    del model.opset_import[:]

    assert "cut short" in refused(write(tmp_path / "cut.onnx", model))


def test_an_opset_of_the_future(tmp_path: Path) -> None:
    model = graphs.classifier()
    model.opset_import[0].version = 99
    line = refused(write(tmp_path / "new.onnx", model))

    assert "opset 99" in line
    assert f"opset {onnx.defs.onnx_opset_version()} or older" in line


def test_a_format_version_of_the_future(tmp_path: Path) -> None:
    model = graphs.classifier()
    model.ir_version = 99

    assert "format version 99" in refused(write(tmp_path / "new.onnx", model))


@pytest.mark.parametrize(
    ("inputs", "word"),
    [
        ({"input_ids": (TensorProto.INT64, ["b", "s"]), "attention_mask": (TensorProto.INT64, ["b", "s"])}, "language"),
        ({"past_key_values.0.key": (TensorProto.FLOAT, [1, 8, "s", 64])}, "language"),
        (
            {"pixel_values": (TensorProto.FLOAT, [1, 3, 224, 224]), "input_ids": (TensorProto.INT64, ["b", "s"])},
            "language",
        ),
        ({"input_features": (TensorProto.FLOAT, [1, 80, 3000])}, "audio"),
        ({"audio_signal": (TensorProto.FLOAT, ["b", "t"])}, "audio"),
        ({"x": (TensorProto.FLOAT, [1, 13])}, "takes no picture"),
        ({"x": (TensorProto.FLOAT, [1, 64, 32, 32])}, "takes no picture"),
        ({"x": (TensorProto.FLOAT, [3, 320, 320])}, "without a batch axis"),
    ],
)
def test_models_of_other_things(tmp_path: Path, inputs: dict[str, tuple[int, list[int | str]]], word: str) -> None:
    assert word in refused(write(tmp_path / "other.onnx", text_model(inputs)))


def test_an_unknown_second_input_is_named(tmp_path: Path) -> None:
    model = graphs.classifier()
    model.graph.input.append(helper.make_tensor_value_info("secret", TensorProto.FLOAT, [1, 5]))

    assert "secret (1x5 float32)" in refused(write(tmp_path / "two.onnx", model))


def test_operators_of_a_plug_in_are_a_warning(tmp_path: Path) -> None:
    model = graphs.classifier()
    model.graph.node[0].domain, model.graph.node[0].op_type = "mmdeploy", "Sharpen"
    card = identify(write(tmp_path / "m.onnx", model))

    assert any("mmdeploy.Sharpen" in warning for warning in card.warnings)


def test_names_in_a_model_do_not_steer_the_terminal(tmp_path: Path) -> None:
    line = refused(write(tmp_path / "evil.onnx", text_model({"\x1b[2Jx\n": (TensorProto.FLOAT, [1, 5])})))

    assert line.isprintable()


def raw_yolo_heads() -> onnx.ModelProto:
    net = graphs.Net()
    maps = [net.conv(feature, 6, 255) for feature in net.features()]
    return net.model({f"p{i}": net.reshape(m, 1, 3, 85, -1, 8) for i, m in enumerate(maps)})


def yolov5_segmentation() -> onnx.ModelProto:
    net = graphs.Net()
    table = net.constant([[[0.5] * 117] * 25200])
    planes = net.conv(net.features((4,))[0], 6, 32)
    return net.model({"output0": net.node("Add", table, net.constant(0.0)), "output1": planes})


def one_list_for_all_pictures() -> onnx.ModelProto:
    net = graphs.Net()
    boxes = net.transpose(net.rows(net.features(), 4), 0, 2, 1)
    chosen = net.node("NonMaxSuppression", boxes, net.rows(net.features(), 80), net.constant([100], "int64"))
    row = net.node("Gather", chosen, net.constant(2, "int64"), axis=1)
    table = net.reshape(net.transpose(net.rows(net.features(), 7), 0, 2, 1), -1, 7)
    return net.model({"output": net.node("Gather", table, row, axis=0)})


def retinaface() -> onnx.ModelProto:
    net = graphs.Net()
    rows = {name: net.transpose(net.rows(net.features(), w), 0, 2, 1) for name, w in (("b", 4), ("c", 2), ("l", 10))}
    return net.model(rows)


def depth() -> onnx.ModelProto:
    net = graphs.Net((256, 256))
    return net.model({"depth": net.node("Relu", net.conv("images", 3, 1, 3))})


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (raw_yolo_heads, "raw grids"),
        (yolov5_segmentation, "YOLOv5 segmentation"),
        (one_list_for_all_pictures, "one list"),
        (retinaface, "landmarks"),
        (depth, "depth"),
    ],
)
def test_layouts_that_are_known_and_not_read(tmp_path: Path, make: Callable[[], onnx.ModelProto], word: str) -> None:
    assert word in refused(write(tmp_path / "model.onnx", make()))


def test_outputs_that_nobody_knows_are_told(tmp_path: Path) -> None:
    net = graphs.Net((256, 256))
    line = refused(
        write(tmp_path / "m.onnx", net.model({"strange": net.reshape(net.conv("images", 3, 1), 2, 2, 2, 2, -1)}))
    )

    assert "strange 2x2x2x2x4096" in line


def test_a_graph_that_runs_in_a_circle(tmp_path: Path) -> None:
    model = graphs.classifier()
    model.graph.node[1].input[0] = model.graph.node[-1].output[0]

    assert "not an ONNX model" in refused(write(tmp_path / "circle.onnx", model))


def test_concatenations_without_end_are_not_followed(tmp_path: Path) -> None:
    net = graphs.Net((64, 64))
    tensor = net.reshape(net.conv("images", 3, 1, 1, 32), 1, 4, 1)
    for _ in range(40):
        tensor = net.concat(tensor, tensor, axis=2)
    model = net.model({"out": net.node("Slice", tensor, *(net.constant([n], "int64") for n in (0, 84, 2)))})

    assert "no layout" in refused(write(tmp_path / "nested.onnx", model))


def test_pictures_that_are_too_large(tmp_path: Path) -> None:
    line = refused(write(tmp_path / "huge.onnx", text_model({"x": (TensorProto.FLOAT, [1, 3, 100_000, 100_000])})))

    assert "100000" in line


def test_names_that_are_no_text(tmp_path: Path) -> None:
    content = graphs.classifier().SerializeToString().replace(b"output", b"\xff\xfetput")

    assert "not an ONNX model" in refused(write(tmp_path / "bytes.onnx", content))


# Weights in another file.


def with_external_weights(location: str, *, length: int | None = None) -> onnx.ModelProto:
    model = graphs.classifier(10)
    tensor = max(model.graph.initializer, key=lambda t: len(t.raw_data))
    size = len(tensor.raw_data)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", "0"), ("length", str(length or size))):
        tensor.external_data.add(key=key, value=value)
    return model


def test_external_weights_beside_the_model_belong_to_it(tmp_path: Path) -> None:
    path = write(tmp_path / "model.onnx", with_external_weights("model.data"))
    write(tmp_path / "model.data", b"\0" * 10_000)
    card = identify(path)
    write(tmp_path / "model.data", b"\1" * 10_000)

    assert card.model_bytes == path.stat().st_size + 10_000
    assert identify(path).sha256 != card.sha256


def test_missing_external_weights(tmp_path: Path) -> None:
    assert "'model.data', which is not there" in refused(
        write(tmp_path / "m.onnx", with_external_weights("model.data"))
    )


def test_external_weights_that_are_cut_short(tmp_path: Path) -> None:
    write(tmp_path / "model.data", b"\0" * 100)

    assert "cut short" in refused(write(tmp_path / "m.onnx", with_external_weights("model.data", length=101)))


@pytest.mark.parametrize(
    "location", ["../secret.data", "/etc/passwd", "a/../../secret.data", "..\\secret.data", "C:\\secret.data", "", "\0"]
)
def test_external_weights_outside_the_folder_are_refused(tmp_path: Path, location: str) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    write(tmp_path / "secret.data", b"\0" * 10_000)

    assert "refused" in refused(write(folder / "m.onnx", with_external_weights(location)))


def test_external_weights_behind_a_link_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    write(tmp_path / "secret.data", b"\0" * 10_000)
    (folder / "model.data").symlink_to(tmp_path / "secret.data")

    assert "refused" in refused(write(folder / "m.onnx", with_external_weights("model.data")))


def test_external_data_of_a_constant_node_is_checked_too(tmp_path: Path) -> None:
    tensor = TensorProto(data_type=TensorProto.FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="../outside")
    model = graphs.classifier(10)
    model.graph.node.insert(0, helper.make_node("Constant", [], ["hidden"], value=tensor))

    assert "refused" in refused(write(tmp_path / "m.onnx", model))


# OpenVINO.


def ir(tmp_path: Path, xml: bytes, weights: bytes | None = b"") -> Path:
    if weights is not None:
        write(tmp_path / "m.bin", weights)
    return write(tmp_path / "m.xml", xml)


def test_an_ir_without_its_weights(tmp_path: Path) -> None:
    assert "m.bin in the same folder" in refused(ir(tmp_path, b'<net version="11"><layers/></net>', None))


@pytest.mark.parametrize(
    "xml",
    [
        b"not xml at all",
        b"<net version='11'><layers>",
        b"<svg><layers/></svg>",
        b"<net version='11'></net>",
        b"<net version='11'><layers><layer/></layers></net>",
        b"<?xml version='1.0'?><!DOCTYPE net [<!ENTITY a 'aa'>]><net version='11'><layers>&a;</layers></net>",
        b"<?xml version='1.0'?><!DOCTYPE net SYSTEM 'http://127.0.0.1/x.dtd'><net version='11'><layers/></net>",
        b"<a>" * 10_000,
    ],
    ids=["text", "cut", "svg", "no layers", "bare layer", "entity", "doctype", "deep"],
)
def test_an_xml_that_is_no_ir(tmp_path: Path, xml: bytes) -> None:
    assert "not an OpenVINO IR" in refused(ir(tmp_path, xml))


@pytest.mark.parametrize("version", ["7", "12", "x", ""])
def test_an_ir_of_another_version(tmp_path: Path, version: str) -> None:
    xml = f"<net version='{version}'><layers/></net>".encode()

    assert "version 10 or 11" in refused(ir(tmp_path, xml))


def test_control_characters_in_the_notes_of_an_ir_are_no_damage(tmp_path: Path) -> None:
    """As OpenVINO writes them, though XML allows no number for them."""
    notes = "".join(f"<k{n} value='a&#{n};b&#x{n:02X};c'/>" for n in (0, 1, 7, 9, 10, 13, 14, 27, 31, 32, 65))
    xml = f"<net version='11'><layers/><edges/><rt_info><framework>{notes}</framework></rt_info></net>"
    metadata = read_ir(xml.encode(), write(tmp_path / "m.bin", b"")).metadata

    assert metadata["k27"] == "a b c"
    assert metadata["k9"] == "a\tb\tc"
    assert metadata["k65"] == "aAbAc"


def test_an_ir_whose_weights_are_cut_short(tmp_path: Path) -> None:
    layer = (
        "<layer id='0' name='c' type='Const'><data element_type='f32' shape='4' offset='0' size='16'/>"
        "<output><port id='0' precision='FP32'><dim>4</dim></port></output></layer>"
    )
    xml = f"<net version='11'><layers>{layer}</layers><edges/></net>".encode()

    assert "cut short" in refused(ir(tmp_path, xml, struct.pack("<3f", 0, 0, 0)))


def test_weights_are_not_needed_to_identify(tmp_path: Path) -> None:
    """Shapes and types are enough: the numbers of large tensors are never looked at."""
    model = graphs.yolo()
    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT and len(tensor.raw_data) > 64_000:
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor) * 0, tensor.name))

    assert identify(write(tmp_path / "zeros.onnx", model)).family == "yolov8"


def test_a_model_that_may_not_be_looked_at_is_named_with_its_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "exists", refuse)
    with pytest.raises(
        ModelError, match=r"a\.onnx: The file cannot be read \(Permission denied\)\. Check its rights\."
    ):
        identify(tmp_path / "a.onnx")


def test_a_name_in_no_alphabet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="The file name has letters that cannot be passed on"):
        identify(tmp_path / "caf\udce9.onnx")
