"""Recognises secrets, so that they are never kept as values.

Passwords, API keys, tokens, private keys and card numbers do not help an assistant to know its
user, and a memory that quotes them into prompts would leak them. The rules look at form, not at
meaning: they prefer to drop a value that looks like a secret to keeping one.
"""

import math
import re
from collections import Counter
from itertools import pairwise
from typing import Final

_KNOWN_FORMS: Final = re.compile(
    r"""
    \b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,}            # API keys of many services
    | \bgh[pousr]_[A-Za-z0-9]{20,} | \bgithub_pat_\w{20,}
    | \bglpat-[\w-]{16,} | \bnpm_[A-Za-z0-9]{20,} | \bhf_[A-Za-z0-9]{20,}
    | \b(?:AKIA|ASIA)[A-Z0-9]{16}\b                 # access key ids of a cloud
    | \bAIza[\w-]{35} | \bxox[abeoprs]-[\w-]{10,}
    | \beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*          # JSON Web Tokens
    | -----BEGIN\ [A-Z0-9 ]*PRIVATE\ KEY            # PEM
    | (?i:\bbearer\s+[A-Za-z0-9._~+/-]{16,})
    | \b[a-z][a-z0-9+.-]*://[^\s/:@]+:[^\s/@]+@     # a URL with a password
    """,
    re.VERBOSE,
)
_TOLD: Final = re.compile(
    r"""
    \b(?: pass(?:word|wd|code|phrase|\s?phrase) | pin(?:\s(?:code|number))?
        | (?:api|access|secret|private|recovery|security|cvv|cvc)\s?(?:key|code|token)
        | secret | token | cvv | cvc )
    (?: \s+(?:for|to|of)\s+[\w\s'-]{1,40}? )?
    (?: \s*[:=]\s* | \s+is\s+(?:now\s+)? )
    \S+
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SECRET_NAMES: Final = frozenset(
    {
        "password", "passwords", "passwd", "passcode", "passphrase", "pin", "secret", "secrets",
        "token", "tokens", "credential", "credentials", "cvv", "cvc", "otp",
    }
)  # fmt: skip
_SECRET_NAME_PAIRS: Final = frozenset(
    {
        "pin_code", "pin_number", "api_key", "api_keys", "access_key", "private_key",
        "secret_key", "ssh_key", "encryption_key", "security_code", "recovery_code",
        "recovery_codes", "recovery_phrase", "seed_phrase", "card_number", "pass_phrase",
        "pass_code", "password_value",
    }
)  # fmt: skip

_CARD: Final = re.compile(r"(?<![\d.])[2-6]\d(?:[ -]?\d){11,17}(?![\d.]\d)(?!\d)")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_+=~-]{20,}")
_HEXADECIMAL: Final = re.compile(r"[0-9a-f]{32,}|[0-9A-F]{32,}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

# Bits for each character. Random base 64 of 20 characters has about 4, English text about 3.
_MIN_ENTROPY: Final = 3.3
# Random base 62 changes between lower case, upper case and digits at two of three characters;
# names such as `handleUserLogin2` at far fewer.
_MIN_CLASS_CHANGES: Final = 0.3


def names_secret(key: str) -> bool:
    """Tells whether an attribute of this key would hold a secret: `wifi_password`, `api_key`.

    Args:
        key: In snake_case.
    """
    parts = key.split("_")
    return parts[-1] in _SECRET_NAMES or "_".join(parts[-2:]) in _SECRET_NAME_PAIRS


def holds_secret(text: str) -> bool:
    """Tells whether a text holds what looks like a secret."""
    return bool(
        _KNOWN_FORMS.search(text)
        or _TOLD.search(text)
        or any(_is_card_number(match[0]) for match in _CARD.finditer(text))
        or any(_is_random(match[0]) for match in _TOKEN.finditer(text))
    )


def _is_card_number(text: str) -> bool:
    """Checks the digits with the Luhn formula (ISO/IEC 7812-1, annex B)."""
    digits = [int(character) for character in text if character.isdigit()]
    total = 0
    for position, digit in enumerate(reversed(digits)):
        doubled = digit * 2 if position % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    # A run of one digit may pass the formula without being a card.
    return total % 10 == 0 and len(set(digits)) > 1


def _is_random(token: str) -> bool:
    """Tells whether a run of characters looks drawn at random, not spelled."""
    if _UUID.fullmatch(token):
        return False
    if _HEXADECIMAL.fullmatch(token):
        return len(set(token)) > 8
    changes = sum(_class(one) != _class(other) for one, other in pairwise(token))
    mixed = {_class(character) for character in token} >= {"lower", "upper", "digit"}
    return mixed and changes >= _MIN_CLASS_CHANGES * len(token) and _entropy(token) >= _MIN_ENTROPY


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
