"""The options that we recommend are options of the vLLM that we test with."""

import asyncio
import json
import re
from pathlib import Path

from tests.vllm import engine

ROOT = Path(__file__).parents[2]
PARSE = """
import json, sys
from vllm.entrypoints.launchers.cli_args import make_arg_parser
from vllm.utils.argparse_utils import FlexibleArgumentParser
found = make_arg_parser(FlexibleArgumentParser()).parse_args(sys.argv[1:])
print(json.dumps({name: str(value) for name, value in vars(found).items()}))
"""


async def test_vllm_understands_the_options_of_compose() -> None:
    text = (ROOT / "compose.yaml").read_text("utf-8")
    options = re.findall(r"^      - (--.*)$", text.partition("\n  vllm:\n")[2], re.MULTILINE)
    assert len(options) > 8
    process = await asyncio.create_subprocess_exec(
        engine.command().with_name("python"),
        *("-c", PARSE, *options),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()[-2_000:]
    parsed = json.loads(output.decode().splitlines()[-1])
    assert parsed["scheduling_policy"] == "priority"
    assert parsed["max_num_queued_reqs"] == "1024"
    assert "guidance" in parsed["structured_outputs_config"]
    assert "enable_thinking" in parsed["default_chat_template_kwargs"]
