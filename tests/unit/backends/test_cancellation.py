from __future__ import annotations

import pytest

from engine.backends.cancellation import Cancellation, check_cancelled
from engine.errors import CancelledError


def test_it_is_asked_like_any_cancel() -> None:
    cancel = Cancellation()
    check_cancelled(cancel)
    cancel.cancel()
    assert cancel()
    with pytest.raises(CancelledError):
        check_cancelled(cancel)


def test_it_tells_who_can_stop_in_the_middle() -> None:
    cancel = Cancellation()
    told: list[str] = []
    with cancel.stopping(lambda: told.append("during")):
        cancel.cancel()
    cancel.cancel()
    assert told == ["during"]
    with cancel.stopping(lambda: told.append("late")):
        assert told == ["during", "late"]
