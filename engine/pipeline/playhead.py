"""Where a stream stands in its file, and where it goes next: pure rules, without a thread or a clock of their own."""

from __future__ import annotations

from engine.pipeline.wishes import Place, Wish

_SEARCH_S = 0.2
"""So long a seek is carried on before a newer wish ends it: a slider that is dragged shows pictures on its way."""


class Playhead:
    """What a capture thread is to show next. That thread alone changes it; any may read the attributes.

    Attributes:
        paused: Whether the picture is held, by a person or at the end.
        at_end: Whether it is held at the end of a file.
        owed: A picture is to be shown although it is held: that of a seek or a step.
    """

    def __init__(self) -> None:
        self.paused = False
        self.at_end = False
        self.owed = False
        self._steps = 0  # to be gone yet
        self._sought: Place | None = None  # whose picture has not come yet
        self._sought_ns = 0

    @property
    def rests(self) -> bool:
        """Whether nothing is to be read now."""
        return self.paused and not self.owed

    @property
    def is_seeking(self) -> bool:
        """Whether a place was sought whose picture has not come."""
        return self._sought is not None

    def is_left_alone(self, now_ns: int) -> bool:
        """Whether a seek is to be left some time to come to its picture before the next wish."""
        return self._sought is not None and now_ns - self._sought_ns < _SEARCH_S * 1e9

    def follow(self, wish: Wish, start: Place) -> Place | None:
        """Take over what is wished; the place to seek, None where there is none."""
        place = wish.place
        if wish.paused is False and self.at_end and place is None and wish.steps >= 0:
            place = start
        if wish.paused is not None:
            self.paused = wish.paused
        if place is not None:
            self._steps = 0
        self._steps += wish.steps
        return place

    @property
    def has_steps(self) -> bool:
        """Whether steps are to be gone, now that the picture of an earlier seek or step is there."""
        return self._steps != 0 and not self.owed

    def take_steps(self, shown: int | None) -> Place | None:
        """Go these steps from the frame that is shown; the place to seek, None for the very next frame."""
        steps, self._steps = self._steps, 0
        self.owed, self.at_end = True, False
        return None if steps == 1 or shown is None else Place(frame=max(0, shown + steps))

    def seek(self, place: Place, now_ns: int, *, owed: bool = True) -> None:
        """A seek begins; ``owed`` shows its picture although it is held."""
        self.owed, self.at_end = owed, False
        self._sought, self._sought_ns = place, now_ns

    def show(self) -> None:
        """A picture is shown."""
        self.owed, self._sought = False, None

    def end(self, last: Place | None, *, hold: bool) -> Place | None:
        """The file has come to its end.

        Args:
            last: Its last picture, where that is known.
            hold: Stay there.

        Returns:
            Where to go first: the last picture, where a place behind the end was sought.
        """
        if hold and self._sought is not None and last not in (None, self._sought):
            self._sought = last
            return last
        self.show()
        if hold:
            self.paused = self.at_end = True
        return None
