"""Text that was pasted into a turn, told by its layout: mails, transcripts, data, comments.

It is somebody else's, or at least not said to the assistant, even where it says "I". What starts a
turn is the speaker's own, unless its layout leaves no doubt: people greet an assistant, too.
"""

import re
from collections.abc import Iterator
from typing import Final

# Marks that lay a line out as markdown does, and characters that nobody sees.
_MARKS: Final = r"[ \t>*_\u00a0\u200b-\u200f\u2060\ufeff-]*"
# A line that parts what is passed on from the words about it; all that follows is passed on.
_PARTING: Final = re.compile(
    rf"^{_MARKS}(?:begin )?(?:(?:forwarded|original|quoted) (?:message|mail|email|text)"
    r"|weitergeleitete nachricht|ursprüngliche nachricht|mensaje (?:reenviado|original)"
    r"|message (?:transféré|d'origine))\b[^\n]*$"
    r"|^[-_=*~]{5,}[ \t\r]*$"
    r"|^(?:on|am|el|le) [^\n]{4,80} (?:wrote|schrieb [^\n]{1,60}|escribió|a écrit)[ \t]*:[ \t\r]*$"
    r"|^[^\n]{0,80}\b(?:wrote|writes|posted|replied|commented|escribió|a écrit)[ \t]*:[ \t\r]*$"
    # A line that names what follows, and nothing else.
    rf"|^{_MARKS}(?:the )?(?:article|post|story|poem|lyrics|transcript|excerpt|letter|e?mail)"
    rf"[ \t]*:{_MARKS}\r?$",
    re.IGNORECASE | re.MULTILINE,
)
_FIELD: Final = (
    r"[*_]*(?:from|to|cc|bcc|subject|sent|date|reply-to|von|an|betreff|gesendet|datum|de|para"
    r"|asunto|enviado|objet|envoyé)[ \t]*:"
)
_HEADER: Final = re.compile(
    rf"^{_FIELD}[^\n]*\n{_FIELD}"
    # One line of it will do if it holds an address, or is what a turn starts with.
    r"|^[*_]*(?:from|von|de)[*_]*[ \t]*:[^\n<]{0,80}<[^\s<>@]{1,80}@[^\s<>]{1,80}>"
    r"|\A(?:subject|betreff|asunto|objet)[ \t]*:[^\n]*\n\s*\n",
    re.IGNORECASE | re.MULTILINE,
)
# "Dear Sam," on a line of its own, or at the start of one, below other text.
_SALUTATION: Final = re.compile(
    r"^(?:dear|hi|hello|hey|good (?:morning|afternoon|evening))\b[^\n.!?:]{0,40},[ \t]*$"
    r"|^dear [^\n.!?:]{1,40},",
    re.IGNORECASE | re.MULTILINE,
)
# A line with who speaks in front, and perhaps when; a name that is set off needs no colon.
_SPEAKER: Final = re.compile(
    rf"^{_MARKS}(?P<time>\[?\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?: ?[ap]m)?\]?[ \t-]+)?"
    r"(?:(?P<name>\[?[A-Za-z][\w .'-]{0,30}\]?)[*_\u200b-\u200f]*[ \t]*:[*_]*"
    r"|(?P<marked>@[A-Za-z][\w.-]{0,30}[ \t]*:|<[A-Za-z][\w .-]{0,30}>(?!\S)))[ \t]+\S",
    re.IGNORECASE | re.MULTILINE,
)
_ROLES: Final = frozenset(
    {
        "user", "assistant", "human", "ai", "bot", "system", "agent", "customer", "support", "me",
        "tool", "developer", "interviewer", "candidate",
    }
)  # fmt: skip
# Who never says a turn of the user's, and so need not be told apart from anybody else.
_MACHINES: Final = frozenset(
    {"user", "assistant", "human", "ai", "bot", "system", "tool", "developer"}
)
_NUMBERED: Final = re.compile(r"(?:speaker|person|participant) [a-z\d]{1,2}")
# "profile:" with lines below it that are set in: data in YAML.
_TREE: Final = re.compile(
    r"^[\w-]{1,40}:[ \t]*\n(?:[ \t]+(?:- )?[\w-]{1,40}:[^\n]*(?:\n|\Z))+", re.MULTILINE
)
# "//" and "/*" behind a blank or at the start, so that no address on the web is one.
_COMMENT: Final = re.compile(
    r"(?:^|(?<=\s))(?://|/\*)[^\n]*|<!--(?:[^-]|-(?!->)){0,4000}+(?:-->)?", re.MULTILINE
)
# What stands behind these on a line is shown, not said.
_SHOWN: Final = re.compile(
    rf"^{_MARKS}(?:(?:for )?example|e\.g\.|sample|prompt|(?:test )?input|test case(?: \d{{1,4}})?"
    r"|haiku|poem|joke|lyrics|(?:quote|joke) of the day|from (?:the )?(?:wikipedia|article|book"
    r"|website|web|readme|manual))[ \t]*(?::|(?<=\.))[ \t]+\S[^\n]*",
    re.IGNORECASE | re.MULTILINE,
)
# Marks of chat templates. They differ from model to model, and no person writes them.
_TEMPLATE: Final = re.compile(
    r"<<SYS>>|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_RESULTS|TOOL_CALLS|MEMORY)\]"
    r"|<[|\uff5c][^|\uff5c<>\n]{1,40}[|\uff5c]>|</?s>|<[be]os>|<(?:start|end)_of_turn>|<turn\|"
    r"|^#{2,4} ?(?:system|instructions?|input|response|human|user|assistant)\b"
    r"|\{\{[#/]\w{1,30}\}\}",
    re.IGNORECASE | re.MULTILINE,
)
# An element of a page or a prompt. Those that only set off what a person writes are left.
_ELEMENT: Final = re.compile(
    r"<(?!(?:b|i|u|p|em|strong|span|br)\b)(?P<tag>[a-z][\w:-]{0,40})(?:\s[^<>]{0,200})?>"
    r"(?s:.{0,2000}?)</(?P=tag)>",
    re.IGNORECASE,
)


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
    for pattern in (_TREE, _COMMENT, _ELEMENT, _SHOWN):
        for match in pattern.finditer(text):
            yield match.span()


def _transcript(text: str) -> Iterator[tuple[int, int]]:
    """Yields the lines that name who speaks: those of a log, or of several parts in a dialogue."""
    lines = list(_SPEAKER.finditer(text))
    names = {_speaker(match) for match in lines}
    dialogue = len(names) > 1 and (
        bool(names & _ROLES)
        or all(match["time"] for match in lines)
        or any(_NUMBERED.fullmatch(name) for name in names)
    )
    for match in lines:
        if dialogue or match["marked"] or _speaker(match) in _MACHINES:
            end = text.find("\n", match.end())
            yield match.start(), len(text) if end < 0 else end


def _speaker(match: re.Match[str]) -> str:
    return (match["name"] or match["marked"]).strip("[]<>@: ").casefold()
