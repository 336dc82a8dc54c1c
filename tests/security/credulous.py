"""An extractor that believes every word, to see what the server itself holds back."""

import re

from spectron_extraction.protocol import Category, Fact, Proposals, Span, Window, WindowTurn

_MAX_WORDS = 24


class CredulousExtractor:
    """Proposes each word of each turn, and each turn whole, as facts of the user.

    The category is part of its name, so that a test can tell which rule held.
    """

    name = "credulous"

    def __init__(self, category: Category) -> None:
        self._category = category

    async def extract(self, window: Window) -> Proposals:
        """Returns a fact for every word, whoever said it."""
        facts = []
        for turn in window.turns:
            spans = [(match.start(), match.end()) for match in re.finditer(r"\S+", turn.content)]
            places = [(0, len(turn.content)), *spans[:_MAX_WORDS]]
            facts += [
                Fact(
                    entity=window.subject,
                    category=self._category,
                    key=f"word_{number}",
                    value=turn.content[start:end].strip(".,;:!?\"'"),
                    confidence=0.9,
                    evidence=_span(turn, start, end),
                )
                for number, (start, end) in enumerate(places)
            ]
        return Proposals(facts=tuple(facts))


def _span(turn: WindowTurn, start: int, end: int) -> Span:
    return Span(turn_id=turn.id, start=start, end=end, quote=turn.content[start:end])
