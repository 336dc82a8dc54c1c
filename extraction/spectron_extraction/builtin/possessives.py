"""What "my ... is ..." says: my name, my job, my favourite food, my sister's name."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from spectron_extraction.builtin.allergies import own_allergy
from spectron_extraction.builtin.answer_words import FORMATS
from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading, known_key, only
from spectron_extraction.builtin.entities import kin_key, read_relation
from spectron_extraction.builtin.favorites import favorite_key
from spectron_extraction.builtin.guards import GUARDS
from spectron_extraction.builtin.heads import head
from spectron_extraction.builtin.lexicon import (
    APPOINTMENTS,
    DETERMINERS,
    DWELLINGS,
    LANGUAGES,
    MOODS,
    VENTURES,
    WORKPLACES,
)
from spectron_extraction.builtin.mishaps import broken
from spectron_extraction.builtin.preferences import answer_preferences
from spectron_extraction.builtin.roles import INTENSIFIERS
from spectron_extraction.builtin.things import BODY_PARTS, OWNED
from spectron_extraction.builtin.times import TimeKind, find_times
from spectron_extraction.builtin.tokens import Phrase, slice_of, trim_marks, words
from spectron_extraction.builtin.values import (
    cut,
    items,
    name_like,
    trim,
    usable,
    without_article,
    written,
)
from spectron_extraction.builtin.verbs import FORMS, third_person, verb_form
from spectron_extraction.builtin.wordlists import phrase_set, word_set
from spectron_extraction.ontology import Cardinality, ValueType

_KEYS: Final = word_set(
    "name nickname role employer age birthday hometown location nationality pronouns languages "
    "religion timezone height weight field_of_study school alma_mater degree hobby goal plan team "
    "diet deadline expertise skill fear allergy industry project language_of_reply "
    "programming_language marital_status address_as prefers"
)
_BIRTH: Final = frozenset({"birthday", "birth"})
_BLOCKED: Final = word_set(
    "problem issue question point view idea favorite condition title answer boss manager group "
    "subject last number trip look looks system head back"
)
_NAMES: Final = frozenset(
    {"name", "first name", "full name", "given name", "real name", "actual name"}
)
_FOREMOST: Final = word_set("all-time all time absolute current new personal number one")
_FAVORED: Final = word_set("favorite favorites go-to")
_ABOUT_ANSWERS: Final = word_set("format style tone language units name pronouns response")
_TAKING_PLACE: Final = word_set("leave start begin depart happen take")
_SPELT: Final = word_set("spelled spelt pronounced written")
_ENDING: Final = word_set("expire end lapse")
_PLEASURES: Final = word_set(
    "pleasure pleasures passion passions weakness obsession obsessions addiction interests escape"
)
_STACK: Final = word_set(
    "stack editor ide browser distro framework shell terminal database os setup bootloader"
)
_ACHING: Final = BODY_PARTS | word_set(
    "back knee knees neck head shoulder shoulders hip hips tooth wrist wrists ankle stomach elbow"
)
_HURTING: Final = phrase_set("hurting, aching, sore, hurting badly, killing me, in pain, acting up")
_VERB_VALUES: Final = frozenset({"goal", "plan", "task"})


def possessive_claims(reading: Reading, noun: Phrase) -> Iterator[Claim]:
    """Yields what a clause says whose subject is "my" and a noun that is no relative.

    Args:
        reading: The clause, its entity being the user.
        noun: The words after "my".
    """
    predicate = reading.predicate
    yield from _own_company(reading, noun)
    relation = read_relation(noun, reading.text)
    if relation is not None and relation.rest:
        yield from _of_relative(reading, noun)
        return
    norms = [token.norm for token in noun]
    named = predicate.lemma in {"call", "name"} and predicate.passive
    happened = list(_happening(reading, noun, norms))
    if happened:
        yield from happened
        return
    if predicate.lemma != "be" and not named:
        return
    told = list(_told_by_noun(reading, norms))
    if told:
        yield from told
        return
    if norms and norms[-1] in BODY_PARTS - {"glasses", "braces"} and len(norms) <= 2:
        yield from _body(reading, norms[-1])
        return
    if norms == ["home"] and predicate.complement[:1] and predicate.complement[0].capital:
        home = written(reading.text, cut(predicate.complement), ValueType.PLACE)
        yield from only(reading.claim("location", home))
        return
    if norms and norms[-1] in DWELLINGS | {"address"} and len(norms) <= 2:
        place = cut(predicate.complement, at=frozenset({"and", "with", "but", ","}))
        if place and place[0].norm in {"in", "near"} and GUARDS["place"](place[1:]):
            value = written(reading.text, place[1:], ValueType.PLACE)
            moved = norms[0] == "new" or None
            yield from only(reading.claim("location", value, change=moved))
            return
    if norms and norms[-1] in OWNED and len(norms) <= 2 and not named:
        phrase = cut(predicate.complement)
        if phrase and (phrase[0].norm in {"a", "an"} or phrase[0].capital) and len(phrase) <= 6:
            yield from only(reading.claim("possession", written(reading.text, phrase)))
        return
    while len(norms) > 2 and norms[0] in _FOREMOST and norms[1] in _FAVORED | _FOREMOST:
        norms = norms[1:]
    preferred = norms[:1] == ["preferred"] and not set(norms) & _ABOUT_ANSWERS
    if norms and (norms[0] in _FAVORED or preferred) and len(norms) <= 5:
        yield from _favorite(reading, norms[1:])
        return
    if norms and norms[0] == "preferred":
        norms = norms[1:]
    if predicate.times and [token.norm for token in predicate.raw[:1]] == ["due"]:
        yield from _appointment(reading, noun, key="deadline")
        return
    if predicate.times and _scheduled([head(noun)]) and norms[-1] not in _BIRTH:
        yield from _appointment(reading, noun)
        return
    told_so = own_allergy(reading, noun) if norms[-1:] == ["allergy"] else None
    yield from told_so or _attribute(reading, norms)


def _happening(reading: Reading, noun: Phrase, norms: list[str]) -> Iterator[Claim]:
    """Reads what "my ..." does or suffers: it takes place, ends, fails, aches."""
    predicate = reading.predicate
    if predicate.lemma == "lie" and norms[-1:] == ["expertise"]:
        phrase = cut(predicate.complement)
        for item in items(phrase[1:] if phrase[:1] and phrase[0].norm == "in" else phrase):
            yield from only(reading.claim("expertise", written(reading.text, item)))
        return
    if predicate.times and predicate.passive and predicate.lemma in {"schedule", "plan", "set"}:
        yield from _appointment(reading, noun)
        return
    if predicate.times and predicate.lemma in _ENDING:
        ended = f"{slice_of(reading.text, noun)} {third_person(predicate.lemma)}"
        yield from _dated(reading, ended, key="deadline")
        return
    trouble = broken(reading, noun)
    if trouble is not None:
        yield trouble
        return
    if predicate.times and predicate.lemma in _TAKING_PLACE and _scheduled([head(noun)]):
        yield from _appointment(reading, noun)
        return
    hurting = predicate.lemma == "be" and words(predicate.complement[:2]) in _HURTING
    aches = (predicate.lemma in {"hurt", "ache"} or hurting) and not predicate.negated
    if aches and norms and norms[-1] in _ACHING:
        yield from only(reading.claim("problem", f"{norms[-1]} pain", confidence=0.8))
        return


def _told_by_noun(reading: Reading, norms: list[str]) -> Iterator[Claim]:
    """Reads what "my ... is ..." says by its noun alone: a pleasure, a tool, a language."""
    predicate = reading.predicate
    if norms and norms[-1] in _PLEASURES and predicate.lemma == "be" and not predicate.negated:
        for item in items(cut(predicate.complement)):
            form = verb_form(item[0].norm)
            liked = "hobby" if form is not None and form.gerund else "likes"
            if GUARDS["likeable"](item):
                yield from only(reading.claim(liked, written(reading.text, item)))
        return
    if norms and norms[-1] in _STACK:
        for item in items(cut(predicate.complement)):
            tool = written(reading.text, item) if GUARDS["tool"](item) else None
            yield from only(reading.claim("tool", tool))
        return
    if norms and norms[-1] in LANGUAGES and len(norms) == 1:
        yield from only(reading.claim("languages", norms[0].title(), retracts=False))
        return


def _own_company(reading: Reading, noun: Phrase) -> Iterator[Claim]:
    """Reads the name in "my company Globex", whatever is said of it."""
    company = bool(noun) and noun[0].norm in {"company", "startup", "firm", "employer"}
    if company and len(noun) > 1 and all(token.capital for token in noun[1:]):
        name = written(reading.text, noun[1:])
        if name:
            yield Claim(
                entity=reading.user, key="employer", value=name, tokens=reading.predicate.tokens
            )


def _of_relative(reading: Reading, noun: Phrase) -> Iterator[Claim]:
    relation = read_relation(noun, reading.text)
    if relation is None or reading.predicate.lemma != "be":
        return
    rest = words(relation.rest)
    phrase = cut(reading.predicate.complement)
    if rest in _NAMES and name_like(phrase):
        name = written(reading.text, phrase, ValueType.PERSON)
        if name is None:
            return
        if relation.animal:
            claim = reading.claim("pet", f"a {relation.kind} named {name}")
        else:
            key = kin_key(relation.kind, reading.ontology)
            claim = reading.claim(key, name)
            reading.discourse.names[key] = name
        reading.discourse.mention(reading.discourse.entity_of(replace(relation, name=name)))
        if claim:
            yield claim
        return
    definition = reading.ontology.definition(rest) if rest else None
    if definition and definition.name in {"age", "role", "birthday", "location", "employer"}:
        told = _value(reading, definition.name)
        if definition.name == "role" and _judged(told):
            return  # "My dad's job is stressful"
        value = written(reading.text, told, definition.value_type)
        entity = reading.discourse.entity_of(relation)
        yield from only(reading.claim(definition.name, value, entity=entity))


def _body(reading: Reading, noun: str) -> Iterator[Claim]:
    """Reads "my hair is long and red": gives `long hair`, `red hair`."""
    if reading.predicate.tense is Tense.PAST or reading.predicate.negated:
        return
    for item in items(cut(reading.predicate.complement, at=frozenset({"like", "than", "for"}))):
        adjective = item
        while len(adjective) > 1 and adjective[0].norm in INTENSIFIERS | {
            "cut",
            "dyed",
            "naturally",
        }:
            adjective = adjective[1:]
        form = verb_form(adjective[0].norm)
        doing = form is not None and form.gerund  # "My feet are killing me"
        told = len(adjective) <= 2 and adjective[-1].norm not in MOODS and not doing
        if told and not any(token.norm in {"you", "my", "it"} for token in adjective):
            value = written(reading.text, adjective)
            yield from only((value and reading.claim("appearance", f"{value} {noun}")) or None)


def _favorite(reading: Reading, kind: list[str]) -> Iterator[Claim]:
    if reading.predicate.negated:
        return
    key = favorite_key("_".join(kind), reading.ontology)
    phrase = cut(reading.predicate.complement, at=frozenset({"as", "since", "right"}))
    for item in items(phrase) if key == "likes" else (phrase,):
        if usable(item) and GUARDS["likeable"](item):
            yield from only(reading.claim(key, written(reading.text, item)))


def _scheduled(norms: list[str]) -> bool:
    return bool(norms) and norms[-1].removesuffix("s") in APPOINTMENTS


def _appointment(reading: Reading, noun: Phrase, *, key: str = "appointment") -> Iterator[Claim]:
    """Reads "My interview is on Friday": the date is written out."""
    value = written(reading.text, noun)
    yield from _dated(reading, value, key=key) if value else ()


def _dated(reading: Reading, value: str, *, key: str) -> Iterator[Claim]:
    ahead = [
        time
        for time in reading.predicate.times
        if time.kind is TimeKind.AT and time.end > reading.observed_at
    ]
    if ahead and value and reading.predicate.tense is not Tense.PAST:
        claim = reading.claim(key, f"{value} on {ahead[0].start:%Y-%m-%d}", change=False)
        if claim and not claim.retracts:
            yield claim


def _attribute(reading: Reading, norms: list[str]) -> Iterator[Claim]:
    joined = " ".join(norms)
    if not norms or len(norms) > 4 or norms[-1] in _BLOCKED or "'s" in norms:
        return
    if joined in _NAMES:
        definition = known_key(reading.ontology, "name")
    else:
        found = reading.ontology.definition(joined) or reading.ontology.definition(norms[-1])
        if found is None or found.name not in _KEYS or found.name == "name":
            return
        definition = found
    phrase = _value(reading, definition.name)
    if not usable(phrase) or any(token.norm in {"your", "you"} for token in phrase):
        return
    if definition.name == "name" and phrase[0].norm in _SPELT and not phrase[0].capital:
        phrase = phrase[1:]  # "My name's spelled Siobhan", "my name's spelled with a K"
    if definition.name == "name" and not name_like(phrase):
        return
    if definition.name == "birthday" and not _dates(reading, phrase):
        return
    if definition.name == "age" and not phrase[0].norm.isdigit():
        return
    if definition.name == "role" and not (len(phrase) <= 6 and not _judged(phrase)):
        return
    if definition.value_type is ValueType.ORGANIZATION and not GUARDS["organization"](phrase):
        return
    if definition.name == "employer" and not _names_firm(reading, phrase):
        return
    many = definition.cardinality is Cardinality.MANY and definition.name not in _VERB_VALUES
    for item in items(phrase) if many else (phrase,):
        value = written(reading.text, item, definition.value_type)
        yield from only(reading.claim(definition.name, value))


def _judged(phrase: Phrase) -> bool:
    """Tells "my job is boring", which names no job, from "my job is teaching"."""
    return len(phrase) == 1 and phrase[0].norm in {
        "boring", "great", "stressful", "hard", "awesome", "good", "bad", "fun", "tough", "easy",
        "amazing", "terrible", "demanding", "exhausting", "nice", "ok", "okay", "fine", "important",
        "small", "big", "huge", "closing", "hiring", "growing",
    }  # fmt: skip


def _dates(reading: Reading, phrase: Phrase) -> bool:
    """Tells "the 3rd of May" and "in March" from "coming up" and "the best day of the year"."""
    told = any(
        token.norm in _DATES or any(character.isdigit() for character in token.norm)
        for token in phrase
    )
    return told or bool(find_times(phrase, reading.observed_at, future=True))


_DATES: Final = word_set(
    "january february march april may june july august september october november december jan "
    "feb mar apr jun jul aug sep sept oct nov dec christmas halloween easter valentine valentine's "
    "eve thanksgiving solstice equinox hogmanay epiphany midsummer diwali"
)


def _names_firm(reading: Reading, phrase: Phrase) -> bool:
    """Tells "my employer is Siemens" and "a bank" from "generous", "based in Austin"."""
    if any(token.capital for token in phrase):
        return True
    noun = head(without_article(phrase))
    if phrase[0].norm in DETERMINERS:
        return noun in WORKPLACES | VENTURES | _BODIES
    # Whoever writes no capitals writes none in a name.
    plain = reading.text.islower() and not _judged(phrase) and phrase[0].norm not in FORMS
    return plain and not phrase[0].norm.endswith(_ADJECTIVAL)


_BODIES: Final = word_set(
    "council government ministry state army navy police nhs corporation chain ngo insurer retailer "
    "municipality city county commission authority parliament family"
)
_ADJECTIVAL: Final = ("ous", "ful", "ive", "able", "ible", "less", "ish", "ing", "ed", "ant", "ent")


def _value(reading: Reading, key: str) -> Phrase:
    """Returns the value's tokens: of a birthday with its times, of a goal without its "to"."""
    predicate = reading.predicate
    phrase = trim_marks(predicate.raw if key in {"birthday", "deadline"} else predicate.complement)
    while phrase and phrase[0].norm in {"on", "in", "to", "called", "named", "that", "at", "as"}:
        if phrase[0].norm == "to" and key not in _VERB_VALUES:
            break
        phrase = phrase[1:]
    if key in _VERB_VALUES or key == "project":
        return trim(cut(phrase))
    if key in {"birthday", "deadline"}:
        return trim(cut(phrase))
    ends = {"at", "for", "with", "since"} | ({"in"} if key in {"role", "employer"} else set())
    value = cut(phrase, at=frozenset(ends))
    if key in {"role", "team"}:
        value = without_article(value)
    if key == "team" and len(value) > 1 and value[-1].norm == "team":
        value = value[:-1]
    return _first(value) if key in {"name", "age", "role", "employer"} else value


def _first(phrase: Phrase) -> Phrase:
    for index, token in enumerate(phrase):
        if index and token.norm in {",", "and"}:
            return phrase[:index]
    return phrase


def preferred_answers(reading: Reading, noun: Phrase) -> Iterator[Claim]:
    """Yields what "my preferred format is bullet points" says."""
    norms = {token.norm for token in noun}
    if not norms & {"format", "style", "tone"} or reading.predicate.lemma != "be":
        return
    phrase = reading.predicate.complement
    joined = words(cut(phrase))
    if joined in FORMATS:
        yield from only(reading.claim("response_format", FORMATS[joined]))
        return
    for preference in answer_preferences(phrase):
        yield from only(reading.claim(preference.key, preference.value))
