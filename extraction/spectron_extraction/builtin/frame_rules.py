"""Applying verb frames: filling the slots of a verb from what follows it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from spectron_extraction.builtin.answer_words import ANSWER_NOUNS
from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading, known_key, only
from spectron_extraction.builtin.frames import (
    ABSTENTIONS,
    HABITS,
    Aspect,
    Frame,
    Slot,
    frames_by_verb,
)
from spectron_extraction.builtin.guards import GUARDS
from spectron_extraction.builtin.lexicon import (
    ARTICLES,
    FREQUENT,
    HOBBY_VERBS,
    INSTRUMENTS,
    LANGUAGES,
    PREPOSITIONS,
    PROGRAMMING,
    VAGUE,
)
from spectron_extraction.builtin.programs import program_told
from spectron_extraction.builtin.schooling import says_less
from spectron_extraction.builtin.sites import others_moved
from spectron_extraction.builtin.times import TimeKind
from spectron_extraction.builtin.tokens import Phrase, slice_of, trim_marks
from spectron_extraction.builtin.values import (
    cut,
    items,
    trim,
    usable,
    without_article,
    without_quantity,
    written,
)
from spectron_extraction.builtin.verbs import gerund, verb_form
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.ontology import Cardinality

_FRAMES: Final = frames_by_verb()
_PARTICLES: Final = word_set(
    "remotely full-time part-time fulltime parttime together closely directly over down back full "
    "part time mostly"
)
# A preposition that no slot claims ends a value that is a name or a thing.
_ENDING: Final = word_set(
    "as for with from since until during after before via by while without using near around about "
    "within"
)
_PLACE_ENDING: Final = (_ENDING - {"near", "about", "around", "by"}) | {"once", "twice"}
_WITHIN: Final = frozenset({"in", "near", "outside"})
_LINKS: Final = PREPOSITIONS - {"of"}
_MAX_HOBBY_TOKENS: Final = 5
_RECEIVING: Final = word_set("see get have hear receive read be know")
_RECEIVED: Final = ANSWER_NOUNS | word_set("example examples")
_UNCOUNTED: Final = frozenset({"likes", "dislikes", "hobby"})
"""Keys for which it does not matter how much there is of the value."""

_FREQUENCY: Final = word_set(
    "every daily weekly once twice each mornings evenings weekends times mondays tuesdays "
    "wednesdays thursdays fridays saturdays sundays"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """A part of what follows a verb, led by a preposition or, first, by none (`obj`)."""

    name: str
    tokens: Phrase


def segments(
    phrase: Phrase, names: frozenset[str], keys: Mapping[str, str] | None = None
) -> list[Segment]:
    """Splits what follows a verb at the prepositions given.

    Args:
        phrase: What follows the verb.
        names: The prepositions that lead slots.
        keys: The keys of the slots; one that has the key of the slot before does not begin a
            new one: "in a town near Dublin" is one place.
    """
    found: list[Segment] = []
    name, start = "obj", 0
    for index, token in enumerate(phrase):
        if token.norm in names and not (
            keys and index > start and name in keys and keys[name] == keys.get(token.norm)
        ):
            if index > start:
                found.append(Segment(name=name, tokens=phrase[start:index]))
            name, start = token.norm, index + 1
    if start < len(phrase):
        found.append(Segment(name=name, tokens=phrase[start:]))
    return found


def frame_claims(reading: Reading) -> Iterator[Claim]:
    """Yields what a clause says by the frames of its verb.

    Args:
        reading: The clause.
    """
    predicate = reading.predicate
    found: list[Claim] = []
    for frame in _FRAMES.get(predicate.lemma, ()):
        if frame.aspect is Aspect.EVENT and not _happened(reading, frame):
            continue
        if predicate.progressive and not frame.progressive:
            continue
        found.extend(_apply(reading, frame))
    if predicate.lemma == "own" and predicate.negated:
        found = []  # Told as something that one has not.
    yield from found
    if reading.about_user or reading.entity.type == "Person":
        yield from _negated_choice(reading)
        told = {claim.value for claim in found}
        habits = [claim for claim in _habit(reading) if claim.value not in told]
        if not habits and (not found or predicate.lemma == "play"):
            yield from _pastime(reading)
        yield from habits


def _happened(reading: Reading, frame: Frame) -> bool:
    predicate = reading.predicate
    if predicate.used_to:
        return False
    if predicate.hedged or predicate.tense is Tense.PAST or predicate.perfect or predicate.passive:
        return True
    return frame.present and not predicate.progressive


def _apply(reading: Reading, frame: Frame) -> Iterator[Claim]:
    complement = reading.predicate.complement
    if frame.particle:
        if not complement or complement[0].norm != frame.particle:
            return
        complement = complement[1:]
    if complement and complement[0].norm == "to" and "to" not in frame.slots:
        return
    while len(complement) > 1 and complement[0].norm in _PARTICLES:
        complement = complement[1:]
    keys = {
        name: slot.key for name, slot in frame.slots.items() if slot.key in {"location", "hometown"}
    }
    keys = {name: key for name, key in keys.items() if not frame.slots[name].previous}
    parts = segments(complement, frozenset(frame.slots) - {"obj"}, keys)
    moved = parts[0].tokens if parts and parts[0].name == "obj" else ()
    if frame.aspect is Aspect.EVENT and "location" in keys.values() and others_moved(moved):
        return
    if "location" in keys.values() and (program := program_told(reading, complement)):
        event = frame.aspect is Aspect.EVENT
        yield from only(reading.claim("tool", written(reading.text, program), event=event))
        return
    previous: str | None = None
    for part in parts:
        slot = frame.slots.get(part.name)
        if slot is not None and slot.previous:
            previous = _written(reading, slot, part.tokens)
    tasted = frame.aspect is Aspect.TASTE and not reading.predicate.used_to
    event = frame.aspect is Aspect.EVENT or (tasted and not reading.predicate.negated)
    filled: set[str] = set()
    for part in parts:
        slot = frame.slots.get(part.name)
        if slot is None or slot.previous or slot.key in filled:
            continue
        if part.name == "for" and any(before.name == "on" for before in parts[: parts.index(part)]):
            continue  # "Working on a report for the board": whom it is for employs nobody.
        if slot.guard == "joined" and any(other.name == "as" for other in parts):
            slot = replace(slot, guard="organization")  # "I joined Netflix as a designer"
        for claim in _fill(reading, slot, part.tokens, event=event):
            filled.add(claim.key)
            if tasted:
                yield replace(claim, change="now" in reading.predicate.adverbs)
            else:
                yield replace(claim, previous_value=previous) if event and previous else claim


def _fill(reading: Reading, slot: Slot, phrase: Phrase, *, event: bool) -> Iterator[Claim]:
    definition = known_key(reading.ontology, slot.key)
    place = definition.value_type.value == "place"
    ending = frozenset[str]() if slot.whole else (_PLACE_ENDING if place else _ending(slot))
    value_tokens = cut(phrase, at=ending)
    if place and slot.guard != "base" and not GUARDS[slot.guard](value_tokens):
        # "In a small flat in Brooklyn": the last place is one.
        inner = next((i for i, t in enumerate(value_tokens) if t.norm in _WITHIN), -1)
        value_tokens = value_tokens[inner + 1 :]
    if definition.cardinality is Cardinality.ONE:
        value_tokens = _one(value_tokens)
    for listed in items(value_tokens) if slot.listed else (value_tokens,):
        item = without_quantity(listed) if slot.key in _UNCOUNTED else listed
        if not item or not GUARDS[slot.guard](item):
            continue
        claim = _claim(reading, slot, item, event=event)
        if claim is not None:
            yield claim


def _ending(slot: Slot) -> frozenset[str]:
    if slot.key in {"likes", "dislikes"}:
        return frozenset({"since", "until", "as"})
    if slot.key == "possession":
        return _ENDING | {"to", "in", "on", "at"}
    if slot.key == "field_of_study":
        return _ENDING | {"in", "at"}
    if slot.key == "tool":
        return _ENDING | {"in", "on", "at", "to"}
    return _ENDING | ({"in", "on"} if slot.key in {"employer", "school", "alma_mater"} else set())


def _claim(reading: Reading, slot: Slot, item: Phrase, *, event: bool) -> Claim | None:
    predicate = reading.predicate
    key = slot.key
    negated = predicate.negated
    if slot.opposite and negated and not predicate.ended:
        if slot.opposite == "-":
            return None
        key, negated = slot.opposite, False
    form = verb_form(item[0].norm)
    if key == "likes" and form is not None and form.gerund and not item[0].capital:
        key = "hobby"
        awaited = item[-1].norm == "first" or {token.norm for token in item} & _RECEIVED
        if form.lemma in _RECEIVING and awaited:
            return None  # "I like seeing examples first" is a wish for answers, no pastime.
    if key == "tool" and any(token.norm in PROGRAMMING for token in item) and len(item) <= 2:
        key = "programming_language"
    value = _written(reading, replace(slot, key=key), item)
    if value is None or (key == "school" and says_less(reading, item)):
        return None
    if slot.gerund:
        value = f"{gerund(predicate.lemma)} {_preposition(reading, item)}{value}"
    if slot.key == "project" and predicate.progressive and not predicate.negated:
        return None  # Told in full by the rule of what is going on.
    return reading.claim(key, value, event=event, confidence=slot.confidence, retracts=negated)


def _preposition(reading: Reading, item: Phrase) -> str:
    """Returns the word between verb and value, to be kept in a gerund: `listening to jazz`."""
    complement = reading.predicate.complement
    for index, token in enumerate(complement):
        if token.start == item[0].start:
            # "Listening to a lot of jazz": the preposition stands before the quantity.
            before = [word.norm for word in complement[max(0, index - 4) : index]]
            return next((f"{word} " for word in reversed(before) if word in _LINKS), "")
    return ""


def _written(reading: Reading, slot: Slot, phrase: Phrase) -> str | None:
    definition = known_key(reading.ontology, slot.key)
    tokens = trim(phrase)
    if slot.previous:
        tokens = cut(tokens, at=_PLACE_ENDING)
    if slot.key in {"role", "team", "industry", "hobby"}:
        tokens = without_article(tokens) if not slot.gerund else tokens
    if slot.key == "languages":
        tokens = next(((token,) for token in tokens if token.norm in LANGUAGES), ())
    if slot.key == "programming_language":
        known = tuple(token for token in tokens if token.norm in PROGRAMMING)
        tokens = known[:1] or tokens
    if slot.key == "employer":
        tokens = company_name(tokens)
    return written(reading.text, tokens, definition.value_type)


def company_name(tokens: Phrase) -> Phrase:
    """Returns the name in "a company called Acme"."""
    for index, token in enumerate(tokens):
        if token.norm in {"called", "named"} and index + 1 < len(tokens):
            return tokens[index + 1 :]
    return tokens


def _one(phrase: Phrase) -> Phrase:
    """Cuts a value of which there is one where a list or another statement begins."""
    for index, token in enumerate(phrase):
        follower = phrase[index + 1] if index + 1 < len(phrase) else None
        before = phrase[index - 1] if index else None
        capitals = bool(follower and follower.capital and before and before.capital)
        if token.norm in {",", "and", "or"} and not capitals:
            lower_place = (
                token.norm == ","
                and follower is not None
                and len(phrase) - index <= 3
                and all(part.word for part in phrase[index + 1 :])
                and not any(part.capital for part in phrase)
            )
            if not lower_place:
                return trim_marks(phrase[:index])
    return phrase


def _negated_choice(reading: Reading) -> Iterator[Claim]:
    """Reads "I don't eat pork", "I never drink alcohol", "I don't smoke"."""
    predicate = reading.predicate
    if predicate.lemma not in ABSTENTIONS or not predicate.negated:
        return
    if predicate.tense is not Tense.PRESENT or predicate.progressive or predicate.modal:
        return
    long = any(time.kind in {TimeKind.SINCE, TimeKind.DURATION} for time in predicate.times)
    if predicate.perfect and not long:
        return  # "I haven't eaten lunch", though "not since 2015" tells.
    value_tokens = cut(predicate.complement, at=_ENDING)
    if not value_tokens:
        if predicate.lemma in {"smoke", "drink"}:
            yield from only(reading.claim("abstains_from", gerund(predicate.lemma), retracts=False))
        return
    if value_tokens[0].norm in {"any", "much", "enough"}:
        if value_tokens[0].norm != "any":
            return
        value_tokens = value_tokens[1:]
    for item in items(value_tokens):
        if GUARDS["likeable"](item):
            value = written(reading.text, item) or ""
            yield from only(
                reading.claim(
                    "abstains_from",
                    value if predicate.ended else forgone(predicate.lemma, value),
                    retracts=False,
                )
            )


def forgone(lemma: str, value: str) -> str:
    """Returns what one abstains from: `eating pork`, but `dairy` of "I can't have dairy"."""
    if not value or lemma in {"have", "touch", "consume", "tolerate"}:
        return value
    return f"{gerund(lemma)} {value}"


def _habit(reading: Reading) -> Iterator[Claim]:
    """Reads "I usually wake up at six", "I run every morning"."""
    predicate = reading.predicate
    if predicate.lemma not in HABITS or predicate.tense is not Tense.PRESENT or predicate.modal:
        return
    if predicate.perfect or predicate.progressive or predicate.passive or predicate.negated:
        return
    words = {token.norm for token in predicate.complement}
    if not (predicate.adverbs & FREQUENT or words & _FREQUENCY):
        return
    if words & {"you", "your", "this", "that", "it"} or not predicate.complement:
        return
    phrase = trim_marks(predicate.complement)
    if not phrase:
        return
    value = slice_of(reading.text, phrase)
    if written(reading.text, phrase) is None:
        return
    yield from only(reading.claim("habit", f"{gerund(predicate.lemma)} {value}", confidence=0.8))


def _pastime(reading: Reading) -> Iterator[Claim]:
    """Reads "I paint", "I knit sweaters": what one does for pleasure, said in the plain present."""
    predicate = reading.predicate
    if predicate.lemma not in HOBBY_VERBS or predicate.tense is not Tense.PRESENT:
        if predicate.lemma == "play" and predicate.tense is Tense.PRESENT:
            yield from _instrument(reading)
        return
    if predicate.perfect or predicate.progressive or predicate.passive or predicate.modal:
        return
    led = trim(predicate.complement)
    if predicate.lemma == "run" and (GUARDS["system"](led) or (led and led[0].norm in ARTICLES)):
        return
    if predicate.lemma == "run" and len(led) > 1 and led[0].norm == "on" and led[1].capital:
        for item in items(cut(led[1:], at=_ENDING)):  # "We run on GKE"
            tool = written(reading.text, item) if GUARDS["tool"](item) else None
            yield from only(reading.claim("tool", tool))
        return
    if predicate.subject.kind.value == "elided" or reading.entity.type == "Pet":
        return
    phrase = cut(predicate.complement, at=frozenset({"with", "for", "when", "every", "to"}))
    if len(phrase) > _MAX_HOBBY_TOKENS or any(token.norm in VAGUE for token in phrase):
        return
    activity = gerund(predicate.lemma)
    if phrase:
        value = written(reading.text, phrase)
        if value is None or not usable(phrase):
            return
        activity = f"{activity} {value}"
    yield from only(reading.claim("hobby", activity, confidence=0.8))


def _instrument(reading: Reading) -> Iterator[Claim]:
    phrase = cut(reading.predicate.complement, at=_ENDING | {"in"})
    for item in items(phrase):
        if any(token.norm in INSTRUMENTS for token in item) and len(item) <= 4:
            value = written(reading.text, item)
            yield from only(reading.claim("skill", f"play {value}"))
