"""What a clause says that somebody read, saw, tasted or visited: what praise after it is about."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from spectron_extraction.builtin.guards import GUARDS
from spectron_extraction.builtin.heads import head
from spectron_extraction.builtin.lexicon import (
    ADVERBS,
    DETERMINERS,
    KIN,
    PREPOSITIONS,
    SUBJECT_PRONOUNS,
)
from spectron_extraction.builtin.names import GIVEN_NAMES
from spectron_extraction.builtin.openers import strip_openers
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.values import cut, items, trim, usable, written
from spectron_extraction.builtin.verbs import verb_form
from spectron_extraction.builtin.wordlists import phrase_set, word_set

_MAX_VALUE: Final = 7
_LONGEST_LEAD: Final = 4
"""How many words may stand before a title: "a new thriller called"."""

FINE: Final = word_set(
    "great awesome amazing fantastic excellent delicious tasty yummy beautiful lovely wonderful "
    "fascinating captivating gripping brilliant superb heavenly incredible addictive epic magical "
    "stunning mesmerizing mesmerising breathtaking hilarious enchanting inspiring unforgettable "
    "thought-provoking moving touching charming delightful phenomenal outstanding riveting "
    "intriguing gorgeous marvelous marvellous spectacular engrossing unputdownable mind-blowing"
)
"""What is said of what one likes, and hardly of anything else."""

_WORKS: Final = word_set(
    "documentary documentaries drama dramas thriller comedy comedies novel novels memoir memoirs "
    "biography autobiography mystery romance musical sitcom anime manga opera ballet symphony "
    "fantasy sci-fi western poem poetry podcast cartoon fairytale saga trilogy"
)
"""Nouns for works that name their kind, and so a taste."""

_ANY_WORKS: Final = word_set(
    "book movie film show series album song play game track story concert exhibition work works"
)
"""Nouns for works that say nothing without what stands beside them: "a book about bees"."""

_TAKING_IN: Final = word_set(
    "read reread re-read watch rewatch re-watch binge stream listen revisit discover play"
)
_BEGINNING: Final = word_set("finish start begin catch see pick hear dive get go know")
_GOING: Final = word_set("be go visit explore look head hike fly travel drive")
_TASTING: Final = word_set("try taste eat have order make bake cook drink")
_LIKING: Final = word_set("like love enjoy")
_VERBS: Final = _TAKING_IN | _BEGINNING | _GOING | _TASTING | _LIKING
_AFTER_VERB: Final = word_set(
    "you into up out back to of at through reading watching listening playing again ever pictures "
    "photos any some about"
)
_ENDS: Final = word_set(
    "last yesterday today tonight over during for at with when again recently while twice before "
    "once this on after as in from by all and but so because through via"
)
_BEFORE_NOUN: Final = (
    DETERMINERS
    | ADVERBS
    | FINE
    | word_set("new old latest entire whole good nice interesting same pretty")
)
_CALLED: Final = word_set("called titled named")
_BEFORE_TITLE: Final = _BEFORE_NOUN | _WORKS | _ANY_WORKS | _CALLED
_QUOTES: Final = frozenset({"'", '"', "\u2018", "\u2019", "\u201c", "\u201d"})
_NAMING: Final = re.compile(
    r"(?:it|that|this) (?:is|was)(?: called| titled| named)?(?= ['\"\u2018])"
)
_POINTERS: Final = SUBJECT_PRONOUNS | {"them", "me", "this", "that"}


class Kind(StrEnum):
    """What was experienced."""

    WORK = "work"
    """A book, a film, a piece of music, or a place: praise of any kind tells a taste in it."""

    DISH = "dish"
    """What was tasted or tried: praise of its taste does."""

    THING = "thing"
    """What is asked about liking: only the word for it does."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Experience:
    """What somebody took in: its kind, and how it is written."""

    kind: Kind
    value: str


def experiences(source: str, clause: Phrase) -> list[Experience]:
    """Returns what a clause says that somebody read, saw, tasted or visited.

    Args:
        source: The text that the clause is of.
        clause: A statement, or a question to the listener.

    Returns:
        More than one for a list; nothing if the clause names none.
    """
    said = strip_openers(clause)[0]
    naming = _NAMING.match(words(said))
    if naming:  # "It's called 'Sapiens'"
        title = _title(source, said[len(naming[0].split()) :])
        return [Experience(kind=Kind.WORK, value=title)] if title else []
    for place in range(len(clause) - 1, -1, -1):
        form = verb_form(clause[place].norm)
        lemma = form.lemma if form else clause[place].norm
        if lemma in _VERBS:
            verb, rest = _with_particles(clause[place:])
            found = list(_objects(source, lemma, verb, rest))
            if found:
                return found
    return []


def praised_object(source: str, phrase: Phrase) -> str | None:
    """Returns what "a really fascinating documentary" praises before it names it.

    Args:
        source: The text that the phrase is of.
        phrase: A verb and what follows it.
    """
    form = verb_form(phrase[0].norm) if phrase else None
    if form is None or form.lemma not in _TAKING_IN | _BEGINNING:
        return None
    _, rest = _with_particles(phrase)
    whole = trim(cut(rest, at=_ENDS))
    bare = _bare(whole)
    judged = whole[: len(whole) - len(bare)]
    fine = {token.norm for token in judged} & FINE or words(judged[-2:]) in _VERY_INTERESTING
    if not fine or not _is_work(bare) or len(bare) > _MAX_VALUE:
        return None
    return _title(source, rest) or written(source, bare)


_VERY_INTERESTING: Final = phrase_set(
    "really interesting, very interesting, super interesting, so interesting, pretty interesting"
)


def _with_particles(phrase: Phrase) -> tuple[frozenset[str], Phrase]:
    """Parts a verb with what belongs to it from its object: "looked at pictures of"."""
    place = 1
    while place < len(phrase) and phrase[place].norm in _AFTER_VERB:
        place += 1
    return frozenset(token.norm for token in phrase[:place]), phrase[place:]


def _objects(source: str, lemma: str, verb: frozenset[str], rest: Phrase) -> Iterator[Experience]:
    title = _title(source, rest)
    if title:
        if lemma not in _LIKING | {"be", "have"}:
            yield Experience(kind=Kind.WORK, value=title)
        return
    for item in items(cut(rest, at=_ENDS)):
        bare = _bare(trim(item))
        if not usable(bare) or len(bare) > _MAX_VALUE or not GUARDS["likeable"](bare):
            continue
        if any(token.norm in _POINTERS for token in bare):
            continue
        kind = _kind(lemma, verb, bare)
        value = written(source, _name_within(bare)) if kind else None
        if kind and value:
            yield Experience(kind=kind, value=value)


def _kind(lemma: str, verb: frozenset[str], bare: Phrase) -> Kind | None:
    person = head(bare) in KIN or bare[0].norm in GIVEN_NAMES
    name = _name_within(bare)
    named = name[0].capital and name[-1].capital and not person
    taken_in = lemma in _TAKING_IN | {"see", "catch", "finish"} or bool(
        verb & {"reading", "watching", "playing", "heard"}
    )
    gone_to = lemma in _GOING and bool(verb & {"to", "at", "of", "visited", "visit", "explored"})
    if named and (taken_in or gone_to):
        return Kind.WORK
    if _is_work(bare) and lemma in _TAKING_IN | _BEGINNING | _TASTING:
        return Kind.WORK
    if lemma in _TASTING and not person:
        return Kind.DISH
    return Kind.THING if lemma in _LIKING or "into" in verb else None


def _bare(phrase: Phrase) -> Phrase:
    """Returns a noun phrase without its determiner and what judges it."""
    place = 0
    while place < len(phrase) - 1 and phrase[place].norm in _BEFORE_NOUN:
        if phrase[place].capital:
            break  # "The Bear"
        place += 1
    return phrase[place:]


def _name_within(bare: Phrase) -> Phrase:
    """Returns "Carmen" of "opera Carmen", and any other phrase as it is."""
    place = next((i for i, t in enumerate(bare[:-1]) if t.norm in _WORKS | _ANY_WORKS), -1)
    name = bare[place + 1 :]
    return name if place >= 0 and all(token.capital for token in name) else bare


def _is_work(phrase: Phrase) -> bool:
    """Tells "a mystery set in Venice" and "a book about bees" from "a book" and "opera glasses"."""
    for place, token in enumerate(phrase):
        if token.norm in _WORKS | _ANY_WORKS:
            after = phrase[place + 1].norm if place + 1 < len(phrase) else ""
            ends = not after or after in PREPOSITIONS | _CALLED | {"set"}
            return ends and (token.norm in _WORKS or len(phrase) > 1)
    return False


def _title(source: str, rest: Phrase) -> str | None:
    """Returns a title in quotation marks that a phrase begins with, its kind and its author."""
    start = next((i for i, token in enumerate(rest) if token.norm in _QUOTES), -1)
    if not 0 <= start <= _LONGEST_LEAD or any(t.norm not in _BEFORE_TITLE for t in rest[:start]):
        return None
    inner = rest[start + 1 :]
    end = next((i for i, token in enumerate(inner) if token.norm in _QUOTES), len(inner))
    title = trim_marks(inner[:end])
    if not 0 < len(title) <= _MAX_VALUE or not (title[0].capital or title[0].norm.isdigit()):
        return None
    value = written(source, title)
    kind = next((token.norm for token in reversed(rest[:start]) if token.norm in _WORKS), "")
    after = inner[end + 1 :]
    by = after[1:] if after and after[0].norm == "by" else ()
    author = by[: next((i for i, token in enumerate(by) if not token.capital), len(by))]
    named = f"the {kind} {value}" if kind else value
    return f"{named} by {written(source, author)}" if value and author else named
