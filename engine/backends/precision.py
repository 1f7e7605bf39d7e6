"""What a person asked for against what was read back: the same rules for every runtime.

Integer layers stay integer whatever is asked, so a request speaks of the float layers; INT8 alone speaks of integers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.backends.backend import CompileRequest
from engine.cards import Fallback, Precision
from engine.errors import NotAvailableError

Shares = Mapping[Precision, float]
"""Number format -> share of multiply-adds computed in it; empty where the runtime does not tell."""

_LOW = (Precision.BF16, Precision.FP16)
_ENOUGH = 0.5
"""A format counts as had when most float multiply-adds run in it: runtimes leave a first or last layer in FP32."""

INT8_REASON = "the model holds no integer layers"
INT8_CURE = "Build its INT8 variant: on the Optimise page, or with inferoscope export"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something asked for is not had, and what would help."""

    reason: str
    cure: str


def shares_of(weighted: Iterable[tuple[Precision, float]]) -> dict[Precision, float]:
    """Shares, summing to 1, of pairs of format and multiply-adds; empty where there is nothing to weigh."""
    sums: dict[Precision, float] = {}
    for precision, weight in weighted:
        sums[precision] = sums.get(precision, 0.0) + weight
    total = sum(sums.values())
    return {precision: weight / total for precision, weight in sums.items() if weight} if total else {}


def is_had(wanted: Precision, shares: Shares) -> bool:
    """Whether what runs is what was asked for; unknown shares are given the benefit of the doubt."""
    if wanted is Precision.AUTO or not shares:
        return True
    if wanted is Precision.INT8:
        return shares.get(Precision.INT8, 0.0) > 0.0
    if wanted is Precision.FP32:
        return not any(shares.get(low, 0.0) for low in _LOW)
    floats = 1.0 - shares.get(Precision.INT8, 0.0)
    return shares.get(wanted, 0.0) >= _ENOUGH * floats


def titles(shares: Shares) -> str:
    """The formats in use, largest share first: "BF16 and FP32"."""
    ordered = sorted(shares, key=lambda precision: -shares[precision])
    return " and ".join(precision.upper() for precision in ordered) or "an unknown precision"


def integer_warning(request: CompileRequest, shares: Shares, device: str) -> tuple[str, ...]:
    """A file of integer layers whose gain is lost: OpenVINO computes dynamically quantised convolutions in FP32."""
    if request.card.stored_precision is not Precision.INT8 or not shares or Precision.INT8 in shares:
        return ()
    return (f"The file holds INT8 layers, but {device} computes them in {titles(shares)}",)


def settle(request: CompileRequest, place: str, got: str, refusal: Refusal) -> Fallback:
    """A fall-back where the person allows it.

    Args:
        request: What was asked for.
        place: Runtime and device, for the message.
        got: What is had instead.
        refusal: Why, and what would help.

    Raises:
        NotAvailableError: Fall-backs are not allowed.
    """
    if request.allow_fallback:
        return Fallback(request.precision.upper(), got, refusal.reason, refusal.cure)
    raise NotAvailableError(
        f"The precision {request.precision.upper()} is not to be had here: {refusal.reason}",
        subject=f"{request.card.path.name} on {place}",
        remedy=f"{refusal.cure}; or allow a fall-back (--allow-fallback), here to {got}",
    )


def check_int8(request: CompileRequest, place: str) -> tuple[Fallback, ...]:
    """Before compiling: INT8 cannot be made from a float model by asking for it.

    Raises:
        NotAvailableError: It was asked for and fall-backs are not allowed.
    """
    if request.precision is Precision.INT8 and request.card.stored_precision is not Precision.INT8:
        return (settle(request, place, "FP32", Refusal(INT8_REASON, INT8_CURE)),)
    return ()
