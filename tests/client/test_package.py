"""The client stands alone: it needs gRPC and protobuf, and nothing of the server."""

import json
import subprocess
import sys
from pathlib import Path

CLIENT = Path(__file__).parents[2] / "clients" / "python"

SCRIPT = """
import json, sys
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
import spectron, spectron.sync
names = {name.partition(".")[0] for name in set(sys.modules) - before}
print(json.dumps(sorted(names - set(sys.stdlib_module_names))))
"""


def test_importing_the_client_imports_only_grpc_and_protobuf() -> None:
    shown = subprocess.run(
        [sys.executable, "-I", "-c", SCRIPT, str(CLIENT)],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    # grpc itself tries to import the other grpc_* packages, and runs without them.
    packages = {
        name for name in json.loads(shown.stdout) if not name.startswith(("_", "grpc_", "cython"))
    }
    assert {"spectron", "grpc", "google"} <= packages
    # typing_extensions is a dependency of grpcio.
    assert packages <= {"spectron", "grpc", "google", "typing_extensions"}
