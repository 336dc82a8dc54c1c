"""Having and getting: relatives, animals, degrees, ailments, appointments, things."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from spectron_extraction.builtin.allergies import allergy_claims
from spectron_extraction.builtin.animals import ANIMALS
from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading, only
from spectron_extraction.builtin.employment import AFTER_COMPANY, ended, new_job
from spectron_extraction.builtin.frame_rules import frame_claims
from spectron_extraction.builtin.guards import GUARDS
from spectron_extraction.builtin.heads import head
from spectron_extraction.builtin.lexicon import (
    ADVERBS,
    APPOINTMENTS,
    DETERMINERS,
    HEALTH,
    KIN,
    LANGUAGES,
    MARITAL,
    TROUBLES,
)
from spectron_extraction.builtin.nouns import OFFSPRING, possessed_beings
from spectron_extraction.builtin.recurring import recurring_claim
from spectron_extraction.builtin.syntax import verb_phrase
from spectron_extraction.builtin.things import ABSTRACT, BODY_MARKS, BODY_PARTS, HUES, OWNED, RENTED
from spectron_extraction.builtin.times import TimeKind
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.values import (
    cut,
    items,
    name_like,
    plain_number,
    trim,
    usable,
    without_article,
    without_quantity,
    written,
)
from spectron_extraction.builtin.verbs import verb_form
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.ontology import ValueType

_MAX_OWNED: Final = 7
_NOT_OWNED: Final = word_set(
    "to it him her them that this these those you your me us his their no any everything anything "
    "something nothing someone been not heard"
)
_FONDNESS: Final = word_set(
    "fascination interest love passion weakness spot fondness obsession addiction thing knack "
    "taste aversion hatred fear phobia crush soft-spot "
)
_HURTING: Final = BODY_PARTS | word_set(
    "back knee knees neck shoulder shoulders hip hips wrist ankle stomach heart hearing eyesight "
    "memory rib ribs"
)
_UNWELL: Final = word_set("bad sore broken sprained torn weak injured dislocated poor twisted bum")
_AILMENTS: Final = word_set(
    "pain pains condition disease disorder syndrome injury intolerance disability illness "
    "infection hernia ulcer tumor tumour concussion"
)
_PASSING_AILMENTS: Final = word_set(
    "headache headaches cold flu fever cough hangover toothache earache nightmares"
)
_SICKENED: Final = word_set("seasick carsick airsick headaches nosebleeds hives rashes")
_BEFALLING: Final = word_set("surgery operation stroke accident attack seizure miscarriage baby")
"""What one had once, and what remains part of one's life."""

_COMMAND: Final = word_set("knowledge command grasp proficiency fluency understanding")
_QUANTITIES: Final = word_set("two three four five six seven eight nine ten many several both lots")
_BEINGS: Final = KIN.keys() | ANIMALS.keys() | OFFSPRING
_ABSTRACT_ENDINGS: Final = ("tion", "sion", "ness", "ity", "ment", "ance", "ence", "ism", "ship")
# "A farm you can visit": what follows says more of the thing.
_OF_OTHERS: Final = frozenset({"i", "you", "we", "they", "he", "she"})
_BEFORE_TIME: Final = word_set("on at in next this tomorrow today tonight")
_DEGREES: Final = word_set(
    "phd ph.d doctorate master masters master's bachelor bachelors bachelor's degree mba ba bsc "
    "msc ma bs ms diploma"
)


def have(reading: Reading) -> Iterator[Claim]:
    """Reads "I have two cats", "I have a degree in physics", "I have an exam tomorrow"."""
    predicate = reading.predicate
    phrase = trim_marks(predicate.complement)
    if not phrase or phrase[0].norm == "to" or predicate.hypothetical:
        return
    if words(phrase[1:]) in {"years", "years old"} and plain_number(phrase[0].norm, below=120):
        yield from only(reading.claim("age", phrase[0].norm))
        return
    # "We had a baby" tells a birth, though "I had a dog" a dog that is gone.
    yield from possessed_beings(reading, phrase, event=_born(reading, phrase))
    if {token.norm for token in phrase} & {"allergy", "allergies"}:
        yield from allergy_claims(reading, trim(cut(phrase)))
        return
    recurring = recurring_claim(reading)
    if recurring is not None:
        yield recurring
        return
    being = False
    for item in items(cut(phrase, at=_OF_OTHERS)):
        named = being and all(token.capital for token in item) and name_like(item)
        if not named:  # "A toddler, Nils"
            being = any(token.norm in _BEINGS for token in item)
            yield from _had(reading, trim(item))


def _born(reading: Reading, phrase: Phrase) -> bool:
    """Tells whether having had somebody means that they were born: "a baby", "twins"."""
    past = reading.predicate.tense is Tense.PAST and not reading.predicate.used_to
    return (
        past
        and not reading.predicate.negated
        and phrase[0].norm not in {"my", "our"}
        and any(KIN.get(token.norm) in _CHILDREN or token.norm in OFFSPRING for token in phrase[:4])
    )


_CHILDREN: Final = word_set("baby child son daughter")


def _had(reading: Reading, item: Phrase) -> Iterator[Claim]:
    if not item:
        return
    norms = {token.norm for token in item}
    noun = head(without_article(item))
    claim: Claim | None = None
    value = written(reading.text, item)
    if value is None:
        return
    if norms & LANGUAGES and norms & _COMMAND:
        spoken = next(token.norm for token in item if token.norm in LANGUAGES)
        claim = reading.claim("languages", spoken.title())
    elif norms & _FONDNESS and norms & {"for", "to", "of", "with", "in"}:
        claim = _fondness(reading, item)
    elif noun in _BEFALLING and reading.predicate.tense is Tense.PAST:
        claim = reading.claim("event", f"had {value}", event=True, change=False)
    elif "collection" in norms:
        claim = _collection(reading, item)
    elif (noun in _HURTING and set(norms) & _UNWELL) or (
        (norms & HEALTH or noun in _AILMENTS) and len(item) <= 6
    ):
        claim = reading.claim("health", value)
    elif noun in _PASSING_AILMENTS and reading.predicate.tense is Tense.PRESENT:
        claim = reading.claim("problem", value, retracts=False)
    elif reading.predicate.negated and noun in OWNED and reading.about_user:
        claim = _lacking(reading, item)
    elif (
        noun in BODY_PARTS
        and len(item) <= (9 if noun in BODY_MARKS else 6)
        and reading.predicate.tense is Tense.PRESENT
    ):
        claim = reading.claim("appearance", value)
    elif (norms & _DEGREES and "from" not in norms and len(item) <= 8) or (
        norms & _DEGREES and len(item) <= 10
    ):
        school = next((i for i, token in enumerate(item) if token.norm == "from" and i), 0)
        if school and school < len(item) - 1:
            yield from only(reading.claim("alma_mater", written(reading.text, item[school + 1 :])))
        claim = reading.claim("degree", written(reading.text, item[:school]) if school else value)
    elif noun in TROUBLES or (norms & TROUBLES and len(item) <= 4):
        claim = _trouble(reading, item)
    elif "experience" in norms:
        claim = _experience(reading, item)
    elif noun in APPOINTMENTS and reading.predicate.times and reading.about_user:
        claim = _appointment(reading, item)
    elif noun in RENTED and item[0].norm in {"a", "an", "my", "our"} and reading.about_user:
        claim = reading.claim("housing", value, confidence=0.8)
    elif _ownable(reading, item, noun):
        claim = reading.claim("possession", value, confidence=0.8)
    if claim:
        yield claim


def _collection(reading: Reading, item: Phrase) -> Claim | None:
    """Reads "a collection of stamps", "a huge doll collection"."""
    place = next(i for i, token in enumerate(item) if token.norm == "collection")
    of = words(item[place + 1 : place + 2]) == "of"
    things = item[place + 2 :] if of else without_article(item[:place])
    value = written(reading.text, things) if things and usable(things) else None
    return reading.claim("collects", value)


def _lacking(reading: Reading, item: Phrase) -> Claim | None:
    """Reads "I don't have a car"."""
    if item[0].norm not in {"a", "an", "any", "my"} or reading.predicate.tense is not Tense.PRESENT:
        return None
    value = written(reading.text, item[1:])
    return reading.claim("possession", f"no {value}", retracts=False) if value else None


def _fondness(reading: Reading, item: Phrase) -> Claim | None:
    """Reads "a love for dogs", "a soft spot for jazz", "an aversion to jargon"."""
    place = next(
        i for i, token in enumerate(item) if token.norm in {"for", "to", "of", "with", "in"}
    )
    phrase = item[place + 1 :]
    fond = item[place - 1].norm if place else ""
    if fond not in _FONDNESS or not phrase or not GUARDS["likeable"](phrase):
        return None
    value = written(reading.text, phrase)
    if fond in {"fear", "phobia"}:
        return reading.claim("fear", value)
    return reading.claim("dislikes" if fond in {"aversion", "hatred"} else "likes", value)


def _ownable(reading: Reading, item: Phrase, noun: str) -> bool:
    """Tells a thing that one has from a question, a feeling or a cold."""
    if reading.predicate.negated or reading.predicate.tense is not Tense.PRESENT:
        return False
    if (
        not reading.about_user
        or len(item) > _MAX_OWNED
        or {noun, head(without_quantity(item))} & _BEINGS
        or noun in HUES | _QUANTITIES
        or noun.isdigit()
    ):
        return False
    first = item[0].norm
    determined = first in DETERMINERS or first.isdigit() or first in _QUANTITIES
    if not determined and not noun.endswith("s") and noun not in OWNED:
        return False
    if first in _NOT_OWNED or first in ADVERBS or not usable(without_article(item)):
        return False
    if any(token.norm in _NOT_OWNED for token in item):
        return False
    form = verb_form(noun)
    abstract = noun in ABSTRACT or (noun.endswith(_ABSTRACT_ENDINGS) and noun not in OWNED)
    return not abstract and not (form is not None and (form.participle or form.gerund))


def _trouble(reading: Reading, item: Phrase) -> Claim | None:
    norms = [token.norm for token in item]
    doing = verb_form(norms[-1]) if len(norms) > 1 else None
    if doing is not None and doing.gerund:
        return reading.claim("problem", written(reading.text, item))
    for preposition in ("with", "in"):
        if preposition in norms:
            value = written(reading.text, item[norms.index(preposition) + 1 :])
            vague = {"you", "your", "this", "that", "it"} & set(norms)
            no = norms[0] in {"no", "any"}
            return reading.claim("problem", value) if value and not vague and not no else None
    return None


def _experience(reading: Reading, item: Phrase) -> Claim | None:
    norms = [token.norm for token in item]
    if norms[0] in {"no", "little"}:
        return None
    place = norms.index("experience")
    if place + 2 < len(item) and norms[place + 1] in {"in", "with"}:
        value = written(reading.text, item[place + 2 :])
        return reading.claim("expertise", value) if value else None
    return None


def _appointment(reading: Reading, item: Phrase) -> Claim | None:
    ahead = [
        time
        for time in reading.predicate.times
        if time.kind is TimeKind.AT and time.end > reading.observed_at
    ]
    value = written(reading.text, cut(item, at=_BEFORE_TIME))
    if not ahead or value is None or reading.predicate.tense is Tense.PAST:
        return None
    # The date is written out: "tomorrow" would mean another day to whoever reads it later.
    return reading.claim("appointment", f"{value} on {ahead[0].start:%Y-%m-%d}", change=False)


def hold(reading: Reading) -> Iterator[Claim]:
    """Reads "I hold a doctorate in law", "I did my PhD in Leiden"."""
    phrase = trim(cut(reading.predicate.complement))
    if reading.predicate.lemma == "do":
        phrase = trim(cut(phrase, at=frozenset({"at"})))[1:]
        where = next((i for i, t in enumerate(phrase) if t.norm == "in"), len(phrase))
        if phrase[where + 1 : where + 2] and phrase[where + 1].capital:
            phrase = phrase[:where]  # "My PhD in Leiden"
    if {token.norm for token in phrase} & _DEGREES and len(phrase) <= 12:
        yield from _studying_at(reading)
        school = next((i for i, t in enumerate(phrase) if t.norm == "from" and i), len(phrase))
        yield from only(
            reading.claim(
                "degree", written(reading.text, phrase[:school]), event=True, change=False
            )
        )
        if school < len(phrase) - 1:
            alma_mater = written(reading.text, phrase[school + 1 :])
            yield from only(reading.claim("alma_mater", alma_mater, event=True, change=False))


def _studying_at(reading: Reading) -> Iterator[Claim]:
    """Reads the school in "I'm doing my PhD at Oxford"."""
    predicate = reading.predicate
    if predicate.progressive and predicate.tense is Tense.PRESENT:
        place = next((i for i, t in enumerate(predicate.complement) if t.norm == "at"), -1)
        school = trim(cut(predicate.complement[place + 1 :], at=_BEFORE_TIME)) if place > 0 else ()
        if school and GUARDS["studied_at"](school):
            yield from only(reading.claim("school", written(reading.text, school)))


def get(reading: Reading) -> Iterator[Claim]:
    """Reads "I got married", "I got promoted to head of sales", "I've got two cats"."""
    predicate = reading.predicate
    phrase = trim_marks(predicate.complement)
    if not phrase:
        return
    present_perfect = (
        predicate.perfect and predicate.tense is Tense.PRESENT and not predicate.progressive
    )
    if present_perfect and not predicate.negated and phrase[0].norm != "to":
        # "I've got two cats" means having them.
        yield from have(reading)
    if predicate.tense is not Tense.PAST and not predicate.perfect:
        phrase = trim(cut(phrase, at=_CAUSED)) or phrase
        ailing = phrase[0].norm in HEALTH | _SICKENED or phrase[-1].norm in HEALTH | _SICKENED
        if ailing and not predicate.modal and len(phrase) <= 3:
            ailment = phrase[:1] if phrase[0].norm in _SICKENED else phrase
            yield from only(reading.claim("health", written(reading.text, ailment)))
        return
    if phrase[0].norm in MARITAL or words(phrase[:1]) == "remarried":
        status = "married" if phrase[0].norm == "remarried" else phrase[0].norm
        yield from only(reading.claim("marital_status", status, event=True))
        if words(phrase[1:2]) == "to" and name_like(phrase[2:3]) and phrase[2].capital:
            spouse = written(reading.text, cut(phrase[2:], at=AFTER_COMPANY), ValueType.PERSON)
            yield from only(reading.claim("spouse", spouse, event=True))
        return
    first = phrase[0].norm
    if first in {"fired", "laid", "sacked"} or words(phrase[:2]) in {"let go", "made redundant"}:
        yield ended(reading, "employer", None)
        how = "laid off" if first == "laid" else words(phrase[:2]) if first in _TWO else first
        if reading.about_user:
            yield from only(reading.claim("event", f"was {how}", event=True, change=False))
        return
    if first in {"hired", "promoted", "accepted", "diagnosed"}:
        said = cut(phrase, at=_CAUSED - {"on", "in"}) if first == "diagnosed" else phrase
        inner = verb_phrase(predicate.subject, said, reading.observed_at)
        if inner:
            moved = replace(inner, tense=Tense.PAST, times=predicate.times, tokens=predicate.tokens)
            yield from frame_claims(replace(reading, predicate=moved))
        return
    if not predicate.perfect:
        yield from possessed_beings(reading, phrase, event=True)
    if phrase[0].norm in {"my", "a", "an"} and predicate.tense is Tense.PAST:
        yield from hold(replace(reading, predicate=replace(predicate, complement=phrase[1:])))
    yield from new_job(reading, phrase)
    if not present_perfect:
        yield from bought(reading, phrase)


_CAUSED: Final = frozenset({"from", "after", "in", "on", "during", "every", "at"})
_TWO: Final = frozenset({"let", "made"})
_BOUGHT: Final = word_set("a an my our this some two three new another")


def bought(reading: Reading, phrase: Phrase) -> Iterator[Claim]:
    """Yields the possession that "bought a car" tells, given what was bought."""
    item = trim(cut(phrase, at=frozenset({"for", "from", "with", "in", "at", "on"})))
    owned = bool(item) and item[0].norm in _BOUGHT and len(item) <= _MAX_OWNED
    noun = head(item[1:]) if owned else ""
    if (
        noun
        and noun not in ABSTRACT | KIN.keys() | ANIMALS.keys()
        and (reading.predicate.lemma == "buy" or noun in OWNED)
    ):
        value = written(reading.text, item)
        yield from only(reading.claim("possession", value, event=True))


def acquire(reading: Reading) -> Iterator[Claim]:
    """Reads "I bought a car" and "we adopted a puppy named Max"."""
    predicate = reading.predicate
    if predicate.lemma == "own" and predicate.negated and reading.about_user:
        yield from only(_lacking(reading, trim(cut(predicate.complement))))
        return
    if predicate.tense is Tense.PAST or predicate.perfect:
        yield from possessed_beings(reading, predicate.complement, event=True)
        yield from bought(reading, predicate.complement)
