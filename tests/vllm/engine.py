"""A real vLLM engine on the CPU, serving a model of random weights, as a process of its own."""

import asyncio
import os
import re
import signal
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx2

from tests.vllm.tiny_model import make

COMMAND: Final = "SPECTRON_TEST_VLLM"
"""The variable that names the `vllm` command."""

MODEL: Final = "tiny"
API_KEY: Final = "sk-engine"
_START_S: Final = 600.0
_STOP_S: Final = 60.0
# They come after those that are recommended, and replace them.
_OPTIONS: Final = (
    *("--served-model-name", MODEL, "--host", "127.0.0.1", "--api-key", API_KEY),
    *("--max-model-len", "12288", "--max-num-batched-tokens", "4096", "--enforce-eager"),
    *("--max-num-seqs", "4", "--max-num-queued-reqs", "4"),
    # The model does not think, but the engine can be told to expect it: whatever it writes without
    # the mark of the end of thinking is no content then.
    *("--reasoning-parser", "qwen3"),
)
_COMPOSE: Final = Path(__file__).parents[2] / "compose.yaml"


@dataclass(frozen=True, kw_only=True)
class Engine:
    """A running engine."""

    url: str
    process: asyncio.subprocess.Process
    log: Path

    def core(self) -> int:
        """Returns the process that computes, a child of the one that listens."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        for child in map(int, children.split()):
            if "EngineCore" in Path(f"/proc/{child}/comm").read_text() + Path(
                f"/proc/{child}/cmdline"
            ).read_text().replace("\0", " "):
                return child
        raise AssertionError(f"no engine among the children {children}")


def command() -> Path:
    """Returns the `vllm` command to test with.

    Raises:
        RuntimeError: None is named.
    """
    named = os.environ.get(COMMAND)
    if not named:
        raise RuntimeError(f"{COMMAND} must name the vllm command; `make test-vllm` does")
    return Path(named).absolute()


def recommended() -> list[str]:
    """Returns the options with which `compose.yaml` starts vLLM, `--name=value` each."""
    service = _COMPOSE.read_text("utf-8").partition("\n  vllm:\n")[2]
    return re.findall(r"^      - (--.*)$", service, re.MULTILINE)


@asynccontextmanager
async def running() -> AsyncIterator[Engine]:
    """Makes a model and serves it until the block is left."""
    with tempfile.TemporaryDirectory(prefix="spectron-vllm-") as path:
        directory = Path(path)
        await asyncio.to_thread(make, directory / "model")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        log = directory / "log"
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                command(),
                "serve",
                directory / "model",
                *recommended(),
                *_OPTIONS,
                *("--port", str(port)),
                env=_environment(directory),
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        engine = Engine(url=f"http://127.0.0.1:{port}/v1", process=process, log=log)
        try:
            await _wait(engine)
            yield engine
        finally:
            await _stop(process)


async def _wait(engine: Engine) -> None:
    async with httpx2.AsyncClient(trust_env=False) as client, asyncio.timeout(_START_S):
        while True:
            assert engine.process.returncode is None, engine.log.read_text()[-4_000:]
            try:
                if (await client.get(engine.url.replace("/v1", "/health"))).is_success:
                    return
            except httpx2.TransportError:
                pass
            await asyncio.sleep(0.25)


async def _stop(process: asyncio.subprocess.Process) -> None:
    """Ends the engine with all of its processes, which form a session."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
        async with asyncio.timeout(_STOP_S):
            await process.wait()
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _environment(directory: Path) -> dict[str, str]:
    return {
        **os.environ,
        "HOME": str(directory),
        "HF_HUB_OFFLINE": "1",
        "VLLM_NO_USAGE_STATS": "1",
        "DO_NOT_TRACK": "1",
        "VLLM_CPU_KVCACHE_SPACE": "1",
        # By default it holds every processor with threads that yield while they wait. On some
        # kernels what else runs there, its own front end too, then waits until an answer is whole.
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",
        "VLLM_USE_SPINLOOP_EXT": "1",
    }
