"""Secrets are planted everywhere, in every spelling; none of them may be in any file of the archive."""

from __future__ import annotations

import base64
import json
import re
import socket
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from engine.anonymous import Anonymiser
from engine.capture.camera_list import CameraInfo
from engine.diagnostics import reports
from engine.diagnostics.archive import save_archive
from engine.diagnostics.known import Known
from engine.diagnostics.logs import log_folder
from engine.diagnostics.self_test import SelfTest
from engine.doctor.check import passed
from engine.errors import CancelledError, SinkError
from engine.folders import data_folder

USER = "ann.exampleson"
PASSWORD = "pa$$w0rd!9"
TOKEN = "q1w2e3r4t5"
ADDRESS = f"rtsp://viewer77:{quote(PASSWORD, safe='')}@attic-cam.example.net:554/backyard/pool?token={TOKEN}"
CAMERA = "Grandma's Kamera Süd"
TILE = "Kids' bedroom"
UNSAVED = "Nursery"
HOST = "annes-laptop"
VARIABLE = "env-9f8e7d6c5b"
CLIENT = "Zebra & Sons"
WORDS = (USER, PASSWORD, TOKEN, "viewer77", "attic-cam", CAMERA, TILE, UNSAVED, HOST, VARIABLE)
SECRETS = (*WORDS, CLIENT, "backyard", "grandpa", "10.1.2.3", "garage")
"""The last ones are parts of paths and addresses, and hidden with them, or of cameras that are not here any more."""

FORMS: dict[str, Callable[[str], str]] = {
    "plain": lambda word: word,
    "upper": str.upper,
    "lower": str.lower,
    "percent": lambda word: quote(word, safe=""),
    "percent twice": lambda word: quote(quote(word, safe=""), safe=""),
    "percent, every letter": lambda word: "".join(f"%{byte:02X}" for byte in word.encode()),
    "escaped": lambda word: json.dumps(word)[1:-1],
    "decomposed": lambda word: unicodedata.normalize("NFD", word),
    "base64": lambda word: base64.b64encode(word.encode()).decode(),
    "base64 for addresses": lambda word: base64.urlsafe_b64encode(word.encode()).decode().rstrip("="),
}


def found_in(text: str, secrets: tuple[str, ...]) -> set[str]:
    """Which secrets a text holds, in whatever spelling."""
    spoken = [text]
    for _ in range(2):
        spoken.append(unquote(spoken[-1]))
    spoken += [decoded(word) for word in re.findall(r"[A-Za-z0-9+/_-]{6,}", text)]
    spoken.append(re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text))
    heard = unicodedata.normalize("NFC", "\n".join(spoken)).casefold()
    return {secret for secret in secrets if unicodedata.normalize("NFC", secret).casefold() in heard}


def decoded(word: str) -> str:
    plain = word.replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4)).decode("utf-8", "replace")
    except ValueError:
        return ""


def sentences(home: Path) -> list[str]:
    """What a log or an exception may say."""
    said = [f"cannot use {form(secret)} now" for secret in WORDS for form in FORMS.values()]
    model = home / CLIENT / "line 3" / "yard.onnx"
    windows = rf"C:\Users\{USER}\{CLIENT}\yard.onnx"
    return [
        *said,
        f"connecting {ADDRESS} again",
        f"connecting {quote(ADDRESS, safe='')}",
        "camera:Grandpa's Kamera shows results of yolo.onnx",
        "camera:Grandpa's Kamera: it is gone",
        "rtsp://***@10.1.2.3:8554/garage shows results of yolo.onnx",
        "http://10.1.2.3/garage/video.mjpg is gone",
        f"Authorization: Basic {base64.b64encode(f'viewer77:{PASSWORD}'.encode()).decode()}",
        f"sent {base64.b64encode(f'viewer77:{PASSWORD}'.encode()).decode()}",
        f'Digest username="viewer77", password={PASSWORD}',
        f"FileNotFoundError: [Errno 2] No such file or directory: '{model}'",
        f"{model.as_uri()} {model}: not found",
        f"{windows} {windows.upper()} {json.dumps(windows)} {windows.replace(chr(92), '/')}",
        f"/home/somebody/{CLIENT}/yard.onnx /Users/{USER}/{CLIENT}/yard.onnx",
    ]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a person with much to hide, who uses the program."""
    home = tmp_path / "people" / USER
    home.mkdir(parents=True)
    for name, value in {"HOME": home, "USERPROFILE": home, "USER": USER, "LOGNAME": USER, "USERNAME": USER}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("INFEROSCOPE_HOME", str(home / CLIENT / "program"))
    monkeypatch.setenv("UPLOAD_TOKEN", VARIABLE)
    monkeypatch.setenv("LD_LIBRARY_PATH", str(home / CLIENT / "libraries"))
    monkeypatch.setattr(socket, "gethostname", lambda: f"{HOST}.example.net")
    monkeypatch.setattr("engine.capture.camera_list.list_cameras", lambda: (CameraInfo(0, CAMERA, "/dev/video0"),))
    return home


@pytest.fixture
def known(home: Path) -> Known:
    """What the program has written down and knows."""
    said = sentences(home)
    shown = ADDRESS.replace(ADDRESS.partition("@")[0].partition("//")[2], "***").replace(TOKEN, "***")
    write(data_folder() / "session.json", session(home, shown))
    write(data_folder() / "settings.json", json.dumps({"save_folder": str(home / CLIENT), "password": PASSWORD}))
    write(data_folder() / "recent.json", json.dumps([shown, f"camera:{CAMERA}"]))
    write(log_folder() / "inferoscope.log", "\n".join(said))
    write(log_folder() / "inferoscope.log.1", "\n".join(reversed(said)))
    write(reports.report_folder() / "20261121-150426-580472-1-crash.txt", "\n".join(said))
    document = {sentence: [sentence, {"token": TOKEN, "number": 3}] for sentence in said}
    documents = {"running.json": document, "problems.json": said}
    return Known(documents=documents, cameras=((UNSAVED,),), secret_addresses=(ADDRESS,))


def session(home: Path, shown: str) -> str:
    tiles = [
        {"id": "1", "name": TILE, "source": shown},
        {"id": "2", "name": "X1", "source": f"camera:{CAMERA}"},
        {"id": "3", "name": "", "source": str(home / CLIENT / "yard.mp4")},
    ]
    return json.dumps({"tiles": tiles, "models": [{"id": "4", "path": str(home / CLIENT / "yard.onnx")}]})


def write(path: Path, words: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(words, encoding="utf-8")


def saved(path: Path, known: Known) -> dict[str, str]:
    """Name of each file of the archive -> what is in it."""
    test = SelfTest([passed("cameras", "camera:0", f"{CAMERA}  /dev/video0")], {"openvino": {"title": TILE}})
    save_archive(path, known, test, lambda _phase: None)
    with zipfile.ZipFile(path) as stored:
        return {name: stored.read(name).decode() for name in stored.namelist()}


def test_no_secret_is_in_any_file_of_the_archive(tmp_path: Path, known: Known) -> None:
    files = saved(tmp_path / "saved.zip", known)
    assert {name: leaks for name, words in files.items() if (leaks := found_in(name + words, SECRETS))} == {}
    assert len(files) == 11


def test_without_anonymity_every_secret_would_be_in_every_place(
    tmp_path: Path, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the test above looks for is there, and it would see it."""
    monkeypatch.setattr(Anonymiser, "text", lambda _self, text: text)
    files = saved(tmp_path / "saved.zip", known)
    for name in ("running.json", "problems.json", "log/inferoscope.log", "log/inferoscope.log.1"):
        assert found_in(files[f"inferoscope/{name}"], SECRETS) == set(SECRETS), name
    assert CLIENT in files["inferoscope/settings.json"]
    assert "attic-cam" in files["inferoscope/session.json"]
    assert CLIENT in files["inferoscope/versions.json"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", SECRETS)
def test_the_search_sees_every_form(secret: str, form: str) -> None:
    assert found_in(f"cannot use {FORMS[form](secret)} now", (secret,)) == {secret}


def test_what_helps_is_still_there(tmp_path: Path, known: Known) -> None:
    files = saved(tmp_path / "saved.zip", known)
    log = files["inferoscope/log/inferoscope.log"]
    assert "No such file or directory: '~/…/yard.onnx'" in log
    assert "rtsp://***@<camera-1>:554" in log
    assert "rtsp://***@<host>:8554/… shows results of yolo.onnx" in log
    assert "camera:<camera> shows results of yolo.onnx" in log
    assert json.loads(files["inferoscope/settings.json"])["save_folder"] == "~/…"
    assert [tile["name"] for tile in json.loads(files["inferoscope/session.json"])["tiles"]][:2] == [
        "<camera-1>",
        "<camera-2>",
    ]
    assert json.loads(files["inferoscope/versions.json"])["python"]


def test_a_damaged_session_stays_out(tmp_path: Path, known: Known) -> None:
    path = data_folder() / "session.json"
    path.write_text(path.read_text()[:-5])
    files = saved(tmp_path / "saved.zip", known)
    assert list(json.loads(files["inferoscope/session.json"])) == ["damaged_bytes"]


def test_a_cancelled_archive_leaves_nothing(tmp_path: Path, known: Known) -> None:
    def announce(phase: str) -> None:
        if phase == "Writing the archive":
            raise CancelledError

    with pytest.raises(CancelledError):
        save_archive(tmp_path / "saved" / "saved.zip", known, SelfTest(), announce)
    assert not (tmp_path / "saved").exists()


def test_where_nothing_can_be_written_that_is_told_and_nothing_is_left(tmp_path: Path, known: Known) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SinkError):
        save_archive(tmp_path / "file" / "saved.zip", known, SelfTest(), lambda _phase: None)
    with pytest.raises(SinkError, match="folder"):
        save_archive(tmp_path, known, SelfTest(), lambda _phase: None)


def test_an_empty_home_gives_an_archive(tmp_path: Path, home: Path) -> None:
    assert home
    assert set(saved(tmp_path / "saved.zip", Known())) == {
        f"inferoscope/{name}" for name in ("README.txt", "versions.json", "devices.json", "doctor.json")
    }
