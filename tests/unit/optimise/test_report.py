"""What a report recommends, and how it reads as table, JSON, CSV and page."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from example_reports import entry, report, rich, way, worst

from engine.cards import Profile
from engine.optimise.candidate import ORIGINAL, Refused, Spread
from engine.optimise.recommend import recommend
from engine.optimise.report import Entry, Report
from engine.optimise.report_document import COLUMNS, csv_text, document
from engine.optimise.report_page import page
from engine.optimise.report_plot import frontier, plot, points
from engine.optimise.report_text import lines

PLAIN = entry(ORIGINAL, way(ORIGINAL, 1.0))


def sentence(of: Report, wish: Profile = Profile.THROUGHPUT) -> tuple[str, str]:
    taken = recommend(of, wish)
    assert taken is not None
    return taken.name, taken.sentence


# What to take ---------------------------------------------------------------------------------------------------------


def test_the_fastest_within_the_limit_is_taken() -> None:
    slow = entry("onnx-int8", way("onnx-int8", 1.2, 0.99))
    fast = entry("openvino-int8", way("openvino-int8", 1.5, 0.96))
    too_far = entry("pruned-50", way("pruned-50", 2.0, 0.7))

    name, told = sentence(report(PLAIN, slow, fast, too_far))

    assert name == "openvino-int8"
    assert "1.50 times as many frames a second" in told
    assert "agreement 0.960" in told
    assert "pruned-50 on OpenVINO · CPU · FP32 is 2.00 times as fast, but its agreement of 0.700 is below" in told


def test_where_nothing_is_faster_the_original_stays() -> None:
    int8 = entry("onnx-int8", way("onnx-int8", 1.6, 0.4, precision="INT8 + FP32"))

    name, told = sentence(report(PLAIN, entry("onnx-fused", way("onnx-fused", 1.02)), int8))

    assert name == ORIGINAL
    assert told.startswith("Stay with the original")
    assert told.endswith("No INT8 variant is within the limit.")


def test_labels_decide_where_there_are_any() -> None:
    original = entry(ORIGINAL, way(ORIGINAL, 1.0), map_=0.379)
    agrees = entry("onnx-int8", way("onnx-int8", 1.6, 0.97), map_=0.30)
    accurate = entry("openvino-int8", way("openvino-int8", 1.3, 0.93), map_=0.375)

    name, told = sentence(report(original, agrees, accurate))

    assert name == "openvino-int8"
    assert "mAP 0.375 instead of 0.379" in told
    assert "its mAP is 0.300 instead of 0.379" in told


def test_scores_and_places_that_have_moved_are_a_reason_too() -> None:
    moved = entry("onnx-int8", way("onnx-int8", 1.6, 0.96, closeness=0.5))

    assert "scores and places of what it finds have moved too far" in sentence(report(PLAIN, moved))[1]


def test_what_nobody_has_looked_at_is_not_taken() -> None:
    original = entry(ORIGINAL, way(ORIGINAL, 1.0, None), way(ORIGINAL, 1.5, None, precision="BF16"),
                     way(ORIGINAL, 1.2, None, backend="onnxruntime"))  # fmt: skip

    name, told = sentence(report(original, source=""))

    assert name == ORIGINAL
    assert told.startswith("Take the original on ONNX Runtime · CPU · FP32")
    assert "nobody has looked at what it loses: name a source" in told


def test_frames_with_nothing_on_them_prove_nothing() -> None:
    bare = way(ORIGINAL, 1.5, precision="BF16")
    assert bare.likeness is not None
    empty = replace(bare, likeness=replace(bare.likeness, expected=0))

    _, told = sentence(report(entry(ORIGINAL, way(ORIGINAL, 1.0), empty)))

    assert told.startswith("Stay with")
    assert "the original finds nothing on these frames" in told


def test_a_wish_for_quick_answers_goes_by_latency() -> None:
    many = entry("many", way("many", 1.5, latency=1.1))
    quick = entry("quick", way("quick", 1.1, latency=0.5))

    assert sentence(report(PLAIN, many, quick))[0] == "many"
    name, told = sentence(report(PLAIN, many, quick), Profile.LATENCY)
    assert name == "quick"
    assert "it answers after 5.0 ms, 2.00 times as quickly" in told


def test_of_equally_fast_ones_the_more_exact_and_smaller_is_taken() -> None:
    exact = entry("exact", way("exact", 1.49, 0.99), size=2_000_000)
    small = entry("small", way("small", 1.48, 0.99), size=1_000_000)
    rough = entry("rough", way("rough", 1.5, 0.95), size=1_000)

    assert sentence(report(PLAIN, exact, small, rough))[0] == "small"


def test_nothing_ran() -> None:
    nothing = report(entry(ORIGINAL), refused=(Refused(ORIGINAL, "openvino · CPU · FP32", "It crashed."),))

    assert recommend(nothing) is None
    assert "not original on openvino · CPU · FP32: It crashed." in list(lines(nothing))
    assert "Nothing could be run" in page(nothing)
    assert document(nothing)["recommendation"] is None


# Documents ------------------------------------------------------------------------------------------------------------


def test_the_document_has_the_keys_that_are_promised() -> None:
    full = rich()
    told = json.loads(json.dumps(document(replace(full, recommendation=recommend(full))), allow_nan=False))

    assert {"name", "path", "bytes", "agreement_f1", "map"} <= told["variants"][0].keys()
    assert [variant["name"] for variant in told["variants"]][:2] == ["onnx-fused", "onnx-fp16"]
    bf16 = told["original"]["timings"][1]
    assert (bf16["precision"], bf16["speed_ratio"], bf16["agreement_f1"]) == ("bf16", 1.42, 0.985)
    assert bf16["speed_ratio_low"] < bf16["speed_ratio"] < bf16["speed_ratio_high"]
    assert told["recommendation"]["name"] == "openvino-int8"
    assert told["refused"] == [{"name": "pruned-80", "place": "", "reason": "Too little is left of it."}]


def test_the_csv_has_a_row_for_each_way() -> None:
    strange = entry("=cmd|' /C calc'!A0", way("strange", 1.0))

    rows = list(csv.DictReader(io.StringIO(csv_text(report(PLAIN, strange)))))

    assert tuple(rows[0]) == COLUMNS
    assert [row["speed_ratio"] for row in rows] == ["1.0", "1.0"]
    assert rows[1]["name"].startswith("'=")


def test_the_table_fits_and_marks_what_is_outside_the_limit() -> None:
    told = list(lines(rich()))

    (pruned,) = [line for line in told if line.startswith("pruned-50")]
    assert "0.620 !" in pruned
    assert "1.01x" in pruned
    assert max(map(len, told)) <= 140


def test_columns_without_figures_are_left_out() -> None:
    bare = list(lines(report(entry(ORIGINAL, way(ORIGINAL, 1.0, None)), source="")))

    assert not any("mAP" in line or "agreement " in line for line in bare[:4])


# Page -----------------------------------------------------------------------------------------------------------------


class _Tags(HTMLParser):
    """Every tag with its attributes; fails where one is closed that is not open."""

    VOID = {"meta", "img", "link", "br", "line", "rect", "polyline"}  # noqa: RUF012

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


EVIL = "<script>alert('1')</script>\"onload=x&"


def evil_page() -> str:
    full = rich()
    variant = replace(full.variants[0], name=EVIL, path=Path(EVIL))
    return page(
        replace(
            full,
            model=EVIL,
            source=EVIL,
            machine=EVIL,
            variants=(variant, *full.variants[1:]),
            refused=(Refused(EVIL, EVIL, EVIL),),
            worst=(worst(EVIL, EVIL),),
            recommendation=recommend(full),
        )
    )


def test_the_page_loads_and_runs_nothing_whatever_names_say() -> None:
    tags = _Tags(evil_page()).tags

    assert not [tag for tag, _ in tags if tag in ("script", "link", "iframe", "object", "embed")]
    addresses = [value or "" for _, attributes in tags for key, value in attributes.items() if key in ("src", "href")]
    assert addresses
    assert all(address.startswith("data:image/jpeg;base64,") for address in addresses)
    assert not [key for _, attributes in tags for key in attributes if key.startswith("on")]
    assert "url(" not in evil_page()
    assert "default-src 'none'" in evil_page()


def test_the_page_names_what_is_taken_and_shows_the_worst_frames() -> None:
    full = rich()
    taken = replace(full, recommendation=recommend(full), worst=(worst("openvino-int8", "openvino · CPU · FP32"),))

    told = page(taken)

    assert "Take openvino-int8 on OpenVINO · CPU · INT8 + BF16" in told
    assert 'class="taken"' in told
    assert "agreement 0.50 on frame 2 of 3" in told
    assert told.count("<img") == 2
    assert "prefers-color-scheme: dark" in told


def test_the_page_shows_two_frames_of_each_way_to_run_a_variant() -> None:
    on_openvino, on_onnx = worst("onnx-int8", "openvino · CPU · FP32"), worst("onnx-int8", "onnxruntime · CPU · FP32")

    told = page(replace(rich(), worst=(*6 * (on_openvino,), *6 * (on_onnx,))))

    assert told.count("<figure>") == 4


def test_the_frontier_is_what_nothing_beats_in_both() -> None:
    best = [(point.speed, point.agreement) for point in frontier(points(rich()))]

    assert best == [(1.15, 1.0), (1.42, 0.985), (1.45, 0.972), (1.6, 0.951)]


def test_the_area_of_a_circle_is_the_size_of_the_file() -> None:
    small = entry("small", way("small", 1.5, 0.99), size=PLAIN.model_bytes // 4)

    radii = [float(r) for r in re.findall(r'class="point s0" [^>]*r="([0-9.]+)"', plot(report(PLAIN, small)))]

    assert radii[1] == pytest.approx(radii[0] / 2, abs=0.1)


def test_there_is_no_plot_of_what_nobody_has_looked_at() -> None:
    bare = report(entry(ORIGINAL, way(ORIGINAL, 1.0, None), way(ORIGINAL, 1.3, None)), source="")

    assert plot(bare) == ""
    assert "<svg" not in page(bare)
    assert "no source was named" in page(bare)


@pytest.mark.parametrize("agreement", [0.0, 0.05, 0.9999, 1.0])
@pytest.mark.parametrize("speed", [0.01, 1.0, 1.0001, 40.0])
def test_points_lie_inside_the_plot(agreement: float, speed: float) -> None:
    drawn = plot(report(PLAIN, entry("v", way("v", speed, agreement), size=1)))

    for key, most in (("cx", 860), ("cy", 420)):
        assert all(0 <= float(value) <= most for value in re.findall(rf'{key}="([-0-9.]+)"', drawn))


def _half(map_: float) -> tuple[Entry, Entry]:
    """An original, and a variant that is right in full precision; in half precision it agrees well."""
    original = entry(ORIGINAL, way(ORIGINAL, 1.0), map_=0.379)
    full, half = way("openvino-fp16", 1.1), way("openvino-fp16", 1.5, 0.99, precision="BF16")
    return original, replace(original, name="openvino-fp16", ways=(replace(full, map=0.378), replace(half, map=map_)))


def test_accuracy_is_told_of_each_way() -> None:
    told = list(csv.DictReader(io.StringIO(csv_text(report(*_half(0.35))))))
    assert [row["map"] for row in told] == ["0.379", "0.378", "0.35"]


@pytest.mark.parametrize(("map_", "badge"), [(0.375, "CPU · BF16"), (0.35, "CPU · FP32")])
def test_labels_decide_of_each_way(map_: float, badge: str) -> None:
    name, told = sentence(report(*_half(map_)))

    assert name == "openvino-fp16"
    assert told.startswith(f"Take openvino-fp16 on OpenVINO · {badge}")


def test_one_lucky_round_decides_nothing() -> None:
    lucky = way("onnx-fused", 3.0)
    lucky = replace(lucky, timing=replace(lucky.timing, live_speed=Spread(3.0, 0.9, 3.4)))
    steady = way("openvino-int8", 1.8, 0.97, precision="INT8 + FP32")
    told = report(entry(ORIGINAL, way(ORIGINAL, 1.0)), entry("onnx-fused", lucky), entry("openvino-int8", steady))
    taken = recommend(told)
    assert taken is not None
    assert taken.name == "openvino-int8"
    assert "onnx-fused" not in taken.sentence, "it loses nothing, so nothing is to be said against it"
    only = recommend(replace(told, variants=told.variants[:1]))
    assert only is not None
    assert only.name == ORIGINAL
