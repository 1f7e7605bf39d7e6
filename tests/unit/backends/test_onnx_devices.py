from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine.backends import onnx_devices
from engine.backends.onnx_devices import PLUGINS_VARIABLE, load_plugins, present_places, survey


@pytest.fixture(autouse=True)
def fresh_plugins() -> Iterator[None]:
    load_plugins.cache_clear()
    yield
    load_plugins.cache_clear()


def test_a_plug_in_that_does_not_load_is_a_device_with_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "libfancy_provider.so"
    broken.write_text("no library")
    monkeypatch.setenv(PLUGINS_VARIABLE, os.pathsep.join((str(broken), str(tmp_path / "absent.so"))))
    infos = {info.name: info for info in survey()}
    for name in ("libfancy_provider", "absent"):
        assert not infos[name].usable
        assert infos[name].reason
        assert PLUGINS_VARIABLE in infos[name].cure
    assert infos["CPU"].usable


def test_plug_ins_are_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    monkeypatch.setattr(
        onnx_devices.ort, "register_execution_provider_library", lambda _name, path: loaded.append(path)
    )
    monkeypatch.setenv(PLUGINS_VARIABLE, os.pathsep.join(("/a/libone.so", "/b/libtwo.so")))
    present_places()
    present_places()
    assert loaded == ["/a/libone.so", "/b/libtwo.so"]


def device(provider: str, vendor: str, kind: str, **metadata: str) -> Any:
    hardware = SimpleNamespace(vendor=vendor, type=SimpleNamespace(name=kind), metadata=metadata)
    return SimpleNamespace(ep_name=provider, device=hardware)


def test_places_are_named_as_the_runtime_lists_them(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [
        device("FancyExecutionProvider", "Fancy", "GPU", Description="Fancy 3000"),
        device("FancyExecutionProvider", "Fancy", "GPU"),
        device("CPUExecutionProvider", "AMD", "CPU"),
    ]
    monkeypatch.setattr(onnx_devices.ort, "get_ep_devices", lambda: listed)
    monkeypatch.setattr(
        onnx_devices.ort, "get_available_providers", lambda: ["OldExecutionProvider", "CPUExecutionProvider"]
    )
    places = {place.name: place for place in present_places()}
    assert list(places) == ["CPU", "Fancy.0", "Fancy.1", "Old"]
    assert places["Fancy.0"].title == "Fancy 3000"
    assert places["Fancy.1"].title == "Fancy GPU"
    assert places["Old"].devices == ()


def test_a_provider_that_is_there_but_takes_no_work_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """As CUDA without its libraries. The remote provider is there in every package and takes no convolution."""
    monkeypatch.setattr(onnx_devices, "_REMOTE", "")
    infos = {info.name: info for info in survey()}
    assert not infos["Azure"].usable
    assert "runs nothing" in infos["Azure"].reason
    assert infos["CPU"].usable
