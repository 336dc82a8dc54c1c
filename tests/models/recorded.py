"""Answers of a real engine, as they came over the wire, to be given once more.

`tests/vllm/record.py` records them.
"""

import json
from pathlib import Path
from typing import Final

from tests.models.server import Answer

DIRECTORY: Final = Path(__file__).with_name("recorded_answers")


def answer(name: str) -> Answer:
    """Returns a recorded answer by its name."""
    document = json.loads((DIRECTORY / f"{name}.json").read_text("utf-8"))
    return Answer(status=document["status"], body=document["body"])
