"""Files that are no video, or only part of one: what a person is told."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from numbered_video import number_in, write_sound, write_video

from engine.capture.source import Ended, SourceOptions, SourceState, Wait
from engine.capture.video_file import VideoFileSource
from engine.errors import SourceError, SourceReason
from engine.frames import Frame


def read_all(source: VideoFileSource) -> list[Frame]:
    frames = []
    while not isinstance(item := source.read(), Ended):
        if not isinstance(item, Wait):
            frames.append(item)
    return frames


def error_of(path: Path) -> SourceError:
    with pytest.raises(SourceError) as caught:
        VideoFileSource(str(path), SourceOptions()).open()
    assert caught.value.subject == str(path)
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_missing_file(tmp_path: Path) -> None:
    error = error_of(tmp_path / "nothing.mp4")
    assert error.what == "There is no such file"
    assert error.reason is SourceReason.NOT_FOUND


def test_a_file_of_zero_bytes(tmp_path: Path) -> None:
    path = tmp_path / "zero.mp4"
    path.touch()
    assert error_of(path).what == "The file is empty (0 bytes)"


def test_a_text_file(tmp_path: Path) -> None:
    path = tmp_path / "text.mp4"
    path.write_text("This is not a video, naïve reader.\n" * 300, encoding="utf-8")
    assert error_of(path).what == "The file holds text, not a video"


def test_a_file_of_noise(tmp_path: Path) -> None:
    path = tmp_path / "noise.mkv"
    path.write_bytes(bytes(range(256)) * 40)
    assert error_of(path).what == "No picture in the file can be decoded"


@pytest.mark.parametrize("suffix", ["mp4", "wav", "mp3"])
def test_a_file_of_sound_alone(suffix: str, tmp_path: Path) -> None:
    sound = write_sound(tmp_path / "sound.mp4")
    path = tmp_path / f"only.{suffix}"
    heads = {"mp4": sound.read_bytes(), "wav": b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0", "mp3": b"ID3\x04\0\0\0\0\0\0"}
    path.write_bytes(heads[suffix])
    assert error_of(path).what == "The file holds only sound"


def test_a_video_without_the_index_at_its_end(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.mp4").read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(whole[: len(whole) // 2])
    assert error_of(path).what == "The video is cut off: the index at its end is missing"


@pytest.mark.parametrize("name", ["front.mp4", "cut.mkv", "cut.avi"])
def test_a_truncated_video_gives_what_it_has_and_says_where_it_ended(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if name.endswith("avi"):
        write_video(path, codec="mpeg4", time_base=Fraction(1, 25))
    else:
        write_video(path, muxer={"movflags": "faststart"} if name.endswith("mp4") else {})
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * 0.6)])
    source = VideoFileSource(str(path), SourceOptions())
    source.open()
    assert source.info is not None
    assert any("cut off" in warning and f"{len(whole):,} bytes" in warning for warning in source.info.warnings)
    frames = read_all(source)
    assert 30 < len(frames) < 110
    assert [number_in(frame.image) for frame in frames[:30]] == list(range(30))
    status = source.status
    assert status.state is SourceState.ENDED
    assert f"it ends after {len(frames)} pictures" in status.message
    assert "of the 4.8 s that its header promises" in status.message
    assert source.info.frames == len(frames)
    assert source.info.warnings == (status.message,)
    source.close()


def test_a_damaged_place_is_passed_over_and_told(tmp_path: Path) -> None:
    path = write_video(tmp_path / "damaged.mp4", **{"x264-params": "keyint=40:min-keyint=40:scenecut=0:bframes=3"})
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + len(data) // 3
    data[start : start + 800] = bytes(800)
    path.write_bytes(data)
    source = VideoFileSource(str(path), SourceOptions())
    source.open()
    frames = read_all(source)
    assert number_in(frames[-1].image) == 119
    assert len(frames) < 120
    assert source.info is not None
    assert source.info.warnings == ("Damaged places in the file cannot be decoded and are left out",)
    source.seek_frame(len(frames) - 3)
    found = next(item for item in iter(source.read, None) if isinstance(item, Frame))
    assert number_in(found.image) == number_in(frames[-3].image)
    source.close()


def test_times_never_run_backwards_in_a_damaged_file(tmp_path: Path) -> None:
    path = write_video(tmp_path / "twice.ts", frames=60)
    path.write_bytes(path.read_bytes() * 2)
    source = VideoFileSource(str(path), SourceOptions())
    source.open()
    frames = read_all(source)
    times_s = [frame.media_time_s or 0.0 for frame in frames]
    assert len(frames) > 100
    assert all(earlier < later for earlier, later in pairwise(times_s))
    source.seek_frame(90)
    found = next(item for item in iter(source.read, None) if isinstance(item, Frame))
    assert number_in(found.image) == number_in(frames[90].image)
    source.close()


@pytest.mark.skipif(sys.platform != "linux", reason="file names are always Unicode; only on Windows and macOS")
@pytest.mark.parametrize("name", ["caf\udce9.mp4", "車.mp4"])
def test_a_name_in_no_alphabet_is_refused_and_one_in_any_is_read(tmp_path: Path, name: str) -> None:
    """In a process of its own, where the locale knows no letters beyond ASCII: OpenCV crashed there."""
    path = tmp_path / name
    path.write_text("this is no film")
    code = (
        "import sys\n"
        "from engine.capture.source import SourceOptions\n"
        "from engine.capture.video_file import VideoFileSource\n"
        "from engine.errors import SourceError\n"
        "try:\n"
        "    VideoFileSource(sys.argv[1], SourceOptions()).open()\n"
        "except SourceError as error:\n"
        "    print(error.what)\n"
    )
    environment = {**os.environ, "PYTHONUTF8": "0", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-c", code, os.fsencode(path)], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    told = "The file name has letters that cannot be passed on" if "\udce9" in name else "The file holds text"
    assert done.stdout.startswith(told)
