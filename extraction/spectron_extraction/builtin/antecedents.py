"""What "it" and "two" mean: "Do you like jazz? I love it", "I love dogs. I have two"."""

from dataclasses import replace
from typing import Final

from spectron_extraction.builtin.animals import ANIMALS
from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading
from spectron_extraction.builtin.clauses import Clause
from spectron_extraction.builtin.favorites import last_noun_phrase
from spectron_extraction.builtin.lexicon import ADVERBS, ARTICLES, AUXILIARIES
from spectron_extraction.builtin.syntax import Predicate, SubjectKind
from spectron_extraction.builtin.things import OWNED
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.values import cut, trim, usable, with_article, without_article
from spectron_extraction.builtin.verbs import FORMS
from spectron_extraction.builtin.wordlists import word_set

_POINTERS: Final = word_set("it them that those him her")
_LIKING: Final = word_set("like love enjoy adore hate dislike detest despise loathe")
_NOBODYS: Final = word_set("you your yours his her their this that these it them i me my")
_MAX_TOKENS: Final = 6


def with_antecedent(predicate: Predicate, before: Phrase) -> Predicate:
    """Returns a clause of liking with what its pronoun means in the pronoun's place.

    Args:
        predicate: The clause.
        before: The clause or sentence before it, of the same turn.

    Returns:
        The clause itself if it has no such pronoun, or nothing it could mean.
    """
    if predicate.lemma not in _LIKING or predicate.modal or not before:
        return predicate
    complement = trim(trim_marks(predicate.complement))
    if len(complement) != 1 or complement[0].norm not in _POINTERS:
        return predicate
    phrase = antecedent(before)
    return replace(predicate, complement=phrase) if phrase else predicate


def liked_object(predicate: Predicate, before: Phrase) -> Predicate | None:
    """Returns "which I love" with what it is about as its object; None for any other verb.

    Args:
        predicate: A relative clause whose object stands before it.
        before: The clause before it.
    """
    if predicate.lemma not in _LIKING or trim_marks(predicate.complement):
        return None
    phrase = antecedent(before)
    return replace(predicate, complement=phrase) if phrase else None


def counted(reading: Reading, before: Phrase) -> Claim | None:
    """Reads "I have two" and "I have five of them" after a word for what one can have.

    Args:
        reading: A clause of the user.
        before: The clause or sentence before it, of the same turn.
    """
    predicate = reading.predicate
    phrase = trim_marks(predicate.complement)
    plain = predicate.tense is Tense.PRESENT and not predicate.negated and not predicate.modal
    if predicate.lemma != "have" or not plain or not reading.about_user or not phrase:
        return None
    number = phrase[0].norm
    if words(phrase[1:]) not in _OF_THEM or not (number.isdigit() or number in _NUMBERS):
        return None
    noun = next((token.norm for token in reversed(before) if _key_of(token.norm)), "")
    single = ANIMALS.get(noun, noun.removesuffix("s"))
    if number == "one":
        value = with_article(single)
    else:
        several = noun if noun != single or noun in _SAME else f"{single}s"
        value = f"{number} {several}"
    return reading.claim(_key_of(noun), value) if noun else None


_SAME: Final = word_set("fish sheep children grandchildren")
_OF_THEM: Final = ("", "of them", "of em", "of those")
_NUMBERS: Final = word_set("one two three four five six seven eight nine ten several")
_COUNTABLE: Final[dict[str, str]] = {
    **dict.fromkeys(ANIMALS, "pet"),
    **dict.fromkeys(("kid", "kids", "children", "sons", "daughters"), "children"),
    **dict.fromkeys(("siblings", "brothers", "sisters"), "siblings"),
    **dict.fromkeys(("grandkids", "grandchildren"), "grandchildren"),
    **dict.fromkeys(("tattoos", "piercings"), "appearance"),
}


def _key_of(noun: str) -> str:
    owned = noun in OWNED and noun.endswith("s") and noun.removesuffix("s") in OWNED
    return _COUNTABLE.get(noun, "possession" if owned else "")


def resumed(clause: Clause, last: Reading | None) -> Clause:
    """Reads "it is Rob" after "my name is not Bob" as said of the name, too.

    Args:
        clause: The clause.
        last: The one before, if it was read.
    """
    if last is None or words(clause.tokens[:1]) != "it" or len(clause.tokens) < _SHORTEST:
        return clause
    before = last.predicate
    denied = before.negated and before.lemma == "be"
    if not denied or before.subject.kind is not SubjectKind.POSSESSED:
        return clause
    return replace(clause, tokens=clause.tokens[1:], continues=True)


_SHORTEST: Final = 3


def antecedent(before: Phrase) -> Phrase:
    """Returns the noun phrase of a clause that a pronoun after it is likely to mean.

    Args:
        before: The clause: a question to the listener, or a statement.

    Returns:
        What the listener is asked about, else the last noun phrase; empty if neither will do.
    """
    phrase = _asked_about(before) or _with_verb(before) or last_noun_phrase(before)
    phrase = trim(cut(phrase))
    if not phrase or len(phrase) > _MAX_TOKENS or not usable(without_article(phrase)):
        return ()
    if all(token.norm in ADVERBS | {"not", "no", "yes"} for token in phrase):
        return ()  # "Not at all"
    place = next(i for i, token in enumerate(before) if token.start == phrase[0].start)
    if any(token.norm in _NOBODYS for token in before[max(0, place - 1) : place]):
        return ()
    return () if any(token.norm in _NOBODYS for token in phrase) else phrase


def _with_verb(before: Phrase) -> Phrase:
    """Returns "jira" of "we use jira at work": the verb's object rather than where that is."""
    last = last_noun_phrase(before)
    place = next((i for i, token in enumerate(before) if last and token == last[0]), 0)
    place -= place > 1 and before[place - 1].norm in ARTICLES
    if place < _SHORTEST or before[place - 1].norm not in _BESIDE_OBJECT:
        return ()
    phrase = last_noun_phrase(before[: place - 1])
    start = next((i for i, token in enumerate(before) if phrase and token == phrase[0]), 0)
    start -= start > 1 and before[start - 1].norm in ARTICLES
    direct = start and before[start - 1].norm in FORMS.keys() - AUXILIARIES
    return phrase if direct else ()


_BESIDE_OBJECT: Final = word_set("at in on for with from since")


def _asked_about(before: Phrase) -> Phrase:
    """Returns "jazz" in "do you like jazz" and "have you ever been to Rome"."""
    norms = [token.norm for token in before]
    if "you" not in norms:
        return ()
    start = norms.index("you") + 1
    for index in range(start, min(start + 4, len(before))):
        if norms[index] in FORMS:
            rest = before[index + 1 :]
            while rest and rest[0].norm in {"to", "any", "in", "at", "about", "of", "some"}:
                rest = rest[1:]
            return rest
    return ()
