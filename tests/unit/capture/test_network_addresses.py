"""Nothing secret of an address is ever shown, and every part a client needs is found."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.addresses import is_network_address, parse_address, redact
from engine.errors import SourceError

SCHEMES = st.sampled_from(["rtsp", "rtsps", "http", "https", "RTSP", "Http"])
HOSTS = st.sampled_from(["yard.example", "192.168.1.7", "[fe80::1]", "cam:8554", "[::1]:554"])
# Long enough and without letters of the addresses themselves, so that finding one in a text is no accident.
ODD = st.text("§§§0123456789:/?#[]@!$&'()*+,;=%\\\"<>^`{|}~ äß漢😀Q", min_size=6, max_size=30).map(
    lambda text: f"Q{text}Q"
)


@given(SCHEMES, ODD, ODD, HOSTS)
def test_a_password_with_any_character_as_typed_never_shows(scheme: str, user: str, password: str, host: str) -> None:
    shown = redact(f"{scheme}://{user}:{password}@{host}/live?channel=1")
    assert user not in shown
    assert password not in shown
    assert shown == f"{scheme}://***@{host}/live?channel=1"


@given(SCHEMES, ODD, ODD, HOSTS)
def test_a_percent_encoded_password_never_shows(scheme: str, user: str, password: str, host: str) -> None:
    encoded = quote(password, safe="")
    shown = redact(f"{scheme}://{quote(user, safe='')}:{encoded}@{host}/live")
    assert encoded not in shown
    assert shown == f"{scheme}://***@{host}/live"


@given(ODD, ODD)
def test_an_address_inside_a_sentence_or_exception_is_redacted(user: str, password: str) -> None:
    text = f"error: can't open 'rtsp://{user}:{password}@yard/live' in cap.cpp; http://a:bQb@c/d too"
    shown = redact(text)
    assert password not in shown
    assert "bQb" not in shown


@given(ODD)
def test_errors_about_an_address_do_not_repeat_its_password(password: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_address(f"rtsp://ann:Q{password}@yard:99999/live")
    error = caught.value
    assert password not in f"{error} {error!r} {error.detail}"
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None


@given(ODD)
def test_no_part_of_a_password_is_ever_taken_for_the_host(password: str) -> None:
    with suppress(SourceError):
        assert parse_address(f"rtsp://ann:{password}@yard/live").host == "yard"


@given(SCHEMES, ODD, ODD)
def test_user_and_password_come_back_as_they_were_before_encoding(scheme: str, user: str, password: str) -> None:
    address = parse_address(f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@yard:8554/live?x=1")
    assert (address.user, address.password) == (user, password)
    assert (address.scheme, address.host, address.port) == (scheme.lower(), "yard", 8554)
    assert address.target == "/live?x=1"
    assert address.plain == f"{scheme.lower()}://yard:8554/live?x=1"
    assert password not in repr(address)


@pytest.mark.parametrize(
    "parameter",
    ["password=hush", "pwd=hush", "token=hush", "access_token=hush", "api_key=hush", "X-Amz-Signature=hush",
     "loginpas=hush", "usr=hush", "session=hush", "PASSWORD=hush", "auth=hush;more#hush", "psw=hush@hush"],
)  # fmt: skip
@pytest.mark.parametrize("before", ["live?", "live?channel=1&", "live;", "", "live#"])
def test_secret_parameters_never_show(parameter: str, before: str) -> None:
    shown = redact(f"http://yard/{before}{parameter}")
    assert "hush" not in shown
    assert "yard" in shown or "@" in parameter


def test_what_is_not_secret_stays() -> None:
    address = "rtsp://[2001:db8::7]:8554/cam/realmonitor?channel=1&subtype=0"
    assert redact(address) == address
    assert redact("http://yard/picture@2x.jpg") == "http://yard/picture@2x.jpg"
    assert redact("/home/ann/a@b.mp4") == "/home/ann/a@b.mp4"


def test_user_without_password_is_hidden_too() -> None:
    assert redact("http://tokenabc@yard/live") == "http://***@yard/live"


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("rtsp://yard", "yard", 554),
        ("rtsps://yard/a", "yard", 322),
        ("http://yard", "yard", 80),
        ("https://yard/", "yard", 443),
        ("rtsp://ann:x@[fe80::1]/a", "fe80::1", 554),
        ("rtsp://[::1]:8554/a", "::1", 8554),
    ],
)
def test_host_and_port(text: str, host: str, port: int) -> None:
    address = parse_address(text)
    assert (address.host, address.port) == (host, port)


@pytest.mark.parametrize(
    "text", ["rtsp://", "rtsp:///a", "rtsp://yard:0/", "rtsp://yard:x/", "rtsp://[::1", "ftp://a/b"]
)
def test_what_is_no_address_says_how_one_looks(text: str) -> None:
    with pytest.raises(SourceError, match=r"rtsp, rtsps, http or https.*percent-encoded"):
        parse_address(text)


def test_blanks_and_other_alphabets_are_encoded_for_the_request() -> None:
    address = parse_address("http://yard/front door/門.mp4?a=b c&d=%20")
    assert address.target == "/front%20door/%E9%96%80.mp4?a=b%20c&d=%20"
    assert address.full == "http://yard/front%20door/%E9%96%80.mp4?a=b%20c&d=%20"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("rtsp://a", True), ("HTTPS://a", True), ("http:/a", False), ("C:\\a.mp4", False), ("camera:0", False)],
)
def test_network_addresses_are_told_from_paths(text: str, expected: bool) -> None:
    assert is_network_address(text) is expected


@pytest.mark.parametrize(
    "text",
    ["rtsp:/ann:hush@yard/x", "rtsp//ann:hush@yard", "rtsp/ann:hush@yard", "ann:hush@127.0.0.1:9", "ann:hush@[::1]/x",
     "http:\\\\ann:hush@yard/x", "http:ann:hush@yard", "rtsp://ann:hu\nhush@yard", "http://yard/x?p=hush"],
)  # fmt: skip
def test_mistyped_addresses_keep_their_secrets_too(text: str) -> None:
    for shown in (redact(text), redact(f"{text}: There is no such file"), redact(str(Path(text)))):
        assert "hush" not in shown
        assert "yard" in shown or "127.0.0.1" in shown or "::1" in shown
        assert redact(shown) == shown


@pytest.mark.parametrize("text", ["/home/ann/a@b.mp4", "C:\\films\\a@b.mp4", "12:30 a@b", "camera:Cam @2"])
def test_names_of_files_stay(text: str) -> None:
    assert redact(text) == text


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["a", "a:", "a@", "http:", " http://x", "aa:", "a/b:", "&key", "_key", "_p=", "x=_"])
@pytest.mark.parametrize("beginning", ["", "http://yard/?", "ann:"])
def test_a_very_long_line_takes_no_longer_than_it_must(beginning: str, piece: str) -> None:
    redact(beginning + piece * (500_000 // len(piece)))  # where each letter led to a look at all others: hours


def test_a_login_before_an_address_is_hidden_and_the_address_too() -> None:
    assert redact("ann:hush@yard http://bob:hush@gate/x?key=hush") == "***@yard http://***@gate/x?key=***"
    assert redact("failed='rtsp://ann:hush@yard'") == "failed='rtsp://***@yard'"
    assert redact("ann:hush-http:hush@yard") == "***@yard"
