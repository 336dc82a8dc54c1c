"""Tokens: words and marks of a text in a normal form, with their places in the original.

The normal form is lower case, with contractions undone ("I'm" gives `i`, `am`) and the usual
short spellings of chat spelt out ("gonna" gives `going`, `to`). Every token keeps the offsets of
the characters it stands for, so that any run of tokens is a slice of the text.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from spectron_extraction.builtin.spelling import corrected
from spectron_extraction.builtin.wordlists import word_set

MAX_TOKENS: Final = 12_000
"""A turn of 32 KiB holds fewer words than this unless it is made of single letters."""


class Token(NamedTuple):
    """A word or mark: its normal form and its place, end exclusive, in the text."""

    norm: str
    start: int
    end: int
    capital: bool = False
    newline: bool = False

    @property
    def word(self) -> bool:
        """Whether it is a word rather than a mark."""
        return self.norm[0].isalnum() or self.norm[0] == "'"


Phrase = Sequence[Token]
"""A run of tokens that follow each other in the text."""

# One pass, no nested repetition over the same characters: linear in the length of the text.
_PIECE: Final = re.compile(
    # Tags that only set off what a person writes are no words.
    r"(?P<gap>\s+|</?(?i:b|i|u|p|em|strong|span|br)(?:\s[^<>]{0,200})?/?>)"
    r"|(?P<word>(?:[MmDd]rs?|[Mm]s|[Pp]rof)\.(?=\s+\w)"
    # A time of day or how long something took: "10:30", "1:52:07", "9:15pm".
    r"|\d{1,3}(?::\d{2}){1,2}(?:[AaPp][Mm])?(?![\w:])|\w+(?:[-'\u2019.&/@]\w+)*(?:\+\+|#)?)|(?P<mark>([^\w\s])\4*)"
)

_LINE_TAGS: Final = ("<p", "</p", "<br")

_SUFFIXES: Final = {
    "'m": "am",
    "'re": "are",
    "'ve": "have",
    "'ll": "will",
    "'d": "would",
}
_SPELLED_OUT: Final[dict[str, tuple[tuple[str, int], ...]]] = {
    # The numbers are the lengths of the parts of the original that the words stand for.
    "im": (("i", 1), ("am", 1)),
    "ive": (("i", 1), ("have", 2)),
    "can't": (("can", 3), ("not", 2)),
    "cannot": (("can", 3), ("not", 3)),
    "won't": (("will", 2), ("not", 3)),
    "shan't": (("shall", 3), ("not", 3)),
    "ain't": (("am", 2), ("not", 3)),
    "wont": (("will", 2), ("not", 2)),
    "cant": (("can", 3), ("not", 1)),
    "gonna": (("going", 3), ("to", 2)),
    "wanna": (("want", 3), ("to", 2)),
    "gotta": (("have", 3), ("to", 2)),
    "hes": (("he", 2), ("is", 1)),
    "shes": (("she", 3), ("is", 1)),
    "theyre": (("they", 4), ("are", 2)),
    "youre": (("you", 3), ("are", 2)),
    "whats": (("what", 4), ("is", 1)),
    "wheres": (("where", 5), ("is", 1)),
    "thats": (("that", 4), ("is", 1)),
    "let's": (("let", 3), ("us", 2)),
}
_NEGATED: Final = (
    "do", "does", "did", "is", "are", "was", "were", "have", "has", "had", "would", "could",
    "should", "might", "must", "need",
)  # fmt: skip
_IS_AFTER: Final = word_set(
    "he she it that this there here what where who how when everything everyone name"
)
_SHORT: Final = {
    "u": "you",
    "ur": "your",
    "r": "are",
    "pls": "please",
    "plz": "please",
    "cuz": "because",
    "cos": "because",
    "coz": "because",
    "bc": "because",
    "favourite": "favorite",
    "fav": "favorite",
    "fave": "favorite",
    "favourites": "favorites",
    "mum": "mom",
    "colour": "color",
    "prefered": "preferred",
    "alot": "lot",
    "thx": "thanks",
    "ty": "thanks",
    "hav": "have",
    "hobbys": "hobbies",
    "luv": "love",
    "ment": "meant",
    "sory": "sorry",
    "srry": "sorry",
    "bday": "birthday",
    "sry": "sorry",
    "tmrw": "tomorrow",
    "tmr": "tomorrow",
    "tmw": "tomorrow",
    "appt": "appointment",
    "appts": "appointments",
    "soz": "sorry",
}


# Verbs that are written together with "I" by mistake, where that makes no other word.
_GLUED: Final = word_set("live lives work have like love want need think hate use am was prefer")


def _table() -> dict[str, tuple[tuple[str, int], ...]]:
    table = dict(_SPELLED_OUT)
    for verb in _NEGATED:
        table[f"{verb}n't"] = ((verb, len(verb)), ("not", 3))
        table[f"{verb}nt"] = ((verb, len(verb)), ("not", 2))
        table[f"{verb}tn"] = ((verb, len(verb)), ("not", 2))
    return table


_CONTRACTIONS: Final = _table()


# What a text that was split at its apostrophes leaves apart: "i m", "don t", "do n't", "it s".
_LOOSE: Final = {"m": "am", "re": "are", "ve": "have", "ll": "will", "d": "would", "s": "is"}
_LOOSE_AFTER: Final = {
    "m": word_set("i"),
    "d": word_set("i we you he she they"),
    "s": _IS_AFTER - {"name"},
    **dict.fromkeys(("re", "ve", "ll"), word_set("i we you they he she it")),
}
_STEMS: Final = {
    **{f"{verb}n": verb for verb in _NEGATED},
    **{verb: verb for verb in _NEGATED},
    "don": "do",
    "can": "can",
    "ca": "can",
    "won": "will",
    "wo": "will",
}
_AFTER_ITS: Final = word_set(
    "a an the my our not so very really just always also been too all about in on i like"
)


def tokenise(text: str, limit: int = MAX_TOKENS) -> list[Token]:
    """Splits a text into tokens.

    Args:
        text: Any text.
        limit: At most about so many tokens are returned; the rest of the text is left out.

    Returns:
        The tokens in order. `text[token.start:token.end]` is what a token stands for.
    """
    tokens: list[Token] = []
    newline = False
    for match in _PIECE.finditer(text):
        if match.lastgroup == "gap" or match["gap"] is not None:
            newline = newline or "\n" in match[0] or match[0].lower().startswith(_LINE_TAGS)
            continue
        if len(tokens) >= limit:
            break
        start, end = match.span()
        piece = match[0]
        if match["word"] is not None:
            _add_word(tokens, piece, start, newline=newline)
        else:
            tokens.append(Token(piece, start, end, newline=newline))
        newline = False
    return _joined(tokens)


_IN_LAWS: Final = word_set("mother father sister brother son daughter mom dad")
_BEFORE_PLACE: Final = word_set("in from to across within outside around")
_SINGLE: Final = word_set(
    "husband wife boyfriend girlfriend mom mum dad mother father boss bf gf fiance fiancee"
)
"""Of whom there is one, so that an "s" after the word may be "is"."""

_ONE_OF: Final = _SINGLE | word_set(
    "son daughter brother sister dog cat friend cousin partner aunt uncle niece nephew grandma "
    "grandpa roommate flatmate coworker colleague neighbor neighbour"
)
_BELONGING: Final = word_set("name birthday bday age job address diet employer nationality")
"""What is somebody's own, so that an "s" before it is a possessive."""

_AFTER_IS: Final = word_set(
    "a an the not from in at on due called allergic vegan vegetarian intolerant diabetic retired"
)
_MISHEARD: Final = {"mite": "might", "cud": "could", "wud": "would", "shud": "should"}
"""Modal verbs as they sound, which after "I" can be nothing else."""


def _joined(tokens: list[Token]) -> list[Token]:
    """Undoes contractions whose parts stand apart, and reads "its" as "it is" where it must be."""
    joined: list[Token] = []
    for index, token in enumerate(tokens):
        kin = joined[-2] if len(joined) > 1 and joined[-1].norm == "in" else None
        if kin is not None and token.norm == "law" and kin.norm in _IN_LAWS:
            joined[-2:] = [kin._replace(norm=f"{kin.norm}-in-law", end=token.end)]
            continue
        before = joined[-1].norm if joined else ""
        norm = token.norm
        follower = tokens[index + 1].norm if index + 1 < len(tokens) else ""
        if norm == "/" and before == "w" and joined[-1].end == token.start:
            joined[-1] = joined[-1]._replace(norm="with", end=token.end)
            continue
        owner = norm[:-1] if before == "my" and norm.endswith("s") else ""
        named = follower in _BELONGING and owner in _ONE_OF
        if named or (owner in _SINGLE and follower in _AFTER_IS):
            # "My husbands name", "my moms a nurse"
            joined.append(token._replace(norm=owner, end=token.end - 1))
            joined.append(Token("'s", token.end - 1, token.end))
            continue
        if before == "i" and norm in _MISHEARD:
            joined.append(token._replace(norm=_MISHEARD[norm]))
            continue
        if norm == "us" and (before == "the" or (token.capital and before in _BEFORE_PLACE)):
            joined.append(token._replace(norm="usa"))
            continue
        if norm in {"'", "\u2019"} and before in _LOOSE_AFTER.get(follower, ()):
            continue
        if before in _LOOSE_AFTER.get(norm, ()):
            joined.append(token._replace(norm=_LOOSE[norm]))
        elif before in _STEMS and (norm in {"t", "n't"} or (norm == "not" and len(before) == 2)):
            joined[-1] = joined[-1]._replace(norm=_STEMS[before])
            joined.append(token._replace(norm="not"))
        elif norm == "its" and follower in _AFTER_ITS:
            middle = token.start + 2
            joined.append(token._replace(norm="it", end=middle))
            joined.append(Token("is", middle, token.end))
        else:
            joined.append(token)
    return joined


def _add_word(tokens: list[Token], piece: str, start: int, *, newline: bool) -> None:
    norm = piece.lower().replace("\u2019", "'")
    if len(norm) != len(piece):  # A few letters change their number when lowered.
        norm = piece.replace("\u2019", "'")
    capital = piece[0].isupper()
    end = start + len(piece)
    parts = _CONTRACTIONS.get(norm)
    if parts:
        for word, length in parts:
            tokens.append(Token(word, start, start + length, capital and word != "i", newline))
            start += length
            newline = False
            capital = False
        return
    apostrophe = norm.rfind("'")
    if apostrophe > 0:
        stem, suffix = norm[:apostrophe], norm[apostrophe:]
        middle = start + apostrophe
        if suffix in _SUFFIXES:
            tokens.append(Token(stem, start, middle, capital and stem != "i", newline))
            tokens.append(Token(_SUFFIXES[suffix], middle, end))
            return
        if suffix == "'s":
            tokens.append(Token(stem, start, middle, capital, newline))
            tokens.append(Token("is" if stem in _IS_AFTER else "'s", middle, end))
            return
    if norm[0] == "i" and norm[1:] in _GLUED:
        tokens.append(Token("i", start, start + 1, newline=newline))
        tokens.append(Token(norm[1:], start + 1, end))
        return
    meant = _SHORT.get(norm, norm)
    plain = meant if capital and start else corrected(meant)
    tokens.append(Token(plain, start, end, capital and norm != "i", newline))


def words(phrase: Phrase) -> str:
    """Returns the normal forms of a phrase, one blank between them."""
    return " ".join([token.norm for token in phrase])


def slice_of(text: str, phrase: Phrase) -> str:
    """Returns what a phrase, not empty, stands for, with white space collapsed."""
    return " ".join(text[phrase[0].start : phrase[-1].end].split())


def trim_marks(phrase: Phrase) -> Phrase:
    """Returns a phrase without the marks at its ends."""
    first, last = 0, len(phrase)
    while first < last and not phrase[first].word:
        first += 1
    while last > first and not phrase[last - 1].word:
        last -= 1
    return phrase[first:last]
