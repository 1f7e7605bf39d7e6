"""What contract tests share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.opencv import cv2


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of eight pictures, no two alike."""
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(8):
        cells = np.random.default_rng(number).integers(0, 256, (6, 8, 3), np.uint8)
        cv2.imwrite(str(folder / f"{number}.png"), cells.repeat(16, 0).repeat(16, 1))
    return folder
