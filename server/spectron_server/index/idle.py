"""Which part of what is said answers no question: what asks itself, and mere thanks and assent."""

import re
from typing import Final

from spectron_server.index.stems import STOP_WORDS, words

_SENTENCE: Final = re.compile(r"[^.!?]+[.!?]*")
# What longer texts say is more than this.
_MAX_ASSENT: Final = 80
_ASSENT: Final = """
absolutely agreed alright awesome bye congratulations cool done exactly excellent fine glad good got
great haha hello helped hey hi indeed lol lovely nice noted ok okay perfect please right sorry
sounds sure thank thanks understood welcome wonderful works yeah yep
"""
_ASSENTING: Final = frozenset(_ASSENT.split())


def idle_part(text: str) -> float:
    """Returns which part of a text is questions, 0 to 1; 1 if it is nothing but assent.

    "Yes" and "no" are answers, and not idle.
    """
    if "?" not in text:
        return float(len(text) <= _MAX_ASSENT and _assents(text))
    sentences = _SENTENCE.findall(text)
    asked = sum(len(sentence) for sentence in sentences if sentence.endswith("?"))
    return asked / max(sum(map(len, sentences)), 1)


def _assents(text: str) -> bool:
    assents = False
    for word in words(text):
        if word in _ASSENTING:
            assents = True
        elif word not in STOP_WORDS:
            return False
    return assents
