"""Where and with whom someone lives, beside the town: "in a flat with two friends", "alone"."""

from collections.abc import Iterator
from typing import Final

from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading, only
from spectron_extraction.builtin.guards import GUARDS
from spectron_extraction.builtin.heads import head
from spectron_extraction.builtin.lexicon import ADVERBS, AUXILIARIES, DETERMINERS, DWELLINGS
from spectron_extraction.builtin.roles import well_known
from spectron_extraction.builtin.tokens import Phrase, words
from spectron_extraction.builtin.values import cut, trim, without_article, written
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.ontology import ValueType
from spectron_extraction.protocol import EntityRef

_HOMES: Final = DWELLINGS | word_set(
    "cottage bungalow villa houseboat van motorhome penthouse loft townhouse duplex farmhouse "
    "farm ranch castle tent cave barn shack hut hostel dorms shelter yurt"
)
_ENDS: Final = frozenset({"in", "with", "for", "near", "by", "at", "on", "since", "outside"})
_ALONE: Final = ("alone", "by myself", "on my own")
_HERE: Final = frozenset({"here", "now", "living"})
_ELSEWHERE: Final = word_set(
    "miss missed imagine remember about of like enjoy loved mind considered"
)
_NOT_COMPANY: Final = word_set("it this that you purpose passion fear pain")


def dwelt(reading: Reading) -> Iterator[Claim]:
    """Reads the home and the company in "I live in a small flat with two friends".

    Args:
        reading: A clause with "live".
    """
    predicate = reading.predicate
    tokens = predicate.complement
    joined = words(tokens)
    if any(joined.endswith(alone) or joined.startswith(alone) for alone in _ALONE):
        yield from only(reading.claim("household", "alone"))
    for index, token in enumerate(tokens):
        rest = tokens[index + 1 :]
        if token.norm == "from" and index and tokens[index - 1].norm in {",", "originally"}:
            origin = cut(rest, at=_ENDS | {"and", "but", ","})  # "I live in Oslo, from Lviv"
            value = written(reading.text, origin, ValueType.PLACE)
            yield from only(reading.claim("hometown", value) if GUARDS["origin"](origin) else None)
            return
        if token.norm == "with" and rest and rest[0].norm not in _NOT_COMPANY:
            company = trim(cut(rest, at=_ENDS - {"with"}))
            value = written(reading.text, company) if len(company) <= 7 else None
            yield from only((value and reading.claim("household", f"with {value}")) or None)
            return
        if token.norm in {"in", "on", "at"} and rest and rest[0].norm in DETERMINERS:
            home = trim(cut(rest, at=_ENDS))
            if head(without_article(home)) in _HOMES and len(home) <= 6:
                value = written(reading.text, home)
                yield from only(reading.claim("housing", value))


def rented(reading: Reading) -> Iterator[Claim]:
    """Reads the home and the town in "we rent a small flat in Leeds".

    Args:
        reading: A clause with "rent".
    """
    predicate = reading.predicate
    home = trim(cut(predicate.complement, at=_ENDS))
    lasting = predicate.tense is not Tense.FUTURE and not (predicate.modal or predicate.negated)
    if not lasting or not home or head(without_article(home)) not in _HOMES or len(home) > 6:
        return
    yield from only(reading.claim("housing", written(reading.text, home)))
    place = next((i for i, token in enumerate(predicate.complement) if token.norm == "in"), -1)
    town = cut(predicate.complement[place + 1 :], at=_ENDS) if place > 0 else ()
    if town and GUARDS["place"](town):
        value = written(reading.text, town, ValueType.PLACE)
        yield from only(reading.claim("location", value))


def located(text: str, tokens: Phrase, user: EntityRef) -> Iterator[Claim]:
    """Reads "it is windy here in Chicago", "now in Vienna": where the speaker is at home.

    Args:
        text: The turn's content.
        tokens: A sentence that is no question.
        user: The user.
    """
    for index in range(len(tokens) - 2):
        if tokens[index].norm not in _HERE or tokens[index + 1].norm != "in":
            continue
        if tokens[index - 1].norm in _ELSEWHERE and index:
            continue
        place = trim(
            cut(
                tokens[index + 2 :], at=_ENDS | AUXILIARIES | ADVERBS | {"and", "where", "but", ","}
            )
        )
        if not place or not well_known(place) or not GUARDS["place"](place) or len(place) > 4:
            continue
        value = written(text, place, ValueType.PLACE)
        if value:
            yield Claim(
                entity=user,
                key="location",
                value=value,
                tokens=tokens[index : index + 2 + len(place)],
                confidence=0.75,
            )
