"""Recognises secrets, so that they are never kept as values.

Passwords, API keys, tokens, private keys, card and account numbers do not help an assistant to know
its user, and a memory that quotes them into prompts would leak them. The rules look at form, and at
the words that a secret is told with; where in doubt they drop a value rather than keep it. What
they look for stands in `secret_forms.py` and `secret_words.py`.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from spectron_server.domain import secret_forms, secret_words

_SECRET_NAMES: Final = frozenset(
    {
        "password", "passwords", "passwd", "pwd", "passcode", "passphrase", "pin", "secret",
        "secrets", "token", "tokens", "credential", "credentials", "cvv", "cvc", "otp", "ssn",
        "iban", "mnemonic",
    }
)  # fmt: skip
_SECRET_NAME_PAIRS: Final = frozenset(
    {
        "pin_code", "pin_number", "api_key", "api_keys", "access_key", "private_key",
        "secret_key", "ssh_key", "encryption_key", "security_code", "recovery_code",
        "recovery_codes", "recovery_phrase", "seed_phrase", "card_number", "pass_phrase",
        "pass_code", "password_value", "access_code", "door_code", "alarm_code", "backup_code",
        "backup_codes", "verification_code", "security_number", "account_number",
        "routing_number", "license_key",
    }
)  # fmt: skip
_SHORTEST_SHARED: Final = 3


def names_secret(key: str) -> bool:
    """Tells whether an attribute of this key would hold a secret: `wifi_password`, `api_key`.

    Args:
        key: In snake_case.
    """
    parts = key.split("_")
    return parts[-1] in _SECRET_NAMES or "_".join(parts[-2:]) in _SECRET_NAME_PAIRS


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
    shown = text.strip().lower()
    for secret in secrets:
        hidden = secret.strip().lower()
        if hidden in shown or (len(shown) >= _SHORTEST_SHARED and shown in hidden):
            return True
        # Of a secret in several words, the first alone gives it away.
        first = hidden.split(maxsplit=1)[0]
        if len(first) >= _SHORTEST_SHARED and first in shown.split():
            return True
    return False


def _found(text: str) -> Iterator[str]:
    yield from secret_forms.known(text)
    yield from secret_words.told(text)
    yield from secret_forms.numbers(text)
    yield from secret_forms.random_tokens(text)
    yield from secret_forms.seed_phrases(text)
