"""English for facts: verb phrases, lists, articles, and values made safe for a prompt.

A value is data. In a prompt it must not look like structure: it is put on one line, and what
could open a heading, a code block, a tag or a special token is taken out or changed.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import Category, EntityRef
from spectron_server.domain.scope import NAMELESS

MAX_VALUE_LENGTH: Final = 240
"""Longer values are shortened in prose; the attribute itself keeps the whole value."""

_ELLIPSIS: Final = "…"
# White space and marks that are taken out make a text shorter, seldom by more than this.
_READ_AHEAD: Final = 4
# Marks that change the direction of text, and invisible characters that hide text from people.
_INVISIBLE: Final = re.compile(
    "[\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# They choose among the forms of the character before them, and can carry a hidden byte each.
_SELECTORS: Final = re.compile("[\U000e0100-\U000e01ef]")
# The Unicode categories Cc and Cs, control characters and surrogates.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# Every match of the next expression has one of these in it: most texts have none.
_MARKS: Final = re.compile(r"[-#*+>|•~_=`\[]")
_STRUCTURE: Final = re.compile(
    r"""
    (?<!\S)(?:\#{1,6}|[-*+>|•])(?=\s|$)   # headings, bullets, quotations, tables
    | \#{2,} | \*{2,} | ~{2,} | _{3,} | -{3,} | ={3,} | `+
    | \[/?(?:inst|sys|system|user|assistant)\]   # turn marks of some models
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ROLE_LABEL: Final = re.compile(
    r"(?:(?<=^)|(?<=[.!?;\u2026]\s))(?:(?:system|assistant|user|human|developer|tool)\s*:\s*)+",
    re.IGNORECASE,
)
_OPENING: Final = tuple("([\u201c\u2018")
_CLOSING: Final = tuple(",.;:!?)]\u201d\u2019")
_BRACKETS: Final = str.maketrans({"<": "\u2039", ">": "\u203a"})

_NUMBERS: Final = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_HAS_ONE: Final = re.compile(r"(?P<verb>have|has) an? (?P<noun>[a-z]+), \{value\}")
_PLURALS: Final = {"child": "children"}

# Roles that describe a state: "is retired".
_STATES: Final = frozenset(
    {"retired", "unemployed", "self-employed", "self employed", "freelance", "between jobs"}
)
_OFFICE: Final = re.compile(
    r"(?:head|director|president|chief|vice|vp|dean|minister|mayor|chair)\b.*|.*\bof\b.*|[A-Z]{2,5}"
)
# Letters do not tell how a word begins when spoken.
_SPOKEN_AS_CONSONANT: Final = ("uni", "use", "uro", "eu", "one", "uk")
_SPOKEN_AS_VOWEL: Final = ("a", "e", "i", "o", "u", "hono", "hour", "heir")
_LETTERS_SPOKEN_AS_VOWEL: Final = tuple("AEFHILMNORSX")

_IMPERATIVE: Final = re.compile(
    r"(?:please\s+)?(?:use|avoid|be|keep|do|don't|don\u2019t|always|never|write|answer|reply|respond|give|"
    r"provide|include|skip|stop|start|format|limit|explain|show|add|call|address|speak|talk|"
    r"mention|ask|cite|make|put|prefer|remember|omit|refer|assume|check|stick|focus)\b",
    re.IGNORECASE,
)
_NOT_TO: Final = re.compile(r"(?:do not|don't|don\u2019t)\s+", re.IGNORECASE)


def clean(text: str, limit: int = MAX_VALUE_LENGTH) -> str:
    """Returns a text that is safe within a line of a prompt.

    Args:
        text: A value, a name or a quotation.
        limit: At most this many characters; what is longer ends with an ellipsis.

    Returns:
        One line without control characters, prompt structure or full stop at its end.
    """
    # What is cut off anyway need not be read: a turn may be long.
    plain = text[: limit * _READ_AHEAD]
    if not (plain.isascii() and plain.isprintable()):
        plain = _INVISIBLE.sub(" ", _SELECTORS.sub("", unicodedata.normalize("NFC", plain)))
        plain = _CONTROL.sub(" ", plain)
    plain = " ".join(plain.split())
    # Taking one mark out may join two halves of another.
    while (rest := _without_structure(plain)) != plain:
        plain = rest
    plain = plain.translate(_BRACKETS)
    if not plain.endswith("..."):
        plain = plain.rstrip(". ")
    return shorten(plain, limit)


def _without_structure(line: str) -> str:
    if _MARKS.search(line):
        line = " ".join(_STRUCTURE.sub(_gap, line).split())
    if ":" in line:
        line = " ".join(_ROLE_LABEL.sub("", line).split())
    return line


def _gap(mark: re.Match[str]) -> str:
    """Returns what is left of a mark: a space, but for within brackets and before a comma."""
    line = mark.string
    opens = line[mark.start() - 1 : mark.start()] in _OPENING
    return "" if opens or line[mark.end() : mark.end() + 1] in _CLOSING else " "


def shorten(text: str, limit: int) -> str:
    """Cuts a text at a word, if it is longer than a limit, and marks the cut with an ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[: limit - len(_ELLIPSIS)]
    at_word = cut.rpartition(" ")[0]
    # A text without spaces is cut where the limit falls.
    return (at_word if len(at_word) > limit // 2 else cut).rstrip(" ,;:.") + _ELLIPSIS


def name_of(entity: EntityRef) -> str:
    """Returns how a text names an entity that is not its user: who shares a scope is everyone."""
    return "Everyone" if entity == NAMELESS else clean(entity.name)


def listed(values: Sequence[str], conjunction: str = "and") -> str:
    """Joins values: "a", "a and b", "a, b and c"; with semicolons where values have commas."""
    if len(values) < 2:
        return "".join(values)
    nested = any("," in value or f" {conjunction} " in value for value in values)
    if nested:
        return f"{'; '.join(values[:-1])}; {conjunction} {values[-1]}"
    return f"{', '.join(values[:-1])} {conjunction} {values[-1]}"


def with_article(role: str) -> str:
    """Returns a role as a predicate: "a vet", "an engineer", "Head of Platform", "retired"."""
    words = role.split()
    if not words or role.casefold() in _STATES or words[0].casefold() in {"a", "an", "the"}:
        return role
    # "Backend engineer" begins a line; "Head of Platform" and "CEO" are names of offices.
    rest_is_small = all(word.islower() for word in words[1:])
    if words[0][1:].islower() and rest_is_small and not _is_office(role):
        role = role[0].lower() + role[1:]
    if _is_office(role):
        return role
    return f"{_article(role)} {role}"


def _article(noun: str) -> str:
    """Returns "a" or "an", as a noun phrase is spoken."""
    word = noun.casefold()
    vowel = word.startswith(_SPOKEN_AS_VOWEL) and not word.startswith(_SPOKEN_AS_CONSONANT)
    if noun.split(maxsplit=1)[0].isupper():
        vowel = noun.startswith(_LETTERS_SPOKEN_AS_VOWEL)
    return "an" if vowel else "a"


def predicate(
    key: str,
    values: Sequence[str],
    ontology: Ontology,
    *,
    singular: bool,
    conjunction: str = "and",
) -> str | None:
    """Returns what follows the subject of a sentence about a key.

    Args:
        key: A canonical key.
        values: Its values, clean, at least one.
        ontology: The known keys.
        singular: Whether the subject is a name ("lives in London") or "They" ("live in London").
        conjunction: What joins several values.

    Returns:
        The verb phrase, or None if the key is not known and so has none.
    """
    definition = ontology.definition(key)
    if definition is None:
        return None
    if key == "role":
        roles = listed([with_article(value) for value in values], conjunction)
        return f"{'is' if singular else 'are'} {roles}"
    template = definition.it if singular else definition.they
    if key == "appointment":
        values = [_with_indefinite(value) for value in values]
    requests = [value for value in values if is_request(key, value, ontology)]
    if requests:
        plain = [value for value in values if value not in requests]
        asked = f"{'asks' if singular else 'ask'} assistants {_as_infinitives(requests)}"
        return f"{template.replace('{value}', listed(plain))} and {asked}" if plain else asked
    several = _HAS_ONE.fullmatch(template)
    if several and conjunction == "and" and 1 < len(values) <= len(_NUMBERS) + 1:
        noun = several["noun"]
        plural = _PLURALS.get(noun, f"{noun}s")
        return f"{several['verb']} {_NUMBERS[len(values) - 2]} {plural}, {listed(values)}"
    return template.replace("{value}", listed(values, conjunction))


def now_or_later(verb_phrase: str) -> str:
    """Returns a predicate that may also come true: "lives or will live in Lisbon"."""
    verb, _, rest = verb_phrase.partition(" ")
    base = _BASES.get(verb)
    if base is None:
        base = f"{verb[:-3]}y" if verb.endswith("ies") else verb.removesuffix("s")
    return f"{verb} or will {base} {rest}"


_BASES: Final = {"is": "be", "are": "be", "has": "have", "goes": "go", "does": "do"}


def _with_indefinite(appointment: str) -> str:
    """Returns "an exam on 2027-01-12" of what was kept without its article."""
    what = re.split(r" (?:on|with|at|for|in|about|to|of) ", appointment, maxsplit=1)[0].split()
    first, last = what[0], what[-1].casefold()
    determined = first.casefold() in _DETERMINERS or first[0].isdigit() or "'" in first
    if determined or last in _UNCOUNTED or (last.endswith("s") and not last.endswith("ss")):
        return appointment
    return f"{_article(first)} {appointment}"


_DETERMINERS: Final = frozenset(
    {
        "a", "an", "the", "my", "our", "his", "her", "their", "your", "this", "that", "some",
        "another", "no", "two", "three", "four", "five",
    }
)  # fmt: skip
_UNCOUNTED: Final = frozenset(
    {
        "lunch", "dinner", "breakfast", "brunch", "therapy", "surgery", "physio", "physiotherapy",
        "yoga", "work", "school", "training", "practice", "chemo", "dialysis",
    }
)  # fmt: skip


def is_request(key: str, value: str, ontology: Ontology) -> bool:
    """Tells whether an instruction is worded as a request: "Use bullet points"."""
    if key == "instruction":
        return True
    if ontology.category(key) is not Category.INSTRUCTIONS or " " not in value:
        return False
    return _IMPERATIVE.match(value) is not None


def is_plural(relation: str) -> bool:
    """Tells whether a relation is of several: "parents", "children"."""
    return (relation.endswith("s") and not relation.endswith("ss")) or relation.endswith("children")


def label(key: str) -> str:
    """Returns a key in words: `shoe_size` gives "shoe size"."""
    return key.replace("_", " ")


def possessive(name: str) -> str:
    """Returns the possessive of a name: "Aoife's", "James'"."""
    return f"{name}'" if name.endswith(("s", "S")) else f"{name}'s"


def _is_office(role: str) -> bool:
    return bool(_OFFICE.fullmatch(role) or _OFFICE.fullmatch(role[0].lower() + role[1:]))


def _as_infinitives(requests: Sequence[str]) -> str:
    """Returns requests as infinitives: "to use bullet points and not to use emojis"."""
    steps = [
        step
        for request in requests
        for step in re.split(r"(?<=[\w)])[.;!]\s+", request.rstrip("."))
        if step
    ]
    return listed([_as_infinitive(step) for step in steps])


def _as_infinitive(step: str) -> str:
    step = re.sub(r"^please\s+", "", step, flags=re.IGNORECASE)
    negated = _NOT_TO.match(step)
    if negated:
        return f"not to {step[negated.end() :]}"
    return f"to {step[0].lower()}{step[1:]}"
