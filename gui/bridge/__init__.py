"""The only part of the window that talks to the engine's pipeline."""
