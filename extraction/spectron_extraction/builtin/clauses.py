"""Clauses: splitting a sentence where a new subject and verb begin, or a new verb alone."""

from dataclasses import dataclass
from typing import Final

from spectron_extraction.builtin.lexicon import (
    ADVERBS,
    AUXILIARIES,
    DETERMINERS,
    DOUBTS,
    EMPLOYMENT,
    MARITAL,
    OPENERS,
    PREPOSITIONS,
    WH_WORDS,
)
from spectron_extraction.builtin.tokens import Phrase, Token, trim_marks, words
from spectron_extraction.builtin.verbs import FORMS, verb_form
from spectron_extraction.builtin.wordlists import phrase_set, word_set

_HARD_MARKS: Final = frozenset(";:()[]—\u2013-*|/")
_COORDINATORS: Final = frozenset({"and", "but", "or", "so", "then", "yet", "plus", "&", "nor"})
_OPENINGS: Final = OPENERS | DOUBTS | ADVERBS
"""What does not stand alone before a comma: "actually, I live in Oslo" is one clause."""

_STANDING: Final = phrase_set(
    "in future, in the future, from now on, going forward, by default, as a rule, in general, "
    "from here on, henceforth, for the future, at all times"
)
"""What makes an order a standing one, and belongs to it: "in future, cite sources"."""

_TEMPORAL: Final = frozenset({"when", "whenever", "if", "unless"})
_ALWAYS: Final = word_set(
    "because although though whereas unless if when whenever while where who which whose but"
)
_WITH_SUBJECT: Final = word_set("since as until after before that once so")
_PRONOUNS: Final = word_set("i we he she they you it there who")
_POSSESSIVES: Final = word_set("my our his her their your its the")
# Verbs that are nouns as often: after "and" they start a clause only if an object follows.
_ALSO_NOUNS: Final = word_set(
    "work love play study run use need plan want hate dream visit walk swim dance cook paint ride "
    "drink fish hunt hike climb travel design research code program practice report start stop "
    "turn move change look care deal support volunteer box row sail film garden ski jog end blog "
    "bowl camp call fear train coach guard surf brother like hope exercise journal tour jam trust "
    "brief shop smoke craft knit bike cycle head read bake box"
)
_PARTICIPLE_ADJECTIVES: Final = MARITAL | EMPLOYMENT | frozenset({"raised", "bred", "based"})
_THINKING: Final = word_set(
    "think guess believe hope wish know feel say said suppose swear mean doubt bet thought wonder "
    "thinks believes says knows feels reckons claims swears tells "
    "imagine assume told realise realize knew like love as than"
)
_SUBJECT_WINDOW: Final = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Clause:
    """A part of a sentence with at most one verb phrase.

    Attributes:
        tokens: Its tokens, without the word that joins it to what is before.
        connector: That word (`and`, `because`, `if`, `,`), or empty.
        continues: Whether it has no subject of its own but takes that of the clause before.
    """

    tokens: Phrase
    connector: str
    continues: bool = False


def split_clauses(tokens: Phrase) -> list[Clause]:
    """Splits a sentence into clauses.

    Args:
        tokens: The tokens of the sentence.

    Returns:
        The clauses in order. Lists ("pizza, sushi and ramen") stay whole.
    """
    clauses: list[Clause] = []
    start = 0
    connector = ""
    continues = False
    has_verb = False
    index = 0

    def close(end: int) -> None:
        part = trim_marks(tokens[start:end])
        if part:
            clauses.append(Clause(tokens=part, connector=connector, continues=continues))

    while index < len(tokens):
        boundary = _boundary(tokens, index, has_verb=has_verb)
        opened = words(tokens[start:index])
        if boundary is None or opened in _OPENINGS or opened in _STANDING:
            has_verb = has_verb or _is_verb(tokens[index])
            index += 1
            continue
        resume, word, carried = boundary
        close(index)
        start, connector, continues = resume, word, carried
        has_verb = False
        index = max(resume, index + 1)
    close(len(tokens))
    return clauses


def interrogative(tokens: Phrase) -> bool:
    """Tells whether a clause asks: "where is it", "do you know", "can I".

    Args:
        tokens: A clause.
    """
    index = 0
    while index < len(tokens) and (
        tokens[index].norm in ADVERBS
        or tokens[index].norm in _COORDINATORS
        or not tokens[index].word
        or tokens[index].norm in {"hey", "hi", "hello", "ok", "okay", "well", "oh", "please"}
    ):
        index += 1
    if index >= len(tokens):
        return False
    word = tokens[index].norm
    follower = tokens[index + 1].norm if index + 1 < len(tokens) else ""
    if word in {"how", "what"} and _exclaims(tokens[index + 1 :]):
        return False
    if word in WH_WORDS:
        # "What I like", "when I was young" tell; "how many", "which one", "why not" ask.
        return follower not in _PRONOUNS | _POSSESSIVES and not (
            word in {"when", "where", "who", "which"} and follower not in AUXILIARIES
        )
    if word in {"any", "anybody", "anyone"}:
        return True
    if word not in AUXILIARIES - {"being", "be", "been"}:
        return False
    if follower == "not":
        follower = tokens[index + 2].norm if index + 2 < len(tokens) else ""
    return follower in _PRONOUNS | DETERMINERS | {"anyone", "anybody", "someone"} and not (
        word in {"have", "had", "do", "did"} and follower in DETERMINERS and follower != "your"
    )


def _exclaims(tokens: Phrase) -> bool:
    """Tells "how nice, ..." and "what a day" from a question."""
    if not tokens or tokens[0].norm in {"a", "an"}:
        return bool(tokens)
    after = tokens[1].norm if len(tokens) > 1 else ","
    known = tokens[0].norm in AUXILIARIES | DETERMINERS | {"about", "many", "much", "come", "old"}
    return not known and tokens[0].word and after in {",", "!", "-"}


def _boundary(tokens: Phrase, index: int, *, has_verb: bool) -> tuple[int, str, bool] | None:
    """Returns where the next clause begins, its connector and whether it continues, or None."""
    token = tokens[index]
    word = token.norm
    if not token.word and word[0] in _HARD_MARKS:
        return index + 1, word[0], False
    if word == ",":
        follower = index + 1
        while follower < len(tokens) and tokens[follower].norm in _COORDINATORS:
            follower += 1
        kind = _starts_clause(tokens, follower, has_verb=has_verb)
        if kind is None and tokens[0].norm in _TEMPORAL and _is_verb_at(tokens, follower):
            # "When you write code, use type hints": an order after its condition.
            kind = False
        if kind is None and follower < len(tokens) and tokens[follower].norm in _ALWAYS:
            kind = False
        if kind is None:
            return None
        joined = tokens[follower - 1].norm
        if follower < len(tokens) and tokens[follower].norm in _ALWAYS:
            return follower + 1, tokens[follower].norm, False
        return follower, joined, kind
    if index == 0:
        return (1, word, False) if word in {"if", "unless", "because", "although"} else None
    if word in _COORDINATORS:
        kind = _starts_clause(tokens, index + 1, has_verb=has_verb)
        if kind is None:
            return (index + 1, word, False) if word == "but" else None
        return index + 1, word, kind
    if words(tokens[index : index + 3]) in {"that is why", "this is why"}:
        return index + 3, "because", False
    if has_verb and word in WH_WORDS and _asks_here(tokens, index):
        return index, "", False
    if word in _ALWAYS:
        return index + 1, word, False
    if word in _WITH_SUBJECT and has_verb:
        subject = tokens[index + 1].norm if index + 1 < len(tokens) else ""
        if subject in _PRONOUNS:
            return index + 1, word, False
        if word != "that" and subject in {"my", "our"} and _verb_soon(tokens, index + 2):
            return index + 1, word, False
    if word == "please" and has_verb and index + 1 < len(tokens):
        return index, "please", False
    if has_verb and _asks_here(tokens, index):
        return index, "", False
    if word in {"i", "im"} and has_verb and tokens[index - 1].norm not in _BEFORE_OBJECT_CLAUSE:
        # A run-on: "I love pizza I live in Oslo". After a verb it is its object ("I think I").
        before = tokens[index - 1].norm
        if before not in _THINKING and _is_verb_at(tokens, index + 1):
            return index, "", False
    if word == "i" and index == 1 and _interjects(tokens[0]) and _is_verb_at(tokens, 2):
        return index, "", False
    if word == "i" and index > 2 and words(tokens[index - 2 : index]) in {"are you", "about you"}:
        return index, "", False  # "How are you I drive a van"
    return None


def _interjects(token: Token) -> bool:
    """Tells a word before "I" that belongs to no clause: "gosh I just moved"."""
    bound = _BEFORE_OBJECT_CLAUSE | _ALWAYS | _WITH_SUBJECT | WH_WORDS | ADVERBS | _OPENINGS
    known = token.norm in bound | _THINKING | _COORDINATORS or token.norm in FORMS
    return token.word and not known


def _asks_here(tokens: Phrase, index: int) -> bool:
    """Tells a question that follows without a mark: "I work at a bank do you have a job"."""
    word = tokens[index].norm
    following = [token.norm for token in tokens[index + 1 : index + 3]]
    if word in {"what", "how"} and following[:1] == ["about"]:
        return True
    if word in WH_WORDS and len(following) == 2:
        return following[0] in AUXILIARIES and following[1] in _ASKED_OF
    if word == "any":
        return bool(set(following) & _SOUGHT)
    return (
        word in AUXILIARIES
        and following[:1] == ["you"]
        and (tokens[index - 1].norm not in WH_WORDS | AUXILIARIES | {"and", "or", "than", "as"})
    )


_ASKED_OF: Final = _PRONOUNS - {"who", "there"} | {"your", "my", "our"}
_SOUGHT: Final = word_set("tips advice ideas suggestions recs recommendations thoughts")
"""What is asked for after "any", with or without a comma and a mark."""

_BEFORE_OBJECT_CLAUSE: Final = (
    AUXILIARIES
    | PREPOSITIONS
    | DETERMINERS
    | word_set(
        "that what how why than sure certain know time way thing place reason one everything all "
        "anything something if whether me you him her us them and or hope glad said told"
    )
)


def _starts_clause(tokens: Phrase, index: int, *, has_verb: bool) -> bool | None:
    """Tells how a clause starts at a place: True without a subject, False with one, None not."""
    while index < len(tokens) and (tokens[index].norm in ADVERBS):
        index += 1
    if index >= len(tokens):
        return None
    word = tokens[index].norm
    follower = tokens[index + 1].norm if index + 1 < len(tokens) else ""
    if word in _PRONOUNS:
        # In "my wife and I live" the pronoun belongs to a subject that has no verb yet.
        return False if has_verb or word != "i" or not _is_coordinated(tokens, index) else None
    if word in WH_WORDS and (follower in AUXILIARIES or follower in {"about", "many", "much"}):
        return False
    if word in {"any", "what", "how", "why"} and tokens[index - 1].norm == "," and has_verb:
        return False  # "I moved to Cork, any tips?"
    if word == "no" and (follower == "more" or tokens[index - 1].norm == "so"):
        return False  # "We broke up, so no trip"
    if word in AUXILIARIES:
        if follower in _PRONOUNS:
            return False
        return True if has_verb else None
    if word in {"please", "maybe", "perhaps", "here", "let", "not"}:
        return False if word != "not" else None
    if word in _POSSESSIVES:
        return False if _verb_soon(tokens, index + 1) and has_verb else None
    form = FORMS.get(word)
    capital = tokens[index].capital or word in _PARTICIPLE_ADJECTIVES
    if form and has_verb and not capital and not form.gerund:
        if form.participle and not form.base and follower in {"", "by"}:
            return None
        if word in _ALSO_NOUNS and (
            index + 1 >= len(tokens)
            or not (
                (follower in PREPOSITIONS and follower != "of")
                or follower in DETERMINERS
                or follower in {"to", "me"}
                or tokens[index + 1].capital
                or follower.endswith("s")
            )
        ):
            return None
        return True if follower else None
    if tokens[index].capital and index + 1 < len(tokens):
        after = FORMS.get(follower)
        if has_verb and (follower in AUXILIARIES or (after and after.third)):
            return False
    return None


def _is_coordinated(tokens: Phrase, index: int) -> bool:
    return index > 0 and tokens[index - 1].norm in {"and", "&"}


def _is_verb(token: Token) -> bool:
    if token.norm in AUXILIARIES:
        return True
    form = FORMS.get(token.norm)
    return form is not None and not (form.gerund and not form.base)


def _is_verb_at(tokens: Phrase, index: int) -> bool:
    while index < len(tokens) and tokens[index].norm in ADVERBS:
        index += 1
    return index < len(tokens) and (
        _is_verb(tokens[index]) or verb_form(tokens[index].norm) is not None
    )


def _verb_soon(tokens: Phrase, index: int) -> bool:
    """Tells whether a verb comes within a few tokens, before any mark or preposition."""
    for token in tokens[index : index + _SUBJECT_WINDOW]:
        if token.norm in PREPOSITIONS or token.norm in _COORDINATORS:
            return False
        if not token.word and token.norm not in {",", '"'}:
            return False
        form = FORMS.get(token.norm)
        if token.norm in AUXILIARIES or token.norm == "'s" or (form and (form.third or form.past)):
            return True
    return False


def object_relative(clause: Clause) -> bool:
    """Tells "which I undertake", whose verb has its object before it."""
    return clause.connector == "which" and clause.tokens[0].norm in {"i", "we"}


def sets_condition(clause: Clause) -> bool:
    """Tells whether a clause says when an order is to hold: "when you write code"."""
    norms = [token.norm for token in clause.tokens[:4]]
    if clause.connector in {"when", "whenever", "if"}:
        norms = [clause.connector, *norms]
    return norms[:1] in (["when"], ["whenever"], ["if"]) and (
        norms[1:2] == ["you"] or (norms[1:2] == ["i"] and bool(set(norms[2:3]) & _CONDITIONS))
    )


_CONDITIONS: Final = word_set("ask say request paste share send post give show mention write quote")
