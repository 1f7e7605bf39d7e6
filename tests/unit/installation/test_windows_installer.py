"""The installer for Windows, as far as it can be read: what it says, and what the workflows run."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
WINDOWS = ROOT / "packaging" / "windows"
LANGUAGES = {"ENGLISH": "en", "SPANISH": "es", "PORTUGUESEBR": "pt_BR", "JAPANESE": "ja"}


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(WINDOWS))
    return importlib.import_module("build")


def test_each_text_stands_in_every_language() -> None:
    script = (WINDOWS / "inferoscope.nsi").read_text(encoding="utf-8")
    texts = re.findall(
        r'^LangString (\w+) \$\{LANG_(\w+)\} "(.+)"$', (WINDOWS / "texts.nsh").read_text(encoding="utf-8"), re.M
    )
    names = {name for name, _, _ in texts}
    assert sorted((name, language) for name, language, _ in texts) == sorted((n, x) for n in names for x in LANGUAGES)
    assert names | {"LICENCE"} == set(re.findall(r"\$\(([A-Z_]+)\)", script))
    for language in LANGUAGES:
        assert f"LicenseLangString LICENCE ${{LANG_{language}}}" in script


def test_the_licence_page_has_a_note_in_its_language_and_the_licence(build: Any, tmp_path: Path) -> None:
    build.write_licence_pages(tmp_path)
    assert {path.stem for path in tmp_path.iterdir()} == set(LANGUAGES.values())
    page = (tmp_path / "ja.txt").read_text(encoding="utf-8-sig")
    assert "ライセンス" in page.splitlines()[0]
    assert "TERMS AND CONDITIONS FOR USE" in page


@pytest.mark.parametrize(
    ("version", "four"), [("0.1.0", "0.1.0.0"), ("1.2", "1.2.0.0"), ("0.2.0rc1", "0.2.0.0"), ("1.2.3.4.5", "1.2.3.4")]
)
def test_a_version_becomes_four_numbers(build: Any, version: str, four: str) -> None:
    assert build.four_numbers(version) == four


@pytest.mark.parametrize("workflow", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=lambda path: path.name)
def test_a_workflow_runs_scripts_that_are_there(workflow: Path) -> None:
    scripts = re.findall(r"packaging/[\w/]+\.(?:py|sh|spec)", workflow.read_text(encoding="utf-8"))
    targets = re.findall(r"run: make (\w+)", workflow.read_text(encoding="utf-8"))
    assert scripts or targets
    assert [name for name in scripts if not (ROOT / name).is_file()] == []
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [name for name in targets if f"\n{name}:" not in makefile] == []
