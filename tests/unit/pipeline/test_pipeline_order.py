"""Tickets: each answered once, handed on in order, and no failed frame stalls the others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.pipeline.order import Order


def _order(*, strict: bool) -> tuple[Order[int], list[int], list[int]]:
    delivered: list[int] = []
    late: list[int] = []

    def deliver(answer: int) -> bool:
        delivered.append(answer)
        return True

    return Order(deliver, late.append, strict=strict), delivered, late


@given(st.permutations(range(12)))
def test_strict_order_holds_whatever_order_lanes_finish_in(finished: list[int]) -> None:
    order, delivered, late = _order(strict=True)
    tickets = [order.draw() for _ in finished]

    for ticket in finished:
        order.answer(ticket, ticket)

    assert delivered == tickets
    assert late == []
    assert order.outstanding == 0


@given(st.permutations(range(12)))
def test_a_live_picture_never_goes_back_in_time(finished: list[int]) -> None:
    order, delivered, late = _order(strict=False)
    for _ in finished:
        order.draw()

    for ticket in finished:
        order.answer(ticket, ticket)

    assert delivered == sorted(delivered)
    assert delivered[0] == finished[0]
    assert sorted(delivered + late) == list(range(12))
    assert order.outstanding == 0


def test_a_second_answer_to_one_ticket_is_refused() -> None:
    order, delivered, _ = _order(strict=True)
    ticket = order.draw()

    assert order.answer(ticket, 1)
    assert not order.answer(ticket, 2)
    assert delivered == [1]


def test_answers_that_come_while_one_is_handed_on_go_out_after_it() -> None:
    delivered: list[int] = []

    def deliver(answer: int) -> bool:
        if answer == 0:
            order.answer(1, 1)
        delivered.append(answer)
        return True

    order: Order[int] = Order(deliver, delivered.append, strict=True)
    for _ in range(2):
        order.draw()

    order.answer(0, 0)

    assert delivered == [0, 1]


def test_what_failed_makes_nothing_before_it_old_news() -> None:
    shown: list[int] = []
    late: list[int] = []

    def deliver(answer: int) -> bool:
        if answer != 1:
            shown.append(answer)
        return answer != 1

    order: Order[int] = Order(deliver, late.append, strict=False)
    for _ in range(3):
        order.draw()

    for finished in (1, 0, 2):
        order.answer(finished, finished)

    assert shown == [0, 2]
    assert late == []
