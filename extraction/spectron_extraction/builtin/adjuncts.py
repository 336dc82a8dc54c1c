"""What a sentence says of the speaker aside: "as a vegan", "my job at the mill", "where I live".

Such phrases are put into the clauses that they stand for, "I am a vegan", "I work at the mill",
with words of no length, and read as any other. They count only where nobody else is spoken of,
and nothing is wished or over.
"""

from collections.abc import Iterator
from typing import Final

from spectron_extraction.builtin.clauses import Clause
from spectron_extraction.builtin.guards import is_role
from spectron_extraction.builtin.heads import head
from spectron_extraction.builtin.lexicon import (
    ADVERBS,
    APPOINTMENTS,
    ARTICLES,
    AUXILIARIES,
    DETERMINERS,
    DIETS,
    EMPLOYMENT,
    HEALTH,
    HOBBY_VERBS,
    INDUSTRIES,
    KIN,
    LANGUAGES,
    MARITAL,
    PREPOSITIONS,
    RELIGIONS,
    SUBJECT_PRONOUNS,
    WH_WORDS,
    WORKPLACES,
)
from spectron_extraction.builtin.things import LOOKS
from spectron_extraction.builtin.tokens import Phrase, Token, trim_marks, words
from spectron_extraction.builtin.values import cut, trim, without_article
from spectron_extraction.builtin.verbs import FORMS, verb_form
from spectron_extraction.builtin.wordlists import word_set

KEYS: Final = word_set(
    "employer industry location housing hometown school diet religion marital_status role "
    "employment_status physical_trait health field_of_study appointment deadline "
    "activity hobby reading languages"
)
"""Keys that an adjunct may give."""

_OWN: Final = word_set("i im me my we our mine myself")
_OTHERS: Final = word_set("he she they you your his her their him them") | KIN.keys()
_STATES: Final = DIETS | RELIGIONS | MARITAL | EMPLOYMENT
_UNREAL: Final = word_set(
    "if wish hope hoping want wanted wants would could might apply applied applying interview "
    "interviewed looking seeking search find dream dreaming imagine offer offered used was were "
    "had quit left lost stop stopped fired never almost consider considering about getting need "
    "miss missed try trying no not former old previous last ex without should"
)
_JOBS: Final = word_set("job shift position internship gig apprenticeship")
_AT_WORK: Final = frozenset({"at", "for", "in", "with"})
_ENDS: Final = word_set(
    "and but so as since because when while for with to on this that i we it is keeps has "
    "until from by , after before during which where"
)
_LIFE: Final = {"live": "in", "work": "at", "study": "at", "rent": "in"}
"""Verbs of "where I ...", and the preposition that puts a place beside them."""

_PASTIMES: Final = HOBBY_VERBS | word_set("watch listen play read shop")
_IDLE: Final = word_set(
    "home sitting sit stay staying lying laying relaxing chilling evening night"
)
_LEVELS: Final = word_set(
    "college university bachelor bachelor's master master's masters "
    "associate associates associate's graduate doctoral 4-year higher law"
)
_GERUNDS: Final = {
    "working": frozenset({"at", "for", "in"}),
    "living": frozenset({"in", "on", "near"}),
}
_MAX_PLACE: Final = 5


def adjuncts(tokens: Phrase) -> Iterator[Clause]:
    """Yields the clauses that the adjuncts of a sentence stand for.

    Args:
        tokens: A sentence that states something.
    """
    for index, token in enumerate(tokens):
        rest = tokens[index + 1 :]
        if token.norm != "here" and not _own(tokens, index) and not _shared_lot(tokens, index):
            continue
        clause: Clause | None = None
        if token.norm == "here":
            clause = _here(tokens, index)
        elif not rest:
            break
        elif token.norm == "as":
            clause = _as(tokens, index)
        elif token.norm in {"being", "having"}:
            clause = _participial(token, rest) or _lot(tokens, index)
        elif token.norm in _GERUNDS and rest[0].norm in _GERUNDS[token.norm]:
            clause = _lived(tokens, index)
        elif token.norm in {"go", "going"} and _pursued(tokens, index):
            clause = _clause(_until_subject(rest), "i", "go")
        elif _passes_time(tokens, index):
            clause = _clause(_until_subject(tokens[index:]), "i", "am")
        elif token.norm == "growing" and words(rest[:2]) == "up in":
            place = _place(rest[2:])
            clause = _clause(place, "i", "grew", "up", "in") if place else None
        elif token.norm == "speaking" and rest[0].norm in LANGUAGES:
            clause = _clause(rest[:1], "i", "speak")
        elif token.norm in _JOBS:
            clause = _job(tokens, index)
        elif token.norm == "deadline" and rest[0].norm == "for":
            clause = _due(rest[1:])
        elif token.norm == "degree":
            yield from _degree(tokens, index)
        elif token.norm in {"to", "of"} and tokens[index - 1].norm in {"owing", "due", "because"}:
            clause = _cause(rest)
        elif token.norm in {"my", "our"}:
            clause = _appointed(tokens, index)
        elif token.norm in {"i", "we"}:
            clause = _relative(tokens, index)
        if clause is not None:
            yield clause


def _clause(tokens: Phrase, *before: str) -> Clause:
    start = tokens[0].start
    return Clause(tokens=(*(Token(word, start, start) for word in before), *tokens), connector="")


def _place(tokens: Phrase) -> Phrase:
    """Returns the noun phrase at the beginning, up to the verb after it."""
    phrase = trim(cut(tokens, at=_ENDS))
    for index, token in enumerate(phrase):
        form = FORMS.get(token.norm)
        if index and form is not None and form.third and token.norm not in WORKPLACES:
            return trim(phrase[:index])
    return phrase


def _until_subject(tokens: Phrase) -> Phrase:
    """Returns what stands before the next clause, however it is joined."""
    for index, token in enumerate(tokens):
        if index and (token.norm in SUBJECT_PRONOUNS | {"its", "im"} or not token.word):
            return trim(tokens[:index])
    return tokens


def _own(tokens: Phrase, index: int) -> bool:
    """Tells whether the person spoken of at a place is the speaker."""
    for place in (*range(index, -1, -1), *range(index + 1, len(tokens))):
        token = tokens[place]
        if token.norm == "you" and words(tokens[place + 1 : place + 2]) == "know":
            continue
        if token.norm in _OTHERS:
            return False
        if token.norm in _OWN:
            return True
    return index <= 1


def _as(tokens: Phrase, index: int) -> Clause | None:
    """Reads "as a vegan", and at the start of a sentence "as a nurse, I ..."."""
    rest = tokens[index + 1 :]
    if rest[0].norm == "someone" and len(rest) > 3:
        if rest[1].norm == "with":
            return _clause(_place(rest[2:]), "i", "have")
        return _clause(rest[2:], "i") if rest[1].norm == "who" else None
    phrase = trim(cut(rest, at=_ENDS | {"myself"}))
    if not phrase or len(phrase) > _MAX_PLACE:
        return None
    if phrase[-1].norm in DIETS | RELIGIONS and (index < 1 or tokens[index - 1].norm != "well"):
        return _clause(phrase, "i", "am")
    follower = tokens[index + 1 + len(phrase) :]
    working = index > 0 and tokens[index - 1].norm in _JOBS | {"work", "career"}
    story = words(trim_marks(follower)[:2]) in {
        "i want",
        "i can",
        "i should",
    }  # "As an admin, I can ..."
    opens = index == 0 and not story and follower and follower[0].norm in {",", "i", "my"}
    if (opens or working) and phrase[0].norm in ARTICLES and is_role(phrase):
        return _clause(phrase, "i", "am")
    return None


def _participial(token: Token, rest: Phrase) -> Clause | None:
    """Reads "being vegan", "being a single mom", "having asthma"."""
    phrase = rest[1:] if rest[0].norm in ARTICLES | ADVERBS and len(rest) > 1 else rest
    if token.norm == "having":
        return _clause(phrase[:1], "i", "have") if phrase[0].norm in HEALTH else None
    if phrase[0].norm in _STATES | LOOKS:
        return _clause(phrase[:1], "i", "am")
    return None


def _lot(tokens: Phrase, index: int) -> Clause | None:
    """Reads "the joys of being a nurse"."""
    role = trim(cut(tokens[index + 1 :], at=_ENDS))
    named = role and role[0].norm in ARTICLES and len(role) <= _MAX_PLACE and is_role(role)
    return _clause(role, "i", "am") if named and _shared_lot(tokens, index) else None


def _shared_lot(tokens: Phrase, index: int) -> bool:
    """Tells a sigh about one's own life, "the joys of being a nurse", which speaks of nobody."""
    lead = {token.norm for token in tokens[: max(0, index - 2)] if token.word}
    others = {token.norm for token in tokens} & _OTHERS
    return (
        index > 1
        and words(tokens[index - 1 : index + 1]) == "of being"
        and tokens[index - 2].norm in _LOTS
        and lead <= _SIGHING
        and not others
    )


_SIGHING: Final = word_set("ah oh well yeah the that is one of 's just part another haha yep so")
_LOTS: Final = word_set(
    "beauty joy joys perk perks downside downsides upside benefit benefits advantage advantages "
    "curse blessing hazard hazards luxury struggle struggles"
)


_WHEN_OFF: Final = ("when i am not", "when i 'm not", "when im not", "when we are not")


def _lived(tokens: Phrase, index: int) -> Clause | None:
    """Reads "working at the mill", "living in the city" beside another verb."""
    off = words(tokens[max(0, index - 4) : index]) in _WHEN_OFF  # "When I'm not working at ..."
    if {token.norm for token in tokens[:index]} & _UNREAL - ({"not"} if off else set()):
        return None
    before = tokens[index - 1].norm if index and not off else ""
    phrase = _place(tokens[index + 2 :])
    if before in AUXILIARIES or not 0 < len(phrase) <= _MAX_PLACE:
        return None
    return _clause(phrase, "i", tokens[index].norm.removesuffix("ing").replace("liv", "live"),
                   tokens[index + 1].norm)  # fmt: skip


def _pursued(tokens: Phrase, index: int) -> bool:
    """Tells "so I can go fishing" from "they are going missing"."""
    form = verb_form(tokens[index + 1].norm)
    gerund = form is not None and form.gerund and form.lemma not in {"go", "miss", "try"}
    # "Go running the tests" is no pastime.
    object_follows = words(tokens[index + 2 : index + 3]) in DETERMINERS
    denied = {token.norm for token in tokens[:index]} & {"not", "never", "if"}
    return gerund and not object_follows and not denied


def _passes_time(tokens: Phrase, index: int) -> bool:
    """Tells "I'm fine, just watching tennis": what somebody does while they are somewhere."""
    form = verb_form(tokens[index].norm)
    if form is None or not form.gerund or form.lemma not in _PASTIMES or not index:
        return False
    before = tokens[index - 1].norm
    around = {token.norm for token in tokens[max(0, index - 4) : index]} & _IDLE
    return before in {"just", "while", "late", "currently"} or bool(around)


def _job(tokens: Phrase, index: int) -> Clause | None:
    """Reads "my job at the bank", "a shift in the café", "my factory job"."""
    if {token.norm for token in tokens[:index]} & _UNREAL or not index:
        return None
    start = next(
        (i for i in range(index - 1, max(-1, index - 5), -1) if tokens[i].norm in DETERMINERS), -1
    )
    if start < 0 or tokens[start].norm in _OTHERS:
        return None
    kind = tokens[index - 1]
    if start < index - 1 and kind.norm in WORKPLACES:
        return _clause(tokens[start + 1 : index], "i", "work", "at", "a")
    if start < index - 1 and kind.norm in INDUSTRIES:
        return _clause((kind,), "i", "work", "in")
    follower = tokens[index + 1]
    place = _place(tokens[index + 2 :])
    if follower.norm not in _AT_WORK or not 0 < len(place) <= _MAX_PLACE:
        return None
    noun = head(without_article(place))
    if follower.norm in {"in", "with"} and noun not in WORKPLACES | INDUSTRIES:
        return None
    return _clause(place, "i", "work", "in" if noun in INDUSTRIES else "at")


def _degree(tokens: Phrase, index: int) -> Iterator[Clause]:
    """Reads "my physics degree at Durham": what is studied, and where."""
    if {token.norm for token in tokens[:index]} & _UNREAL - {"of"} or index < 2:
        return
    subject, before = tokens[index - 1], tokens[index - 2]
    if before.norm in {"my", "a", "an"} and not subject.capital and subject.norm not in _LEVELS:
        yield _clause((subject,), "i", "study")
    school = _place(tokens[index + 2 :])
    if words(tokens[index + 1 : index + 2]) == "at" and school and school[0].capital:
        yield _clause(school, "i", "study", "at")


def _due(rest: Phrase) -> Clause | None:
    """Reads "the deadline for my application is May 12"."""
    place = next((i for i, token in enumerate(rest[:8]) if token.norm in {"is", "'s"}), 0)
    if place < 2 or rest[0].norm not in {"my", "our"}:
        return None
    start = rest[place].end
    return Clause(
        tokens=(*rest[: place + 1], Token("due", start, start), *rest[place + 1 : place + 6]),
        connector="",
    )


def _cause(rest: Phrase) -> Clause | None:
    """Reads "owing to a heart condition"."""
    phrase = _place(rest)
    ailing = phrase and phrase[-1].norm in HEALTH | {"condition", "disease", "disability", "injury"}
    mine = phrase and phrase[0].norm in {"a", "an", "my"}
    return _clause(phrase, "i", "have") if ailing and mine else None


def _appointed(tokens: Phrase, index: int) -> Clause | None:
    """Reads "before my wedding in May": what is still to come, and when."""
    place = next(
        (
            i
            for i in range(index + 1, min(index + 4, len(tokens)))
            if tokens[i].norm in APPOINTMENTS
        ),
        0,
    )
    when = tokens[place + 1 : place + 4]
    if not place or len(when) < 2 or when[0].norm not in {"in", "on", "next", "this"}:
        return None
    start = when[0].start
    return Clause(
        tokens=(*tokens[index : place + 1], Token("is", start, start), *when), connector=""
    )


def _relative(tokens: Phrase, index: int) -> Clause | None:
    """Reads "the diner I work at", "the coast, where I live"."""
    place = index + 1
    while place < len(tokens) - 1 and tokens[place].norm in ADVERBS:
        place += 1
    verb = tokens[place].norm
    if verb not in _LIFE or {token.norm for token in tokens[:index]} & _UNREAL:
        return None
    after = tokens[place + 1].norm if place + 1 < len(tokens) else ""
    before = tokens[index - 1].norm if index else ""
    stranded = after in {"at", "in", "for"} and (
        place + 2 >= len(tokens) or tokens[place + 2].norm not in DETERMINERS
    )
    if before != "where" and not stranded:
        return None
    phrase = tokens[: index - 1] if before in {"where", "that", "which"} else tokens[:index]
    phrase = _last_noun_phrase(phrase)
    if not phrase or len(phrase) > _MAX_PLACE:
        return None
    return _clause(phrase, "i", verb, _LIFE[verb])


def _last_noun_phrase(sentence: Phrase) -> Phrase:
    tokens = trim_marks(sentence)
    ends = PREPOSITIONS | AUXILIARIES | SUBJECT_PRONOUNS | WH_WORDS | {"and", "but", "because"}
    start = len(tokens)
    while start and tokens[start - 1].word:
        token = tokens[start - 1]
        form = FORMS.get(token.norm)
        if token.norm in ends or (form and (form.third or form.gerund or form.past)):
            break
        start -= 1
        if token.norm in DETERMINERS:
            break
    phrase = trim(tokens[start:])
    if phrase and phrase[0].capital and phrase[0].norm in ARTICLES:
        phrase = phrase[1:]  # Its capital is the sentence's.
    return () if phrase and phrase[0].norm in {"this", "that", "no", "any"} else phrase


def _here(tokens: Phrase, index: int) -> Clause | None:
    """Reads "vegan here", "proud atheist here"."""
    ended = index + 1 >= len(tokens) or not tokens[index + 1].word
    said = tokens[:index]
    if ended and 0 < len(said) <= 3 and said[-1].norm in _STATES:
        return _clause(said[-1:], "i", "am")
    return None
