"""What follows "I am": names, ages, origins, roles, traits, and adjectives with a preposition."""

import re
from collections.abc import Iterator
from typing import Final

from spectron_extraction.builtin.animals import ANIMALS
from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading, only
from spectron_extraction.builtin.governed import governed, governed_claims
from spectron_extraction.builtin.guards import GUARDS
from spectron_extraction.builtin.heads import head
from spectron_extraction.builtin.lexicon import (
    ARTICLES,
    DETERMINERS,
    DIETS,
    EMPLOYMENT,
    GENDERS,
    KIN,
    LANGUAGES,
    MARITAL,
    MOODS,
    NATIONALITIES,
    PLACE_NAMES,
    PLURAL_KIN,
    RELIGIONS,
)
from spectron_extraction.builtin.names import GIVEN_NAMES
from spectron_extraction.builtin.nouns import possessed_beings
from spectron_extraction.builtin.roles import INTENSIFIERS, role_claims, well_known
from spectron_extraction.builtin.things import BODY_PARTS, CHARACTER, LOOKS
from spectron_extraction.builtin.tokens import Phrase, words
from spectron_extraction.builtin.traits import devotion_claims, prowess_claims, trait_claims
from spectron_extraction.builtin.values import (
    counts_no_years,
    cut,
    name_like,
    plain_number,
    trim,
    usable,
    without_article,
    written,
)
from spectron_extraction.builtin.verbs import FORMS
from spectron_extraction.builtin.whereabouts import whereabouts
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.ontology import ValueType

_ADJECTIVES: Final[tuple[tuple[frozenset[str], str], ...]] = (
    (DIETS, "diet"),
    (MARITAL, "marital_status"),
    (EMPLOYMENT, "employment_status"),
    (NATIONALITIES, "nationality"),
    (RELIGIONS, "religion"),
)
_FEET: Final = re.compile(r"[3-7]['\u2019]\d{1,2}")
_LENGTHS: Final = word_set("feet foot ft cm m meters metres inches inch")
_NOT_NAMES: Final = MOODS | LOOKS | CHARACTER | word_set(
    "sorry sure fine good great okay ok here back ready done not no yes new late early glad afraid "
    "able available aware curious interested looking trying going using doing working feeling "
    "happy well better home free right wrong lost stuck serious kidding joking god lord batman in "
    "on at from of"
)  # fmt: skip
_SORTS: Final = word_set(
    "gen generation team type class house group squad size level grade year plan option pro anti "
    "enneagram blood capricorn aquarius pisces aries taurus virgo libra scorpio"
)
_AFTER_ADJECTIVE: Final = word_set(
    "person man woman guy girl mom mother dad father parent citizen by with to now and boy lady "
    "for since in here at but so by"
)
_ALUMNI: Final = word_set("graduate grad alum alumna alumnus")
_DESCENT: Final = word_set("descent origin heritage ancestry extraction background")
_PATIENTS: Final = word_set(
    "diabetic asthmatic epileptic celiac coeliac insomniac haemophiliac hemophiliac amputee "
    "survivor immunocompromised anemic"
)
_TIMES_OF_DAY: Final = frozenset({"morning", "night", "early", "evening"})


def copula_claims(reading: Reading, phrase: Phrase) -> Iterator[Claim]:
    """Yields what a clause with "be" says of its subject.

    Args:
        reading: The clause.
        phrase: What follows "be", or an apposition to it ("..., Head of Platform at Acme").
    """
    tokens = trim(phrase)
    yield from _with_looks(reading, tokens)
    if not tokens or reading.entity.type not in {"Person", "Pet"}:
        return
    if tokens[0].norm in {"outside", "near"} and len(tokens) > 1:
        # "I'm right outside of Tampa", "I've never been outside Ohio".
        place = cut(tokens[2:] if tokens[1].norm == "of" else tokens[1:], at=frozenset({","}))
        beyond = reading.predicate.negated and not reading.predicate.perfect
        near = GUARDS["place"](place) and reading.predicate.tense is Tense.PRESENT and not beyond
        where = written(reading.text, place, ValueType.PLACE) if near else None
        yield from only(reading.claim("location", where, retracts=False))
        return
    if reading.predicate.perfect and tokens[0].norm == "to" and len(tokens) > 1:
        place = cut(tokens[1:], at=frozenset({"with", "for", "and", "but", "once", "twice"}))
        if not reading.predicate.negated and well_known(place) and GUARDS["place"](place):
            been = written(reading.text, place, ValueType.PLACE)
            yield from only(reading.claim("event", f"been to {been}", change=False))
        return
    if tokens[0].norm == "half":
        mixed = [token.norm.title() for token in tokens if token.norm in NATIONALITIES]
        if len(mixed) > 1:
            value = ", ".join(f"half {each}" for each in mixed)
            yield from only(reading.claim("nationality", value))
            return
    if reading.predicate.negated and words(tokens[:1]) == "more" and len(tokens) > 1:
        # "I'm not more vegetarian", as it is said in other languages.
        tokens = tokens if "than" in words(tokens).split() else tokens[1:]
    chunks = list(_chunks(tokens))
    apposed = tokens[0].start != (reading.predicate.complement or tokens)[0].start
    for index, chunk in enumerate(chunks):
        # Only the first part can be a name; a later one is whom the user speaks to.
        yield from _chunk(reading, chunk, naming=index == 0 and not apposed)


def _with_looks(reading: Reading, tokens: Phrase) -> Iterator[Claim]:
    """Reads "a boy with long hair"."""
    place = next((i for i, token in enumerate(tokens) if token.norm == "with" and i), 0)
    looks = cut(tokens[place + 1 :]) if place else ()
    if len(looks) > 1 and looks[0].norm.isalnum() and looks[-1].norm in PLURAL_KIN | {"kids"}:
        yield from possessed_beings(reading, looks)
        return
    told = 1 < len(looks) <= 6 and head(looks) in BODY_PARTS and looks[0].norm not in DETERMINERS
    if told and reading.predicate.tense is Tense.PRESENT and reading.entity.type == "Person":
        yield from only(reading.claim("appearance", written(reading.text, looks)))


def _chunks(tokens: Phrase) -> Iterator[Phrase]:
    """Yields the parts between commas and "and": "34, single and from Leeds" gives three."""
    start = 0
    for index, token in enumerate(tokens):
        if token.norm == "," or (token.norm in {"and", "but", "half"} and index > start):
            # A place keeps its comma: "from Leeds, England"; a topic its "and".
            part = tokens[start:index]
            if governed(part) and token.norm != "but":
                continue
            if token.norm == "," and part and part[0].norm in {"from", "in"}:
                follower = tokens[index + 1] if index + 1 < len(tokens) else None
                if follower and follower.capital and follower.norm != "i":
                    continue
            if part:
                yield part
            start = index + 1
    if start < len(tokens):
        yield tokens[start:]


def _chunk(reading: Reading, chunk: Phrase, *, naming: bool) -> Iterator[Claim]:
    tokens = trim(cut(chunk))
    if not tokens:
        return
    past = reading.predicate.tense is Tense.PAST
    kind = reading.discourse.kind_of(reading.entity)
    several = kind in PLURAL_KIN or any(
        token.norm in PLURAL_KIN for token in reading.predicate.subject.words
    )
    for rule in (_age, _height, _weight) if not past and not several else ():
        claim = rule(reading, tokens)
        if claim:
            yield claim
            aged = next((i for i, t in enumerate(tokens[:3]) if t.norm in {"yo", "old"}), -1)
            if 0 < aged < len(tokens) - 1:
                yield from _noun(reading, tokens[aged + 1 :])  # "A 34 yo nurse from Lyon"
            return
    found = list(governed_claims(reading, tokens))
    if found:
        yield from found
        return
    if tokens[0].norm == "of" and tokens[-1].norm in _DESCENT and len(tokens) == 3:
        if tokens[1].norm in NATIONALITIES:
            yield from only(reading.claim("nationality", tokens[1].norm.title()))
        return
    if tokens[0].norm in {"from", "in", "at", "on", "with"}:
        if not past or tokens[0].norm == "from":
            yield from whereabouts(reading, tokens)
        return
    found = list(_noun(reading, tokens))
    if found:
        yield from found
        return
    if not past:
        adjective = list(_adjective(reading, tokens))
        if adjective:
            yield from adjective
            return
        yield from only(_name(reading, tokens) if naming else None)


def _age(reading: Reading, tokens: Phrase) -> Claim | None:
    index = 1 if tokens[0].norm in {"about", "almost", "nearly", "only"} and len(tokens) > 1 else 0
    number = tokens[index].norm
    if reading.predicate.lemma == "feel" or counts_no_years(reading.text, tokens[index]):
        return None
    year_old = number.partition("-year-old")[0] if "-year-old" in number else number
    following = [token.norm for token in tokens[index + 1 : index + 3]]
    if not plain_number(year_old, below=120):
        if tokens[0].norm in ARTICLES and len(tokens) > 1 and "-year-old" in tokens[1].norm:
            return _age(reading, tokens[1:2])
        return None
    if following[1:] == ["now"] or following in (
        ["years", "in"],
        ["years", "into"],
        ["years", "of"],
    ):
        return None  # "A teacher, 12 years in"
    aged = following[:1] in ([], ["years"], ["year"], ["yo"], ["yrs"]) or year_old != number
    if not aged or (following[:1] == ["years"] and following[1:] not in (["old"], ["young"], [])):
        return None
    return reading.claim("age", str(int(year_old)))


def _height(reading: Reading, tokens: Phrase) -> Claim | None:
    if len(tokens) > 2 and tokens[0].norm in {"about", "almost", "nearly", "only", "over"}:
        tokens = tokens[1:]
    whole = tokens[0].norm
    feet = len(tokens) > 1 and tokens[1].norm in {"feet", "foot", "ft"} and whole.isdigit()
    if (feet and len(tokens) <= 4) or _FEET.fullmatch(whole):
        size = written(reading.text, tokens[:-1] if tokens[-1].norm == "tall" else tokens)
        return reading.claim("height", size)
    if tokens[-1].norm != "tall" or len(tokens) < 2 or not tokens[0].norm[0].isdigit():
        return None
    value = written(reading.text, tokens[:-1])
    return reading.claim("height", value) if value else None


def _weight(reading: Reading, tokens: Phrase) -> Claim | None:
    """Reads "82 kilos", "around 180 lbs", "75kg"."""
    rest = tokens[1:] if tokens[0].norm in {"about", "around", "almost", "only"} else tokens
    said = _WEIGHED.fullmatch(words(rest))
    return reading.claim("weight", written(reading.text, rest)) if said else None


_WEIGHED: Final = re.compile(r"\d{2,3}(?:\.\d)? ?(?:kgs?|kilos?|kilograms?|lbs?|pounds|stone)")


def _noun(reading: Reading, tokens: Phrase) -> Iterator[Claim]:
    """Yields what a noun phrase says: a role, with where; a parent; a native speaker."""
    lowered = [token.norm for token in tokens]
    bare = without_article(tokens)
    if reading.entity.type == "Pet":
        if lowered[0] in ARTICLES and any(token.norm in ANIMALS for token in bare):
            value = written(reading.text, bare)
            yield from only(reading.claim("breed", value))
        return
    if "speaker" in lowered:
        for token in tokens:
            if token.norm in LANGUAGES:
                yield from only(reading.claim("languages", token.norm.title()))
        return
    if len(bare) >= 2 and bare[1].norm == "of" and bare[0].norm in {"mother", "father", "mom",
            "dad", "parent"}:  # fmt: skip
        count = written(reading.text, bare[2:])
        named = bare[-1].norm in KIN or bare[-1].norm in {"boys", "girls", "twins", "triplets"}
        yield from only(reading.claim("children", count if named else f"{count} children"))
        return
    if bare and bare[-1].norm in _PATIENTS and len(bare) <= 4:
        yield from only(reading.claim("health", written(reading.text, tokens)))
        return
    school = [token for token in bare[:-1] if token.capital]
    if lowered[-1] in _ALUMNI and school and bare[-2].capital:
        value = written(reading.text, school, ValueType.ORGANIZATION)
        yield from only(reading.claim("alma_mater", value))
        return
    if lowered[-1] == "major" and 2 <= len(bare) <= 4:
        value = written(reading.text, bare[:-1])
        yield from only(reading.claim("field_of_study", value))
        return
    if bare[0].norm in _BIRTH_ORDER and words(bare[1:2]) == "of":
        yield from _among_siblings(reading, bare[2:])
        return
    if lowered[-2:] == ["only", "child"]:
        yield from only(reading.claim("siblings", "no siblings"))
        return
    if lowered[-1] == "person" and bare[0].norm in _TIMES_OF_DAY and len(bare) == 2:
        yield from only(reading.claim("personality", f"a {words(bare)}"))
        return
    if bare[0].norm == "stay-at-home" and len(bare) == 2:
        yield from only(reading.claim("role", words(bare)))
        return
    if [token.norm for token in bare[:3]] == ["stay", "at", "home"] and len(bare) > 3:
        yield from only(reading.claim("role", f"stay-at-home {bare[3].norm}"))
        return
    if reading.predicate.adverbs & {"by profession", "by trade"} and lowered[0] in ARTICLES:
        yield from only(reading.claim("role", written(reading.text, bare)))
        return
    told = list(prowess_claims(reading, tokens)) or list(devotion_claims(reading, tokens))
    yield from told or role_claims(reading, tokens)


def _among_siblings(reading: Reading, of: Phrase) -> Iterator[Claim]:
    """Reads "the oldest of four", who has three siblings."""
    number = {"two": "one", "three": "two", "four": "three", "five": "four", "six": "five",
        "2": "1", "3": "2", "4": "3", "5": "4", "6": "5"}.get(words(of[:1]))  # fmt: skip
    alone = len(of) == 1 or of[1].norm in _OF_A_FAMILY
    if number and alone and reading.predicate.tense is Tense.PRESENT:
        noun = "sibling" if number in {"1", "one"} else "siblings"
        yield from only(reading.claim("siblings", f"{number} {noun}"))


_BIRTH_ORDER: Final = word_set("oldest eldest youngest middle second third")
_OF_A_FAMILY: Final = word_set("kids children siblings boys girls")


def _adjective(reading: Reading, tokens: Phrase) -> Iterator[Claim]:
    rest = tokens
    while len(rest) > 1 and rest[0].norm in INTENSIFIERS:
        rest = rest[1:]
    word = rest[0].norm
    if word.removesuffix("s") in DIETS | RELIGIONS and reading.predicate.subject.plural:
        word = word.removesuffix("s")  # "We're vegetarians"
    hyphened = words(rest[:2]).replace(" ", "-")
    for lexicon, key in _ADJECTIVES:
        attributive = len(rest) == 1 or rest[1].norm in _AFTER_ADJECTIVE
        attributive = attributive and not (key == "nationality" and words(rest[1:2]) == "to")
        if hyphened in lexicon or (word in lexicon and attributive):
            value = hyphened if hyphened in lexicon else word
            if key in {"nationality", "religion"}:
                value = value.title()
            if key == "marital_status" and len(rest) > 1 and rest[1].norm == "parent":
                value = "single"
            yield from only(reading.claim(key, value))
            yield from _to_whom(reading, rest)
            return
    told = len(rest) == 1 or rest[1].norm in {"in", "of", "from", ","}
    if word in GENDERS and told and tokens[0].norm in ARTICLES | {word}:
        yield from only(reading.claim("gender", word))
        return
    if word in MOODS and len(rest) <= 2 and reading.about_user:
        claim = reading.claim("mood", word, confidence=0.8)
        if claim and not claim.retracts:
            yield claim
        return
    yield from trait_claims(reading, tokens)


def _to_whom(reading: Reading, rest: Phrase) -> Iterator[Claim]:
    """Yields the name in "married to Anna" and "engaged to Tom"."""
    key = {"married": "spouse", "engaged": "partner"}.get(rest[0].norm)
    name = cut(rest[2:], at=frozenset({"for", "since", "and", "from", "with"}))
    if key and words(rest[1:2]) == "to" and GUARDS["name"](name) and name[0].capital:
        value = written(reading.text, name, ValueType.PERSON)
        yield from only(reading.claim(key, value))


def _name(reading: Reading, tokens: Phrase) -> Claim | None:
    if not reading.about_user or reading.predicate.negated or reading.predicate.hedged:
        return None
    common = len(tokens) <= 2 and tokens[0].norm in GIVEN_NAMES
    capital = all(token.capital for token in tokens)
    if not (name_like(tokens, longest=3) and (capital or common)):
        return None
    known = (not common and tokens[0].norm in _NOT_NAMES | NATIONALITIES | PLACE_NAMES) or (
        not common and tokens[0].norm in FORMS
    )
    sort = len(tokens) > 1 and tokens[0].norm in _SORTS  # "Gen Z", "Team Edward"
    if known or sort or not usable(tokens):
        return None
    # All in capitals is shouting, unless everything of it is one short word.
    value = written(reading.text, tokens, ValueType.PERSON)
    if value is None or (value.isupper() and len(value) > 3):
        return None
    return reading.claim("name", value, change=False)
