"""Downloads from a server that breaks off, lies and stalls."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from servers.file_server import FileServer
from servers.tls import own_certificate

from engine.errors import CancelledError, DownloadError
from engine.library.download import bytes_so_far, discard, download
from engine.library.http_fetch import Limits
from engine.library.wanted import Wanted
from engine.pipeline.jobs import JobControl

CONTENT = bytes(range(256)) * 4096
LIMITS = Limits(connect_s=5.0, read_s=5.0, tries=3, first_pause_s=0.0, plain_http=True)


@pytest.fixture
def server() -> Iterator[FileServer]:
    with FileServer(CONTENT) as server:
        yield server


@pytest.fixture
def wanted(server: FileServer, tmp_path: Path) -> Wanted:
    target = tmp_path / "models" / "model.onnx"
    return Wanted(server.address, target, len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


class Report(JobControl):
    """What a task would show. ``cancel_at`` is the share at which a person loses patience."""

    def __init__(self, cancel_at: float = 2.0) -> None:
        super().__init__()
        self.phases: list[str] = []
        self.shares: list[float] = []
        self.cancel_at = cancel_at

    def progress(self, phase: str, share: float | None = None) -> None:
        self.phases.append(phase)
        self.shares += [] if share is None else [share]
        if share is not None and share >= self.cancel_at:
            self.cancel()
        super().progress(phase, share)


def get(wanted: Wanted, report: Report | None = None, limits: Limits = LIMITS) -> bytes:
    return download(wanted, report or Report(), limits).read_bytes()


def left_over(wanted: Wanted) -> list[str]:
    return sorted(file.name for file in wanted.target.parent.iterdir())


def test_a_file_arrives_whole_with_its_progress_told(wanted: Wanted) -> None:
    report = Report()
    assert get(wanted, report) == CONTENT
    assert report.shares == sorted(report.shares)
    assert report.shares[-1] == 1.0
    assert dict.fromkeys(report.phases) == dict.fromkeys(("Connecting", "Downloading", "Checking"))
    assert left_over(wanted) == ["model.onnx"]


def test_a_broken_download_goes_on_where_it_broke(server: FileServer, wanted: Wanted) -> None:
    server.breaks = [300_000, 300_000]
    assert get(wanted) == CONTENT
    assert server.asked == ["", "bytes=300000-", "bytes=600000-"]
    assert server.headers[1]["if-range"] == server.tag


def test_it_goes_on_after_the_program_was_ended(server: FileServer, wanted: Wanted) -> None:
    server.breaks = [500_000]
    with pytest.raises(DownloadError, match=r"(broke off|ended early)\. Check the network"):
        get(wanted, limits=replace(LIMITS, tries=1))
    assert bytes_so_far(wanted.target) == 500_000
    assert get(wanted) == CONTENT
    assert server.asked[-1] == "bytes=500000-"


def test_a_file_that_changed_meanwhile_begins_again(server: FileServer, wanted: Wanted) -> None:
    server.breaks = [500_000]
    with pytest.raises(DownloadError):
        get(wanted, limits=replace(LIMITS, tries=1))
    server.tag = '"two"'
    assert get(wanted) == CONTENT


def test_a_server_that_ignores_ranges_begins_again(server: FileServer, wanted: Wanted) -> None:
    server.ranges, server.breaks = False, [700_000]
    assert get(wanted) == CONTENT


def test_a_weak_tag_is_not_used_to_go_on(server: FileServer, wanted: Wanted) -> None:
    server.tag, server.breaks = 'W/"one"', [700_000]
    assert get(wanted) == CONTENT
    assert "if-range" not in server.headers[1]


def test_a_server_that_sends_another_part_begins_again(server: FileServer, wanted: Wanted) -> None:
    server.breaks, server.begin = [700_000], 1000
    assert get(wanted) == CONTENT
    assert server.asked == ["", "bytes=700000-", ""]


def test_it_gives_up_where_no_try_brings_anything_new(server: FileServer, wanted: Wanted) -> None:
    server.breaks = [1000, 0, 0, 0, 0]
    with pytest.raises(DownloadError, match="Check the network and try again: what has come is kept"):
        get(wanted)
    assert len(server.headers) == 3
    assert bytes_so_far(wanted.target) == 1000


def test_a_server_that_ignores_ranges_and_always_breaks_off_is_given_up(server: FileServer, wanted: Wanted) -> None:
    server.ranges, server.breaks = False, [700_000] * 10
    with pytest.raises(DownloadError):
        get(wanted)
    assert len(server.headers) == 3


def test_passing_trouble_is_waited_for(server: FileServer, wanted: Wanted) -> None:
    server.statuses = ["503 Service Unavailable", "429 Too Many Requests\r\nRetry-After: 3600"]
    report = Report()
    assert get(wanted, report, replace(LIMITS, first_pause_s=0.05, longest_pause_s=0.1)) == CONTENT
    assert "The server has trouble (503). Trying again in 0 s" in report.phases


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("404 Not Found", r"The server does not have this file \(404\)"),
        ("403 Forbidden", r"The server refuses to give this file \(403\)"),
    ],
)
def test_a_refusal_is_told_at_once(server: FileServer, wanted: Wanted, status: str, says: str) -> None:
    server.statuses = [status] * 9
    with pytest.raises(DownloadError, match=says):
        get(wanted)
    assert len(server.headers) == 1


@pytest.mark.parametrize("status", ["500 Internal Server Error", "416 Range Not Satisfiable"])
def test_lasting_trouble_is_told_after_some_tries(server: FileServer, wanted: Wanted, status: str) -> None:
    server.statuses = [status] * 9
    with pytest.raises(DownloadError, match="try again"):
        get(wanted)
    assert len(server.headers) == 3


def test_a_stalled_server_is_asked_again(server: FileServer, wanted: Wanted) -> None:
    server.silent = True
    with pytest.raises(DownloadError, match="The server stopped sending"):
        get(wanted, limits=replace(LIMITS, read_s=0.1, tries=1))
    server.silent = False
    server.resume()
    assert get(wanted) == CONTENT


def test_a_server_that_is_not_there_is_named(server: FileServer, wanted: Wanted) -> None:
    server.kill()
    with pytest.raises(DownloadError, match="No connection to the server can be made"):
        get(wanted)


@pytest.mark.parametrize("length", [len(CONTENT) - 1, len(CONTENT) + 1, 10**12])
def test_another_length_than_promised_is_not_fetched(server: FileServer, wanted: Wanted, length: int) -> None:
    server.length = length
    with pytest.raises(DownloadError, match=f"another file than the one in the catalogue .*{length} bytes"):
        get(wanted)
    assert left_over(wanted) == []


def test_never_more_than_promised_is_written(server: FileServer, wanted: Wanted) -> None:
    server.length, server.content = 0, CONTENT * 3
    report = Report()
    with pytest.raises(DownloadError, match="another file than the one in the catalogue"):
        get(wanted, report)
    assert max(report.shares) <= 1.0
    assert left_over(wanted) == []


def test_a_wrong_file_is_deleted(server: FileServer, wanted: Wanted) -> None:
    server.content = bytes(len(CONTENT))
    with pytest.raises(DownloadError, match="not the one in the catalogue, so it was deleted"):
        get(wanted)
    assert left_over(wanted) == []


def test_a_wrong_file_in_its_place_is_replaced(server: FileServer, wanted: Wanted) -> None:
    wanted.target.parent.mkdir()
    wanted.target.write_bytes(bytes(len(CONTENT)))
    assert get(wanted) == CONTENT


def test_a_file_that_is_there_is_not_fetched_again(server: FileServer, wanted: Wanted) -> None:
    wanted.target.parent.mkdir()
    wanted.target.write_bytes(CONTENT)
    assert get(wanted) == CONTENT
    assert server.headers == []


def test_an_unfinished_file_that_is_too_long_begins_again(server: FileServer, wanted: Wanted) -> None:
    wanted.target.parent.mkdir()
    wanted.target.with_name("model.onnx.part").write_bytes(CONTENT * 2)
    assert get(wanted) == CONTENT
    assert server.asked == [""]


def test_what_came_before_a_cancel_stays_and_is_used(server: FileServer, wanted: Wanted) -> None:
    with pytest.raises(CancelledError):
        get(wanted, Report(cancel_at=0.5))
    came = bytes_so_far(wanted.target)
    assert 0 < came < len(CONTENT)
    assert get(wanted) == CONTENT
    assert server.asked[-1] == f"bytes={came}-"


def test_a_cancel_ends_the_pause_between_two_tries(server: FileServer, wanted: Wanted) -> None:
    server.statuses = ["503 Service Unavailable"] * 9

    class Impatient(Report):
        def wait(self, seconds: float) -> bool:
            assert seconds <= 1.0, "the person sees the seconds go by"
            self.cancel()
            return super().wait(600.0)

    control = Impatient()
    with pytest.raises(CancelledError):
        get(wanted, control, replace(LIMITS, first_pause_s=600.0, longest_pause_s=600.0))
    assert len(server.headers) == 1


def test_what_came_can_be_discarded(wanted: Wanted) -> None:
    with pytest.raises(CancelledError):
        get(wanted, Report(cancel_at=0.5))
    discard(wanted.target, Report())
    assert bytes_so_far(wanted.target) == 0
    assert left_over(wanted) == []


def test_a_second_download_waits_until_the_first_has_let_go(server: FileServer, wanted: Wanted) -> None:
    server.silent = True
    first, waits = Report(cancel_at=0.01), threading.Event()

    def cancelled() -> None:
        with pytest.raises(CancelledError):
            get(wanted, first)

    class Second(JobControl):
        def progress(self, phase: str, share: float | None = None) -> None:
            if phase.startswith("Waiting"):
                server.silent = False
                server.resume()
                waits.set()

    thread = threading.Thread(target=cancelled)
    thread.start()
    while not server.headers:
        thread.join(0.01)
    download(wanted, Second(), LIMITS)
    thread.join()
    assert waits.is_set()
    assert wanted.target.read_bytes() == CONTENT


def test_a_disk_without_room_is_told_before_anything_is_fetched(
    server: FileServer, wanted: Wanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(wanted.target.parent.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1_000_000))
    with pytest.raises(DownloadError, match=r"too little space on the disk; expected 68 MB free, and 1 MB are\. Free"):
        get(wanted)
    assert server.headers == []


def test_a_disk_that_fills_up_keeps_what_came(wanted: Wanted, monkeypatch: pytest.MonkeyPatch) -> None:
    write, left = os.write, [200_000]

    def full(handle: int, data: memoryview) -> int:
        if left[0] < len(data):
            raise OSError(errno.ENOSPC, "No space left on device")
        left[0] -= len(data)
        return write(handle, data)

    with monkeypatch.context() as patched:
        patched.setattr("engine.library.part_file.os.write", full)
        with pytest.raises(DownloadError, match=r"The disk is full\. Free some space"):
            get(wanted)
    assert 0 < bytes_so_far(wanted.target) <= 200_000
    assert get(wanted) == CONTENT


def test_a_folder_that_cannot_be_made_is_told(wanted: Wanted) -> None:
    wanted.target.parent.write_bytes(b"a file where the folder should be")
    with pytest.raises(DownloadError, match="cannot be written"):
        get(wanted)


def test_redirects_are_followed(server: FileServer, wanted: Wanted) -> None:
    server.statuses = ["302 Found\r\nLocation: /elsewhere"] * 2
    assert get(wanted) == CONTENT
    assert len(server.headers) == 3


def test_redirects_have_an_end(server: FileServer, wanted: Wanted) -> None:
    server.statuses = ["302 Found\r\nLocation: /elsewhere"] * 20
    with pytest.raises(DownloadError, match="round in circles"):
        get(wanted)
    assert len(server.headers) == 6


@pytest.mark.parametrize("elsewhere", ["http://localhost:1/model.onnx", "ftp://127.0.0.1/model.onnx"])
def test_a_redirect_to_an_address_that_is_not_secure_is_refused(
    server: FileServer, wanted: Wanted, elsewhere: str
) -> None:
    server.statuses = [f"302 Found\r\nLocation: {elsewhere}"]
    with pytest.raises(DownloadError, match="not a secure one; expected https"):
        get(wanted)


def test_http_is_refused_unless_it_is_asked_for(server: FileServer, wanted: Wanted) -> None:
    with pytest.raises(DownloadError, match="not a secure one"):
        get(wanted, limits=Limits())
    assert server.headers == []


def test_a_certificate_that_nobody_vouches_for_is_refused(wanted: Wanted, tmp_path: Path) -> None:
    with (
        FileServer(CONTENT, tls=own_certificate(tmp_path)) as server,
        pytest.raises(DownloadError, match="certificate cannot be trusted"),
    ):
        get(replace(wanted, address=server.address))
