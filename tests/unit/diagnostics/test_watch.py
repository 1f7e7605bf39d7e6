"""Programs that die, as processes: what is left of them, and what the next one makes of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from engine.diagnostics.reports import CRASH, FAULT, all_reports, report_folder, take_new, write_report
from engine.diagnostics.watch import COMMAND, MOST, WINDOW, Watch

WATCHED = """
import os, signal, sys
from engine.diagnostics.watch import Watch
watch = Watch(sys.argv[1])
watch.start()
print(watch.number, watch.killed, flush=True)
if sys.argv[2] == "wait":
    sys.stdin.read()
elif sys.argv[2] != "end":
    os.kill(os.getpid(), getattr(signal, sys.argv[2]))
watch.end()
"""
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals: only on Linux and macOS")


def start(how: str, kind: str = WINDOW) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WATCHED, kind, how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def run(how: str, kind: str = WINDOW) -> str:
    """What a program says that ends in a certain way: its number, and how many before it were killed."""
    return start(how, kind).communicate(timeout=30)[0].strip()


def left() -> list[str]:
    return sorted(path.name for path in report_folder().iterdir())


def test_a_clean_end_leaves_nothing() -> None:
    assert run("end") == "1 0"
    assert left() == []


@pytest.mark.parametrize("ending", ["SIGSEGV", "SIGABRT", "SIGFPE", "SIGBUS", "SIGILL"])
def test_a_crash_is_a_report_at_the_next_start(ending: str) -> None:
    assert run(ending) == "1 0"
    assert run("end") == "1 0"
    (report,) = all_reports()
    words = report.path.read_text()
    assert report.kind == CRASH
    assert "Fatal Python error" in words and "most recent call first" in words
    assert re.search(r"^Inferoscope \S+, window$", words, re.MULTILINE)
    assert re.search(r"^Happened \d{4}-\d\d-\d\dT", words, re.MULTILINE)


def test_a_program_that_was_killed_is_no_crash() -> None:
    run("SIGKILL")
    assert run("end") == "1 1"
    assert left() == []


def test_each_program_has_a_number_and_a_crash_disturbs_no_other() -> None:
    first, second = start("wait"), start("wait")
    said = [program.stdout.readline().strip() for program in (first, second) if program.stdout]
    assert sorted(said) == ["1 0", "2 0"]
    assert run("SIGSEGV") == "3 0"
    assert run("end") == "3 0"
    assert [report.kind for report in all_reports()] == [CRASH]
    for program in (first, second):
        program.communicate(timeout=30)
    assert [name for name in left() if name.endswith(".running")] == []


def test_a_crash_beside_a_running_program_is_found_by_the_next_one() -> None:
    first, second = start("wait"), start("wait")
    for program in (first, second):
        assert program.stdout and program.stdout.readline()
    second.send_signal(11)
    second.communicate(timeout=30)
    watch = Watch(WINDOW)
    watch.start()
    watch.end()
    first.communicate(timeout=30)
    assert [report.kind for report in all_reports()] == [CRASH]


def test_more_programs_than_are_watched_run_all_the_same() -> None:
    watches = [Watch(WINDOW) for _ in range(MOST[WINDOW] + 1)]
    for watch in watches:
        watch.start()
    assert [watch.number for watch in watches] == [1, 2, 3, 4, 0]
    for watch in watches:
        watch.end()
    assert left() == []


def test_a_report_is_told_once_and_a_command_s_never() -> None:
    run("SIGSEGV")
    run("SIGSEGV", COMMAND)
    run("end")
    run("end", COMMAND)
    assert [report.kind for report in take_new()] == [CRASH]
    assert take_new() == []
    assert len(all_reports()) == 2


def test_what_nobody_caught_is_written_once_and_without_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER", "ann.exampleson")
    watch = Watch(WINDOW)
    for _ in range(5):
        try:
            raise ValueError("rtsp://viewer:hunter2@10.0.0.4/1 of Ann.Exampleson in /home/bob/clients/yard.onnx")
        except ValueError as error:
            watch.write_down(error)
    (report,) = all_reports()
    words = report.path.read_text()
    assert report.kind == FAULT
    assert "ValueError: rtsp://***@<host>/… of" in words and "Traceback" in words
    assert not re.search("hunter2|exampleson|bob|clients", words, re.IGNORECASE)


def test_a_few_reports_are_kept_each_of_a_bounded_size() -> None:
    for _ in range(12):
        watch = Watch(WINDOW)
        try:
            raise ValueError("x y\n" * 200_000)
        except ValueError as error:
            watch.write_down(error)
    assert len(all_reports()) == 10
    assert max(report.path.stat().st_size for report in all_reports()) <= 256_000


def test_where_nothing_can_be_written_the_program_goes_on(own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (own_home / "data").write_text("a file where the folder should be")
    with pytest.raises(OSError):
        Watch(WINDOW).start()
    Watch(WINDOW).write_down(ValueError("out of range"))
    assert capsys.readouterr().out == ""


def test_a_command_that_crashes_leaves_a_report() -> None:
    script = "import sys; sys.argv = ['inferoscope', 'backends'];from engine.cli import backends;"
    script += (
        "import os; backends.run = lambda _arguments: os.kill(os.getpid(), 11);from gui.launch import main; main()"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=60, check=False, env=os.environ)
    assert ended.returncode == -11
    run("end", COMMAND)
    (report,) = all_reports()
    assert "gui/launch.py" in report.path.read_text()


def test_reports_of_foreign_names_are_left_alone() -> None:
    report_folder().mkdir(parents=True)
    (report_folder() / "notes.txt").write_text("mine")
    write_report(FAULT, datetime.now().astimezone(), "words", None)
    assert len(all_reports()) == 1
    assert (report_folder() / "notes.txt").read_text() == "mine"
