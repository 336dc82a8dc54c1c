"""Adjectives and nouns with their prepositions after "be": "fond of jazz", "allergic to nuts"."""

from collections.abc import Iterator
from typing import Final

from spectron_extraction.builtin.allergies import graded
from spectron_extraction.builtin.auxiliaries import Tense
from spectron_extraction.builtin.claims import Claim, Reading, only
from spectron_extraction.builtin.guards import GUARDS
from spectron_extraction.builtin.lexicon import ARTICLES, PROGRAMMING
from spectron_extraction.builtin.roles import INTENSIFIERS
from spectron_extraction.builtin.tokens import Phrase, words
from spectron_extraction.builtin.values import cut, items, written
from spectron_extraction.builtin.verbs import verb_form
from spectron_extraction.builtin.wordlists import phrase_set

# An adjective or noun, with its preposition: the key, and the key if it is negated.
_GOVERNED: Final[dict[str, tuple[str, str]]] = {
    **{f"{a} to": ("allergy", "") for a in ("allergic", "intolerant", "sensitive")},
    # "Afraid from" and the like is how speakers of other languages say it.
    **dict.fromkeys(phrase_set("allergic from, allergic with, allergic against"), ("allergy", "")),
    **{
        f"{a} {p}": ("fear", "")
        for a in ("afraid", "scared", "terrified", "frightened", "petrified")
        for p in ("of", "from")
    },
    **dict.fromkeys(("bored of", "bored with", "sick of", "fed up with"), ("dislikes", "")),
    **dict.fromkeys(
        phrase_set(
            "into, all about, interested for, more into, big into, drawn to, interesting in, "
            "fascinated by, "
            "captivated by, "
            "intrigued by, hung up on, devoted to, interested in, fond of, keen on, "
            "passionate about, obsessed with, crazy about, "
            "mad about, a fan of, a big fan of, a huge fan of, big on, a massive fan of, "
            "a lover of, addicted to, enthusiastic about, really into, a sucker for, partial to, "
            "in love with, hooked on, a great fan of"
        ),
        ("likes", "dislikes"),
    ),
    **dict.fromkeys(
        phrase_set(
            "good at, good in, great at, awesome at, amazing at, "
            "skilled in, skilled at, proficient in, proficient with, "
            "experienced in, experienced with, an expert in, an expert on, an expert at, "
            "decent at, okay at, ok at, not bad at, expert in, knowledgeable about, "
            "excellent at, specialized in, pretty good at"
        ),
        ("expertise", "skill_gap"),
    ),
    **dict.fromkeys(("a member of", "part of"), ("member_of", "")),
    "a native of": ("hometown", ""),
    "new to": ("skill_gap", ""),
    **dict.fromkeys(
        (
            "bad at",
            "bad in",
            "terrible at",
            "terrible in",
            "hopeless at",
            "useless at",
            "rubbish at",
            "lousy at",
            "bad with",
            "terrible with",
            "hopeless with",
            "awful at",
            "horrible at",
        ),
        ("skill_gap", ""),
    ),
    **dict.fromkeys(
        phrase_set(
            "stuck on, stuck with, struggling with, worried about, stressed about, behind on, "
            "frustrated with, frustrated by, overwhelmed by, overwhelmed with, stressed out about, "
            "stuck in"
        ),
        ("problem", ""),
    ),
    **dict.fromkeys(("in the middle of", "in the process of", "busy"), ("project", "")),
    **dict.fromkeys(("responsible for", "in charge of"), ("responsibility", "")),
    **dict.fromkeys(("fluent in", "a native speaker of"), ("languages", "")),
}


def governed(tokens: Phrase) -> tuple[int, tuple[str, str]] | None:
    """Returns where the value starts and the keys, for an adjective with its preposition."""
    start = 0
    while start < len(tokens) - 1 and _intensifies(tokens[start].norm):
        start += 1
    for length in (4, 3, 2, 1):
        keys = _GOVERNED.get(words(tokens[start : start + length]))
        if keys and len(tokens) > start + length:
            return start + length, keys
    return None


def _intensifies(word: str) -> bool:
    return word in INTENSIFIERS - ARTICLES or (word.endswith("ly") and len(word) > 4)


def governed_claims(reading: Reading, tokens: Phrase) -> Iterator[Claim]:
    """Yields what an adjective or noun with its preposition says.

    Args:
        reading: The clause.
        tokens: A part of what follows "be".
    """
    lowered = [token.norm for token in tokens]
    if lowered[:2] == ["between", "jobs"]:
        yield from only(reading.claim("employment_status", "between jobs"))
        return
    if "intolerant" in lowered[1:2]:
        yield from only(reading.claim("allergy", lowered[0]))
        return
    found = governed(tokens)
    if found is None:
        return
    start, (key, opposite) = found
    negated = reading.predicate.negated and not reading.predicate.ended
    if reading.predicate.tense is Tense.PAST and key == "likes":
        return
    if negated and opposite:
        key, negated = opposite, False
    rest = cut(tokens[start:], at=frozenset({"since", "as"}))
    if rest and rest[0].norm in {"that", "those", "these"} and len(rest) > 1:
        rest = rest[1:]
    for item in items(rest):
        if not GUARDS["likeable"](item):
            continue
        doing = verb_form(item[0].norm)
        if key == "project" and not (doing is not None and doing.gerund and len(item) > 1):
            continue
        if key == "languages" and not GUARDS["language"](item):
            continue
        if words(tokens[start - 2 : start]) == "new to" and item[0].norm not in PROGRAMMING:
            continue  # "New to the city"
        form = verb_form(item[0].norm)
        target = "hobby" if key == "likes" and form and form.gerund else key
        if target == "skill_gap":
            value = written(reading.text, item)
            handled = "deal with" if tokens[start - 1].norm == "with" else "do"
            value = f"{handled} {value} well" if value else None
        else:
            value = written(reading.text, item)
        if target == "allergy":
            yield from graded(reading, value, tokens[:start], retracts=negated)
        else:
            yield from only(reading.claim(target, value, retracts=negated))
