"""Takes the Python samples out of the published guides.

The guides are plain text that lost two things on the way from the site: the borders of the code
blocks and the indentation. Both come back by rules that the guides keep:

- A Python sample starts a paragraph, and ends where its TypeScript twin begins.
- The body of a `def` runs until a `return` at its own level; the body of an `if` or `else` is
  one statement; the body of a `for` runs to the next blank line.
- Lines within open brackets belong to the statement that opened them.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

GUIDES: Final = Path(__file__).parent
PERSONAL_ASSISTANT: Final = GUIDES / "guide-personal-assistant.txt"
USER_MEMORY_IN_CHAT: Final = GUIDES / "guide-user-memory-in-chat.txt"

_PYTHON_START: Final = re.compile(r"from \w+ import |(async )?def \w+\(|# |\w+ = await ")
_TYPESCRIPT_START: Final = re.compile(r"import \{|async function |const |// ")
_OPENER: Final = re.compile(r"(async )?(def|if|else|for)\b.*:( *#.*)?$")
_INDENT: Final = "    "


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A Python sample of a guide.

    Attributes:
        guide: The guide's file name.
        line: The number of its first line there, from 1.
        code: Its source, indented.
    """

    guide: str
    line: int
    code: str


def samples_of(path: Path) -> list[Sample]:
    """Returns the Python samples of a guide, in order."""
    found: list[Sample] = []
    lines = path.read_text(encoding="utf-8").splitlines()
    start: int | None = None
    for number, line in enumerate(lines):
        starts_paragraph = number == 0 or not lines[number - 1]
        if start is None:
            if starts_paragraph and _PYTHON_START.match(line):
                start = number
        elif _TYPESCRIPT_START.match(line):
            code = indented(lines[start:number])
            found.append(Sample(guide=path.name, line=start + 1, code=code))
            start = None
    if start is not None:
        raise ValueError(f"{path.name}:{start + 1}: a Python sample without a TypeScript twin")
    return found


def indented(lines: list[str]) -> str:
    """Restores the indentation of a sample.

    Args:
        lines: Its lines, without indentation.

    Returns:
        Its source.
    """
    result: list[str] = []
    # The blocks that are open, outermost first, each named by its keyword.
    blocks: list[str] = []
    brackets = 0
    for raw in lines:
        line = raw.strip()
        if not line:
            while blocks and blocks[-1] == "for":
                blocks.pop()
            result.append("")
            continue
        if brackets:
            brackets += _bracket_balance(line)
            depth = len(blocks) + (1 if brackets else 0)
            result.append(_INDENT * depth + line)
            if not brackets:
                _end_statement(blocks, line)
            continue
        result.append(_INDENT * len(blocks) + line)
        if line.startswith("#"):
            continue
        brackets = _bracket_balance(line)
        opener = _OPENER.match(line)
        if opener:
            blocks.append(opener[2])
        elif not brackets:
            _end_statement(blocks, line)
    return "\n".join(result).rstrip() + "\n"


def _end_statement(blocks: list[str], line: str) -> None:
    """Closes the blocks that a finished statement ends."""
    block = blocks[-1] if blocks else ""
    if block in {"if", "else"} or (block == "def" and line.startswith("return")):
        blocks.pop()


def _bracket_balance(line: str) -> int:
    """Counts brackets, those in strings too: the guides balance them there."""
    return sum(line.count(each) for each in "([{") - sum(line.count(each) for each in ")]}")
