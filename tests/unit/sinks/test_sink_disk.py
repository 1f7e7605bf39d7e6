"""What happens where a file cannot be written, or not to its end."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from frame_results import make_detections, make_result

from engine.errors import CancelledError, SinkError
from engine.opencv import cv2
from engine.sinks.csv_rows import CsvSink
from engine.sinks.disk import place_together, require_space, write_whole
from engine.sinks.json_lines import JsonLinesSink
from engine.sinks.sink import Sink
from engine.sinks.snapshot import save_snapshot
from engine.sinks.video_file import VideoFileSink

ROOT = Path(__file__).resolve().parents[3]

SINKS: dict[str, Callable[[Path], Sink]] = {
    "out.jsonl": JsonLinesSink,
    "out.csv": CsvSink,
    "out.mp4": VideoFileSink,
    "out.webm": VideoFileSink,
}


@pytest.fixture
def locked_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in which nothing can be made. The superuser is only stopped by the kernel's own."""
    if os.name == "nt":
        pytest.skip("folders are locked in another way; only on Windows")
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    yield Path("/sys/kernel") if os.access(folder, os.W_OK) else folder
    folder.chmod(0o700)


def refused(name: str, folder: Path) -> str:
    sink = SINKS[name](folder / name)
    with pytest.raises(SinkError) as caught:
        sink.open()
    return str(caught.value)


@pytest.mark.parametrize("name", SINKS)
def test_a_missing_folder_is_named_with_its_cure(tmp_path: Path, name: str) -> None:
    message = refused(name, tmp_path / "nowhere")
    assert message == f"{tmp_path / 'nowhere' / name}: The folder does not exist. Create it or choose another folder."
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", SINKS)
def test_a_locked_folder_is_named_with_its_cure(locked_folder: Path, name: str) -> None:
    message = refused(name, locked_folder)
    assert message.startswith(f"{locked_folder / name}: It may not be written. Choose another folder")


@pytest.mark.parametrize("name", SINKS)
def test_a_folder_is_no_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    assert "It is a folder" in refused(name, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", SINKS)
def test_opening_touches_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("old")
    sink = SINKS[name](tmp_path / name)
    sink.open()
    assert (tmp_path / name).read_text() == "old"
    sink.close()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "old"


@pytest.mark.parametrize("name", SINKS)
def test_a_name_that_is_too_long_is_refused(tmp_path: Path, name: str) -> None:
    sink = SINKS[name](tmp_path / f"{'long' * 80}{name}")
    with pytest.raises(SinkError, match=r"The file name is too long\. Choose a shorter name\."):
        sink.open()


def test_what_a_killed_recording_left_is_not_lost_by_opening_another(tmp_path: Path) -> None:
    (tmp_path / "out.part.webm").write_bytes(b"plays")
    sink = VideoFileSink(tmp_path / "out.webm")
    sink.open()
    sink.close()
    assert (tmp_path / "out.part.webm").read_bytes() == b"plays"


@pytest.mark.parametrize("name", SINKS)
def test_names_may_have_spaces_and_any_letters(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"車 und Straße {name}"
    sink = SINKS[name](path)
    sink.open()
    sink.write(make_result(make_detections((1, 2, 30, 40, 0.5, 0)), media_time_s=0.0, size=(64, 48)))
    sink.close()
    assert path.stat().st_size > 100
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


# Full disks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sink_type", [JsonLinesSink, CsvSink])
def test_a_full_disk_is_named_with_its_cure(sink_type: Callable[[Path], Sink]) -> None:
    device = Path("/dev/full")
    if not device.exists():
        pytest.skip("this system has no device that is always full; only on Windows and macOS")
    sink = sink_type(device)
    sink.open()
    with pytest.raises(SinkError) as caught:
        sink.write(make_result(make_detections((1, 2, 3, 4, 0.5, 0))))
    assert str(caught.value) == "/dev/full: The disk is full. Free some space or choose another disk."
    sink.close()


def run_limited(path: Path, code: str) -> str:
    """Run code in a process whose files may not grow beyond 20 kB; returns what it printed."""
    pytest.importorskip("resource", reason="files cannot be limited; only on Windows")
    setup = (
        "import resource, sys\n"
        f"sys.path.insert(0, {str(ROOT / 'tests')!r})\n"
        "from pathlib import Path\n"
        "import numpy as np\n"
        "from engine.errors import SinkError\n"
        "from engine.sinks.csv_rows import CsvSink\n"
        "from engine.sinks.json_lines import JsonLinesSink\n"
        "from engine.sinks.video_file import VideoFileSink\n"
        "from frame_results import make_detections, make_result\n"
        f"path = Path({str(path)!r})\n"
        "noise = np.random.default_rng(0)\n"
        "def result(i):\n"
        "    image = noise.integers(0, 255, (120, 160, 3), np.uint8)\n"
        "    found = make_detections((1, 2, 30, 40, 0.5, 0))\n"
        "    return make_result(found, image=image, sequence=i, media_time_s=i / 10)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
    )
    done = subprocess.run([sys.executable, "-c", setup + code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


WRITE_UNTIL_REFUSED = """
sink = TYPE(path)
sink.open()
try:
    for i in range(1000): sink.write(result(i))
except SinkError as error:
    print(i, error)
try:
    sink.close()
except SinkError as error:
    print('close', error)
"""


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv"])
def test_where_no_more_fits_the_file_ends_with_its_last_whole_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    printed = run_limited(path, WRITE_UNTIL_REFUSED.replace("TYPE", SINKS[name].__name__))
    count = int(printed.split()[0])
    assert "has become larger than it may be" in printed and "close" not in printed
    text = path.read_text("utf-8")
    assert text.endswith("\n") and 19_000 < len(text) <= 20_000
    lines = text.splitlines()
    if name == "out.jsonl":
        assert [json.loads(line)["frame"] for line in lines] == list(range(count))
    else:
        assert len(lines) == count + 1 and len({line.count(",") for line in lines}) == 1


@pytest.mark.parametrize("name", ["out.mp4", "out.webm"])
def test_a_video_that_no_longer_fits_fails_in_words_and_leaves_no_part(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("an older video")
    printed = run_limited(path, WRITE_UNTIL_REFUSED.replace("TYPE", "VideoFileSink"))
    assert (
        "The video could not be written to its end: the disk is full or the file too large" in printed.splitlines()[0]
    )
    assert [found.name for found in tmp_path.iterdir()] == [name]
    is_new = path.read_bytes() != b"an older video"
    assert not is_new or cv2.VideoCapture(str(path)).read()[0], "what is kept can be played"


@pytest.mark.parametrize("name", ["out.mp4", "out.webm"])
def test_a_video_is_not_begun_on_an_almost_full_disk(tmp_path: Path, name: str) -> None:
    with pytest.raises(SinkError, match=r"almost full: \d+ MB are free; expected at least 1000000000000 MB"):
        VideoFileSink(tmp_path / name, keep_free_bytes=10**18).open()
    assert list(tmp_path.iterdir()) == []


def test_a_video_stops_before_the_disk_is_full_and_can_be_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage:
        free = 10**12

    path = tmp_path / "out.mp4"
    monkeypatch.setattr("engine.sinks.disk.shutil.disk_usage", lambda _folder: Usage)
    sink = VideoFileSink(path)
    sink.open()
    for i in range(10):
        sink.write(make_result(size=(64, 48), sequence=i, media_time_s=i / 10))
    Usage.free = 150_000_000
    with pytest.raises(
        SinkError, match=r"out\.mp4: The disk is almost full: 150 MB are free; expected at least 200 MB"
    ):
        sink.write(make_result(size=(64, 48), sequence=10, media_time_s=1.0))
    sink.close()
    assert int(cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FRAME_COUNT)) == 10


def test_a_folder_that_went_away_is_named(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="folder does not exist"):
        require_space(tmp_path / "gone" / "out.mp4", 0)


# Whole files ----------------------------------------------------------------------------------------------------------


def test_a_file_is_replaced_only_when_the_new_one_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "shot.png"
    write_whole(path, b"old")
    printed = run_limited(
        path,
        "from engine.sinks.disk import write_whole\n"
        "try: write_whole(path, bytes(30_000))\n"
        "except SinkError as error: print(error)\n",
    )
    assert "larger than it may be" in printed
    assert path.read_bytes() == b"old"
    assert [found.name for found in tmp_path.iterdir()] == ["shot.png"]


@pytest.mark.parametrize("name", ["shot.png", "shot.jpg"])
def test_a_snapshot_that_cannot_be_written_says_so(tmp_path: Path, name: str) -> None:
    with pytest.raises(SinkError, match="The folder does not exist"):
        save_snapshot(make_result(), tmp_path / "nowhere" / name)
    (tmp_path / name).mkdir()
    with pytest.raises(SinkError, match="It is a folder"):
        save_snapshot(make_result(), tmp_path / name)
    assert [found.name for found in tmp_path.iterdir()] == [name]


def test_a_picture_too_wide_for_jpeg_says_so(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match=r"70000x1 does not fit this format\. Save a \.png"):
        save_snapshot(make_result(image=np.zeros((1, 70_000, 3), np.uint8)), tmp_path / "wide.jpg")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def belonging(tmp_path: Path) -> list[tuple[Path, Path]]:
    """A weight file and the graph that leads to it, and their places, where older ones lie."""
    made, out = tmp_path / "made", tmp_path / "out"
    pairs = [(made / name, out / name) for name in ("net.bin", "net.xml")]
    for folder, content in ((made, b"new"), (out, b"old")):
        folder.mkdir()
        for suffix in (".bin", ".xml"):
            (folder / f"net{suffix}").write_bytes(content)
    return pairs


def test_files_that_belong_together_come_to_their_places(belonging: list[tuple[Path, Path]]) -> None:
    place_together(belonging)
    assert [place.read_bytes() for _, place in belonging] == [b"new", b"new"]
    assert len(list(belonging[0][1].parent.iterdir())) == 2


@pytest.mark.parametrize("fails", [OSError(errno.ENOSPC, "full"), CancelledError()])
def test_of_files_that_belong_together_none_comes_alone(belonging: list[tuple[Path, Path]], fails: Exception) -> None:
    def bring(file: Path, place: Path) -> None:
        shutil.copyfile(file, place)
        if file.suffix == ".xml":
            raise fails

    with pytest.raises((SinkError, CancelledError)):
        place_together(belonging, bring)
    assert [place.read_bytes() for _, place in belonging] == [b"old", b"old"]
    assert len(list(belonging[0][1].parent.iterdir())) == 2
