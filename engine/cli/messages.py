"""What is said on standard error: one line an event, and never a secret."""

from __future__ import annotations

import logging
import sys

from engine.addresses import redact
from engine.errors import InferoscopeError

_log = logging.getLogger(__name__)


def say(text: str) -> None:
    """One line for the person."""
    print(" ".join(redact(text).split()), file=sys.stderr)


def say_error(error: InferoscopeError, about: str = "") -> None:
    """An error in its one line, after what it is about; its detail goes to the log."""
    # Part by part: the remedy for a mistyped address holds an "@" of its own.
    error.subject, error.what = redact(error.subject), redact(error.what)
    print(f"inferoscope: {f'{about}: ' * bool(about)}{error}", file=sys.stderr)
    if error.detail:
        _log.info("%s", error.detail)


def log_to_standard_error(*, verbose: bool) -> None:
    """Errors are one line, so the log is silent unless asked for."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_WithoutSecrets("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO if verbose else logging.CRITICAL, handlers=[handler])


class _WithoutSecrets(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """The line, its trace back included."""
        return redact(super().format(record))
