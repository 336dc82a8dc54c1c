"""Context as text: facts as sentences, turns as dated quotations, together a block for a prompt.

Everything that stands in the block was said by someone. It is quoted on lines of its own that no
value can leave, so that it reads as data and not as part of the prompt.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import EntityRef, Role
from spectron_server.domain.belief import Attribute
from spectron_server.domain.profile import CHARACTERS_PER_TOKEN
from spectron_server.domain.prose import clean, label, listed, name_of, possessive, predicate

MAX_QUOTATION_LENGTH: Final = 400
"""Characters of a turn that are quoted; the item itself keeps the whole turn."""
MAX_VALUE_LENGTH: Final = 80
"""Characters of a value that a note on a turn tells."""
QUOTATIONS_HEADING: Final = "From the conversations:"
_GAP: Final = "\n\n"
_DISPUTED: Final = "(disputed)"


class ContextKind(StrEnum):
    """What a context item is."""

    FACT = "fact"
    TURN = "turn"


@dataclass(frozen=True, kw_only=True, slots=True)
class ContextLine:
    """One thing to be put into a context block.

    Attributes:
        kind: A fact or a turn.
        text: The fact as a sentence (see `sentence_of`), or the turn's content.
        observed_at: When the turn was said, or from when the fact was true.
        entity: What a fact is about; None for a turn.
        role: Who said a turn; None for a fact.
        outdated: The values that a turn states and that hold no more, each with its end.
        quotation: The part of a turn's text that is quoted; empty: its beginning.
        disputed: Whether a fact is contradicted, and nobody has settled by what.
    """

    kind: ContextKind
    text: str
    observed_at: datetime
    entity: EntityRef | None = None
    role: Role | None = None
    outdated: tuple[tuple[str, datetime], ...] = ()
    quotation: str = ""
    disputed: bool = False


def sentence_of(attribute: Attribute, ontology: Ontology, subject: EntityRef) -> str:
    """Returns a fact as a sentence, such as "The user lives in London".

    A value that no longer holds is followed by its time: "(2023-05-01 to 2024-11-15)".

    Args:
        attribute: The fact.
        ontology: The known keys.
        subject: The entity that is called "the user".
    """
    text = _statement([attribute], ontology, subject)
    if attribute.valid_until is None:
        return f"{text}."
    return f"{text} ({attribute.valid_from:%Y-%m-%d} to {attribute.valid_until:%Y-%m-%d})."


def list_of(attributes: Sequence[Attribute], ontology: Ontology, subject: EntityRef) -> str:
    """Returns facts of one key as one sentence, such as "The user likes tea and walks.".

    Args:
        attributes: The facts, all of the same entity and key, at least one.
        ontology: The known keys.
        subject: The entity that is called "the user".
    """
    return f"{_statement(attributes, ontology, subject)}."


def _statement(attributes: Sequence[Attribute], ontology: Ontology, subject: EntityRef) -> str:
    entity, key = attributes[0].entity, attributes[0].key
    own = (entity.type.casefold(), entity.name.casefold()) == (
        subject.type.casefold(),
        subject.name.casefold(),
    )
    who = "The user" if own else name_of(entity)
    # An empty value would leave a sentence without an end.
    values = [clean(each.value) or "unknown" for each in attributes]
    verb_phrase = predicate(key, values, ontology, singular=True)
    if verb_phrase is None:
        return f"{possessive(who)} {label(key)} is {listed(values)}"
    return f"{who} {verb_phrase}"


def embedded_text(attribute: Attribute, ontology: Ontology, subject: EntityRef) -> str:
    """Returns the sentence whose vector a fact is found by: without its time, so that it lasts.

    Args:
        attribute: The fact.
        ontology: The known keys.
        subject: The entity that is called "the user".
    """
    return sentence_of(replace(attribute, valid_until=None), ontology, subject)


def key_words(key: str, ontology: Ontology) -> tuple[str, ...]:
    """Returns the words of a key's names, since a question may call it by any: "Which company?".

    Args:
        key: A canonical key.
        ontology: The known keys.
    """
    definition = ontology.definition(key)
    names = (key, *(definition.synonyms if definition else ()))
    return tuple(dict.fromkeys(word for name in names for word in name.split("_")))


def format_context(items: Iterable[ContextLine], *, subject: EntityRef, max_tokens: int) -> str:
    """Returns items as a block of text for a prompt.

    Facts come first, grouped by entity, the user's before the others'; then quotations, oldest
    first. Each is one line. When not all fit, those that come last among the items are left out:
    items are expected best first.

    Args:
        items: What to tell, best first.
        subject: The entity that is called "the user".
        max_tokens: The budget, of four characters a token.

    Returns:
        The block without a line break at its end; empty if there are no items or none fits.
    """
    left = max_tokens * CHARACTERS_PER_TOKEN
    facts: dict[EntityRef, list[str]] = {}
    quotations: list[tuple[datetime, str]] = []
    seen: set[str] = set()
    for item in items:
        line = _line(item)
        if not line or line.casefold() in seen:
            continue
        entity = (item.entity or subject) if item.kind is ContextKind.FACT else None
        # With the line break before it.
        cost = 1 + len(line)
        if entity not in facts if entity else not quotations:
            heading = _heading(entity, subject) if entity else QUOTATIONS_HEADING
            cost += len(heading) + (len(_GAP) if facts or quotations else 0)
        # What is left out may leave room for a shorter item behind it.
        if cost > left:
            continue
        left -= cost
        seen.add(line.casefold())
        if entity:
            facts.setdefault(entity, []).append(line)
        else:
            quotations.append((item.observed_at, line))
    groups = [
        "\n".join([_heading(entity, subject), *facts[entity]])
        for entity in sorted(facts, key=lambda entity: (entity != subject, entity))
    ]
    if quotations:
        groups.append("\n".join([QUOTATIONS_HEADING, *(text for _, text in sorted(quotations))]))
    return _GAP.join(groups)


def _heading(entity: EntityRef, subject: EntityRef) -> str:
    if entity == subject:
        return "The user:"
    kind, name = clean(entity.type), name_of(entity)
    return f"{name}:" if kind == "Person" else f"{name} ({kind.lower()}):"


def _line(item: ContextLine) -> str:
    if item.kind is ContextKind.FACT:
        text = " ".join(item.text.split())
        doubt = f" {_DISPUTED}" if item.disputed else ""
        return f"- {text}{doubt}" if text else ""
    text = clean(item.quotation or item.text, MAX_QUOTATION_LENGTH).replace('"', "'")
    if not text:
        return ""
    quotation = f'[{item.observed_at:%Y-%m-%d}] {item.role or Role.USER}: "{text}"'
    return f"{quotation} {outdated_note(item)}" if item.outdated else quotation


def outdated_note(item: ContextLine) -> str:
    """Returns what is to be said of a turn that states what holds no more.

    Such as "(as of 2024-01: Berlin, no longer so since 2024-05)"; empty if all of it may still
    hold.
    """
    if not item.outdated:
        return ""
    values = "; ".join(
        f"{clean(value, MAX_VALUE_LENGTH)}, no longer so since {end:%Y-%m}"
        for value, end in item.outdated
    )
    return f"(as of {item.observed_at:%Y-%m}: {values})"
