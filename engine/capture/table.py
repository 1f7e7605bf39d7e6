"""Which kind of source a text names, and the module that reads it. Nothing is imported before it is needed."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from engine.addresses import is_network_address, redact
from engine.capture.picture_files import is_picture
from engine.capture.source import Source, SourceOptions
from engine.errors import SourceError

SOURCES = {
    "video": "engine.capture.video_file:VideoFileSource",
    "image": "engine.capture.images:ImagesSource",
    "folder": "engine.capture.images:ImagesSource",
    "camera": "engine.capture.camera:CameraSource",
    "network": "engine.capture.network:NetworkSource",
    "screen": "engine.capture.screen:ScreenSource",
    "demo": "engine.capture.demo_scene:DemoSceneSource",
}
"""Kind -> "module:Class". Each class is made with an address and ``SourceOptions``."""

_EXPECTED = "a file, a folder of pictures, camera:0, camera:NAME, rtsp://.., http://.., screen:0 or demo"


def open_source(text: str, options: SourceOptions) -> Source:
    """A source, not yet opened, for what a person typed.

    Args:
        text: A file, a folder of pictures, a picture, ``camera:0``, ``camera:NAME``, ``rtsp://..``, ``http://..``,
            ``screen:0`` or ``demo``.
        options: What may be chosen about it.

    Raises:
        SourceError: The text names no kind of source. Whether the source is there shows when it is opened.
    """
    kind, address = parse_source(text)
    module, _, attribute = SOURCES[kind].partition(":")
    source: Source = getattr(import_module(module), attribute)(address, options)
    return source


def parse_source(text: str) -> tuple[str, str]:
    """Kind of a source (a key of ``SOURCES``) and its address: a path, a camera's or screen's name, or a URL.

    Raises:
        SourceError: The text is empty or names a protocol that is not known.
    """
    scheme, colon, rest = text.strip().partition(":")
    if is_network_address(text.strip()):
        return "network", text.strip()
    if colon and scheme.lower() in ("camera", "screen"):
        return scheme.lower(), rest.strip()
    if text.strip() == "demo":
        return "demo", ""
    if not text.strip() or rest.startswith("//"):
        raise SourceError(
            "This is not a source",
            subject=f"{scheme}://" if scheme else "(nothing)",
            expected=_EXPECTED,
            remedy="Choose one of these",
        )
    path = Path(text).expanduser()
    if not path.exists() and (shown := redact(text)) != text:
        raise SourceError(
            "This is neither a file nor an address",
            subject=shown,
            expected="SCHEME://USER:PASSWORD@HOST:PORT/PATH",
            remedy="Check the address",
        )
    return _kind_of_path(path), text


def _kind_of_path(path: Path) -> str:
    if path.is_dir():
        return "folder"
    return "image" if is_picture(path) else "video"
