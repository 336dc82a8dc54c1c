"""Every line of the page about grpcurl runs, and every RPC has a line."""

import json
import re
from pathlib import Path
from typing import Final

from tests.conftest import Server, eventually
from tests.docs.pages import ROOT, blocks
from tests.docs.shell import shell
from tests.server.every_rpc import methods
from tests.server.failing import fail_extraction

PAGE: Final = (ROOT / "docs/grpcurl.md").read_text(encoding="utf-8")
LINES: Final = [
    line
    for block in blocks(PAGE)
    for line in block.text.splitlines()
    if not line.startswith("export ")
]
RETRY: Final = "TurnService/RetryExtraction"


def test_every_rpc_has_a_line() -> None:
    told = {name for line in LINES for name in re.findall(r"spectron\.v1\.\w+/\w+", line)}
    assert told == set(methods())


def test_every_line_is_one_call() -> None:
    for line in LINES:
        if "grpcurl" in line:
            assert line.count("grpcurl") == 1, line


async def test_the_lines_run_from_top_to_bottom(server: Server, tmp_path: Path) -> None:
    at = next(number for number, line in enumerate(LINES) if RETRY in line)
    # Variables of the first half are needed by the second.
    kept = 'declare -p session turn key > "$PWD/variables"'
    first = await shell(server, tmp_path, *LINES[:at], kept)
    assert '"EXTRACTION_STATUS_DONE"' in first
    [turn_id] = re.findall(r'turn="(.*)"', (tmp_path / "variables").read_text())

    async def extracted() -> bool:
        async with server.client() as client:
            return (await client.admin.stats(context_id="shell")).pending_count == 0

    await eventually(extracted)
    await fail_extraction(server, turn_id)
    settings = [line for line in LINES[:at] if re.match(r"(auth|server)=", line)]
    last = await shell(server, tmp_path, *settings, ". ./variables", *LINES[at:])

    for said in ('"agentCall"', '"recorded"', '"done"', '"Noted."', '"Berlin"', '"SERVING"'):
        assert said in last, said
    exported = (tmp_path / "shell.json").read_text()
    assert "Acme Corp" in exported
    counts = json.loads(re.findall(r'\{\s*"sessionCount".*?\}', last, re.DOTALL)[0])
    assert counts["turnCount"] == "5"
    async with server.client() as client:
        assert (await client.admin.stats(context_id="shell")).turn_count == 0
        assert (await client.admin.stats(context_id="shell-copy")).turn_count == 5
