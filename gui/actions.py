"""Every action once: menus, tool buttons, shortcuts and the cheat sheet are made from this table."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from gui.texts import text

_KEY_LETTER = re.compile(r"\(&\w\)|&")

TILE_MENU = (
    "file.source",
    "file.model",
    "file.rename_tile",
    "",
    "stream.start_stop",
    "stream.snapshot",
    "stream.record",
    "view.enlarge",
    "",
    "file.close_tile",
)
"""Ids of the actions that a tile offers where it is clicked with the right button; "" is a line between them."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides whether an action makes sense now. Made anew by the shell's presenter whenever it may have changed.

    Attributes:
        has_source: The selected tile has one.
        running: The selected tile streams.
        seekable: It is a file that can be sought in.
        paused: Its picture is held.
        has_picture: There is something to save.
        recording: Something is being recorded.
        tiles: How many tiles there are.
        enlarged: One tile fills the picture area.
        page: The page that is shown.
    """

    has_source: bool = False
    running: bool = False
    seekable: bool = False
    paused: bool = False
    has_picture: bool = False
    recording: bool = False
    tiles: int = 1
    enlarged: bool = False
    page: str = "live"


def plain(title: str) -> str:
    """A title as it stands outside of menus: without its key letter, which some languages have in brackets behind."""
    return _KEY_LETTER.sub("", title).rstrip("…")


def _always(_situation: Situation) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person can do.

    Attributes:
        action_id: Name of it in the code ("stream.start_stop").
        title: In menus, with an ellipsis where more is asked.
        menu: Menu it stands in, "" for none.
        shortcuts: Key sequences in Qt's portable text, the first one is shown.
        icon: Name of a file in assets/icons, "" for none.
        tip: One sentence that says what it does.
        enabled: Whether it makes sense in a situation.
        checkable: Whether it is on or off.
    """

    action_id: str
    title: str
    menu: str
    shortcuts: tuple[str, ...] = ()
    icon: str = ""
    tip: str = ""
    enabled: Callable[[Situation], bool] = _always
    checkable: bool = False


def table() -> tuple[Action, ...]:
    """Every action, in the order of the menus. A function, so that its texts follow the language."""
    return (*_file(), *_stream(), *_view(), *_help())


def _file() -> tuple[Action, ...]:
    menu = text("Actions", "&File")
    return (
        Action(
            "file.source",
            text("Actions", "Open &source…"),
            menu,
            ("Ctrl+O",),
            "video",
            text("Actions", "Choose a camera, a file, an address or a screen for the selected tile."),
        ),
        Action(
            "file.model",
            text("Actions", "Open &model…"),
            menu,
            ("Ctrl+M",),
            "box",
            text("Actions", "Choose an ONNX or OpenVINO file for the selected tile."),
        ),
        Action(
            "file.add_tile",
            text("Actions", "Add a &tile…"),
            menu,
            ("Ctrl+T",),
            "layout-grid-add",
            text("Actions", "Open one more source beside the others."),
            lambda s: s.tiles < 16,
        ),
        Action(
            "file.rename_tile",
            text("Actions", "Re&name the tile…"),
            menu,
            ("F2",),
            "pencil",
            text("Actions", "Give the selected tile a name of your own."),
            lambda s: s.has_source,
        ),
        Action(
            "file.close_tile",
            text("Actions", "&Close the tile"),
            menu,
            ("Ctrl+W",),
            "x",
            text("Actions", "Stop the selected tile and remove it."),
            lambda s: s.has_source or s.tiles > 1,
        ),
        Action(
            "file.open_session",
            text("Actions", "Open a s&ession…"),
            menu,
            ("Ctrl+Shift+O",),
            "",
            text("Actions", "Go on with tiles, models and thresholds that were saved as a file."),
        ),
        Action(
            "file.save_session",
            text("Actions", "Save the sessi&on as…"),
            menu,
            ("Ctrl+Shift+S",),
            "",
            text("Actions", "Save tiles, models and thresholds as a file."),
        ),
        Action("file.quit", text("Actions", "&Quit"), menu, ("Ctrl+Q",), "", text("Actions", "End the program.")),
    )


def _stream() -> tuple[Action, ...]:
    menu = text("Actions", "&Stream")
    return (
        Action(
            "stream.start_stop",
            text("Actions", "Start or s&top"),
            menu,
            ("Ctrl+Return",),
            "player-play",
            text("Actions", "Start the selected stream, or stop it."),
            lambda s: s.has_source,
        ),
        Action(
            "stream.start_all",
            text("Actions", "St&art all"),
            menu,
            ("Ctrl+Shift+Return",),
            "",
            text("Actions", "Start every stream that does not run."),
        ),
        Action(
            "stream.stop_all",
            text("Actions", "Stop a&ll"),
            menu,
            ("Ctrl+Shift+Backspace",),
            "",
            text("Actions", "Stop every stream."),
        ),
        Action(
            "stream.play_pause",
            text("Actions", "&Play or pause"),
            menu,
            ("Space",),
            "player-pause",
            text("Actions", "Hold the picture of a file, or go on."),
            lambda s: s.seekable and s.running,
        ),
        Action(
            "stream.step_forward",
            text("Actions", "Next &frame"),
            menu,
            (".",),
            "player-skip-forward",
            text("Actions", "Hold the picture and show the next frame."),
            lambda s: s.seekable and s.running,
        ),
        Action(
            "stream.step_back",
            text("Actions", "Pre&vious frame"),
            menu,
            (",",),
            "player-skip-back",
            text("Actions", "Hold the picture and show the frame before."),
            lambda s: s.seekable and s.running,
        ),
        Action(
            "stream.seek_forward",
            text("Actions", "Forward five seconds"),
            menu,
            ("Right", "Shift+Right"),
            "",
            text("Actions", "Go five seconds further in a file."),
            lambda s: s.seekable and s.running,
        ),
        Action(
            "stream.seek_back",
            text("Actions", "Back five seconds"),
            menu,
            ("Left", "Shift+Left"),
            "",
            text("Actions", "Go five seconds back in a file."),
            lambda s: s.seekable and s.running,
        ),
        Action(
            "stream.snapshot",
            text("Actions", "&Snapshot"),
            menu,
            ("Ctrl+S",),
            "camera",
            text("Actions", "Save the picture of the selected tile."),
            lambda s: s.has_picture,
        ),
        Action(
            "stream.record",
            text("Actions", "&Record"),
            menu,
            ("Ctrl+R",),
            "player-record",
            text("Actions", "Begin to record the selected tile, or end it."),
            lambda s: s.running or s.recording,
            checkable=True,
        ),
    )


def _view() -> tuple[Action, ...]:
    menu = text("Actions", "&View")
    return (
        Action(
            "view.live", text("Actions", "&Live"), menu, ("Alt+1",), "activity", text("Actions", "Pictures and traces.")
        ),
        Action(
            "view.models",
            text("Actions", "&Models"),
            menu,
            ("Alt+2",),
            "box",
            text("Actions", "Your models, and models to download."),
        ),
        Action(
            "view.optimise",
            text("Actions", "&Optimise"),
            menu,
            ("Alt+3",),
            "rocket",
            text("Actions", "Make a model smaller and faster, and see what that costs."),
        ),
        Action(
            "view.settings",
            text("Actions", "S&ettings"),
            menu,
            ("Ctrl+,",),
            "settings",
            text("Actions", "Everything that can be chosen about the program."),
        ),
        Action(
            "view.overlay",
            text("Actions", "Show &what was found"),
            menu,
            ("O",),
            "eye",
            text("Actions", "Draw boxes, masks and labels over the pictures, or hide them."),
            checkable=True,
        ),
        Action(
            "view.full_screen",
            text("Actions", "F&ull screen"),
            menu,
            ("F11", "F"),
            "maximize",
            text("Actions", "Nothing but the pictures; Escape leads back."),
            checkable=True,
        ),
        Action(
            "view.enlarge",
            text("Actions", "Enlar&ge the tile"),
            menu,
            ("Return",),
            "arrows-maximize",
            text("Actions", "Let the selected tile fill the picture area, or show all again."),
            lambda s: s.tiles > 1,
        ),
        Action(
            "view.next_tile",
            text("Actions", "&Next tile"),
            menu,
            ("Ctrl+Tab",),
            "",
            text("Actions", "Select the next tile."),
            lambda s: s.tiles > 1,
        ),
        Action(
            "view.zoom_in",
            text("Actions", "Zoom &in"),
            menu,
            ("Ctrl++", "Ctrl+="),
            "zoom-in",
            text("Actions", "Show a smaller part of the picture, larger."),
            lambda s: s.has_picture,
        ),
        Action(
            "view.zoom_out",
            text("Actions", "&Zoom out"),
            menu,
            ("Ctrl+-",),
            "zoom-out",
            text("Actions", "Show a larger part of the picture, smaller."),
            lambda s: s.has_picture,
        ),
        Action(
            "view.fit",
            text("Actions", "&Fit"),
            menu,
            ("Ctrl+0",),
            "zoom-reset",
            text("Actions", "Show the whole picture."),
            lambda s: s.has_picture,
        ),
        Action(
            "view.panel",
            text("Actions", "Model &panel"),
            menu,
            ("Ctrl+B",),
            "layout-sidebar-right",
            text("Actions", "Show or hide the panel beside the pictures."),
            checkable=True,
        ),
        Action(
            "view.traces",
            text("Actions", "&Traces"),
            menu,
            ("Ctrl+J",),
            "chart-line",
            text("Actions", "Show or hide the traces below the pictures."),
            checkable=True,
        ),
        Action(
            "view.problems",
            text("Actions", "Pro&blems"),
            menu,
            ("Ctrl+E",),
            "alert-triangle",
            text("Actions", "What went wrong, and what to do about it."),
        ),
    )


def _help() -> tuple[Action, ...]:
    menu = text("Actions", "&Help")
    return (
        Action(
            "help.demo",
            text("Actions", "Try the &demo"),
            menu,
            (),
            "sparkles",
            text("Actions", "Play the demo that comes with the program, in an empty tile or a new one."),
            lambda s: s.tiles < 16,
        ),
        Action(
            "help.manual",
            text("Actions", "&Manual"),
            menu,
            ("F1",),
            "book",
            text("Actions", "How to use the program, and what each message means."),
        ),
        Action(
            "help.keys",
            text("Actions", "&Keyboard shortcuts"),
            menu,
            ("?",),
            "keyboard",
            text("Actions", "All shortcuts on one page."),
        ),
        Action(
            "help.log",
            text("Actions", "Open the &log folder"),
            menu,
            (),
            "folder",
            text("Actions", "Where the program writes down what it did."),
        ),
        Action(
            "help.diagnostics",
            text("Actions", "Save d&iagnostics…"),
            menu,
            (),
            "lifebuoy",
            text("Actions", "Save what others need to help, without names, folders and passwords."),
        ),
        Action(
            "help.about",
            text("Actions", "&About Inferoscope"),
            menu,
            (),
            "info-circle",
            text("Actions", "Version and licences."),
        ),
    )
