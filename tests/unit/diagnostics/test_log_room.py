"""Whatever processes write: what the program keeps of logs and reports stays below 20 MB."""

from __future__ import annotations

import subprocess
import sys

from engine.diagnostics.logs import FILE_BYTES, OLDER_FILES
from engine.diagnostics.watch import MOST, WINDOW
from engine.folders import data_folder

MOST_BYTES = 20_000_000
REPORTS, LONGEST = 10, 256_000
SHARE = 20
"""The flood is of files that may become a twentieth of their length, to be a short one."""
FLOODING = """
import faulthandler, logging, sys
from engine.diagnostics.watch import Watch
import gui.log
from gui.app.run import begin_log
gui.log.FILE_BYTES //= 20
watch = Watch("window")
watch.start()
begin_log(watch)
print(watch.number, flush=True)
sys.stdin.readline()
line = "\\n".join(["0123456789" * 20] * 20)
for number in range(80):
    logging.getLogger("flood").warning("%d %s", number, line)
for number in range(5):
    try:
        exec(compile("raise ValueError('word word\\\\n' * 100_000)", f"file{number}", "exec"))
    except ValueError as error:
        watch.write_down(error)
watch._file.write(b"x" * 100) if watch._file else None
import os; os._exit(1)
"""


def test_a_flood_from_many_windows_stays_below_the_limit() -> None:
    programs = []
    for _ in range(MOST[WINDOW] + 1):
        program = subprocess.Popen(
            [sys.executable, "-c", FLOODING],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert program.stdout is not None
        program.stdout.readline()
        programs.append(program)
    for program in programs:
        program.communicate("go\n", timeout=100)
    files = [path for path in data_folder().rglob("*") if path.is_file()]
    logs = [path for path in files if path.parent.name == "log"]
    assert sum(path.stat().st_size for path in logs) <= MOST_BYTES / SHARE
    assert max(path.stat().st_size for path in logs) <= FILE_BYTES / SHARE
    assert sum(path.stat().st_size for path in files if path not in logs) <= REPORTS * LONGEST
    assert len(logs) == len(OLDER_FILES) + sum(OLDER_FILES)


def test_all_logs_and_reports_together_have_room() -> None:
    """The limit itself, were every file as long as it may become."""
    logs = FILE_BYTES * (len(OLDER_FILES) + sum(OLDER_FILES))
    assert len(OLDER_FILES) == MOST[WINDOW]
    assert logs + REPORTS * LONGEST <= MOST_BYTES
