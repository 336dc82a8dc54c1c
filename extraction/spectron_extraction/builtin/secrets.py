"""Telling secrets: what looks like one never becomes a value or a piece of evidence."""

import re
from typing import Final

_SECRET_FORMS: Final = re.compile(
    r"\b(?:sk|pk|rk)[-_][\w-]{8,}"  # API keys with a prefix
    r"|\bAKIA[0-9A-Z]{12,}"  # AWS access keys
    r"|\bgh[pousr]_\w{16,}|\bgithub_pat_\w{16,}"  # GitHub tokens
    r"|\bglpat-[\w-]{16,}|\bxox[abprs]-[\w-]{8,}|\bAIza[\w-]{20,}"  # GitLab, Slack, Google
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}"  # JSON web tokens
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY"
    r"|\b\d{3}-\d{2}-\d{4}\b"  # US social security numbers
    r"|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b"  # IBANs
)
_SECRET_WORDS: Final = re.compile(
    r"\b(?:passwords?|passphrases?|passcodes?|pass ?code|pwd|pin(?: (?:code|number))?|cvv|cvc"
    r"|api[ _-]?keys?|secret(?: key)?|(?:access|auth|bearer|refresh) ?tokens?|token"
    r"|(?:credit|debit|bank) ?cards?(?: number)?|card number|account number|routing number"
    r"|social security(?: number)?|ssn|private key|seed phrase|recovery (?:phrase|code)|login)\b"
    r"[^.!?\n]{0,40}?(?:\bis\b|\bare\b|'s\b|[:=])",
    re.IGNORECASE,
)
_DIGIT_RUN: Final = re.compile(r"\d(?:[ -]?\d){11,18}")
_LONG_WORD: Final = re.compile(r"[A-Za-z0-9+/_=-]{20,}")


def holds_secret(text: str) -> bool:
    """Tells whether a text seems to hold a secret: a key, a password, a card's number.

    Args:
        text: A sentence or a value.

    Returns:
        True also for some harmless text: what is missed costs more than what is lost.
    """
    if _SECRET_FORMS.search(text) or _SECRET_WORDS.search(text):
        return True
    if any(_luhn(match[0]) for match in _DIGIT_RUN.finditer(text)):
        return True
    return any(_random(match[0]) for match in _LONG_WORD.finditer(text))


def _luhn(text: str) -> bool:
    """Checks the last digit as payment cards do (ISO/IEC 7812-1, annex B)."""
    digits = [int(character) for character in text if character.isdigit()]
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return 13 <= len(digits) <= 19 and total % 10 == 0


def _random(word: str) -> bool:
    """Tells whether a long word mixes letters and digits as keys do and names do not."""
    digits = sum(character.isdigit() for character in word)
    letters = sum(character.isalpha() for character in word)
    return digits >= 4 and letters >= 4
