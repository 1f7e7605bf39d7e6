"""Keeps third-party packages from sending usage data: import this module before any of them.

OpenVINO and NNCF report each import to a server and leave a folder in the home through the package
``openvino_telemetry``. Both work without it, so it is made impossible to import. ONNX Runtime
(seen with 1.31 on Linux) leaves an identifier and a database in the home and sends from them, unless the environment
forbids it before it is loaded: its own ``disable_telemetry_events()`` comes too late.
"""

from __future__ import annotations

import os
import sys

sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
