"""Keeps third-party packages from sending usage data: import this module before any of them.

OpenVINO and NNCF report each import to a server and leave a folder in the home through the package
``openvino_telemetry``. Both work without it, so it is made impossible to import.
"""

from __future__ import annotations

import sys

sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
