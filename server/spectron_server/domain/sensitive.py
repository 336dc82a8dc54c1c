"""Recognises secrets, so that they are never kept as values.

Passwords, API keys, tokens, private keys, card and account numbers do not help an assistant to know
its user, and a memory that quotes them into prompts would leak them. The rules look at form, at the
words that a secret is told with, and at the syntax that sets it; where in doubt they drop a value
rather than keep it. What they look for stands in `secret_forms.py`, `secret_words.py` and
`secret_settings.py`.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from spectron_server.domain import secret_forms, secret_settings, secret_words

_SECRET_NAMES: Final = frozenset(
    {
        "password", "passwords", "passwd", "pwd", "passcode", "passphrase", "pin", "secret",
        "secrets", "token", "tokens", "credential", "credentials", "cvv", "cvc", "otp", "ssn",
        "iban", "mnemonic", "pw", "puk", "cvv2", "cvc2", "apikey", "passwort", "kennwort",
        "contrasena", "accesstoken",
    }
)  # fmt: skip
_SECRET_NAME_PAIRS: Final = frozenset(
    {
        "pin_code", "pin_number", "api_key", "api_keys", "access_key", "private_key",
        "secret_key", "ssh_key", "encryption_key", "security_code", "recovery_code",
        "recovery_codes", "recovery_phrase", "seed_phrase", "card_number", "pass_phrase",
        "pass_code", "password_value", "access_code", "door_code", "backup_code",
        "backup_codes", "verification_code", "security_number", "account_number",
        "routing_number", "license_key", "alarm_code", "safe_code", "gate_code", "lock_code",
        "locker_code", "lockbox_code", "unlock_code", "entry_code", "garage_code", "keypad_code",
        "factor_code", "otp_code", "sms_code", "login_code", "wallet_seed", "session_cookie",
        "sort_code",
    }
)  # fmt: skip
_SECRET_ENDINGS: Final = ("password", "passwort", "passwd", "passphrase", "apikey", "secretkey")
_SHORTEST_SHARED: Final = 3

WITHHELD: Final = "[withheld]"
"""What stands for a secret where a turn is quoted."""


def names_secret(key: str) -> bool:
    """Tells whether an attribute of this key would hold a secret: `wifi_password`, `api_key`.

    Args:
        key: In snake_case.
    """
    parts = key.split("_")
    return (
        parts[-1] in _SECRET_NAMES
        or parts[-1].endswith(_SECRET_ENDINGS)
        or "_".join(parts[-2:]) in _SECRET_NAME_PAIRS
    )


def holds_secret(text: str) -> bool:
    """Tells whether a text holds what looks like a secret."""
    return next(_found(text), None) is not None


def secrets_in(text: str) -> frozenset[str]:
    """Returns what looks like secrets in a text.

    Args:
        text: A whole turn: what makes a plain word a secret may stand before it or after it.
    """
    return frozenset(_found(text))


def shows_secret(text: str, secrets: Iterable[str]) -> bool:
    """Tells whether a text shows one of some secrets, or a part of one.

    Args:
        text: A value, or the words that prove it.
        secrets: What `secrets_in` found in the turn that it is from.
    """
    shown = _plain(text).strip().lower()
    for secret in secrets:
        hidden = secret.strip().lower()
        if hidden in shown or (len(shown) >= _SHORTEST_SHARED and shown in hidden):
            return True
        # Of a secret in several words, the first alone gives it away.
        first = hidden.split(maxsplit=1)[0]
        if len(first) >= _SHORTEST_SHARED and first in shown.split():
            return True
    return False


def without_secrets(text: str) -> str:
    """Returns a turn's text as it may be quoted: with `WITHHELD` in the place of its secrets."""
    secrets = secrets_in(text)
    if not secrets:
        return text
    shown = _plain(text)
    # One may be a part of another.
    for secret in sorted(secrets, key=len, reverse=True):
        shown = shown.replace(secret, WITHHELD)
    return shown


def _plain(text: str) -> str:
    """Returns a text with its characters made ordinary: none invisible, one kind of each mark.

    What is pasted holds blanks that do not break, dashes and digits of several kinds.
    """
    if text.isascii():
        return text
    return "".join(map(_ordinary, unicodedata.normalize("NFKC", text)))


def _ordinary(character: str) -> str:
    match unicodedata.category(character):
        case "Cf":
            return ""
        case "Pd":
            return "-"
        case "Nd":
            return str(unicodedata.decimal(character))
        case _:
            return character


def _found(text: str) -> Iterator[str]:
    text = _plain(text)
    yield from secret_forms.known(text)
    yield from secret_words.told(text)
    yield from secret_settings.told(text)
    yield from secret_forms.numbers(text)
    yield from secret_forms.random_tokens(text)
    yield from secret_forms.seed_phrases(text)
