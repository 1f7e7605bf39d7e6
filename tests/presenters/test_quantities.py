from __future__ import annotations

import pytest

from gui.presenters.quantities import bytes_words, length_words


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0.0 kB"), (52_100, "52.1 kB"), (3_664_138, "3.7 MB"), (240_400_000, "240 MB"), (2_000_000_000, "2.0 GB")],
)
def test_bytes_are_told_as_short_as_they_may_be(count: int, words: str) -> None:
    assert bytes_words(count) == words


@pytest.mark.parametrize(("seconds", "words"), [(0.9, "0:00"), (7.2, "0:07"), (61, "1:01"), (3723, "1:02:03")])
def test_lengths_look_like_those_of_a_film(seconds: float, words: str) -> None:
    assert length_words(seconds) == words
