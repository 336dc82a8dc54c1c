"""No library of the index reports to anyone, or leaves anything behind to be reported."""

import os
import subprocess
import sys
from pathlib import Path


def test_onnxruntime_reports_nothing(tmp_path: Path) -> None:
    program = "import spectron_server.index.embedder, onnxruntime"
    # Nothing of this environment: it may say that a CI runs, and then onnxruntime keeps quiet too.
    environment = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path), "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, timeout=60)
    assert list(tmp_path.iterdir()) == []
    # Told nothing, it does leave something: the test can fail.
    environment["ORT_DISABLE_TELEMETRY"] = "0"
    subprocess.run(
        [sys.executable, "-c", "import onnxruntime"], env=environment, check=True, timeout=60
    )
    assert list(tmp_path.iterdir()) != []
