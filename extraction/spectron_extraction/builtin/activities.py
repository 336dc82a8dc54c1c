"""What people do: the default for verbs that no frame knows better.

Said in the plain present it is a habit ("I grow tomatoes"), of a verb of leisure a hobby ("I
fence"); said in the progressive it is what goes on now; "go fishing", "do yoga" and "spend time
reading" name the activity in their object. Verbs of thinking, speaking, perceiving and of work
at a computer's side say nothing lasting and are left alone.
"""

from collections.abc import Iterator
from typing import Final

from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading, only
from spectron_extraction.builtin.guards import GUARDS
from spectron_extraction.builtin.heads import head
from spectron_extraction.builtin.lexicon import (
    ADVERBS,
    ARTICLES,
    DETERMINERS,
    HOBBY_VERBS,
    PLACE_NAMES,
    VENTURES,
    WORKPLACES,
)
from spectron_extraction.builtin.tokens import Phrase, slice_of, trim_marks, words
from spectron_extraction.builtin.values import (
    cut,
    is_amount,
    items,
    trim,
    usable,
    without_article,
    without_quantity,
    written,
)
from spectron_extraction.builtin.verbs import VerbForm, gerund, past, verb_form
from spectron_extraction.builtin.wordlists import phrase_set, word_set

_MAX_TOKENS: Final = 8
_UNTELLING: Final = word_set(
    # Being, having, seeming, and verbs with rules of their own
    "be have get become seem appear feel look sound smell taste stay remain keep let make do go "
    "come leave start begin stop end quit finish continue mean matter depend belong "
    # Wanting and judging
    "want need like love enjoy hate dislike prefer wish hope plan intend aim try tend expect "
    "consider decide choose mind care agree disagree appreciate adore despise loathe detest miss "
    "crave admire recommend suggest "
    # Thinking, perceiving, speaking
    "think know believe guess suppose imagine assume doubt wonder understand realize realise "
    "remember recall forget recognize notice see hear listen say tell ask answer reply talk speak "
    "mention explain describe discuss call swear promise bet admit confess thank apologize "
    "apologise welcome trust hear find lose figure worry relate "
    # Handling a computer, and momentary doings
    "use click press type enter select run copy paste upload download install open close "
    "delete update change set add remove put give take bring show send check test fix debug "
    "compile deploy commit merge pass return receive reach move turn wait happen "
    "live reside work base name dare cant m s"
)
_NOW_UNTELLING: Final = _UNTELLING | word_set(
    "sit stand lie joke kid die freeze starve laugh cry sleep rest bore recover"
)
_DEICTIC: Final = word_set(
    "you your yours yourself u it this that these those them him her me us there here "
    "somewhere one ones "
    "something anything everything nothing stuff things thing same more enough much"
)
_SCHEDULES: Final = word_set(
    "shift shifts nights night days weekends home remotely part-time full-time fulltime parttime "
    "graveyard overtime hours evenings"
)
_DAYS: Final = word_set("mon tue tues wed thu thurs fri sat sun mondays fridays")
_HOW_MUCH: Final = ADVERBS | word_set("lot much times time")
_DEGREES: Final = word_set("very really pretty quite so too super extremely rather")
_NOT_OBJECTS: Final = (ADVERBS - {"all", "both", "even"}) | word_set("to that like as")
_LEISURE: Final = HOBBY_VERBS | {"read", "write"}
"""Verbs that name a pastime without an object, too."""

_TRAVELLING: Final = word_set("cycle bike walk drive run ride")
_COMMUTES: Final = frozenset({"to work", "to school", "to uni", "to college"})
_LEISURELY: Final = phrase_set(
    "in my free time, in my spare time, for fun, as a hobby, on weekends, on my weekends"
)
_LITERATURE: Final = word_set("poetry poems stories fiction songs novels lyrics haiku plays")
_AFTER_DONE: Final = word_set("for with when every because after at to on")
_NOT_DONE: Final = word_set(
    "well good great fine ok okay alright not so too same what better best my their "
    "anything something everything nothing it that this you all both some nothin research"
)
_SPENT: Final = word_set(
    "time hours morning afternoon evening weekend night days day weekends evenings nights "
    "afternoons life lot most"
)
_LIFE_EVENTS: Final = word_set(
    "break win survive lose graduate publish visit travel tour meet climb immigrate emigrate "
    "perform compete earn donate adopt rescue beat finish complete build write invent found "
    "open sell serve fight attend watch read rewatch try explore paint bake hike binge fail "
    "pass miss defend appear tear sprain fracture dislocate rupture"
)
_GONE: Final = word_set("go get come")
_NOT_GONE: Final = word_set("going being having doing getting trying")


def activity_claims(reading: Reading) -> Iterator[Claim]:
    """Yields what a clause says that its subject does, if no other rule told more.

    Args:
        reading: The clause.
    """
    predicate = reading.predicate
    if predicate.negated or predicate.passive or predicate.hypothetical:
        return
    if predicate.used_to:
        yield from _regular(reading)
        return
    elided = predicate.subject.kind.value == "elided" and predicate.tense is not Tense.PAST
    if elided and not predicate.progressive:
        return
    if predicate.lemma in _GONE | {"finish"}:
        yield from _gone(reading)
    elif predicate.lemma == "do":
        yield from _done(reading)
    elif predicate.lemma in {"try", "squeeze", "sneak", "take", "pick"} and _tries(reading):
        yield from _tried(reading)
    elif predicate.lemma == "spend":
        yield from _spent(reading)
    elif predicate.modal or predicate.tense is Tense.FUTURE:
        return
    elif predicate.progressive and not predicate.perfect:
        yield from _now(reading)
    elif predicate.tense is Tense.PRESENT and (predicate.progressive or not predicate.perfect):
        yield from _regular(reading)
    elif predicate.tense is Tense.PAST or predicate.perfect:
        yield from _lived(reading)


def _regular(reading: Reading) -> Iterator[Claim]:
    """Reads "I grow tomatoes", "I take long hikes", "I have been painting houses"."""
    predicate = reading.predicate
    alone = predicate.lemma in HOBBY_VERBS and not predicate.complement
    if (
        predicate.lemma in _UNTELLING
        and not alone
        and not (
            predicate.lemma in {"make", "take", "run", "listen", "keep", "work"}
            and _objective(reading)
        )
    ):
        return
    whole = trim(predicate.complement)
    once = bool(whole) and whole[0].norm in {"a", "an", "the", "some"}
    if predicate.lemma == "read" and once and whole[-1].norm not in _DAILY_READING:
        yield from _lived(reading)  # "I read an article": the past has the same form.
        return
    inner = trim(cut(predicate.complement))
    going = verb_form(inner[0].norm) if predicate.lemma == "keep" and inner else None
    if going is not None and going.gerund:
        value = written(reading.text, inner) if len(inner) <= _MAX_TOKENS else None
        told = value and not any(token.norm in _DEICTIC for token in inner)
        yield from only(reading.claim("habit", value, confidence=0.75) if told else None)
        return
    if predicate.lemma in {"smoke", "vape"} and not predicate.complement:
        yield from only(reading.claim("habit", gerund(predicate.lemma)))
        return
    if predicate.lemma in _TRAVELLING and words(predicate.complement[:2]) in _COMMUTES:
        value = f"{gerund(predicate.lemma)} {words(predicate.complement[:2])}"
        yield from only(reading.claim("habit", value))
        return
    leisurely = predicate.adverbs & _LEISURELY or words(predicate.raw[-4:]) in _LEISURELY
    literary = predicate.lemma == "write" and {t.norm for t in predicate.complement} & _LITERATURE
    if (leisurely or literary) and predicate.tense is not Tense.PAST:
        yield from only(_doing(reading, "hobby", 0.8))
        return
    key = "hobby" if predicate.lemma in HOBBY_VERBS or not predicate.complement else "habit"
    if words(predicate.raw[-3:]) == "for a living":
        key = "role"
    yield from only(_doing(reading, key, 0.75))


def _objective(reading: Reading) -> bool:
    """Tells "I make candles" and "I listen to jazz" from "I make sure" and "I take it"."""
    phrase = trim(cut(reading.predicate.complement))
    if not phrase:
        return False
    if reading.predicate.lemma == "listen":
        return phrase[0].norm == "to" and len(phrase) > 1
    if reading.predicate.lemma == "work":
        hours = {part for token in phrase for part in token.norm.split("-")}
        return bool(hours & (_SCHEDULES | _DAYS))
    last = phrase[-1].norm
    return last not in {"sure", "sense", "fun", "care", "part", "note", "look", "time"} and (
        phrase[0].norm not in {"sure", "care", "time"}
    )


_DAILY_READING: Final = word_set("news newspaper newspapers paper papers bible quran torah")
_ALWAYS: Final = word_set("always constantly forever")


def _now(reading: Reading) -> Iterator[Claim]:
    """Reads "I'm baking a cake": what goes on now, of which there is one thing."""
    predicate = reading.predicate
    if predicate.adverbs & _ALWAYS:
        yield from _regular(reading)  # "I'm always watching anime"
    elif predicate.lemma not in _NOW_UNTELLING | {"learn", "study"}:
        yield from only(_doing(reading, "activity", 0.75))


def _doing(reading: Reading, key: str, confidence: float) -> Claim | None:
    phrase = without_quantity(trim(cut(reading.predicate.complement)))
    if len(phrase) > _MAX_TOKENS:
        phrase = trim(phrase[:_MAX_TOKENS])
        while phrase and phrase[-1].norm in DETERMINERS:
            phrase = trim(phrase[:-1])  # "Renting a place in Leeds near the"
    while len(phrase) > 1 and phrase[0].norm in _DEGREES:
        phrase = phrase[1:]  # "Drinking some really old wine"
    if any(token.norm in _DEICTIC for token in phrase):
        return None
    if all(token.norm in _HOW_MUCH for token in phrase):
        phrase = ()  # "I travel too often"
    if not phrase:
        alone = reading.predicate.lemma in _LEISURE and key != "activity"
        return reading.claim(key, gerund(reading.predicate.lemma)) if alone else None
    if not usable(phrase) or phrase[0].norm in _NOT_OBJECTS:
        return None
    value = written(reading.text, phrase)
    owing = reading.predicate.lemma in {"owe", "pay"}
    owed = owing and any(t.norm[0].isdigit() for t in phrase)
    if value is None or owed or (reading.predicate.lemma in _PAYING and is_amount(phrase)):
        return None
    activity = f"{_in_progress(reading)} {value}"
    return reading.claim(key, activity, confidence=confidence, change=False)


_PAYING: Final = word_set("earn make pay take charge cost weigh save spend")


def _in_progress(reading: Reading) -> str:
    """Returns the -ing form of the verb, as it was written if it was."""
    predicate = reading.predicate
    if predicate.progressive and predicate.complement:
        start = predicate.complement[0].start
        before = [token.norm for token in predicate.tokens if token.start < start]
        spoken = next((norm for norm in reversed(before) if norm.endswith("ing")), None)
        if spoken is not None:
            return spoken
    return gerund(predicate.lemma)


def _gone(reading: Reading) -> Iterator[Claim]:
    """Reads "I go fishing", "I came back from hunting", "we are going hunting"."""
    predicate = reading.predicate
    phrase = trim(cut(predicate.complement))
    while phrase and phrase[0].norm in ADVERBS | {"back", "out", "from", "done"}:
        phrase = phrase[1:]
    if not phrase or (predicate.lemma in {"get", "come"} and predicate.tense is not Tense.PAST):
        return
    form = verb_form(phrase[0].norm)
    if form is None or not form.gerund or phrase[0].norm in _NOT_GONE:
        yield from _returned(reading, phrase)
        return
    if any(token.norm in _DEICTIC for token in phrase):
        return
    value = written(reading.text, phrase)
    if value and len(phrase) <= _MAX_TOKENS:
        yield from only(reading.claim("hobby", value, event=True, confidence=0.75, change=False))


def _returned(reading: Reading, phrase: Phrase) -> Iterator[Claim]:
    """Reads "I just got back from a trip to Peru"."""
    predicate = reading.predicate
    back = words(predicate.complement[:2]) == "back from"
    led = phrase[0].norm in ARTICLES | {"my", "our"} or words(phrase) in PLACE_NAMES
    if not back or not led or len(phrase) > _MAX_TOKENS:
        return
    value = written(reading.text, phrase)
    yield from only(
        (value and reading.claim("event", f"got back from {value}", event=True, change=False))
        or None
    )


def _done(reading: Reading) -> Iterator[Claim]:
    """Reads "I do yoga", "I do computer programming"."""
    predicate = reading.predicate
    if predicate.modal or predicate.progressive or predicate.tense is Tense.FUTURE:
        return
    phrase = trim(cut(predicate.complement, at=_AFTER_DONE))
    if predicate.tense is Tense.PAST and phrase:
        # "Did some baking" names a pastime; "did the dishes" does not.
        gerund_form = verb_form(phrase[1].norm) if len(phrase) == 2 else None
        if phrase[0].norm != "some" or gerund_form is None or not gerund_form.gerund:
            return
    for listed in items(phrase):
        item = without_quantity(listed)
        vague = item[0].norm in _NOT_DONE | ADVERBS or any(t.norm in _DEICTIC for t in item)
        if vague or not item[0].word:
            continue
        value = written(reading.text, item)
        if item[0].norm == "the":  # "I do the dinners": a duty, no pastime.
            yield from only((value and reading.claim("habit", f"doing {value}")) or None)
            continue
        if item[-1].norm in _SCHEDULES:
            yield from only((value and reading.claim("habit", f"doing {value}")) or None)
            continue
        if value and len(item) <= 5 and _for_firm(predicate.complement):
            yield from only(reading.claim("responsibility", f"doing {value}", confidence=0.8))
        elif value and len(item) <= 5 and GUARDS["likeable"](item):
            yield from only(
                reading.claim("hobby", value, event=True, confidence=0.75, change=False)
            )


def _for_firm(complement: Phrase) -> bool:
    """Tells "I do payroll for a small firm", a duty, from "I do yoga for my back"."""
    place = next((i for i, token in enumerate(complement) if token.norm in {"for", "at"}), -1)
    firm = without_article(trim(cut(complement[place + 1 :]))) if place > 0 else ()
    return bool(firm) and head(firm) in WORKPLACES | VENTURES and GUARDS["organization"](firm)


def _tries(reading: Reading) -> str:
    joined = words(reading.predicate.complement)
    lead = next((lead for lead in _TRIES if joined.startswith(lead)), "")
    led = reading.predicate.complement[len(lead.split()) :]
    return lead if led and led[0].norm not in DETERMINERS - {"some"} else ""


def _tried(reading: Reading) -> Iterator[Claim]:
    """Reads "I've been trying my hand at pottery", "I squeezed in some tennis"."""
    predicate = reading.predicate
    lead = _tries(reading)
    phrase = trim(cut(predicate.complement[len(lead.split()) :], at=_AFTER_DONE | {"over"}))
    if not lead or not phrase or not GUARDS["likeable"](phrase) or len(phrase) > _MAX_TOKENS:
        return
    if any(token.norm == "from" for token in phrase):
        return  # "Picked up Biscuit from the vet"
    value = written(reading.text, phrase)
    yield from only(reading.claim("hobby", value, event=True, confidence=0.75, change=False))


_TRIES: Final = ("my hand at ", "in some ", "up ")


_TOILING: Final = word_set("work slave toil")


def _spent(reading: Reading) -> Iterator[Claim]:
    """Reads "I spend my weekends hiking", "I spend a lot of time with my dogs"."""
    predicate = reading.predicate
    if predicate.tense is Tense.FUTURE or predicate.modal:
        return
    tokens = predicate.raw
    place = next((i for i, t in enumerate(tokens) if t.norm in _SPENT), None)
    if place is None:
        return
    rest = tokens[place + 1 :]
    while rest and (rest[0].norm in _SPENT | ADVERBS | {"of", "my", "free", "spare", "in"}):
        rest = rest[1:]
    rest = trim(cut(rest))
    if not rest or any(token.norm in _DEICTIC for token in rest) or len(rest) > _MAX_TOKENS:
        return
    form: VerbForm | None = verb_form(rest[0].norm)
    if form is not None and form.lemma in _TOILING:
        place = next((i + 1 for i, t in enumerate(rest) if t.norm in {"at", "in"}), len(rest))
        if rest[place:] and GUARDS["workplace"](rest[place:]):
            yield from only(reading.claim("employer", written(reading.text, rest[place:])))
    elif form is not None and form.gerund:
        yield from only(
            reading.claim(
                "hobby", written(reading.text, rest), event=True, confidence=0.75, change=False
            )
        )
    elif rest[0].norm in {"with", "on", "at", "in", "outside", "outdoors"}:
        value = written(reading.text, rest)
        yield from only((value and reading.claim("hobby", f"spending time {value}")) or None)


def _lived(reading: Reading) -> Iterator[Claim]:
    """Reads "I broke my arm", "I have travelled the world": what stays part of a life."""
    predicate = reading.predicate
    if predicate.lemma not in _LIFE_EVENTS or predicate.modal or predicate.progressive:
        return
    phrase = trim(cut(predicate.complement))
    if not phrase or len(phrase) > _MAX_TOKENS or any(t.norm in _DEICTIC for t in phrase):
        return
    if not usable(without_article(phrase)) or written(reading.text, phrase) is None:
        return
    value = f"{past(predicate.lemma)} {slice_of(reading.text, trim_marks(phrase))}"
    yield from only(reading.claim("event", value, event=True, confidence=0.75, change=False))
