"""How a model runs best here, from one start to the next."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.cards import Precision, Profile
from engine.errors import ModelError
from engine.library.preferences import Preference, forget_preference, load_preference, store_preference

HERE = "A processor, 2 cores"
BEST = Preference(HERE, "onnxruntime", "CPU", Precision.FP32, Profile.THROUGHPUT, lanes=3)


def test_what_is_kept_comes_back_on_the_same_machine_alone() -> None:
    store_preference("abc", BEST)

    assert load_preference("abc", HERE) == BEST
    assert load_preference("abc", "Another processor, 8 cores") is None
    assert load_preference("def", HERE) is None


def test_the_last_one_counts_until_it_is_forgotten() -> None:
    store_preference("abc", BEST)
    store_preference("abc", replace(BEST, lanes=None, precision=Precision.BF16))

    found = load_preference("abc", HERE)
    assert found is not None
    assert (found.lanes, found.precision) == (None, Precision.BF16)
    assert forget_preference("abc") is True
    assert forget_preference("abc") is False
    assert load_preference("abc", HERE) is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"version": 1, "machine": "A processor, 2 cores", "lanes": {}}'])
def test_a_damaged_file_is_no_preference(own_home: Path, content: str) -> None:
    store_preference("abc", BEST)
    (own_home / "data" / "preferences" / "abc.json").write_text(content)

    assert load_preference("abc", HERE) is None


def test_a_folder_that_cannot_be_written_is_told(own_home: Path) -> None:
    (own_home / "data").write_text("a file where the folder should be")

    with pytest.raises(ModelError, match="cannot be kept"):
        store_preference("abc", BEST)
