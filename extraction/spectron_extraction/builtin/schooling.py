"""School and membership: "I'm in college", "I just graduated", "I play in a band"."""

from collections.abc import Iterator
from typing import Final

from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading, only
from spectron_extraction.builtin.heads import head
from spectron_extraction.builtin.tokens import Phrase
from spectron_extraction.builtin.values import cut, trim, usable, without_article, written
from spectron_extraction.builtin.wordlists import word_set

_SCHOOLS: Final = word_set(
    "school college university uni kindergarten highschool seminary academy grade"
)
_YEARS: Final = word_set("freshman sophomore junior senior undergrad undergraduate postgrad")
_FORCES: Final = word_set("army navy military marines marine-corps guard reserves police force")
_GROUPS: Final = word_set(
    "band team choir club orchestra group league union church sorority fraternity gang troupe "
    "squad chorus party association society committee guild council board jury parliament "
    "collective cooperative network "
)
_ENDS: Final = frozenset({"for", "with", "at", "on", "as", "since", "this", "and", "but", "to"})


def schooled(reading: Reading, preposition: str, rest: Phrase) -> Iterator[Claim]:
    """Yields the school, force or group that someone is "in" or "at" or "on".

    Args:
        reading: The clause.
        preposition: The word between the verb and what follows.
        rest: What follows the preposition.
    """
    phrase = trim(cut(rest, at=_ENDS))
    if not phrase or not usable(phrase) or len(phrase) > 5:
        return
    noun = head(without_article(phrase))
    bare = written(reading.text, without_article(phrase))
    whole = written(reading.text, phrase)
    own = phrase[0].norm in {"your", "his", "her", "their", "this", "that"}
    if own or bare is None or whole is None:
        return
    if noun in _SCHOOLS and preposition in {"in", "at"}:
        yield from () if says_less(reading, phrase) else only(reading.claim("school", bare))
    elif noun in _YEARS and preposition == "in":
        yield from only(reading.claim("education_status", whole))
    elif noun in _FORCES and preposition in {"in", "with"}:
        yield from only(reading.claim("employer", whole))
    elif (
        noun in _GROUPS
        and preposition in {"in", "on", "with"}
        and len(phrase) > 1
        and (preposition, noun) != ("on", "team")
    ):
        yield from only(reading.claim("member_of", whole, confidence=0.8))


def graduated(reading: Reading) -> Iterator[Claim]:
    """Reads "I just graduated", "I dropped out of college"."""
    predicate = reading.predicate
    happened = predicate.tense is Tense.PAST or predicate.perfect
    if not happened or predicate.modal or not reading.about_user:
        return
    norms = [token.norm for token in predicate.complement]
    if predicate.lemma == "graduate" and "from" not in norms:
        yield from only(reading.claim("education_status", "graduated", event=True))
    elif norms[:1] == ["out"] and set(norms) & _SCHOOLS:
        value = written(reading.text, cut(predicate.complement, at=frozenset({"to", "because"})))
        yield from only(
            (value and reading.claim("education_status", f"dropped {value}", event=True)) or None
        )


def says_less(reading: Reading, item: Phrase) -> bool:
    """Tells "I go to school by bike" of somebody whose school is known by its name.

    Args:
        reading: The clause.
        item: The school that it names.
    """
    generic = len(without_article(item)) == 1 and item[-1].norm in _SCHOOLS
    return generic and any(
        attribute.key == "school" and attribute.entity == reading.entity
        for attribute in reading.known
    )
