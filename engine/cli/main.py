"""The door to the sub-commands: finds the one that was asked for, runs it, and turns errors into an exit status.

Each sub-command is a module of this folder with

    add_arguments(parser: argparse.ArgumentParser) -> None
    run(arguments: argparse.Namespace) -> int

and only the chosen one is imported, so that ``--help`` is instant.
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NoReturn, TextIO

from engine.cli.messages import log_to_standard_error, say, say_error
from engine.errors import InferoscopeError

DONE: Final = 0
FAILED: Final = 1
WRONG_USAGE: Final = 2
INTERRUPTED: Final = 130
"""128 + SIGINT, as a shell reports it."""

COMMANDS = {
    "run": ("engine.cli.run", "stream sources through a model: results, a recording and a summary"),
    "inspect": ("engine.cli.inspect", "say what a model file is, and why"),
    "backends": ("engine.cli.backends", "list runtimes, devices and precisions, and why one cannot be used"),
    "sources": ("engine.cli.sources", "list the cameras and screens that are here"),
    "evaluate": ("engine.cli.evaluate", "measure the accuracy of a model on labelled pictures"),
    "bench": ("engine.cli.bench", "measure how fast a model is in every way that this machine can run it"),
    "export": ("engine.cli.export", "build smaller and faster variants of a model, and say what each lost"),
    "doctor": ("engine.cli.doctor", "check whether everything that is here works, against known answers"),
}
"""Name -> (module, what it does)."""

_HIDDEN_COMMANDS = {
    "trial-child": "engine.cli.trial_child",
    "doctor-child": "engine.cli.doctor_child",
    "optimise-child": "engine.cli.optimise_child",
    "bench-child": "engine.cli.bench_child",
}
"""What the program starts by itself; no help shows it."""

_log = logging.getLogger(__name__)


def main(arguments: Sequence[str]) -> int:
    """Run one sub-command.

    Args:
        arguments: The command line without the program's name.

    Returns:
        Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
    """
    _prepare_output()
    status = FAILED
    try:
        options = _parse(arguments)
        log_to_standard_error(verbose=options.verbose)
        ended: int = options.module.run(options)
        sys.stdout.flush()
        status = ended
    except SystemExit as request:
        status = request.code if isinstance(request.code, int) else DONE
    except KeyboardInterrupt:
        status = INTERRUPTED
    except BrokenPipeError:
        _write_no_more()  # Whoever read our output has gone (`| head`).
    except InferoscopeError as error:
        say_error(error)
    except OSError as error:
        _say_system_error(error)
    except Exception as error:  # noqa: BLE001 - the last line of defence: a bug is told in one line, too
        _say_unexpected(error)
    return status


def _say_system_error(error: OSError) -> None:
    if error.filename is not None:
        _say_unexpected(error)
        return
    _write_no_more()  # Files have names; what has none is where we print.
    say(f"inferoscope: What was to be printed cannot be written ({error.strerror}). Look at where it goes.")


def _say_unexpected(error: Exception) -> None:
    _log.info("This is a fault of the program", exc_info=error)
    say(f"inferoscope: Unexpected {type(error).__name__}: {error}. --verbose tells more.")


def has_native_calls() -> bool:
    """Whether a thread is still inside a native call after a command has ended."""
    from engine.pipeline.worker import others_alive

    return others_alive()


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = _Parser(
        prog="inferoscope",
        description="An oscilloscope for vision models: see what a model sees and what it costs.",
        epilog="Without a command the window opens; --source, --model, --backend, --device, --precision and --session "
        "say with what. 'inferoscope COMMAND --help' tells the options of a command.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_PrintVersion, nargs=0, help="print the version and stop")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = next((word for word in arguments if not word.startswith("-")), None)
    for name, (module, purpose) in COMMANDS.items():
        command = commands.add_parser(name, help=purpose, description=purpose.capitalize() + ".", allow_abbrev=False)
        if name == chosen:
            _load_command(command, module)
    if chosen in _HIDDEN_COMMANDS:
        _load_command(commands.add_parser(chosen), _HIDDEN_COMMANDS[chosen])
    return parser.parse_args(arguments)


def _load_command(parser: argparse.ArgumentParser, module: str) -> None:
    loaded = import_module(module)
    parser.set_defaults(module=loaded)
    parser.add_argument("--verbose", action="store_true", help="log to standard error, and unfold errors")
    loaded.add_arguments(parser)


def _prepare_output() -> None:
    """Files and pipes get UTF-8, as JSON wants it; a console that lacks a letter shows its number and goes on.

    A stream that was closed (``>&-``) takes everything and shows nothing.
    """
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _write_no_more() -> None:
    """Python would complain again when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Parser(argparse.ArgumentParser):
    """Tells wrong usage in one line."""

    def error(self, message: str) -> NoReturn:
        """Say it, and stop."""
        say(f"{self.prog}: {message} (see {self.prog} --help)")
        self.exit(WRONG_USAGE)


class _PrintVersion(argparse.Action):
    """``--version``: looks the version up only when asked, which ``argparse``'s own action would not."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import version

        print(f"inferoscope {version('inferoscope')}")
        parser.exit(DONE)
