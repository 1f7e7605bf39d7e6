"""Widgets that show and emit intents; they decide nothing."""
