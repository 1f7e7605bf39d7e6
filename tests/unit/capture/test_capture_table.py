"""Which source a text names."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from engine.capture.source import SourceOptions
from engine.capture.table import SOURCES, open_source, parse_source
from engine.errors import SourceError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("camera:0", ("camera", "0")),
        ("camera:Yard camera", ("camera", "Yard camera")),
        ("Camera: 2 ", ("camera", "2")),
        ("screen:1", ("screen", "1")),
        ("rtsp://user:secret@10.0.0.1/live", ("network", "rtsp://user:secret@10.0.0.1/live")),
        ("https://example.com/a.jpg", ("network", "https://example.com/a.jpg")),
        ("clip.mp4", ("video", "clip.mp4")),
        ("dance.gif", ("video", "dance.gif")),
        ("PHOTO.JPG", ("image", "PHOTO.JPG")),
        ("two words é.png", ("image", "two words é.png")),
        ("C:\\videos\\clip.mp4", ("video", "C:\\videos\\clip.mp4")),
    ],
)
def test_texts_and_the_sources_they_name(text: str, expected: tuple[str, str]) -> None:
    assert parse_source(text) == expected


def test_a_folder_is_one_whatever_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "holiday.mp4"
    folder.mkdir()
    assert parse_source(str(folder)) == ("folder", str(folder))


@pytest.mark.parametrize("text", ["", "   ", "rtmp://user:secret@host/live", "file:///home/clip.mp4"])
def test_other_texts_are_answered_with_what_there_is(text: str) -> None:
    with pytest.raises(SourceError, match="This is not a source") as caught:
        parse_source(text)
    assert "a file, a folder of pictures, camera:0" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_missing_file_shows_when_it_is_opened(tmp_path: Path) -> None:
    source = open_source(str(tmp_path / "nothing.mp4"), SourceOptions())
    assert (source.live, source.info, source.source_id) == (False, None, str(tmp_path / "nothing.mp4"))
    with pytest.raises(SourceError, match="There is no such file"):
        source.open()


@pytest.mark.parametrize("entry", SOURCES.values())
def test_every_entry_of_the_table_can_be_loaded(entry: str) -> None:
    module, _, name = entry.partition(":")
    assert callable(getattr(import_module(module), name))


def test_the_table_alone_loads_neither_opencv_nor_mss() -> None:
    script = "import sys, engine.capture.table; print(sorted({'cv2', 'mss', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "['numpy']"
