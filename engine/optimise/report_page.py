"""A report as one HTML page that holds everything it shows: it loads nothing and runs nothing."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from html import escape
from importlib.metadata import version
from itertools import groupby, islice

from engine.optimise.candidate import Spread
from engine.optimise.report import Entry, Report, Way, WorstFrame, is_allowed
from engine.optimise.report_plot import plot, series

_STYLE = """
:root { color-scheme: light dark; --window:#eef1f4; --surface:#fff; --raised:#e6eaef; --border:#c3ccd6; --text:#15191e;
  --muted:#515c69; --accent:#006d86; --good:#08704a; --error:#b3261e; --s0:#00799a; --s1:#b36b00; --s2:#7b3fb5;
  --s3:#0a7d4f; }
@media (prefers-color-scheme: dark) { :root { --window:#12151a; --surface:#191d24; --raised:#252b35; --border:#39424f;
  --text:#e8ecf1; --muted:#9ca8b8; --accent:#2fc6df; --good:#3ddc97; --error:#ff7b72; --s0:#2fc6df; --s1:#ffb020;
  --s2:#c792ea; --s3:#3ddc97; } }
@media print { :root { --window:#fff; } section { break-inside: avoid; } }
* { box-sizing: border-box; }
body { margin:0; background:var(--window); color:var(--text);
  font:15px/1.5 Roboto, system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width:1160px; margin:0 auto; padding:40px 24px 64px; }
h1 { font-size:28px; line-height:1.2; margin:0 0 4px; overflow-wrap:anywhere; }
h2 { font-size:17px; margin:0 0 16px; }
p { margin:0 0 8px; max-width:75ch; }
.muted, footer { color:var(--muted); }
section { background:var(--surface); border:1px solid var(--border); border-radius:10px; padding:20px 24px;
  margin-top:20px; }
.verdict { border-left:5px solid var(--accent); font-size:17px; }
.verdict p { margin:0; overflow-wrap:anywhere; }
.scroll { overflow-x:auto; }
table { border-collapse:collapse; width:100%; font-variant-numeric:tabular-nums; font-size:14px; }
th { text-align:right; color:var(--muted); font-weight:500; font-size:12.5px; padding:0 8px 6px; vertical-align:bottom;
  border-bottom:1px solid var(--border); white-space:nowrap; }
td { text-align:right; padding:7px 8px; border-bottom:1px solid var(--raised); white-space:nowrap; }
th:first-child, td:first-child, th.left, td.left { text-align:left; }
th:first-child, td:first-child { padding-left:0; }
tr.first td { border-top:1px solid var(--border); }
tr.taken td { background:color-mix(in srgb, var(--accent) 13%, transparent); font-weight:600; }
tr:last-child td { border-bottom:0; }
small { color:var(--muted); font-weight:400; display:block; line-height:1.25; }
.name { font-weight:600; }
.bad { color:var(--error); } .good { color:var(--good); }
.dot { display:inline-block; width:10px; height:10px; border-radius:50%; margin-right:7px; }
.d0 { background:var(--s0); } .d1 { background:var(--s1); } .d2 { background:var(--s2); } .d3 { background:var(--s3); }
.legend { display:flex; flex-wrap:wrap; gap:6px 20px; color:var(--muted); font-size:13px; margin-top:8px; }
.legend i { display:inline-block; width:22px; border-top:2px solid var(--text); vertical-align:middle;
  margin-right:7px; }
svg { width:100%; min-width:640px; height:auto; display:block; font-family:inherit; }
.grid { stroke:var(--raised); } .mark, .axis { fill:var(--muted); font-size:12px; }
.outside { fill:var(--error); opacity:.07; } .limit { stroke:var(--error); stroke-dasharray:5 4; }
.limit-name { fill:var(--error); font-size:12px; }
.frontier { fill:none; stroke:var(--text); stroke-width:1.5; opacity:.7; }
.point { fill-opacity:.6; stroke-width:1.5; } .under { fill:var(--surface); }
.s0 { fill:var(--s0); stroke:var(--s0); } .s1 { fill:var(--s1); stroke:var(--s1); }
.s2 { fill:var(--s2); stroke:var(--s2); } .s3 { fill:var(--s3); stroke:var(--s3); }
.taken { fill:none; stroke:var(--text); stroke-width:2; }
.leader { stroke:var(--muted); stroke-width:.8; opacity:.6; }
.label { fill:var(--text); font-size:12px; paint-order:stroke; stroke:var(--surface); stroke-width:3px;
  stroke-opacity:.8; stroke-linejoin:round; } .strong { font-weight:700; }
figure { margin:0 0 20px; } figure:last-child { margin-bottom:0; }
figcaption { margin-bottom:8px; overflow-wrap:anywhere; }
.pair { display:grid; grid-template-columns:1fr 1fr; gap:12px; }
.pair img { width:100%; height:auto; border-radius:6px; display:block; }
.pair span { font-size:13px; color:var(--muted); }
@media (max-width:640px) { main { padding:24px 12px; } section { padding:16px; } .pair { grid-template-columns:1fr; } }
ul { margin:0; padding-left:20px; } li { margin-bottom:6px; overflow-wrap:anywhere; }
dl { display:grid; grid-template-columns:max-content 1fr; gap:6px 16px; margin:0; } dt { color:var(--muted); }
dd { margin:0; overflow-wrap:anywhere; }
footer { margin-top:24px; font-size:13px; }
"""

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""A browser is told that nothing is loaded or run, whatever a text may say."""

_FRAMES_EACH = 2
"""So many frames are shown of each way to run a variant: the page is to be sent by mail."""

_COLUMNS = (
    ("", "Variant"),
    ("left", "Runs as"),
    ("", "Frames/s<small>as in the live view</small>"),
    ("", "Inferences/s<small>the runtime alone</small>"),
    ("", "Latency<small>half, 95 %</small>"),
    ("", "Processor<small>for a frame</small>"),
    ("", "Memory<small>most</small>"),
    ("", "Agreement"),
    ("", "mAP"),
    ("", "Size"),
)


def page(report: Report) -> str:
    """The whole page."""
    sections = (_verdict(report), _plot(report), _table(report), _worst(report), _refused(report), _method(report))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(report.model)}: variants compared</title><style>{_STYLE}</style></head><body><main>"
        f"<header><h1>{escape(report.model)}</h1>"
        f'<p class="muted">{escape(_subtitle(report))}</p></header>'
        f"{''.join(sections)}"
        f"<footer>Made by Inferoscope {escape(version('inferoscope'))}, {escape(report.created_utc)}. "
        "Speed holds for the machine named above; another one may order the variants otherwise.</footer>"
        "</main></body></html>\n"
    )


def _subtitle(report: Report) -> str:
    made = f"{len(report.variants)} variant{'s' if len(report.variants) != 1 else ''}, " if report.variants else ""
    return f"{made}measured on {report.machine}"


def _section(title: str, content: str) -> str:
    return f"<section><h2>{title}</h2>{content}</section>"


def _verdict(report: Report) -> str:
    taken = report.recommendation
    sentence = taken.sentence if taken else "Nothing could be run on this machine."
    return f'<section class="verdict"><p>{escape(sentence)}</p></section>'


def _plot(report: Report) -> str:
    picture = plot(report)
    if not picture:
        return ""
    runtimes = "".join(
        f'<span><span class="dot d{number % 4}"></span>{escape(title)}</span>'
        for number, title in enumerate(series(report))
    )
    explained = "<span><i></i>nothing is both faster and closer</span><span>circle area: size of the file</span>"
    content = f'<div class="scroll">{picture}</div><div class="legend">{runtimes}{explained}</div>'
    return _section("Speed against agreement", content)


# Table ----------------------------------------------------------------------------------------------------------------


def _table(report: Report) -> str:
    rows = [cells for entry in report.entries for cells in _rows(report, entry)]
    used = [i for i in range(len(_COLUMNS)) if i < 2 or any(row[i] for _, row in rows)]
    head = "".join(f"<th{_classed(_COLUMNS[i][0])}>{_COLUMNS[i][1]}</th>" for i in used)
    body = "".join(
        f"<tr{_classed(kind)}>{''.join(f'<td{_classed(_COLUMNS[i][0])}>{row[i]}</td>' for i in used)}</tr>"
        for kind, row in rows
    )
    return _section("All figures", f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>')


def _classed(name: str) -> str:
    return f' class="{name}"' if name else ""


def _rows(report: Report, entry: Entry) -> Iterator[tuple[str, list[str]]]:
    taken = report.recommendation.candidate if report.recommendation else None
    for number, way in enumerate(entry.ways):
        kinds = ("first" * (number == 0 and entry is not report.original), "taken" * (way.timing.candidate == taken))
        yield " ".join(filter(None, kinds)), _cells(report, entry, way, named=number == 0)


def _cells(report: Report, entry: Entry, way: Way, *, named: bool) -> list[str]:
    timing, figures = way.timing, way.timing.figures
    return [
        f'<span class="name">{escape(entry.name)}</span>' if named else "",
        f"{escape(entry.badge(way))}<small>{_lanes(way)}</small>",
        f"{figures.frames_per_s:.0f}{_ratio(timing.live_speed)}",
        f"{figures.inferences_per_s:.0f}{_ratio(timing.speed)}",
        f"{figures.latency_p50_ms:.1f} ms<small>{figures.latency_p95_ms:.1f} ms</small>",
        f"{figures.cpu_ms:.1f} ms",
        f"{timing.peak_memory_bytes / 1e6:.0f} MB",
        _agreement(report, entry, way),
        "" if way.map is None else f"{way.map:.3f}",
        f"{entry.model_bytes / 1e6:.1f} MB" if named else "",
    ]


def _lanes(way: Way) -> str:
    lanes, threads = way.timing.execution["lanes"], way.timing.execution["threads"]
    return f"{lanes} lane{'s' * (lanes != 1)}" + (f", {threads} thread{'s' * (threads != 1)}" if threads else "")


def _ratio(spread: Spread) -> str:
    half = (spread.high - spread.low) / 2
    return f"<small>{spread.median:.2f} ×{f' ± {half:.2f}' if half else ''}</small>"


def _agreement(report: Report, entry: Entry, way: Way) -> str:
    likeness = way.likeness
    if likeness is None:
        return ""
    allowed = is_allowed(entry, way, report.original, report.limit)
    frames = f"{likeness.lost_frames} frame{'s' * (likeness.lost_frames != 1)}"
    lost = f"<small>nothing left on {frames}</small>" if likeness.lost_frames else ""
    flips = f"<small>{likeness.class_flips} of another class</small>" if likeness.class_flips else ""
    mark = "" if allowed else "<small>outside the limit</small>"
    return f'<span class="{"good" if allowed else "bad"}">{likeness.agreement:.3f}</span>{mark}{lost}{flips}'


# Below ----------------------------------------------------------------------------------------------------------------


def _worst(report: Report) -> str:
    if not report.worst:
        return ""
    intro = '<p class="muted">The frames on which each way to run it agrees least with the original.</p>'
    ways = groupby(report.worst, key=lambda frame: (frame.name, frame.place))
    figures = (_figure(report, frame) for _, frames in ways for frame in islice(frames, _FRAMES_EACH))
    return _section("Where they differ most", intro + "".join(figures))


def _figure(report: Report, frame: WorstFrame) -> str:
    title = f"{frame.name} on {_badge(report, frame)}"
    told = f"agreement {frame.agreement:.2f} on frame {frame.frame + 1} of {report.frames}"
    images = "".join(
        f'<div><img alt="{escape(who)}" src="data:image/jpeg;base64,{b64encode(jpeg).decode()}">'
        f"<span>{escape(who)}</span></div>"
        for who, jpeg in (("What the original finds in FP32", frame.original), (f"What {title} finds", frame.variant))
    )
    caption = f'<strong>{escape(title)}</strong> <span class="muted">{escape(told)}</span>'
    return f'<figure><figcaption>{caption}</figcaption><div class="pair">{images}</div></figure>'


def _badge(report: Report, frame: WorstFrame) -> str:
    """How it really ran."""
    timings = (way.timing for entry, way in report.ways() if entry.name == frame.name)
    return next((timing.badge for timing in timings if timing.candidate.place == frame.place), frame.place)


def _refused(report: Report) -> str:
    items = "".join(
        f"<li><strong>{escape(each.name)}</strong>{escape(' on ' + each.place if each.place else '')}: "
        f"{escape(each.reason)}</li>"
        for each in report.refused
    )
    return _section("What could not be had", f"<ul>{items}</ul>") if items else ""


def _method(report: Report) -> str:
    found = report.original.likeness.expected if report.original.likeness else 0
    compared = (
        f"F1 of the objects found, against those that the original finds in FP32, on {report.frames} frames of "
        f"{report.source} ({found} found there): same class, overlap of at least half. "
        f"At least {report.limit:g} is asked for."
        if report.source
        else "Not measured: no source was named."
    )
    facts = {
        "Speed": "Each in a process of its own, all of them in turn for a moment, over several rounds. Ratios are "
        "medians over the rounds, ± half of what lies between their quartiles; the first line of the table is 1. "
        f"Other work took {report.disturbance:.0%} of the processor meanwhile.",
        "Frames a second": "From picture to result with everything between, all lanes together.",
        "Latency": "From picture to result, one lane: half of all and 95 % of all are quicker.",
        "Memory": "The most that a process held which loaded the model once and ran it, the program itself included.",
        "Agreement": compared,
    }
    return _section(
        "How it was measured",
        "<dl>" + "".join(f"<dt>{name}</dt><dd>{escape(told)}</dd>" for name, told in facts.items()) + "</dl>",
    )
