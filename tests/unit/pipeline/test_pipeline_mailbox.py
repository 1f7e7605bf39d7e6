"""Mailboxes, slots and feeds: what goes in comes out once, and nobody waits for ever."""

from __future__ import annotations

import threading

from fakes import wait_until

from engine.pipeline.mailbox import Feed, Mailbox, Slot


def test_a_mailbox_keeps_the_order_and_refuses_what_it_has_no_room_for() -> None:
    box: Mailbox[int] = Mailbox(2)

    assert box.offer(1)
    assert box.offer(2)
    assert not box.offer(3)
    assert not box.put(3, 0.0)
    assert [box.take(0.0), box.take(0.0), box.take(0.0)] == [1, 2, None]


def test_whoever_takes_can_be_woken_beforehand_too() -> None:
    box: Mailbox[int] = Mailbox(1)
    box.wake()

    assert box.take(30) is None
    box.offer(1)
    box.wake()
    assert box.take(30) == 1


def test_put_waits_until_another_thread_makes_room() -> None:
    box: Mailbox[int] = Mailbox(1)
    box.offer(1)
    taker = threading.Thread(target=lambda: box.take(10))
    taker.start()

    assert box.put(2, 10)
    taker.join(10)
    assert box.take(0) == 2


def test_the_newest_frame_wins_and_the_replaced_one_is_returned() -> None:
    slot: Slot[str] = Slot(1)

    assert slot.put("old") == []
    assert slot.put("new") == ["old"]
    assert slot.poll() == "new"
    assert slot.poll() is None


def test_a_full_slot_lets_the_reader_wait_and_a_closed_one_lets_it_go() -> None:
    slot: Slot[int] = Slot(1)
    assert slot.wait_for_room(0)
    assert slot.put(1) == []
    assert not slot.wait_for_room(0)
    answers: list[bool] = []
    reader = threading.Thread(target=lambda: answers.append(slot.wait_for_room(30)))
    reader.start()

    assert slot.close() == [1]
    reader.join(10)

    assert answers == [True]
    assert slot.put(3) == [3]


def test_a_waiting_reader_is_called_when_half_of_the_places_are_free() -> None:
    slot: Slot[int] = Slot(4)
    for number in range(4):
        slot.put(number)
    answers: list[bool] = []
    reader = threading.Thread(target=lambda: answers.append(slot.wait_for_room(30)))
    reader.start()
    assert wait_until(lambda: bool(slot._condition._waiters))  # type: ignore[attr-defined]

    slot.poll()
    assert answers == []
    slot.poll()

    reader.join(10)
    assert answers == [True]


def test_lanes_take_from_streams_in_turn() -> None:
    feed: Feed[str] = Feed()
    waiting = {"a": ["a1", "a2", "a3"], "b": ["b1"], "c": ["c1", "c2"]}
    for queue in waiting.values():
        feed.attach(lambda queue=queue: queue.pop(0) if queue else None)

    taken = [feed.take(0.0) for _ in range(7)]

    assert taken == ["a1", "b1", "c1", "a2", "c2", "a3", None]


def test_a_detached_stream_is_served_no_more_and_a_closed_feed_sends_lanes_home() -> None:
    feed: Feed[int] = Feed()

    def outlet() -> int:
        return 1

    feed.attach(outlet)
    assert feed.take_now() == 1
    feed.detach(outlet)
    assert feed.take(0.0) is None

    feed.attach(outlet)
    feed.close()
    assert feed.take(30) is None
    assert feed.closed
