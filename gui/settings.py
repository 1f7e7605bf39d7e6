"""Every setting once: the settings page, its help and the checks are made from this table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.folders import data_folder, write_atomic
from gui.texts import text

Value = bool | int | float | str

LANGUAGES = {"en": "English", "es": "Español", "pt_BR": "Português (Brasil)", "ja": "日本語"}
"""The languages of the window, each by its own name."""


_KINDS: Mapping[type, Callable[[], str]] = {
    bool: lambda: text("Settings", "true or false"),
    int: lambda: text("Settings", "a whole number"),
    float: lambda: text("Settings", "a number"),
    str: lambda: text("Settings", "a text"),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that a person may choose for the whole program.

    Attributes:
        key: In the file, never shown.
        section: Heading under which the page shows it.
        title: What it is, on the page.
        help: One sentence that says what it does.
        default: Also tells the type: bool, int, float or str.
        minimum, maximum: Bounds of a number, both included.
        unit: Behind a number ("s", "frames/s").
        choices: Value -> what it is called; empty where any value goes.
        folder: Whether the text is a folder that the page lets a person choose.
    """

    key: str
    section: str
    title: str
    help: str
    default: Value
    minimum: float = 0.0
    maximum: float = 0.0
    unit: str = ""
    choices: Mapping[str, str] | None = None
    folder: bool = False

    def check(self, value: Value) -> Value:
        """The value, as the type of this setting.

        Raises:
            ValueError: Wrong type, out of bounds or no choice; says what would have been right.
        """
        kind = type(self.default)
        if isinstance(value, bool) != (kind is bool) or not isinstance(value, (int, float) if kind is float else kind):
            raise self._wrong(value, _KINDS[kind]())
        if self.choices is not None and value not in self.choices:
            raise self._wrong(value, text("Settings", "one of {choices}").format(choices=", ".join(self.choices)))
        if kind in (int, float) and not self.minimum <= float(value) <= self.maximum:
            bounds = text("Settings", "{least:g} to {most:g}").format(least=self.minimum, most=self.maximum)
            raise self._wrong(value, bounds)
        return kind(value)

    def _wrong(self, value: Value, expected: str) -> ValueError:
        told = text("Settings", "{title} ({key}): expected {what}, got {value}")
        return ValueError(told.format(title=self.title, key=self.key, what=expected, value=repr(value)))


def _appearance() -> tuple[Setting, ...]:
    section = text("Settings", "Appearance")
    return (
        Setting(
            "theme",
            section,
            text("Settings", "Theme"),
            text("Settings", "Colours of the window."),
            "system",
            choices={
                "system": text("Settings", "As the system"),
                "light": text("Settings", "Light"),
                "dark": text("Settings", "Dark"),
                "contrast": text("Settings", "High contrast"),
            },
        ),
        Setting(
            "language",
            section,
            text("Settings", "Language"),
            text("Settings", "Of the whole window, from the next start of the program on."),
            "system",
            choices={"system": text("Settings", "As the system"), **LANGUAGES},
        ),
        Setting(
            "display_rate_hz",
            section,
            text("Settings", "Pictures drawn per second"),
            text("Settings", "At most so often is a tile drawn anew. Fewer leave more of the processor to the models."),
            30,
            minimum=1,
            maximum=60,
            unit=text("Settings", "per second"),
        ),
        Setting(
            "label_px",
            section,
            text("Settings", "Size of labels"),
            text("Settings", "Height of the letters on the pictures."),
            13,
            minimum=8,
            maximum=40,
            unit=text("Settings", "pixels"),
        ),
    )


def _running() -> tuple[Setting, ...]:
    section = text("Settings", "Running")
    return (
        Setting(
            "restore",
            section,
            text("Settings", "Continue where you stopped"),
            text("Settings", "Streams that ran when the program ended run again when it starts."),
            True,
        ),
        Setting(
            "keep_awake",
            section,
            text("Settings", "Keep the computer awake"),
            text("Settings", "While a stream runs, neither the computer nor its screen goes to sleep."),
            True,
        ),
        Setting(
            "profile",
            section,
            text("Settings", "Models run for"),
            text("Settings", "Throughput uses all processor cores; latency answers each frame soonest."),
            "throughput",
            choices={
                "throughput": text("Settings", "Most frames per second"),
                "latency": text("Settings", "Shortest delay"),
            },
        ),
        Setting(
            "trial",
            section,
            text("Settings", "Try new models in a process of their own"),
            text("Settings", "A model file that was never loaded before cannot take the program down with it."),
            True,
        ),
    )


def _saving() -> tuple[Setting, ...]:
    section = text("Settings", "Snapshots and recordings")
    return (
        Setting(
            "save_folder",
            section,
            text("Settings", "Folder"),
            text("Settings", "Where snapshots and recordings go. Asked for at the first one."),
            "",
            folder=True,
        ),
        Setting(
            "annotated",
            section,
            text("Settings", "Draw what was found"),
            text("Settings", "Else pictures are saved as they came."),
            True,
        ),
        Setting(
            "picture_format",
            section,
            text("Settings", "Format of snapshots"),
            text("Settings", "PNG keeps every pixel, JPEG is smaller."),
            "png",
            choices={"png": "PNG", "jpg": "JPEG"},
        ),
        Setting(
            "video_format",
            section,
            text("Settings", "Format of recordings"),
            text("Settings", "MP4 is light on the processor. WebM plays in browsers and takes longer to make."),
            "mp4",
            choices={"mp4": "MP4", "webm": "WebM"},
        ),
        Setting(
            "records",
            section,
            text("Settings", "Results beside the pictures"),
            text("Settings", "What was found on each frame, for other programs to read."),
            "jsonl",
            choices={
                "none": text("Settings", "None"),
                "jsonl": text("Settings", "JSON lines"),
                "csv": text("Settings", "CSV table"),
            },
        ),
        Setting(
            "free_gb",
            section,
            text("Settings", "Keep free on the disk"),
            text("Settings", "A recording ends before less than this is left."),
            2.0,
            minimum=0.1,
            maximum=1000.0,
            unit="GB",
        ),
    )


def table() -> tuple[Setting, ...]:
    """Every setting, in the order of the page. A function, so that its texts follow the language."""
    return (*_appearance(), *_running(), *_saving())


class Settings:
    """The values, kept in a file. What cannot be read there falls back to its default and is reported.

    Args:
        path: The file; None for the program's own.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or data_folder() / "settings.json"
        self._table = {setting.key: setting for setting in table()}
        self._values: dict[str, Value] = {}
        self._observers: list[Callable[[str], None]] = []
        self.warnings: list[str] = []
        self._read()

    def __getitem__(self, key: str) -> Value:
        return self._values.get(key, self._table[key].default)

    def text(self, key: str) -> str:
        """A setting whose values are texts."""
        return str(self[key])

    def number(self, key: str) -> float:
        """A setting whose values are numbers."""
        return float(self[key])

    def flag(self, key: str) -> bool:
        """A setting that is on or off."""
        return bool(self[key])

    def subscribe(self, observer: Callable[[str], None]) -> None:
        """Call ``observer(key)`` after each change."""
        self._observers.append(observer)

    def put(self, key: str, value: Value) -> None:
        """Change a setting and keep it.

        Raises:
            ValueError: The value does not fit.
            OSError: It cannot be kept; it holds until the program ends.
        """
        checked = self._table[key].check(value)
        if checked == self[key]:
            return
        self._values[key] = checked
        for observer in tuple(self._observers):
            observer(key)
        write_atomic(self._path, json.dumps(self._values, indent=2, ensure_ascii=False).encode())

    def _read(self) -> None:
        try:
            document = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            self.warnings.append(text("Settings", "The settings could not be read: {error}").format(error=error))
            return
        for key, value in document.items() if isinstance(document, dict) else ():
            if key in self._table:
                try:
                    self._values[key] = self._table[key].check(value)
                except ValueError as error:
                    self.warnings.append(str(error))
