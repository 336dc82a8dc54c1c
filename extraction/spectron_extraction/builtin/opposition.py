"""What cannot hold beside a new claim: short answers and long ones, a like and a dislike.

Keys that hold many values keep what was said before; where a new value denies an old one, the old
one is ended here. The newer plain statement wins, as it does for keys that hold one value.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.wordlists import word_set
from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import KnownAttribute

_SHORT: Final = word_set(
    "short brief concise terse succinct to-the-point quick minimal compact crisp shorter high-level"
)
_LONG: Final = word_set(
    "long detailed thorough in-depth comprehensive verbose elaborate longer lengthy wordy"
)
_PLAIN: Final = word_set("simple plain beginner-friendly")
_TECHNICAL: Final = frozenset({"technical", "high-level", "nuanced"})
_LISTS: Final = frozenset({"bullet points", "lists", "numbered lists", "step-by-step lists"})
_PROSE: Final = frozenset(
    {"prose", "paragraphs", "full sentences", "plain text", "short paragraphs", "one sentence"}
)
_OPPOSED: Final[dict[str, tuple[tuple[frozenset[str], frozenset[str]], ...]]] = {
    "response_style": ((_SHORT, _LONG), (_PLAIN, _TECHNICAL)),
    "response_format": ((_LISTS, _PROSE),),
}
_DENYING: Final[dict[str, tuple[str, ...]]] = {
    "likes": ("dislikes", "abstains_from"),
    "hobby": ("dislikes",),
    "dislikes": ("likes", "hobby"),
    "skill": ("skill_gap",),
    "skill_gap": ("skill",),
    "avoid": (
        "address_as",
        "instruction",
        "response_format",
        "response_style",
        "code_style",
        "language_of_reply",
        "tone",
        "units",
        "prefers",
    ),
    "instruction": ("avoid",),
    "language_of_reply": ("avoid",),
    "response_format": ("avoid",),
    "code_style": ("avoid",),
}
_COUNTED: Final = frozenset({"possession", "pet"})
_OUT_OF_WORK: Final = frozenset({"unemployed", "jobless", "between jobs", "out of work"})
_COMPANIONS: Final = frozenset({"spouse", "partner"})
_UNATTACHED: Final = frozenset({"divorced", "single", "separated", "widowed"})
_EMPTY: Final = word_set("always use your their my the a an in with and or any of to be replies")
_WAYS: Final = frozenset({"language_of_reply", "tone", "units", "prefers"})
_ANSWERING: Final = word_set("answering replying responding writing speaking talking using being")
"""What stands before the way in which one is to answer: "replying in German"."""

_WORD_FOR_WORD: Final = word_set("likes hobby dislikes skill skill_gap")


def with_oppositions(
    claims: Sequence[Claim], known: Sequence[KnownAttribute], ontology: Ontology
) -> Iterator[Claim]:
    """Yields claims, and after each the ends of what it denies.

    Args:
        claims: What a turn says.
        known: What is believed.
        ontology: The keys.
    """
    for claim in claims:
        if not _only_ends(claim, known, ontology):
            yield claim
        if claim.retracts and claim.key == "marital_status" and claim.value == "married":
            yield from (
                replace(claim, key=attribute.key, value=attribute.value)
                for attribute in known
                if attribute.entity == claim.entity and attribute.key in _COMPANIONS
            )
        if claim.retracts or claim.hedged or claim.value is None or claim.valid_until is not None:
            continue
        key = ontology.canonical(claim.key)
        for attribute in known:
            if attribute.entity == claim.entity and _denies(key, claim.value, attribute, ontology):
                yield replace(
                    claim,
                    key=attribute.key,
                    value=attribute.value,
                    retracts=True,
                    change=False,
                    previous_value=None,
                    valid_from=None,
                )


def _only_ends(claim: Claim, known: Sequence[KnownAttribute], ontology: Ontology) -> bool:
    """Tells "stop replying in German" where German was asked for: that is over, and no more."""
    return (
        claim.key == "avoid"
        and not claim.retracts
        and any(
            attribute.entity == claim.entity
            and attribute.key == "language_of_reply"
            and _denies(claim.key, claim.value or "", attribute, ontology)
            for attribute in known
        )
    )


def _denies(key: str, value: str, attribute: KnownAttribute, ontology: Ontology) -> bool:
    if key == attribute.key and key in _COUNTED and value.startswith("no "):
        # "I don't have a car": what was believed of one is over.
        lacking = _content(value) - {"no"}
        return value == "no pets" or lacking <= _content(attribute.value) - {"no"}
    if key == attribute.key:
        return any(
            (value in one and attribute.value in other)
            or (value in other and attribute.value in one)
            for one, other in _OPPOSED.get(key, ())
        )
    if attribute.key == "employment_status" and key in {"employer", "role"}:
        return attribute.value in _OUT_OF_WORK
    if attribute.key == "children" and key in {"son", "daughter", "child"}:
        return attribute.value.startswith("no ")
    if key == "marital_status" and value in _UNATTACHED:
        return attribute.key in _COMPANIONS
    if attribute.key not in _DENYING.get(key, ()):
        return False
    if key in _WORD_FOR_WORD:
        return ontology.same_value(key, value, attribute.value)
    mine, others = _content(value), _content(attribute.value)
    if {key, attribute.key} & _WAYS:
        return mine - _ANSWERING == others - _ANSWERING
    small, large = (mine, others) if len(mine) <= len(others) else (others, mine)
    return bool(small) and small <= large


def _content(value: str) -> set[str]:
    words = {word.strip(".,").removesuffix("s") for word in value.lower().split()}
    return {word for word in words if word and word not in _EMPTY and f"{word}s" not in _EMPTY}
