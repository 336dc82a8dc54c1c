"""The pages that people read, taken apart: code blocks, tables, links and headings."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
README: Final = ROOT / "README.md"

_FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING: Final = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_LINK: Final = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_CODE_SPAN: Final = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A fenced block: the language it names, and its text."""

    language: str
    text: str


def pages() -> list[Path]:
    """Returns every page that is written for people."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def section(page: str, heading: str) -> str:
    """Returns the part of a page under a heading of the second level."""
    [found] = [part for part in page.split("\n## ") if part.startswith(f"{heading}\n")]
    return found


def blocks(text: str) -> list[Block]:
    """Returns the fenced blocks of a text, in order."""
    return [Block(language=match[1], text=match[2]) for match in _FENCE.finditer(text)]


def rows(text: str) -> list[list[str]]:
    """Returns the cells of each row of the tables in a text, without headings and rules."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells if row[0].startswith("`")]


def links(page: str) -> list[str]:
    """Returns where the links of a page lead, those in code left out."""
    return _LINK.findall(_CODE_SPAN.sub("`code`", _FENCE.sub("", page)))


def anchors(page: str) -> set[str]:
    """Returns the anchors of a page's headings, as Git hosts make them."""
    titles = _HEADING.findall(_FENCE.sub("", page))
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def code_spans(page: str) -> list[str]:
    """Returns the code within the sentences and tables of a page."""
    return _CODE_SPAN.findall(_FENCE.sub("", page))
