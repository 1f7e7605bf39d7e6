"""What is shown of a variant: the way in which it runs best within the limit."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import Mock

from example_reports import entry, report, way, worst

from engine.optimise.candidate import ORIGINAL
from engine.optimise.findings import findings_of
from engine.optimise.plan import Finding
from engine.optimise.report import Entry

ORIGINAL_ENTRY = entry(ORIGINAL, way(ORIGINAL, 1.0), way(ORIGINAL, 1.5, 0.99, precision="BF16"))
INT8_ENTRY = entry("onnx-int8", way("onnx-int8", 1.4, 0.98, backend="onnxruntime"), way("onnx-int8", 2.0, 0.5))
WITNESS = Mock(worst=[worst("onnx-int8", "onnxruntime · CPU · FP32"), worst("onnx-int8", "openvino · CPU · FP32")])


def findings(of: Entry) -> list[Finding]:
    return list(findings_of(of, report(ORIGINAL_ENTRY, INT8_ENTRY), WITNESS))


def test_the_original_is_shown_in_each_way_that_was_compared() -> None:
    unseen = way(ORIGINAL, 3.0, None)
    shown = findings(replace(ORIGINAL_ENTRY, ways=(*ORIGINAL_ENTRY.ways, unseen)))
    assert [finding.speed for finding in shown] == [1.0, 1.5]


def test_of_a_variant_the_fastest_way_that_keeps_within_the_limit_is_taken() -> None:
    (finding,) = findings(INT8_ENTRY)
    assert (finding.backend, finding.speed, finding.likeness.agreement) == ("onnxruntime", 1.4, 0.98)
    assert [frame.place for frame in finding.worst] == ["onnxruntime · CPU · FP32"]


def test_of_a_variant_that_loses_too_much_the_way_most_like_the_original_is_shown() -> None:
    (finding,) = findings(entry("onnx-int8", way("onnx-int8", 3.0, 0.3), way("onnx-int8", 2.0, 0.6)))
    assert finding.likeness.agreement == 0.6


def test_where_nothing_was_compared_nothing_is_shown() -> None:
    assert findings(entry("pruned-50", way("pruned-50", 1.0, None))) == []
