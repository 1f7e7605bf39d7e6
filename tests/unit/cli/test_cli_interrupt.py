"""Which signals end a command, and how it says so."""

from __future__ import annotations

import signal

import pytest

from engine.cli.interrupt import Interrupt

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="terminals do not hang up; only on Windows")


def test_a_closed_terminal_ends_it(heard_hangup: None) -> None:
    with Interrupt() as interrupt:
        signal.raise_signal(signal.SIGHUP)
        assert interrupt.happened()
    assert interrupt.status == 129


def test_what_was_started_to_outlive_its_terminal_goes_on() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interrupt() as interrupt:
            signal.raise_signal(signal.SIGHUP)
            assert not interrupt.happened()
    finally:
        signal.signal(signal.SIGHUP, before)
