"""Pictures of every kind, and folders of them."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.capture.images import ImagesSource
from engine.capture.picture import read_picture
from engine.capture.source import Ended, SourceOptions, SourceState, Wait
from engine.errors import SourceError
from engine.frames import Frame
from engine.opencv import cv2

RED_CMYK_JPEG = zlib.decompress(
    base64.b85decode(
        "c-s4a<NrGbKF5^&q*R6!1`zmvo57iZmy?T|i-VV&i<^&+mtR;xR9HwzSY1X=TtQFM&_GX9SI5}O%g)%$&0I&<A>7f;$1f;2$jB}#F)ARzD=^6a"
        "{{aRO4hA4(aTa9o6=aAMWbhVb_<w{!gn^L(6|jRu1<*wq{@-HYV{vBiWr$?(W?-;q@RQ)-JpcbD0FXQ(Wd"
    )
)
ORIENTATION_6 = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"


def encode(name: str, pixels: NDArray[np.generic]) -> bytes:
    done, data = cv2.imencode(Path(name).suffix, pixels)
    assert done
    return bytes(data)


def save(path: Path, pixels: NDArray[np.generic]) -> Path:
    path.write_bytes(encode(path.name, pixels))
    return path


def png(width: int, height: int, colour_type: int, pixels: bytes, *, extra: bytes = b"") -> bytes:
    """A PNG of 8 bits a channel; each row of ``pixels`` begins with its filter."""
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    body = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def grey(height: int, width: int, value: int) -> NDArray[np.uint8]:
    return np.full((height, width, 3), value, np.uint8)


def opened(path: Path) -> ImagesSource:
    source = ImagesSource(str(path), SourceOptions())
    source.open()
    return source


def read_all(source: ImagesSource) -> list[Frame]:
    frames = []
    while not isinstance(item := source.read(), Ended):
        if not isinstance(item, Wait):
            frames.append(item)
    return frames


def error_of(path: Path) -> SourceError:
    with pytest.raises(SourceError) as caught:
        opened(path)
    assert "\n" not in str(caught.value)
    assert caught.value.subject == str(path)
    return caught.value


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.bmp", "a.tif", "a.jp2", "a.ppm", "a.avif", "A.JPEG"])
def test_every_format_gives_its_colours(name: str, tmp_path: Path) -> None:
    picture = read_picture(save(tmp_path / name, np.full((48, 64, 3), (40, 90, 200), np.uint8)))
    assert picture.image.shape == (48, 64, 3)
    assert picture.image.dtype == np.uint8
    assert np.abs(picture.image.astype(int) - (40, 90, 200)).max() <= 6


def test_a_grey_picture_becomes_three_equal_channels(tmp_path: Path) -> None:
    picture = read_picture(save(tmp_path / "grey.png", np.arange(48, dtype=np.uint8).reshape(6, 8)))
    assert np.array_equal(picture.image, np.repeat(np.arange(48).reshape(6, 8, 1), 3, axis=2))


def test_16_bits_keep_their_full_scale(tmp_path: Path) -> None:
    picture = read_picture(save(tmp_path / "deep.png", np.array([[0, 257, 128 * 257, 65535]], np.uint16)))
    assert picture.image[0, :, 0].tolist() == [0, 1, 128, 255]
    assert picture.depth_bits == 16


def test_a_12_bit_camera_does_not_come_out_black(tmp_path: Path) -> None:
    source = opened(save(tmp_path / "twelve.png", np.array([[0, 2048, 4095]], np.uint16)))
    (frame,) = read_all(source)
    assert frame.image[0, :, 0].tolist() == [0, 128, 255]
    assert source.info is not None
    assert "12 bits" in source.info.warnings[0]


def test_what_is_transparent_shows_white(tmp_path: Path) -> None:
    pixels = np.zeros((1, 3, 4), np.uint8)
    pixels[0, :, 3] = (0, 51, 255)
    expected = [255, 204, 0]
    assert read_picture(save(tmp_path / "a.png", pixels)).image[0, :, 0].tolist() == expected
    deep = save(tmp_path / "deep.png", pixels.astype(np.uint16) * 257)
    assert read_picture(deep).image[0, :, 0].tolist() == expected
    (tmp_path / "a.webp").write_bytes(bytes(cv2.imencode(".webp", pixels, [cv2.IMWRITE_WEBP_QUALITY, 101])[1]))
    assert read_picture(tmp_path / "a.webp").image[0, [0, 2], 0].tolist() == [255, 0]


@pytest.mark.parametrize(
    "data",
    [
        png(2, 1, 4, b"\0" + bytes((50, 0, 50, 255))),
        png(2, 1, 3, b"\0\0\1", extra=chunk(b"PLTE", bytes([50] * 6)) + chunk(b"tRNS", bytes((0, 255)))),
    ],
    ids=["grey with alpha", "palette with alpha"],
)
def test_transparency_of_grey_and_of_palettes(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(data)
    assert read_picture(path).image.tolist() == [[[255] * 3, [50] * 3]]


def test_a_phone_picture_stands_upright(tmp_path: Path) -> None:
    pixels = np.zeros((16, 32, 3), np.uint8)
    pixels[:, :16] = 255
    jpeg = encode("a.jpg", pixels)
    exif = b"Exif\0\0" + ORIENTATION_6
    path = tmp_path / "phone.jpg"
    path.write_bytes(jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:])
    image = read_picture(path).image
    assert image.shape == (32, 16, 3)
    assert image[4, 8, 0] > 250
    assert image[28, 8, 0] < 5


def test_a_cmyk_jpeg(tmp_path: Path) -> None:
    path = tmp_path / "print.jpg"
    path.write_bytes(RED_CMYK_JPEG)
    assert np.abs(read_picture(path).image.astype(int) - (0, 0, 255)).max() <= 3


@pytest.mark.parametrize(("height", "width"), [(1, 1), (6000, 8000)])
def test_the_smallest_and_a_large_picture(height: int, width: int, tmp_path: Path) -> None:
    (frame,) = read_all(opened(save(tmp_path / "size.jpg", grey(height, width, 77))))
    assert (frame.height, frame.width) == (height, width)
    assert abs(int(frame.image[-1, -1, 0]) - 77) <= 1


def test_a_picture_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png(30_000, 30_000, 0, b""))
    assert error_of(path).what == "The picture has more than 128 million pixels"


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("zero.jpg", b"", "The file is empty (0 bytes)"),
        ("text.png", b"This is a text.", "The file is not a picture, or it is damaged"),
        ("cut.png", png(64, 64, 0, bytes(64 * 65))[:70], "The picture is cut off"),
        ("cut.jpg", RED_CMYK_JPEG[:100], "The file is not a picture, or it is damaged"),
    ],
)
def test_files_that_are_no_picture(name: str, data: bytes, what: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert error_of(path).what == what


def test_pixels_of_floating_point_are_refused_in_words(tmp_path: Path) -> None:
    error = error_of(save(tmp_path / "float.tif", np.ones((4, 4, 3), np.float32)))
    assert error.what == "Pixels of type float32 are not supported"


def test_a_missing_picture(tmp_path: Path) -> None:
    assert error_of(tmp_path / "nothing.jpg").what == "There is no such file"


def test_one_picture_is_one_frame_that_can_be_asked_for_again(tmp_path: Path) -> None:
    path = save(tmp_path / "картинка 1.png", grey(6, 8, 5))
    source = opened(path)
    assert source.info is not None
    assert (source.info.kind, source.info.frames, source.info.width, source.info.height) == ("image", 1, 8, 6)
    (frame,) = read_all(source)
    assert (frame.sequence, frame.media_time_s, frame.source_id) == (0, None, str(path))
    assert source.status.state is SourceState.ENDED
    source.seek_time(0.0)
    assert [again.image[0, 0, 0] for again in read_all(source)] == [5]
    source.close()


def test_a_folder_comes_in_natural_order_and_without_other_files(tmp_path: Path) -> None:
    for number, name in enumerate(["b 10.png", "b 9.png", "A1.JPG", "ß.webp", "b 9 é.png"]):
        save(tmp_path / name, grey(4, 4, number * 40))
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "._b 9.png").write_bytes(b"left by another system")
    (tmp_path / "inner.png").mkdir()
    source = opened(tmp_path)
    frames = read_all(source)
    names = ["A1.JPG", "b 9 é.png", "b 9.png", "b 10.png", "ß.webp"]
    assert sorted(Path(frame.source_id).name for frame in frames) == sorted(names)
    assert [Path(frame.source_id).name for frame in frames][-2:] == ["b 10.png", "ß.webp"]
    assert [frame.sequence for frame in frames] == [0, 1, 2, 3, 4]
    assert source.info is not None
    assert (source.info.kind, source.info.title, source.info.frames) == ("folder", tmp_path.name, 5)
    source.seek_frame(3)
    found = source.read()
    assert isinstance(found, Frame)
    assert Path(found.source_id).name == "b 10.png"
    source.seek_frame(5)
    assert isinstance(source.read(), Ended)


def test_unreadable_pictures_of_a_folder_are_left_out_and_counted(tmp_path: Path) -> None:
    for number in range(6):
        save(tmp_path / f"{number}.png", grey(4, 4, number * 40))
    for number in (0, 3, 4, 5):
        (tmp_path / f"{number}.png").write_bytes(b"broken")
    source = opened(tmp_path)
    assert source.info is not None
    assert source.info.warnings == ("1 of 6 pictures cannot be read and are left out: 0.png",)
    for _round in range(2):
        source.seek_frame(0)
        assert [frame.sequence for frame in read_all(source)] == [1, 2]
        expected = "4 of 6 pictures cannot be read and are left out: 0.png, 3.png, 4.png, .."
        assert source.info.warnings == (expected,)


def test_an_empty_folder_and_one_of_broken_pictures(tmp_path: Path) -> None:
    assert error_of(tmp_path).what == "The folder has no pictures"
    (tmp_path / "a.png").write_bytes(b"broken")
    assert error_of(tmp_path).what == "None of the pictures in the folder can be read"


def test_pictures_have_no_time(tmp_path: Path) -> None:
    source = opened(save(tmp_path / "a.png", grey(4, 4, 0)))
    with pytest.raises(SourceError, match="Pictures have no time"):
        source.seek_time(3.0)
