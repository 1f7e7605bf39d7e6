"""The tree of errors. Each says what happened, to what, what was expected and what to do next."""

from __future__ import annotations

from enum import StrEnum


class InferoscopeError(Exception):
    """An error a person can act on.

    Args:
        what: What happened, as a plain sentence without its full stop ("The file is not an ONNX model").
        subject: The file, address, device or option it happened to. Addresses must be redacted before.
        expected: What would have been right ("an .onnx file or an OpenVINO .xml with its .bin").
        remedy: What to do next, as an order ("Export the model again").
        detail: Technical text for those who unfold it; never part of the one-line message.
    """

    def __init__(self, what: str, *, subject: str = "", expected: str = "", remedy: str = "", detail: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.subject = subject
        self.expected = expected
        self.remedy = remedy
        self.detail = detail

    def __str__(self) -> str:
        """Everything but the detail, as one line: ``subject: what; expected E. Remedy.``."""
        line = f"{self.subject}: {self.what}" if self.subject else self.what
        if self.expected:
            line += f"; expected {self.expected}"
        line += "."
        if self.remedy:
            line += f" {self.remedy.rstrip('.')}."
        return " ".join(line.split())


class ModelError(InferoscopeError):
    """A model file cannot be read, identified or used."""


class BackendError(InferoscopeError):
    """A runtime, device or precision is not to be had, or a runtime failed."""


class NotAvailableError(BackendError):
    """What was asked for does not exist here; ``--allow-fallback`` would take the next best thing."""


class ModelHungError(BackendError):
    """An inference did not come back within its limit."""


class SourceReason(StrEnum):
    """Why a source gives no frames."""

    REFUSED = "refused"
    NOT_FOUND = "not found"
    AUTHENTICATION = "authentication"
    TIMEOUT = "time-out"
    CODEC = "codec"
    ENDED = "ended"


class SourceError(InferoscopeError):
    """A source cannot be opened or read. ``reason`` says why in one word where it is known."""

    def __init__(
        self,
        what: str,
        *,
        reason: SourceReason | None = None,
        subject: str = "",
        expected: str = "",
        remedy: str = "",
        detail: str = "",
    ) -> None:
        super().__init__(what, subject=subject, expected=expected, remedy=remedy, detail=detail)
        self.reason = reason


class SinkError(InferoscopeError):
    """Results cannot be written: full disk, read-only folder, missing encoder."""


class DownloadError(InferoscopeError):
    """A file cannot be fetched, or what came is not what was promised."""


class CancelledError(InferoscopeError):
    """A person cancelled a long task."""

    def __init__(self, what: str = "Cancelled") -> None:
        super().__init__(what)
