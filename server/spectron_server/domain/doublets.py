"""Values that another sentence of a profile tells anyhow: "married" beside "married to Tom"."""

from collections.abc import Mapping, Sequence
from typing import Final

_NAMED: Final[dict[str, tuple[str, ...]]] = {
    "children": ("child", "son", "daughter"),
    "siblings": ("sibling", "sister", "brother"),
}
"""Keys that tell how many there are, with those that tell who they are."""

_COUPLES: Final[dict[str, tuple[str, ...]]] = {
    "spouse": ("married",),
    "partner": ("in a relationship", "in a relationship with"),
}
_NUMBERS: Final = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip


def implied(own: Mapping[str, Sequence[str]]) -> set[tuple[str, str]]:
    """Returns the keys and values of the user that other values of theirs imply.

    Args:
        own: The user's values by key.
    """
    found: set[tuple[str, str]] = set()
    for key, keys in _NAMED.items():
        named = sum(len(own.get(each, ())) for each in keys)
        found |= {(key, value) for value in own.get(key, ()) if 0 < _counted(value) <= named}
    for key, statuses in _COUPLES.items():
        if own.get(key):
            found |= {
                ("marital_status", value)
                for value in own.get("marital_status", ())
                if value.casefold().startswith(statuses)
            }
    enjoyed = {value.casefold() for value in own.get("hobby", ())}
    found |= {
        ("skill", value) for value in own.get("skill", ()) if _gerunds(value.casefold()) & enjoyed
    }
    return found


def _counted(value: str) -> int:
    """Returns how many "two brothers and a sister" are; 0 if the words do not tell."""
    words = value.casefold().split()
    return sum(_NUMBERS.get(word, int(word) if word.isdecimal() else 0) for word in words)


def _gerunds(activity: str) -> set[str]:
    """Returns the ways in which the -ing form of "play bass" may be spelt."""
    verb, blank, rest = activity.partition(" ")
    stems = {verb, verb.removesuffix("e"), verb + verb[-1:]}
    return {f"{stem}ing{blank}{rest}" for stem in stems}
