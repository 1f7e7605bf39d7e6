"""What a child says of a library's failure: one sentence for a person, and the library's own words to unfold."""

from __future__ import annotations

import errno

import pytest

from engine.errors import ModelError
from engine.optimise.task import error_answer, raise_error


def told(error: Exception) -> ModelError:
    """What the parent raises."""
    with pytest.raises(ModelError) as raised:
        raise_error(error_answer(error), "yard.onnx")
    return raised.value


@pytest.mark.parametrize(
    ("text", "operator"),
    [
        (
            "Load model from /tmp/a.onnx failed:Fatal error: my.own:Gate(-1) is not a registered function/op",
            "my.own:Gate",
        ),
        ("src/frontend.cpp:151: Summary: -- No conversion rule found for operations: my.own.Gate", "my.own.Gate"),
        ("No conversion rule found for operations: Gate, my.own.Other", "Gate, my.own.Other"),
        ("No Op registered for Gate with domain_version of 17", "Gate"),
    ],
)
def test_an_operator_that_a_library_does_not_have_is_named(text: str, operator: str) -> None:
    error = told(RuntimeError(text))
    assert error.what.endswith(f"no such operator: {operator}")
    assert "/tmp" not in str(error)


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (
            ModuleNotFoundError("No module named 'nncf'", name="nncf"),
            "nncf, which builds this variant, is not installed",
        ),
        (
            ImportError("libtbb.so.12: no such file", name="openvino._x"),
            "openvino, which builds this variant, cannot be",
        ),
    ],
)
def test_a_library_that_is_not_there_is_named(error: ImportError, what: str) -> None:
    assert told(error).what.startswith(what)
    assert "another variant" in told(error).remedy


def test_anything_else_is_one_plain_sentence_with_the_rest_to_unfold() -> None:
    error = told(TypeError("Check 'x' failed at src/core.cpp:84:\n/home/anna/y"))
    assert str(error) == (
        "yard.onnx: The library that builds it cannot take this model. "
        "Choose another variant, or export the model in another way."
    )
    assert "src/core.cpp:84" in error.detail


def test_a_disk_that_refused_the_child_refuses_the_parent() -> None:
    with pytest.raises(OSError) as raised:
        raise_error(error_answer(OSError(errno.ENOSPC, "full")), "yard.onnx")
    assert raised.value.errno == errno.ENOSPC
