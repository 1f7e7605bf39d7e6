"""A bottling line that knows its own truth: the demo, and the program's self-test."""

from engine.scene.bottle import CLASS_NAMES
from engine.scene.look import Light, Look, Traffic, View
from engine.scene.scene import FRAMES, RATE_HZ, Scene, SceneFrame

__all__ = ["CLASS_NAMES", "FRAMES", "RATE_HZ", "Light", "Look", "Scene", "SceneFrame", "Traffic", "View"]
