"""What a backend offers here, as ``inferoscope backends`` lists it."""

from __future__ import annotations

from engine.backends.table import load_backend
from engine.doctor.messages import Answer, Question, devices_answer


def answer(question: Question) -> Answer:
    """The task "devices"."""
    backend = load_backend(question["backend"])
    return devices_answer(backend.title, backend.devices())
