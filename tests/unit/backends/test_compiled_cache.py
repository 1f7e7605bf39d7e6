from __future__ import annotations

import os
from pathlib import Path

import pytest
from cards import make_card

from engine.backends.backend import CompileRequest
from engine.backends.compiled_cache import CompiledCache, compiled_key, key_of
from engine.folders import cache_folder

DATA = b"\n\x00compiled\n" * 20


def files() -> list[Path]:
    return [path for path in cache_folder().rglob("*") if path.is_file()]


def test_what_was_written_is_read() -> None:
    cache = CompiledCache()
    assert cache.read("a") is None
    assert cache.write("a", DATA, {"shares": {"fp32": 1.0}}) == ""
    known = cache.read("a")
    assert known is not None
    assert (known.data, known.facts) == (DATA, {"shares": {"fp32": 1.0}})
    cache.discard("a")
    cache.discard("a")
    assert cache.read("a") is None


@pytest.mark.parametrize("position", [0, 70, -1])
def test_a_damaged_entry_is_gone_at_once(position: int) -> None:
    cache = CompiledCache()
    cache.write("a", DATA, {"shares": {}})
    (path,) = files()
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)
    assert cache.read("a") is None
    assert files() == []


def test_the_oldest_go_first_and_the_newest_stays() -> None:
    cache = CompiledCache(largest=3 * len(DATA) + 3 * 70)
    for age, name in enumerate(("old", "older", "oldest")):
        cache.write(name, DATA)
        path = next(path for path in files() if path.stem == name)
        os.utime(path, (1000 - age, 1000 - age))
    cache.read("oldest")  # used just now
    cache.write("new", DATA)
    assert {path.stem for path in files()} == {"old", "oldest", "new"}
    CompiledCache(largest=1).write("huge", DATA)
    assert [path.stem for path in files()] == ["huge"]


def test_files_of_a_runtime_s_own_cache_count_too() -> None:
    cache = CompiledCache(largest=len(DATA) + 70)
    foreign = cache.folder / "openvino-auto" / "1.blob"
    foreign.parent.mkdir(parents=True)
    foreign.write_bytes(b"x" * 500)
    os.utime(foreign, (1, 1))
    cache.write("a", DATA)
    assert [path.stem for path in files()] == ["a"]


def test_nothing_half_written_is_left_when_the_disk_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert "No space left" in CompiledCache().write("a", DATA)
    assert files() == []


def test_keys_tell_apart_what_differs(tmp_path: Path) -> None:
    assert key_of("a", "b") == key_of("a", "b")
    assert len({key_of("a", "b"), key_of("ab"), key_of("b", "a"), key_of("a", 1)}) == 4
    path = tmp_path / "model.onnx"
    path.write_bytes(b"a model")
    card = make_card(path)
    assert compiled_key(CompileRequest(card), "x") != compiled_key(CompileRequest(card), "y")


def test_what_may_not_be_cached_has_no_key(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"a model")
    assert compiled_key(CompileRequest(make_card(path))) is not None
    assert compiled_key(CompileRequest(make_card(path), cache=False)) is None
    assert compiled_key(CompileRequest(make_card(path, sha256=""))) is None
    assert compiled_key(CompileRequest(make_card(path, model_bytes=10_000))) is None
