"""``inferoscope backends`` with runtimes of our own making."""

from __future__ import annotations

import json

import pytest

from engine.backends import table
from engine.backends.backend import DeviceInfo, PrecisionInfo
from engine.cards import Precision
from engine.cli.main import main


class TwoDevices:
    """A runtime with a CPU that lacks FP16, and a GPU without its driver."""

    title = "Pretend Runtime"
    version = "1.2.3"

    def devices(self) -> tuple[DeviceInfo, ...]:
        return (
            DeviceInfo(
                "CPU",
                "Pretend Processor 9000",
                usable=True,
                precisions=(
                    PrecisionInfo(Precision.FP32, usable=True),
                    PrecisionInfo(Precision.FP16, usable=False, reason="It computes in BF16", cure="Choose bf16"),
                ),
            ),
            DeviceInfo("GPU", "", usable=False, reason="No driver was found.", cure="Install the driver."),
        )


@pytest.fixture(autouse=True)
def pretend_runtimes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.cli.backends.BACKENDS", {"pretend": "", "absent": ""})
    monkeypatch.setitem(table.BACKENDS, "pretend", f"{__name__}:TwoDevices")
    monkeypatch.setitem(table.BACKENDS, "absent", "no_such_runtime:Backend")


def test_the_document_has_devices_precisions_and_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backends", "--json"]) == 0
    pretend, absent = json.loads(capsys.readouterr().out)["backends"]

    assert (pretend["name"], pretend["title"], pretend["version"]) == ("pretend", "Pretend Runtime", "1.2.3")
    assert pretend["usable"] is True
    cpu, gpu = pretend["devices"]
    assert cpu["title"] == "Pretend Processor 9000"
    assert [(p["precision"], p["usable"]) for p in cpu["precisions"]] == [("fp32", True), ("fp16", False)]
    assert cpu["precisions"][1]["cure"] == "Choose bf16"
    assert gpu["usable"] is False
    assert gpu["reason"] == "No driver was found."

    assert absent["usable"] is False
    assert absent["devices"] == []
    assert "cannot be loaded" in absent["reason"]
    assert absent["cure"]


def test_a_person_reads_full_names_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backends"]) == 0
    text = capsys.readouterr().out
    assert "Pretend Runtime 1.2.3  (--backend pretend)" in text
    assert "Pretend Processor 9000" in text
    assert "precisions: fp32\n" in text
    assert "not fp16: It computes in BF16. Choose bf16." in text
    assert "cannot be used: No driver was found. Install the driver." in text


def test_what_many_devices_lack_is_told_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = tuple(
        DeviceInfo(name, "", usable=False, reason=f"It was built without {name}", cure=f"Install {name}")
        for name in ("CUDA", "CoreML", "QNN", "ACL")
    )
    ours = TwoDevices().devices()
    monkeypatch.setattr(TwoDevices, "devices", lambda _self: (*ours, *lacking))
    assert main(["backends"]) == 0
    text = capsys.readouterr().out
    assert "not here: CUDA, CoreML, QNN, ACL" in text
    assert text.count("built without") == 1
    assert "cannot be used: No driver was found. Install the driver." in text
