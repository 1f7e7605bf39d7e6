"""Where variants lie, and of what they were made."""

from __future__ import annotations

from pathlib import Path

from engine.optimise.shelf import original_of


def test_other_files_have_no_original(tmp_path: Path) -> None:
    assert original_of(tmp_path / "yard.onnx") is None
    assert original_of(Path("demo")) is None
