"""A profile: what is believed in order of trust, and as dense prose for a system prompt.

The summary is made of whole sentences, each with a rank of importance. When they exceed the
budget the least important ones are left out; none is ever cut. The same beliefs give the same
text, whatever the order in which they come.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import Category, EntityRef
from spectron_server.domain.belief import Attribute, AttributeStatus, Unknown
from spectron_server.domain.portrait import Portrait, Sentence

CHARACTERS_PER_TOKEN: Final = 4
HALF_LIFE: Final = timedelta(days=180)
"""A belief that was not validated for this long counts half as much."""
DISPUTED_WEIGHT: Final = 0.5
"""How much a disputed belief counts."""


def order_attributes(attributes: Iterable[Attribute], ontology: Ontology) -> list[Attribute]:
    """Orders beliefs, those most trusted and most recently validated first, unknowns last.

    The score is the confidence, halved for every `HALF_LIFE` by which the belief was validated
    before the newest of them, and for a disputed one. Equal scores follow the ontology's order
    of keys, then entity, key, value and id.
    """
    rows = list(attributes)
    if not rows:
        return []
    newest = max(row.last_validated_at for row in rows)
    importance = {definition.name: place for place, definition in enumerate(ontology.keys())}

    def place(row: Attribute) -> tuple[bool, float, int, EntityRef, str, str, str]:
        age: float = (newest - row.last_validated_at) / HALF_LIFE
        score = row.confidence * 0.5**age
        if row.status is AttributeStatus.DISPUTED:
            score *= DISPUTED_WEIGHT
        return (
            row.category is Category.UNKNOWNS,
            -score,
            importance.get(row.key, len(importance)),
            row.entity,
            row.key,
            row.value,
            row.id,
        )

    return sorted(rows, key=place)


def summarise(
    *,
    attributes: Iterable[Attribute],
    unknowns: Iterable[Unknown],
    subject: EntityRef,
    ontology: Ontology,
    max_tokens: int,
) -> str:
    """Tells in prose what is known, in the third person.

    Args:
        attributes: The beliefs that hold, of every entity.
        unknowns: The doubts that are open.
        subject: The entity that the summary calls "the user".
        ontology: The known keys.
        max_tokens: The budget, of four characters a token.

    Returns:
        Sentences without line breaks, such as "The user is Alice Chen, Head of Platform at Acme
        Corp. They live in London."; empty if nothing is known or nothing fits.
    """
    ordered = [
        row
        for row in order_attributes(attributes, ontology)
        if row.category is not Category.UNKNOWNS
    ]
    portrait = Portrait(ordered, list(unknowns), subject=subject, ontology=ontology)
    return _within(portrait.sentences(), max_tokens * CHARACTERS_PER_TOKEN)


def _within(sentences: Sequence[Sentence], budget: int) -> str:
    """Joins the most important sentences that fit, in the order in which they read."""
    left = budget
    kept: list[int] = []
    for place in sorted(range(len(sentences)), key=lambda found: (sentences[found].rank, found)):
        # Whichever comes first names the user, which may be longer than "They".
        sentence = sentences[place]
        cost = max(len(sentence.text), len(sentence.opening)) + 1
        if cost <= left + 1:
            kept.append(place)
            left -= cost
    kept.sort()
    return " ".join(
        sentences[place].text if position else sentences[place].opening
        for position, place in enumerate(kept)
    )
