"""Who runs a model: one file per inference runtime behind one protocol."""

import engine.silence  # noqa: F401 - before any runtime is imported by a module of this room
