"""Proof of execution in words: the badge, and everything that is known behind it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.cards import ExecutionReport, Fallback, Profile
from gui.engine_words import in_full, translated
from gui.presenters.health import Level
from gui.presenters.port import LoadState, ModelState
from gui.texts import text


@dataclass(frozen=True, slots=True)
class Badge:
    """What the badge shows.

    Attributes:
        level: GOOD when it runs as asked for, WARNING when something else was had or should be known, ERROR when it
            does not run, IDLE without a model, BUSY before the first one runs.
        words: Runtime, device and precision in use, or why there are none.
        rows: What it is -> what it is here, for the report that a click opens.
        notes: Fall-backs and warnings, a paragraph each.
    """

    level: Level
    words: str
    rows: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Loading:
    """A model that is being loaded.

    Attributes:
        phase: In words, with the seconds so far.
        share: Done, 0 to 1 in hundredths; None the first time, when nobody knows how long it takes.
    """

    phase: str
    share: float | None


def badge(state: ModelState | None) -> Badge:
    """What really runs. While another configuration loads, that of the old one. None for no model."""
    if state is None:
        return Badge(Level.IDLE, text("Execution", "No model"))
    if state.report is not None:
        return _running(state.report, state)
    if state.error is not None:
        return Badge(Level.ERROR, text("Execution", "Does not run"), notes=(in_full(state.error),))
    return Badge(Level.BUSY, text("Execution", "Not running yet"))


def loading(state: LoadState | None) -> Loading | None:
    """Phase and share of a model that is being loaded."""
    if state is None:
        return None
    phase = text("Execution", "{phase} · {elapsed} s").format(
        phase=translated(state.phase), elapsed=int(state.elapsed_s)
    )
    if state.expected_s is None or state.expected_s <= 0:
        return Loading(phase, None)
    return Loading(phase, min(0.99, round(state.elapsed_s / state.expected_s, 2)))


def _running(report: ExecutionReport, state: ModelState) -> Badge:
    notes = (*(_fallback(f) for f in report.fallbacks), *map(translated, report.warnings))
    if state.error is not None:
        notes = (
            text("Execution", "What was asked for last does not run: {why}").format(why=in_full(state.error)),
            *notes,
        )
    return Badge(Level.WARNING if notes else Level.GOOD, report.badge, _rows(report), notes)


def _fallback(fallback: Fallback) -> str:
    told = text("Execution", "{wanted} was asked for, {got} runs: {reason}. {cure}.")
    return told.format(
        wanted=fallback.wanted,
        got=fallback.got,
        reason=translated(fallback.reason.rstrip(".")),
        cure=translated(fallback.cure.rstrip(".")),
    )


def _rows(report: ExecutionReport) -> tuple[tuple[str, str], ...]:
    backend = " ".join((report.backend_title, report.backend_version))
    return (
        (text("Execution", "Backend"), backend),
        (text("Execution", "Runs on"), ", ".join(report.devices) or text("Execution", "not told")),
        (text("Execution", "Hardware"), report.device_title),
        (text("Execution", "Asked for"), _asked(report)),
        (text("Execution", "Computed in"), _shares(report)),
        (text("Execution", "Placed on"), _placement(report)),
        (text("Execution", "Tuned for"), _profile(report)),
        (text("Execution", "In parallel"), _lanes(report)),
        (text("Execution", "Made ready in"), _compiled(report)),
    )


def _asked(report: ExecutionReport) -> str:
    device = report.device_requested or text("Execution", "any device")
    return text("Execution", "{device}, precision {precision}").format(
        device=device, precision=report.precision_requested.value.upper()
    )


def _shares(report: ExecutionReport) -> str:
    """Shares of multiply-adds, the largest first."""
    shares = sorted(report.precision_shares.items(), key=lambda item: -item[1])
    return ", ".join(f"{p.upper()} {_percent(s)}" for p, s in shares if s > 0) or text("Execution", "not told")


def _percent(share: float) -> str:
    return "< 0.1 %" if 0 < share < 0.001 else f"{100 * share:.4g} %" if share in (0, 1) else f"{100 * share:.1f} %"


def _placement(report: ExecutionReport) -> str:
    words = text("Execution", "{place}: {count} operations")
    placed = (words.format(place=place, count=count) for place, count in report.placement.items())
    return ", ".join(placed) or text("Execution", "not told")


def _profile(report: ExecutionReport) -> str:
    throughput = report.profile is Profile.THROUGHPUT
    return text("Execution", "most frames per second") if throughput else text("Execution", "shortest delay")


def _lanes(report: ExecutionReport) -> str:
    if not report.threads:
        return text("Execution", "{lanes} frames").format(lanes=report.lanes)
    return text("Execution", "{lanes} frames, {threads} processor threads in all").format(
        lanes=report.lanes, threads=report.threads
    )


def _compiled(report: ExecutionReport) -> str:
    seconds = text("Execution", "{seconds} s").format(seconds=f"{report.compile_s:.2g}")
    if report.from_cache is None:
        return seconds
    origin = text("Execution", "from the cache") if report.from_cache else text("Execution", "compiled anew")
    return f"{seconds}, {origin}"
