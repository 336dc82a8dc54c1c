"""Whom a question means without a name: who asks, or the assistant.

An application asks in its user's words, "What did you recommend to me?", hands a request on, "Plan
a dinner", or asks about "the user". English only; other languages are found by their words and
meaning.
"""

import re
from typing import Final

from spectron_server.index.stems import words

_FIRST_PERSON: Final = frozenset({"i", "me", "my", "mine", "myself"})
_THE_USER: Final = re.compile(r"\bthe user\b(['\u2019]s\b)?", re.IGNORECASE)

_REQUEST: Final = re.compile(
    r"\s{0,8}(?:(?:please|now|so|ok|okay|hi|hey|hello)\b[\s,!.]{0,8}){0,3}"
    r"(?:(?:can|could|would|will) you (?:please )?)?"
    r"(?:add|advise|arrange|book|build|buy|calculate|check|choose|compare|cook|create|design"
    r"|draft|estimate|explain|find|fix|generate|get|give|help|list|make|order|organi[sz]e|pack"
    r"|pick|plan|prepare|propose|recommend|remind|review|schedule|send|show|suggest"
    r"|summari[sz]e|tell|translate|update|write)\b",
    re.IGNORECASE,
)

_SAYING: Final = (
    r"(?:advis|answer|call|describ|draft|explain|favou?r|gave|give|list|mention|name|offer|prefer"
    r"|promis|propos|put|quote|quoting|recommend|said|say|show|suggest|tell|think|thought|told"
    r"|warn|write|writing|written|wrote)\w{0,4}"
)
_OF_ASSISTANT: Final = re.compile(
    # "Did you ever tell me how?", "you said", "on your advice"
    rf"\b(?:(?:did|have|had)(?:n['\u2019]t)? you (?:\w+ ){{0,2}}{_SAYING}"
    r"|you (?:(?:have|had|just|once|ever|already) )?(?:advised|answered|described|explained|gave"
    r"|listed|mentioned|offered|promised|proposed|recommended|said|showed|suggested|told|warned"
    r"|wrote)"
    r"|(?:was|were|on|after|from|by|with|following) your (?:\w+ )?(?:advice|answers?"
    r"|explanations?|ideas?|opinions?|proposals?|recommendations?|repl(?:y|ies)|suggestions?"
    r"|tips?|warnings?)"
    r"|according to you|the assistant)\b",
    re.IGNORECASE,
)


def as_the_user_asks(question: str) -> str:
    """Returns a question about "the user" as the user would ask it: "the user's dog" as "my dog".

    One in which somebody says "I" may mean another user, and stays as it is.
    """
    if asks_of_self(question):
        return question
    return _THE_USER.sub(lambda match: "my" if match[1] else "I", question)


def asks_of_self(question: str) -> bool:
    """Tells whether who asks speaks of themselves."""
    return not _FIRST_PERSON.isdisjoint(words(question))


def asks_for_something(question: str) -> bool:
    """Tells whether it is no question but a request, such as "Plan a dinner"."""
    return _REQUEST.match(question) is not None


def asks_of_assistant(question: str) -> bool:
    """Tells whether a question is about what the assistant said."""
    return _OF_ASSISTANT.search(question) is not None
