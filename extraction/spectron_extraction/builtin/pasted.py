"""Text that was pasted into a turn, told by its layout: mails, transcripts, data, comments.

It is somebody else's, or at least not said to the assistant, even where it says "I". What starts a
turn is the speaker's own, unless its layout leaves no doubt: people greet an assistant, too.
"""

import re
from collections.abc import Iterator
from typing import Final

# A line that parts what is passed on from the words about it; all that follows is passed on.
_PARTING: Final = re.compile(
    r"^[ \t>*_-]*(?:begin )?(?:forwarded|original|quoted) (?:message|mail|email|text)\b[^\n]*$"
    r"|^[-_=*~]{5,}[ \t]*$"
    r"|^on [^\n]{4,80} wrote:[ \t]*$"
    r"|^[^\n]{0,80}\b(?:wrote|writes|posted|replied|commented)[ \t]*:[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_FIELD: Final = r"(?:from|to|cc|bcc|subject|sent|date|reply-to)[ \t]*:"
_HEADER: Final = re.compile(
    rf"^{_FIELD}[^\n]*\n{_FIELD}",
    re.IGNORECASE | re.MULTILINE,
)
# "Dear Sam," on a line of its own, or at the start of one, below other text.
_SALUTATION: Final = re.compile(
    r"^(?:dear|hi|hello|hey|good (?:morning|afternoon|evening))\b[^\n.!?:]{0,40},[ \t]*$"
    r"|^dear [^\n.!?:]{1,40},",
    re.IGNORECASE | re.MULTILINE,
)
# A line with who speaks in front, and perhaps when.
_SPEAKER: Final = re.compile(
    r"^[ \t]*(?P<time>\[?\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]m)?\]?[ \t-]+)?"
    r"(?P<name>\[?[A-Za-z][\w .'-]{0,30}\]?)[ \t]*:[ \t]+\S",
    re.IGNORECASE | re.MULTILINE,
)
_ROLES: Final = frozenset(
    {"user", "assistant", "human", "ai", "bot", "system", "agent", "customer", "support", "me"}
)
# "profile:" with lines below it that are set in: data in YAML.
_TREE: Final = re.compile(
    r"^[\w-]{1,40}:[ \t]*\n(?:[ \t]+(?:- )?[\w-]{1,40}:[^\n]*(?:\n|\Z))+", re.MULTILINE
)
# "//" and "/*" behind a blank or at the start, so that no address on the web is one.
_COMMENT: Final = re.compile(r"(?:^|(?<=\s))(?://|/\*|<!--)[^\n]*", re.MULTILINE)
_TEMPLATE: Final = re.compile(r"(?:<<SYS>>|\[INST\]|<\|[a-z_]{2,30}\|>|<s>)", re.IGNORECASE)


def pasted(text: str) -> Iterator[tuple[int, int]]:
    """Yields where the pasted parts of a turn start and end; they may overlap.

    Args:
        text: The content of a turn.
    """
    for pattern in (_PARTING, _HEADER, _TEMPLATE):
        for match in pattern.finditer(text):
            yield match.start(), len(text)
    for match in _SALUTATION.finditer(text):
        if text[: match.start()].strip():
            yield match.start(), len(text)
    yield from _transcript(text)
    for pattern in (_TREE, _COMMENT):
        for match in pattern.finditer(text):
            yield match.span()


def _transcript(text: str) -> Iterator[tuple[int, int]]:
    """Yields the lines that name who speaks: those of a log, or of several parts in a dialogue."""
    lines = list(_SPEAKER.finditer(text))
    names = {match["name"].strip("[]").casefold() for match in lines}
    if len(names) > 1 and (names & _ROLES or all(match["time"] for match in lines)):
        for match in lines:
            end = text.find("\n", match.end())
            yield match.start(), len(text) if end < 0 else end
