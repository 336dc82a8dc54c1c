"""How many turns the cascade asks the model about, and how much of what was missed is in them.

No language model is asked: the rule looks at what the built-in extractor found, rules and tagger,
as a server has them. So this tells what a cascade costs, and what it can gain at most.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich.console import Console
from rich.table import Table

from spectron import NewTurn
from spectron_extraction.builtin import BuiltinExtractor
from spectron_extraction.cascade import unsure_turns
from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import EntityRef, Proposals, Role, Window, WindowTurn
from spectron_server.index.embedder import MiniLmEmbedder
from tests.benchmarks.evidence import load_conversations
from tests.benchmarks.overlap import overlaps
from tests.benchmarks.personabench import load_tellers
from tests.benchmarks.personaext import load_utterances
from tests.benchmarks.written import load_cases

_SUBJECT: Final = EntityRef(type="Person", name="user")
_SAID_AT: Final = datetime(2024, 11, 15, 10, 23, tzinfo=UTC)
_WINDOW: Final = 8
_EARLIER: Final = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """So many of so many."""

    part: int = 0
    whole: int = 0

    def __add__(self, other: "Share") -> "Share":
        return Share(part=self.part + other.part, whole=self.whole + other.whole)

    def __str__(self) -> str:
        percent = 100 * self.part / self.whole if self.whole else 0
        return f"{percent:.0f}% ({self.part:,} of {self.whole:,})"


def total(shares: Iterable[Share]) -> Share:
    """Returns the sum."""
    return sum(shares, Share())


class Reader:
    """Reads sessions with the built-in extractor, in windows as a busy server's are."""

    def __init__(self, builtin: BuiltinExtractor) -> None:
        self._builtin = builtin

    async def read(self, turns: Sequence[NewTurn]) -> tuple[Share, list[Proposals]]:
        """Returns how many of a session's user turns are asked about, and what was found."""
        shown = [
            WindowTurn(
                id=str(number),
                role=Role(turn.role),
                content=turn.content,
                observed_at=turn.observed_at or _SAID_AT,
            )
            for number, turn in enumerate(turns)
        ]
        asked = Share()
        found = []
        for start in range(0, len(shown), _WINDOW):
            window = Window(
                subject=_SUBJECT,
                turns=tuple(shown[start : start + _WINDOW]),
                earlier=tuple(shown[max(0, start - _EARLIER) : start]),
            )
            proposals = await self._builtin.extract(window)
            users = sum(turn.role is Role.USER for turn in window.turns)
            asked += Share(part=len(unsure_turns(window, proposals)), whole=users)
            found.append(proposals)
        return asked, found


@asynccontextmanager
async def reading() -> AsyncIterator[Reader]:
    """Provides a reader with all that a server's has."""
    with TemporaryDirectory(prefix="spectron-bench-") as path:
        embedder = await asyncio.to_thread(MiniLmEmbedder.load, Path(path), threads=1)
    yield Reader(BuiltinExtractor(Ontology.load(), embedder))
    await embedder.aclose()


async def written(reader: Reader) -> dict[str, Share]:
    """Measures the turns written for this project, both halves."""
    shares: dict[str, Share] = {}

    def add(name: str, share: Share) -> None:
        shares[name] = shares.get(name, Share()) + share

    for case in load_cases():
        [session] = case.sessions
        asked, found = await reader.read(session)
        if not case.expects:
            add("written here, nothing to note: asked about", asked)
            continue
        add("written here, something to note: asked about", asked)
        if not any(one.facts or one.retractions for one in found):
            add(
                "written here, something missed: asked about", Share(part=bool(asked.part), whole=1)
            )
    return shares


async def personaext(reader: Reader, directory: Path) -> dict[str, Share]:
    """Measures single statements, and what of those missed is asked about."""
    turns, missed = Share(), Share()
    for utterance in load_utterances(directory):
        asked, [found] = await reader.read([NewTurn(role="user", content=utterance.text)])
        turns += asked
        for triple in utterance.triples:
            if not any(overlaps(triple.object, fact.value) for fact in found.facts):
                missed += Share(part=asked.part, whole=1)
    return {"PersonaExt: asked about": turns, "PersonaExt, missed statements: asked about": missed}


async def talks(
    reader: Reader, name: str, sessions: Iterable[Sequence[NewTurn]]
) -> dict[str, Share]:
    """Measures conversations."""
    return {f"{name}: asked about": total([(await reader.read(one))[0] for one in sessions])}


async def measure(reader: Reader, data: Path | None) -> dict[str, Share]:
    """Measures what is written here, and public data sets where there are any."""
    shares = await written(reader)
    if data is not None:
        shares |= await personaext(reader, data / "personaext")
        told = [one for teller in load_tellers(data / "personabench") for one in teller.sessions]
        shares |= await talks(reader, "PersonaBench", told)
        spoken = [
            [NewTurn(role="user", content=turn.text) for turn in session.turns]
            for conversation in load_conversations(data / "locomo")
            for session in conversation.sessions
        ]
        shares |= await talks(reader, "LoCoMo", spoken)
    return shares


async def _measured(data: Path | None) -> dict[str, Share]:
    async with reading() as reader:
        return await measure(reader, data)


def main(words: Sequence[str] | None = None) -> int:
    """Prints the shares."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=None, help="a directory with data sets")
    arguments = parser.parse_args(words)
    table = Table("turns", "share")
    for name, share in asyncio.run(_measured(arguments.data)).items():
        table.add_row(name, str(share))
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
