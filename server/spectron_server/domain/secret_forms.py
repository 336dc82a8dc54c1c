"""Secrets by their form: how keys look, which numbers add up, what seems drawn at random.

Every pattern is bounded, so that a long turn takes time in proportion to its length.
"""

import base64
import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

# Prefixes are those that the services document for secret scanners.
_KNOWN: Final = re.compile(
    r"""
    (?<![A-Za-z0-9])
    (?: (?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,}            # API keys of many services
      | gh[pousr]_[A-Za-z0-9]{20,} | github_pat_\w{20,}
      | glpat-[\w-]{16,} | npm_[A-Za-z0-9]{20,} | hf_[A-Za-z0-9]{20,}
      | (?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])      # access key ids of a cloud
      | AIza[\w-]{35} | xox[abeoprs]-[\w-]{10,} | xapp-[\w-]{10,}
      | do[opr]_v1_[0-9a-f]{32,} | dapi[0-9a-f]{32} | shp[a-z]{2}_[0-9A-Fa-f]{32}
      | NRAK-[A-Z0-9]{20,} | tok_(?:live|test)_\w{6,} | oauth:[a-z0-9]{28,}
      | v1\.0-[0-9a-f]{24}-[0-9a-f]{32,}
      | key-[0-9a-f]{32} | SK[0-9a-f]{32} | secret_[A-Za-z0-9]{32,} | SG\.[\w-]{16,}\.[\w-]{16,}
      | (?:whsec|figd|lin_api|lin_oauth|ntn|gsk|r8|glsa|nvapi|dckr_pat|rubygems|sbp|sntrys|pypi)
        [-_][\w-]{20,}
      | (?:pplx|tvly|xai)-[\w-]{20,} | hv[bs]\.[\w-]{20,} | sq0[a-z]{3}-[\w-]{20,}
      | AGE-SECRET-KEY-1[0-9A-Z]{20,}
      | \d{8,10}:[A-Za-z0-9_-]{30,}                   # tokens of chat bots
      | [MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{20,}
      | hooks\.slack\.com/services/[\w/]{20,}
      | eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*            # JSON Web Tokens
      | (?i:bearer\s{1,8}[A-Za-z0-9._~+/-]{16,})
      | (?<=\s)-u\s{1,4}[^\s:]{1,100}:\S{1,200}       # a password for a command
    )
    # PEM and SSH2, cut by line breaks as they come; the lines of PuTTY.
    | -{4,5}\s?BEGIN\s[A-Z0-9\s]{0,40}PRIVATE\sKEY(?:\sBLOCK)?[\s-]{0,7}(?:[^-]|-(?!---)){0,8000}+
    | Private-(?:Lines|MAC):\s{0,4}[^:]{1,8000}+
    """,
    re.VERBOSE,
)

# Texts without any of these hold nothing of `_KNOWN`, whose first letters are dear to look for.
_LONG_WORD: Final = re.compile(r"\S{15}")
_OTHERWISE_KNOWN: Final = ("-u", "--", "Private-")

_ANY_DIGIT: Final = re.compile(r"\d")
# Digits in one piece or in groups, as cards and accounts show them.
_DIGITS: Final = re.compile(r"(?<![\d.+])\d(?:[ -]?\d){11,22}(?![\d.]\d)(?!\d)")
_FOURS: Final = re.compile(
    r"(?<![\d.+])\d{4}(?P<gap>\s{1,3}|[./_])\d{4,6}(?P=gap)\d{4,5}(?:(?P=gap)\d{1,7}){0,2}(?!\d)"
)
# Issuers' numbers (ISO/IEC 7812-1) with the lengths in which they give out cards: equipment has
# numbers of 15 digits that pass the same check.
_CARD: Final = re.compile(
    r"""
      4\d{12}(?:\d{3}){0,2} | (?:5[1-5]|2[2-7])\d{14} | 3[47]\d{13} | 3[0689]\d{12} | 35\d{14}
    | (?:6011|64[4-9]\d|65\d\d)\d{12} | 62\d{14,17}
    | (?:5018|5020|5038|6304|6759|676[1-3])\d{8,15}
    """,
    re.VERBOSE,
)
_IBAN: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}|[a-z]{2}\d{2}[a-z0-9]{11,30})"
    r"(?![A-Za-z0-9])"
)
_GAP: Final = re.compile(r"[\s./_-]+")
# Areas 000, 666 and from 900 on are not given out.
_SOCIAL_SECURITY: Final = re.compile(
    r"(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\d-])"
)

# A text without any holds no token, and nothing padded.
_LONG_OR_PADDED: Final = re.compile(r"[!-~]{20}|=")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_+=~-]{20,}")
_BASE64: Final = re.compile(r"(?<![\w/+.-])[A-Za-z0-9/+]{40,}={0,2}(?![\w/+.])")
# The ends tell it from identifiers, and what it decodes to from noise.
_PADDED: Final = re.compile(r"(?<![\w/+=-])[A-Za-z0-9+/]{6,400}={1,2}(?![\w=])")
_HEXADECIMAL: Final = re.compile(r"[0-9a-f]{32,}|[0-9A-F]{32,}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DIGEST_BEFORE: Final = re.compile(
    r"\b(?:commit|sha-?\d{0,3}|md5|hash|checksum|digest|revision|rev)\W{0,3}(?:(?:is|of)\s)?\Z",
    re.IGNORECASE,
)
# Bits for each character. Random base 64 of 20 characters has about 4, English text about 3.
_MIN_ENTROPY: Final = 3.3
# Random base 62 changes between lower case, upper case and digits at two of three characters;
# names such as `handleUserLogin2` at far fewer.
_MIN_CLASS_CHANGES: Final = 0.3

# Words of seed phrases (BIP 39) have three to eight letters; these frequent ones are none of them.
_SEED_WORD: Final = (
    r"(?!(?:the|and|for|with|but|not|are|was|were|has|had|from|his|her|our|their|been)\b)"
    r"[a-z]{3,8}(?![\w'-])"
)
# Every phrase begins so. Most texts do not, and this takes a third of the time to tell it.
_SHORT_WORDS: Final = re.compile(r"(?<![a-z])(?:[a-z]{3,8} ){11}[a-z]{3}")
_SEED_PHRASE: Final = re.compile(rf"(?<![\w'-])(?:{_SEED_WORD}\ ){{11,23}}{_SEED_WORD}")
# Only where a wallet is spoken of may its words be numbered, in capitals or in lines: shopping
# lists look like that, too.
_WALLET_WORDS: Final = ("seed", "wallet", "ledger", "mnemonic", "recovery", "backup")
_WALLET: Final = re.compile(
    r"\b(?:seed|wallet|ledger|mnemonic|(?:recovery|backup) (?:phrase|words))\b", re.IGNORECASE
)
_WALLET_PHRASE: Final = re.compile(_SEED_PHRASE.pattern, re.IGNORECASE)
_BETWEEN_WORDS: Final = re.compile(r"[\s,;|]+(?:\d{1,2}[.):]?[\s,;|]+)?")


def known(text: str) -> Iterator[str]:
    """Yields keys and credentials in forms that services document."""
    if not (_LONG_WORD.search(text) or any(mark in text for mark in _OTHERWISE_KNOWN)):
        return
    for match in _KNOWN.finditer(text):
        yield match[0]


def numbers(text: str) -> Iterator[str]:
    """Yields numbers of cards, accounts and social security."""
    if not _ANY_DIGIT.search(text):
        return
    for pattern in (_DIGITS, _FOURS):
        for match in pattern.finditer(text):
            yield from filter(_is_card_number, _readings(match[0]))
    for match in _IBAN.finditer(text):
        yield from filter(_is_account_number, _readings(match[0]))
    for match in _SOCIAL_SECURITY.finditer(text):
        yield match[0]


def random_tokens(text: str) -> Iterator[str]:
    """Yields runs of characters that look drawn at random, not spelled."""
    if not _LONG_OR_PADDED.search(text):
        return
    for match in _TOKEN.finditer(text):
        if _is_random(match[0]) and not _is_digest(match, text):
            yield match[0]
    for match in _BASE64.finditer(text):
        if _is_mixed(match[0]):
            yield match[0]
    for match in _PADDED.finditer(text):
        if _is_encoded_text(match[0]):
            yield match[0]


def seed_phrases(text: str) -> Iterator[str]:
    """Yields sequences of words without grammar, as wallets use them."""
    if _SHORT_WORDS.search(text):
        for match in _SEED_PHRASE.finditer(text):
            yield match[0]
    lowered = text.lower()
    if any(word in lowered for word in _WALLET_WORDS) and _WALLET.search(text):
        for match in _WALLET_PHRASE.finditer(_BETWEEN_WORDS.sub(" ", text)):
            yield from match[0].split()


def _readings(text: str) -> Iterator[str]:
    """Yields a number in groups, and each sequence of its groups: others may stand beside it."""
    if any(len(group) == 1 for group in _GAP.split(text)):
        yield text
        return
    ends = [(0, 0), *(match.span() for match in _GAP.finditer(text)), (len(text), len(text))]
    for number, (_, start) in enumerate(ends):
        for end, _ in ends[number + 1 :]:
            yield text[start:end]


def _is_card_number(text: str) -> bool:
    """Checks issuer and length, and the digits with the Luhn formula (ISO/IEC 7812-1, annex B)."""
    digits = [int(character) for character in text if character.isdigit()]
    if not _CARD.fullmatch("".join(map(str, digits))):
        return False
    total = 0
    for position, digit in enumerate(reversed(digits)):
        doubled = digit * 2 if position % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _is_account_number(text: str) -> bool:
    """Checks an international bank account number by its remainder (ISO 13616)."""
    compact = _GAP.sub("", text)
    moved = compact[4:] + compact[:4]
    return (
        bool(_IBAN.fullmatch(compact))
        and int("".join(str(int(character, 36)) for character in moved)) % 97 == 1
    )


def _is_random(token: str) -> bool:
    if _UUID.fullmatch(token):
        return False
    if _HEXADECIMAL.fullmatch(token):
        return len(set(token)) > 8
    return _is_mixed(token)


def _is_mixed(token: str) -> bool:
    changes = sum(_class(one) != _class(other) for one, other in pairwise(token))
    classes = {_class(character) for character in token}
    return (
        classes >= {"lower", "upper", "digit"}
        and changes >= _MIN_CLASS_CHANGES * len(token)
        and _entropy(token) >= _MIN_ENTROPY
    )


def _is_encoded_text(token: str) -> bool:
    """Tells whether base 64 holds text that can be read, as people hide passwords."""
    try:
        text = base64.b64decode(token, validate=True)
    except ValueError:
        return False
    return all(32 <= byte < 127 for byte in text)


def _is_digest(match: re.Match[str], text: str) -> bool:
    """Tells whether a hexadecimal number is said to be a digest: those are no secrets."""
    before = text[max(0, match.start() - 24) : match.start()]
    return bool(_HEXADECIMAL.fullmatch(match[0]) and _DIGEST_BEFORE.search(before))


def _class(character: str) -> str:
    if character.isdigit():
        return "digit"
    if character.isalpha():
        return "upper" if character.isupper() else "lower"
    return "mark"


def _entropy(token: str) -> float:
    """Returns Shannon's entropy of a token's characters, in bits."""
    counts = Counter(token).values()
    return -sum(count / len(token) * math.log2(count / len(token)) for count in counts)
