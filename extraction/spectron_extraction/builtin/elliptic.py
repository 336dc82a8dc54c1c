"""Sentences without "I am", "I have" or "my": "Senior nurse, two kids", "Boss is called Renata".

What is left out is put back as words of no length, and the whole is read as any other clause.
Only keys that such a note can plainly mean are taken: "Nice weather" is nobody's trait.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from spectron_extraction.builtin.animals import ANIMALS
from spectron_extraction.builtin.clauses import Clause
from spectron_extraction.builtin.lexicon import (
    ADVERBS,
    APPOINTMENTS,
    ARTICLES,
    AUXILIARIES,
    DIETS,
    KIN,
    PLACE_NAMES,
    WEEKDAYS,
)
from spectron_extraction.builtin.openers import strip_openers
from spectron_extraction.builtin.tokens import Phrase, Token, trim_marks, words
from spectron_extraction.builtin.verbs import FORMS, VerbForm, verb_form
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.ontology import Ontology

_NOTED: Final = word_set(
    "name boss manager job role employer birthday hometown wife's favorite favorites pronouns "
    "nickname timezone age location city occupation profession company hobbies hobby diet "
    "allergies languages religion nationality team title height weight school degree major "
    "email home "
)
"""Nouns that in a note stand for "my ..."."""

STATED: Final = word_set(
    "diet marital_status employment_status age role employer hometown location allergy languages "
    "expertise fear health industry school team likes field_of_study responsibility dislikes "
    "appearance"
)
"""Keys that "I am" put before a note may give."""

ONGOING: Final = word_set("plan project learning looking_for goal reading")
"""Keys that a note which begins with a verb in -ing may give beside."""

HAD: Final = word_set("children siblings pet son daughter child allergy degree grandchildren")
"""Keys that "I have" put before a note may give."""

_AUXILIARY: Final = word_set("might may will would could can am was have had must")
_MOSTLY: Final = word_set("mostly mainly usually currently often generally typically sometimes")
_LOOSE: Final = word_set("great good nice best better worst another same next last such what")
_LINK: Final = word_set("is 's : = are was")
PRONOUNS: Final = word_set("she/her he/him they/them she/they he/they they/she they/he")
"""Pronouns as people tell that they use them."""

_OWN_VERBS: Final = word_set("work live love like hate enjoy study teach play speak own prefer use")
"""Verbs that begin a part of a note with "I" left out: "nurse, love badminton"."""

_MAX_LABEL: Final = 4
_MAX_TOKENS: Final = 16
_SHORTEST_DENIAL: Final = 3


def completions(tokens: Phrase, ontology: Ontology) -> Iterator[tuple[Clause, frozenset[str]]]:
    """Yields the clauses that a note may stand for, the likeliest first, and the keys to take.

    Args:
        tokens: A sentence, or a part of one, in which no clause with a subject was found.
        ontology: The keys, by which labels are told: "Employer: Acme".

    Returns:
        Clauses with an empty set of keys may give any.
    """
    whole = trim_marks(tokens)
    if words(whole[:2]) == "no longer":
        return  # "No" opens nothing here.
    rest, _, _ = strip_openers(whole)
    if not rest or len(rest) > _MAX_TOKENS or {rest[0].norm, whole[0].norm} & _LOOSE:
        return
    labelled = _labelled(rest, ontology)
    if labelled is not None:
        yield labelled, frozenset()
        return
    if [token.norm for token in rest[:2]] == ["the", "name"]:
        rest = rest[1:]  # "The name's Ines"
    if rest[0].norm in PRONOUNS and len(rest) <= 2:
        yield _clause(rest[:1], "my", "pronouns", "are"), frozenset({"pronouns"})
        return
    scheduled = _scheduled(rest)
    if scheduled is not None:
        yield scheduled, _SCHEDULED
        return
    first = rest[0].norm
    possessed = first in KIN or first in _NOTED or first in ANIMALS
    parts = _parts(rest)
    if possessed and len(rest) > 1 and rest[1].norm in _LINK | FORMS.keys():
        # "Name's Priya, 28, nurse": the rest is of whom the name is.
        several = first == "name" and len(parts) > 1
        yield _clause(parts[0] if several else rest, "my"), frozenset()
        if not several:
            return
        parts = parts[1:]
    counted = False
    places = [part for part in parts if words(part) in PLACE_NAMES]
    for part in parts:
        appointed = _scheduled(part)
        if appointed is not None:
            yield appointed, _SCHEDULED
        elif _countable(part):
            counted = True
            yield _clause(part, "i", "have"), HAD
        elif (counted or rest[0].norm in _NUMBERS) and part[0].norm.isdigit():
            continue  # "Two kids, 4 and 7": their ages.
        elif places == [part] and part is not parts[0]:
            yield _clause(part, "i", "live", "in"), frozenset({"location"})
        elif part is not rest and part[0].norm in _OWN_VERBS and len(part) > 1:
            yield _clause(part, "i"), frozenset()
        elif _plain(part, alone=part is rest):
            form = verb_form(part[0].norm)
            doing = form is not None and form.gerund and part is rest and len(part) > 2
            yield _clause(part, "i", "am"), STATED | (ONGOING if doing else frozenset())


def _clause(tokens: Phrase, *before: str) -> Clause:
    """Returns a clause with words of no length put before it."""
    start = tokens[0].start
    return Clause(tokens=(*(Token(word, start, start) for word in before), *tokens), connector="")


def _scheduled(tokens: Phrase) -> Clause | None:
    """Reads "Dentist appointment next Tuesday", "vet on Friday" as "my ... is ..."."""
    lead = next((i for i, token in enumerate(tokens) if not token.word), len(tokens))
    place = next((i for i in range(min(lead, 4) - 1, -1, -1) if _dated(tokens[i].norm)), -1)
    when = tokens[place + 1 :]
    if place >= 0 and when and when[0].norm in _BESIDE:
        # "Meeting with the bank tomorrow": whom it is with stands before the time.
        when = when[next((i for i, token in enumerate(when) if token.norm in _WHEN), len(when)) :]
    if any((verb_form(token.norm) or _NO_FORM).gerund for token in tokens[: max(place, 0)]):
        return None  # "Planning a trip in June"
    visit = place >= 0 and tokens[place].norm in _VISITED
    if place < 0 or not when or when[0].norm not in _WHEN:
        return None
    if visit and not {token.norm for token in when} & _DAYS:
        return None  # "Vet in Lyon" tells a job.
    start, met = tokens[0].start, when[0].start
    noun = (Token("appointment", tokens[place].end, tokens[place].end),) if visit else ()
    return Clause(
        tokens=(
            Token("my", start, start),
            *tokens[:place],
            tokens[place]._replace(norm=tokens[place].norm.removesuffix("s")),
            *noun,
            Token("is", met, met),
            *when,
        ),
        connector="",
    )


def _dated(word: str) -> bool:
    return word.removesuffix("s") in APPOINTMENTS | _VISITED


_NO_FORM: Final = VerbForm("")
_SCHEDULED: Final = frozenset({"appointment"})
_BESIDE: Final = frozenset({"with", "to", "from", "for", "about"})
_VISITED: Final = word_set(
    "dentist doctor doc gp vet therapist therapy physio physiotherapist barber hairdresser haircut "
    "optician optometrist orthodontist dermatologist cardiologist psychiatrist psychologist "
    "midwife pediatrician paediatrician"
)
"""Whom one goes to see: with a day after it a note tells an appointment, no job of one's own."""

_DAYS: Final = WEEKDAYS | word_set("tomorrow today tonight next")
_WHEN: Final = _DAYS | word_set("on this in at")


def _labelled(tokens: Phrase, ontology: Ontology) -> Clause | None:
    """Reads "Favourite band: Wilco", "Employer = Acme" as "my ... is ..."."""
    place = next(
        (i for i, token in enumerate(tokens[: _MAX_LABEL + 1]) if token.norm in {":", "="}), 0
    )
    if not place or place + 1 >= len(tokens):
        return None
    label = [token.norm for token in tokens[:place]]
    known = (
        ontology.definition("_".join(label))
        or label[-1] == "project"
        or (label[-1] in KIN and len(label) == 1)
        or label[0] == "favorite"
    )
    if not known:
        return None
    mark = tokens[place]
    start = tokens[0].start
    return Clause(
        tokens=(
            Token("my", start, start),
            *tokens[:place],
            mark._replace(norm="is"),
            *tokens[place + 1 :],
        ),
        connector="",
    )


def _parts(tokens: Phrase) -> list[Phrase]:
    """Returns the parts between commas, the whole if there are none or a place keeps its own."""
    parts: list[Phrase] = []
    start = 0
    for index, token in enumerate(tokens):
        if token.norm in {",", ";", "/", "|"}:
            parts.append(trim_marks(tokens[start:index]))
            start = index + 1
    parts.append(trim_marks(tokens[start:]))
    kept = [part for part in parts if part]
    if _countable(kept[0]) and all(part[0].capital and len(part) <= 5 for part in kept[1:]):
        return [tokens]  # "Two kids, Anika and Rohan"
    return kept if len(kept) > 1 else [tokens]


def _countable(part: Phrase) -> bool:
    """Tells "two kids", "no children", "3 cats and a dog"."""
    first = part[0].norm
    counted = first.isdigit() or first in _NUMBERS
    return counted and any(token.norm in KIN or token.norm in ANIMALS for token in part[1:4])


_NUMBERS: Final = word_set("no one two three four five six seven eight nine ten a")


_NOT_IN_NOTES: Final = AUXILIARIES | word_set("you your please what how my i")


def _plain(part: Phrase, *, alone: bool) -> bool:
    """Tells what may follow "I am": no verb, no question, no bare word that means anything."""
    first = part[0].norm
    if first in ARTICLES and len(part) == 1:
        return False
    if first.isdigit() and part[-1].norm == "now":
        return False  # "Ten years now" is no age.
    if first.isdigit() and any(token.norm.isdigit() for token in part[1:]):
        return False  # "3 and 6" are ages of several.
    if any(token.norm in _NOT_IN_NOTES | _DAYS for token in part):
        return False  # "Barista on Friday" is no job but a day.
    if any(token.norm == "to" and _base(part, i + 1) for i, token in enumerate(part)):
        return False  # "Time to cook dinner" is nobody's trade.
    if len(part) == 1 and alone:
        return first in DIETS
    if first in {"the", "this", "that"} or any(_finite(token.norm) for token in part):
        return False
    form = FORMS.get(first)
    if first in {"got", "became"} or (form is not None and form.base):
        return False
    return first not in ADVERBS or first in {"mostly", "originally", "currently", "recently"}


def _base(part: Phrase, place: int) -> bool:
    form = FORMS.get(part[place].norm) if place < len(part) else None
    return form is not None and form.base


def _finite(word: str) -> bool:
    form = FORMS.get(word)
    return form is not None and form.third


def with_subject(tokens: Phrase) -> Clause | None:
    """Returns "I might switch" for "might switch", if only "I" can be missing.

    Args:
        tokens: A sentence that begins with a verb or auxiliary.
    """
    rest = trim_marks(tokens)
    if rest and rest[0].norm in _MOSTLY and len(rest) > 2:
        form = FORMS.get(rest[1].norm)
        return _clause(rest, "i") if form and form.base else None
    if words(rest[:2]) == "no need":
        return None
    rest, _, _ = strip_openers(rest)
    if len(rest) > 2 and rest[0].norm in {"need", "want"} and rest[1].norm == "to":
        return _clause(rest, "i")
    if len(rest) > 2 and words(rest[:2]) == "used to":
        return _clause(rest, "i")
    if len(rest) > 2 and rest[0].norm == "been":
        return _clause(rest, "i", "have")
    if len(rest) > 2 and rest[0].norm == "can" and rest[1].norm == "not":
        return _clause(rest, "i")
    if len(rest) < 3 or rest[0].norm not in _AUXILIARY - {"can", "could", "would", "was", "am"}:
        return None
    if rest[1].norm in {"i", "we", "you", "he", "she", "it", "they", "the", "this", "that", "my"}:
        return None
    return _clause(rest, "i")


def with_denier(clause: Clause) -> Clause:
    """Returns "I am no longer vegan" for "no longer vegan", if only "I" can be missing.

    So are "not a waiter anymore", "don't play tennis any more", "used to smoke" and "never learned
    to drive" completed; any other clause is returned as it is.

    Args:
        clause: A clause, in which case the words put before it have no length.
    """
    rest = trim_marks(clause.tokens)
    if not _SHORTEST_DENIAL <= len(rest) <= _MAX_TOKENS or clause.continues:
        return clause
    over = rest[-1].norm == "anymore" or words(rest[-2:]) in {"any more", "any longer"}
    form = verb_form(rest[2].norm)
    plain = form is not None and form.base and not form.gerund
    if words(rest[:2]) == "no longer":
        return _clause(rest, "i") if plain else _clause(rest, "i", "am")
    if words(rest[:2]) == "used to" and plain:
        return _clause(rest, "i")
    if rest[0].norm == "never" and words(rest[1:2]) in {"learned", "learnt"}:
        return _clause(rest, "i")
    if over and rest[0].norm == "not":
        return _clause(rest, "i", "am")
    if over and words(rest[:2]) in {"do not", "am not", "have not", "can not"}:
        return _clause(rest, "i")
    return clause


_MOVED: Final = word_set("moved relocated transferred")
_NEXT: Final = word_set("then later finally eventually afterwards subsequently")
_ONWARD: Final = word_set("on back over again")


def in_stages(clauses: Iterable[Clause]) -> Iterator[Clause]:
    """Yields "I moved to Bath" apart after "I moved to Cardiff in 2019 and then to Bath".

    Args:
        clauses: The clauses of a sentence; those that tell no such move are yielded as they are.
    """
    for clause in clauses:
        tokens = clause.tokens
        norms = [token.norm for token in tokens]
        verb = next((place for place, norm in enumerate(norms) if norm in _MOVED), len(norms))
        start = verb
        for place in range(verb + 3, len(norms) - 2):
            after = place + 1 + (norms[place + 1] in _ONWARD)
            if norms[place] in _NEXT and norms[after] == "to":
                yield replace(clause, tokens=_stage(tokens, verb, start, place))
                start = after - 1
        last = _stage(tokens, verb, start, len(tokens)) if start > verb else tokens
        yield replace(clause, tokens=last)


def _stage(tokens: Phrase, verb: int, start: int, end: int) -> Phrase:
    """Returns one move of several, with the words up to the verb before it."""
    if start == verb:
        said: Phrase = tokens[: verb + 1]
    else:
        begin = tokens[start + 1].start
        said = [Token(token.norm, begin, begin) for token in tokens[: verb + 1]]
    moved = trim_marks(tokens[start + 1 : end])
    return (*said, *(moved[:-1] if moved and moved[-1].norm == "and" else moved))
