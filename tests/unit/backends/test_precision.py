from __future__ import annotations

from pathlib import Path

import pytest
from cards import make_card

from engine.backends.backend import CompileRequest
from engine.backends.precision import Refusal, check_int8, is_had, settle, shares_of, titles
from engine.cards import Precision
from engine.errors import NotAvailableError

FP32, FP16, BF16, INT8, AUTO = Precision.FP32, Precision.FP16, Precision.BF16, Precision.INT8, Precision.AUTO


@pytest.mark.parametrize(
    ("wanted", "shares", "had"),
    [
        (AUTO, {BF16: 1.0}, True),
        (FP32, {FP32: 1.0}, True),
        (FP32, {INT8: 0.9, FP32: 0.1}, True),
        (FP32, {INT8: 1.0}, True),
        (FP32, {FP32: 0.99, BF16: 0.01}, False),
        (FP32, {INT8: 0.9, FP16: 0.1}, False),
        (BF16, {BF16: 0.98, FP32: 0.02}, True),
        (BF16, {FP32: 1.0}, False),
        (BF16, {INT8: 0.9, BF16: 0.06, FP32: 0.04}, True),
        (BF16, {INT8: 1.0}, True),
        (FP16, {BF16: 1.0}, False),
        (FP16, {FP16: 0.4, FP32: 0.6}, False),
        (INT8, {INT8: 0.1, FP32: 0.9}, True),
        (INT8, {FP32: 1.0}, False),
        (FP16, {}, True),
    ],
)
def test_what_counts_as_had(wanted: Precision, shares: dict[Precision, float], had: bool) -> None:
    assert is_had(wanted, shares) is had


def test_shares_sum_to_one() -> None:
    assert shares_of([(FP32, 30.0), (INT8, 60.0), (FP32, 10.0)]) == {FP32: 0.4, INT8: 0.6}
    assert shares_of([]) == {}
    assert shares_of([(FP32, 0.0)]) == {}


def test_titles_name_the_largest_first() -> None:
    assert titles({FP32: 0.2, INT8: 0.8}) == "INT8 and FP32"
    assert titles({}) == "an unknown precision"


def test_a_refusal_is_an_error_or_a_fall_back() -> None:
    card = make_card(Path("some.onnx"))
    refusal = Refusal("it has no such layers", "Ask for fp32")
    with pytest.raises(NotAvailableError) as error:
        settle(CompileRequest(card, precision=FP16), "Somewhere", "FP32", refusal)
    line = str(error.value)
    assert all(word in line for word in ("some.onnx", "Somewhere", "FP16", "no such layers", "Ask for fp32", "--allow"))
    fallback = settle(CompileRequest(card, precision=FP16, allow_fallback=True), "Somewhere", "FP32", refusal)
    assert (fallback.wanted, fallback.got, fallback.reason) == ("FP16", "FP32", "it has no such layers")


def test_int8_needs_an_int8_file() -> None:
    floats, integers = make_card(Path("a.onnx")), make_card(Path("b.onnx"), stored_precision=INT8)
    assert check_int8(CompileRequest(integers, precision=INT8), "x") == ()
    assert check_int8(CompileRequest(floats, precision=FP32), "x") == ()
    with pytest.raises(NotAvailableError, match="export"):
        check_int8(CompileRequest(floats, precision=INT8), "x")
