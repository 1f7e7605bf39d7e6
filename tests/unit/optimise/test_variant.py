"""Names of variants, and which layers always stay in float."""

from __future__ import annotations

import pytest

from engine.errors import ModelError
from engine.optimise.recipes.tail import in_integers, with_tail
from engine.optimise.variant import Layer, Recipe, VariantKind, parse_kind


@pytest.mark.parametrize(
    "name",
    ["onnx-fused", "onnx-fp16", "onnx-int8", "openvino-fp16", "openvino-int8", "pruned-1", "pruned-50", "pruned-99"],
)
def test_a_kind_is_called_what_it_was_named(name: str) -> None:
    assert parse_kind(name).name == name


def test_the_percent_of_a_pruned_variant() -> None:
    assert parse_kind("pruned-35") == VariantKind(Recipe.PRUNED, 35)


@pytest.mark.parametrize("name", ["", "int8", "pruned", "pruned-0", "pruned-100", "pruned-05", "ONNX-INT8"])
def test_other_names_are_refused_with_those_that_exist(name: str) -> None:
    with pytest.raises(ModelError) as told:
        parse_kind(name)
    assert "openvino-int8" in told.value.expected
    assert "pruned-1 to pruned-99" in told.value.expected


def chain(*counts: int) -> list[Layer]:
    """Layers one behind the other; 0 multiply-adds is no linear one."""
    return [Layer(str(i), "Conv" if n else "Add", n, i, (str(i - 1),) if i else ()) for i, n in enumerate(counts)]


def tail_of(layers: list[Layer]) -> list[str]:
    return [layer.name for layer in with_tail(layers) if layer.in_tail]


def test_what_comes_behind_the_last_linear_layer_is_the_tail() -> None:
    assert tail_of(chain(500, 0, 500, 0, 0)) == ["3", "4"]


def test_the_few_multiply_adds_of_a_decoder_belong_to_the_tail() -> None:
    assert tail_of(chain(100_000, 0, 100_000, 0, 100, 0)) == ["3", "4", "5"]


def test_a_branch_that_leads_back_into_the_network_is_no_tail() -> None:
    layers = [Layer("a", "Conv", 500, 0, ()), Layer("s", "Sigmoid", 0, 1, ("a",)), Layer("b", "Conv", 500, 2, ("s",))]
    assert tail_of([*layers, Layer("c", "Sigmoid", 0, 3, ("b", "s"))]) == ["c"]


def test_a_graph_without_linear_layers_is_all_tail() -> None:
    assert tail_of(chain(0, 0)) == ["0", "1"]


def test_the_share_in_integers_leaves_out_what_is_kept_and_the_tail() -> None:
    layers = with_tail(chain(600, 0, 400, 0))
    assert in_integers(layers, frozenset()).startswith("2 of 2 ")
    assert "(60.0% of multiply-adds)" in in_integers(layers, frozenset({"2"}))
