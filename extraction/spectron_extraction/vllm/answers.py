"""Reads a model's answer: from text to proposals, or to a clear statement of what is wrong.

The engine enforces the schema, and the answer is checked all the same. An answer that cannot be
used is never "nothing found".
"""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from spectron_extraction.builtin.times import TimeKind, find_times
from spectron_extraction.builtin.tokens import tokenise
from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import (
    Category,
    EntityRef,
    Fact,
    Proposals,
    Retraction,
    Span,
    Window,
    WindowTurn,
)
from spectron_extraction.vllm.schema import (
    MAX_ENTITY_NAME,
    MAX_FACTS,
    MAX_KEY,
    MAX_QUOTE,
    MAX_VALUE,
    USER,
    Kind,
)
from spectron_extraction.vllm.window import Batch, Piece

_TOLERANCE: Final = 1.25
_MAX_PROBLEMS: Final = 3
_STATED: Final = 0.9
_INFERRED: Final = 0.75
_DOUBTED: Final = 0.6
_APOSTROPHES: Final = "['\u2018\u2019\u02bc`]"
_QUOTES: Final = '["\u201c\u201d]'
_EDGES: Final = " \t\n.,;:!?\"'\u201c\u201d\u2018\u2019…"
_WORD: Final = re.compile(r"\w+")


class AnswerError(Exception):
    """An answer cannot be used; the message says why, without any of its text."""


class Note(BaseModel):
    """One fact as the model writes it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    quote: str = Field(max_length=int(MAX_QUOTE * _TOLERANCE))
    turn: int
    kind: str
    entity: str = Field(max_length=int(MAX_ENTITY_NAME * _TOLERANCE) + 16)
    key: str = Field(max_length=int(MAX_KEY * _TOLERANCE))
    value: str = Field(max_length=int(MAX_VALUE * _TOLERANCE))


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    facts: list[Note] = Field(max_length=MAX_FACTS)


def parse(content: str | None, turns: int) -> Sequence[Note]:
    """Returns the facts of an answer.

    Args:
        content: The answer's text.
        turns: How many turns were numbered.

    Raises:
        AnswerError: It has another form than was asked for.
    """
    if content is None or not content.strip():
        raise AnswerError("it is empty")
    try:
        # Some engines let control characters through.
        document = json.loads(content, strict=False)
    except (ValueError, RecursionError):
        raise AnswerError("it is no JSON") from None
    try:
        facts = _Answer.model_validate(document).facts
    except ValidationError as error:
        raise AnswerError(_problems(error)) from None
    for number, note in enumerate(facts):
        if not 1 <= note.turn <= turns:
            raise AnswerError(f"facts.{number}.turn is no number of a turn")
        if note.kind not in set(Kind):
            raise AnswerError(f"facts.{number}.kind is none of those named")
    return facts


def _problems(error: ValidationError) -> str:
    """Returns what is wrong, by place and kind: messages would quote the answer."""
    found = [
        f"{'.'.join(map(str, one['loc'])) or 'it'}: {one['type']}"
        for one in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return "; ".join(found[:_MAX_PROBLEMS])


def proposals(notes: Sequence[Note], batch: Batch, window: Window, ontology: Ontology) -> Proposals:
    """Returns what the facts of an answer propose, in the order of the turns.

    A quote that does not stand in its turn is handed on as it is: the server drops and counts it.

    Args:
        notes: The facts.
        batch: The pieces that were numbered.
        window: The window they are from.
        ontology: The known keys.
    """
    facts: list[Fact] = []
    retractions: list[Retraction] = []
    for note in sorted(dict.fromkeys(notes), key=lambda note: note.turn):
        piece = batch[note.turn - 1]
        span = _located(note.quote, piece)
        entity = _entity(note.entity, window)
        key = ontology.canonical(note.key)
        value = note.value.strip()
        if note.kind == Kind.END:
            retractions.append(
                Retraction(entity=entity, key=key, value=value or None, evidence=span)
            )
            continue
        valid_from, valid_until = _validity(span.quote, piece.turn, past=note.kind == Kind.PAST)
        doubtful = note.kind == Kind.DOUBT
        facts.append(
            Fact(
                entity=entity,
                category=ontology.category(key) or Category.KNOWLEDGE,
                key=key,
                value=value,
                confidence=_DOUBTED if doubtful else _confidence(value, piece.text),
                evidence=span,
                hedged=doubtful,
                change=note.kind == Kind.CHANGE,
                valid_from=valid_from,
                valid_until=valid_until,
            )
        )
    return Proposals(facts=tuple(facts), retractions=tuple(retractions))


def _located(quote: str, piece: Piece) -> Span:
    """Returns where a quote stands in a turn, forgiving case, white space and typography."""
    for words in (quote, quote.strip(_EDGES)):
        pattern = r"\s+".join(map(_loose, words.split()))
        match = pattern and re.compile(pattern, re.IGNORECASE).search(
            piece.turn.content, piece.start, piece.end
        )
        if match:
            return Span(
                turn_id=piece.turn.id, start=match.start(), end=match.end(), quote=match.group()
            )
    return Span(turn_id=piece.turn.id, start=0, end=len(quote), quote=quote)


def _loose(word: str) -> str:
    escaped = re.escape(word)
    return re.sub(_QUOTES, _QUOTES, re.sub(_APOSTROPHES, _APOSTROPHES, escaped))


def _entity(name: str, window: Window) -> EntityRef:
    kind, slash, rest = name.partition("/")
    if not slash:
        # Whatever the model calls somebody without a type, it is the user or a person.
        return window.subject if name.casefold() == USER else EntityRef(type="Person", name=name)
    if kind == window.subject.type and rest.casefold() in _names(window):
        return window.subject
    return EntityRef(type=kind, name=rest.strip())


def _names(window: Window) -> set[str]:
    """Returns by which names the user is known."""
    own = {
        attribute.value.casefold()
        for attribute in window.known
        if attribute.entity == window.subject and attribute.key == "name"
    }
    return {*own, window.subject.name.casefold()}


def _confidence(value: str, text: str) -> float:
    """Returns how sure a statement is: less if the value's words are not those of the turn."""
    said = {word.casefold() for word in _WORD.findall(text)}
    words = [word.casefold() for word in _WORD.findall(value)]
    return _STATED if any(word in said for word in words) else _INFERRED


def _validity(
    quote: str, turn: WindowTurn, *, past: bool
) -> tuple[datetime | None, datetime | None]:
    """Returns from when and until when something holds, as the quoted words tell.

    Dates are resolved by rules against the time of the turn, rather than by the model.
    """
    now = turn.observed_at
    start: datetime | None = None
    end: datetime | None = None
    for time in find_times(tokenise(quote), now, future=False):
        if time.kind is TimeKind.UNTIL:
            end = time.start
        else:
            start = time.start
            end = time.end if time.kind in {TimeKind.RANGE, TimeKind.AT} else end
    # Only what is over has an end; "until June" may as well be the next one.
    end = min(end or now, now) if past else None
    if start is not None and (start > now or (end is not None and start >= end)):
        start = None
    return start, end
