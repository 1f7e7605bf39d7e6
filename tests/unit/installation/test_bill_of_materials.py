"""What an installer says is inside it."""

from __future__ import annotations

import hashlib
import importlib
import json
import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(PACKAGING))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    return importlib.import_module


def written(scripts: Any, path: Path, parts: list[Any]) -> dict[str, Any]:
    scripts("sbom").write(path, parts)
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def test_it_keeps_to_the_schema_and_names_every_part_with_its_licence(scripts: Any, tmp_path: Path) -> None:
    bill = written(scripts, tmp_path / "bill.json", scripts("parts").installed())
    text = (tmp_path / "bill.json").read_text(encoding="utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert bill["specVersion"] == "1.6"
    assert bill["metadata"]["component"]["version"] == metadata.version("inferoscope")
    by_name = {component["name"]: component for component in bill["components"]}
    assert by_name["numpy"]["purl"] == f"pkg:pypi/numpy@{metadata.version('numpy')}"
    assert by_name["FFmpeg"]["licenses"] == [{"license": {"id": "LGPL-2.1-or-later"}}]
    assert all(component["licenses"] and component["purl"] for component in bill["components"])
    (needs,) = (
        entry["dependsOn"] for entry in bill["dependencies"] if entry["ref"] == by_name["opencv-python"]["purl"]
    )
    assert {by_name["FFmpeg"]["purl"], by_name["numpy"]["purl"]} <= set(needs)


def test_libraries_are_named_with_their_hashes(scripts: Any, tmp_path: Path) -> None:
    library = tmp_path / "libavcodec.so.62"
    library.write_bytes(b"bytes of it")
    part = scripts("parts").Part("FFmpeg", "", "LGPL-2.1-or-later", files=(library,))
    (component,) = written(scripts, tmp_path / "bill.json", [part])["components"]
    (file,) = component["components"]
    assert file["name"] == "libavcodec.so.62"
    assert file["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(b"bytes of it").hexdigest()}]


def test_it_tells_nothing_of_the_machine_that_built_it(scripts: Any, tmp_path: Path) -> None:
    written(scripts, tmp_path / "one.json", scripts("parts").installed())
    written(scripts, tmp_path / "two.json", scripts("parts").installed())
    text = (tmp_path / "one.json").read_text(encoding="utf-8")
    assert text == (tmp_path / "two.json").read_text(encoding="utf-8")
    assert "file:" not in text
    assert str(Path.home()) not in text
    assert str(PACKAGING.parent) not in text


def test_of_a_frozen_program_only_what_is_inside_is_named(scripts: Any, tmp_path: Path) -> None:
    program = tmp_path / "dist"
    (program / "_internal" / "cv2").mkdir(parents=True)
    (program / "_internal" / "libvpx.so.11").write_bytes(b"\x7fELF")
    modules = tmp_path / "PYZ-00.toc"
    modules.write_text("('PYZ.pyz', [('numpy.linalg', '/x/numpy/linalg.py', 'PYMODULE'), ('gui', '/x', 'PYMODULE')])")
    inside = scripts("parts").in_program(program, modules)
    names = {part.name for part in inside}
    assert {"numpy", "opencv-python", "libvpx", "pyinstaller", "Python", "Roboto"} <= names
    assert scripts("copyleft").wrong_licences(inside) == []
    assert not names & {"scipy", "nncf", "FFmpeg", "Qt"}


def test_the_sums_are_those_that_sha256sum_checks(scripts: Any, tmp_path: Path) -> None:
    (tmp_path / "setup.exe").write_bytes(b"a")
    (tmp_path / "setup.exe.cdx.json").write_bytes(b"b")
    sums = scripts("checksums").write(tmp_path)
    assert scripts("checksums").write(tmp_path).read_text() == sums.read_text()
    assert [line.split()[1] for line in sums.read_text().splitlines()] == ["setup.exe", "setup.exe.cdx.json"]
    assert sums.read_text().startswith(hashlib.sha256(b"a").hexdigest())
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "--check", "--quiet", sums.name], cwd=tmp_path, check=True)
