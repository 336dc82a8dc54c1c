"""Every page: its links lead somewhere, and the commands it names exist with their options."""

import re
from pathlib import Path

import pytest

from tests.docs.commands import understood
from tests.docs.pages import ROOT, anchors, blocks, code_spans, links, pages

PAGES = {str(page.relative_to(ROOT)): page for page in pages()}


@pytest.mark.parametrize("name", PAGES)
def test_every_relative_link_resolves(name: str) -> None:
    page = PAGES[name]
    broken = []
    for link in links(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        found = target.exists() and (
            not anchor or anchor in anchors(target.read_text(encoding="utf-8"))
        )
        if not found:
            broken.append(link)
    assert not broken


@pytest.mark.parametrize("name", PAGES)
def test_every_command_exists_with_its_options(name: str) -> None:
    told = [line for line in lines_of_code(PAGES[name]) if line.startswith("spectron ")]
    wrong = [line for line in told if not understood(line)]
    assert not wrong


def lines_of_code(page: Path) -> list[str]:
    """Returns the lines of a page that could be commands."""
    text = page.read_text(encoding="utf-8")
    shown = [line for block in blocks(text) for line in block.text.splitlines()]
    return [line.strip().removeprefix("$ ") for line in [*shown, *code_spans(text)]]
