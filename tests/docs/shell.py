"""Runs the shell examples of the pages as a reader would, with grpcurl or in its place buf."""

import asyncio
import os
import shutil
import sys
from pathlib import Path
from typing import Final

from tests.conftest import Server

ADDRESS: Final = "127.0.0.1:50051"
_BIN: Final = Path(sys.executable).parent

# grpcurl is no Python package; buf is, and speaks the same protocol.
_GRPCURL_BY_BUF: Final = """
grpcurl() {
  local plaintext=no options=() address
  while [[ $1 == -* ]]; do
    case $1 in
      -plaintext) plaintext=yes; shift ;;
      -d) [[ $2 == @ ]] && options+=(-d @-) || options+=(-d "$2"); shift 2 ;;
      -H) options+=("$1" "$2"); shift 2 ;;
      *) echo "an option that is not translated: $1" >&2; return 2 ;;
    esac
  done
  [[ $plaintext == yes && $# -ge 2 ]] || { echo "not a call: $*" >&2; return 2; }
  address=http://$1
  case $2 in
    list) set -- --list-services "$address" ;;
    describe) [[ -n $3 ]] && set -- --list-methods "$address" ;;
    *) set -- "$address/$2" ;;
  esac
  buf curl --protocol grpc --http2-prior-knowledge "${options[@]}" "$@"
}
"""
PLAYED: Final = "" if shutil.which("grpcurl") else _GRPCURL_BY_BUF
"""What goes before a script: nothing where grpcurl is installed."""


async def run(server: Server, directory: Path, program: str, *arguments: str) -> str:
    """Runs a program as a reader would, and returns what it printed."""
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        cwd=directory,
        env=os.environ
        | {
            "PATH": f"{_BIN}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": "80",
            "SPECTRON_ENDPOINT": server.endpoint,
            "SPECTRON_API_KEY": server.admin_key,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(120):
        printed, complaint = await process.communicate()
    assert process.returncode == 0, f"{printed.decode()}\n{complaint.decode()}"
    return printed.decode()


async def shell(server: Server, directory: Path, *lines: str) -> str:
    """Runs shell examples on a server."""
    script = "\n".join(["set -euo pipefail", PLAYED, *lines])
    return await run(server, directory, "bash", "-c", script.replace(ADDRESS, server.endpoint))
