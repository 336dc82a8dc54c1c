"""What is recognised as a secret, and what is not."""

import base64
import random

import pytest

from spectron_server.domain.sensitive import holds_secret, names_secret

# Assembled, so that no scanner takes this file for a leak.
SECRETS = [
    "sk-" + "proj-Ab3dEf6hIj9kLm2nOp5q",
    "use sk_" + "live_4eC39HqLyjWDarjtT1zdp7dc please",
    "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "github_pat_" + "11ABCDEFG0abcdefghijkl",
    "AKIA" + "IOSFODNN7EXAMPLE",
    "xoxb-" + "123456789012-abcdefGHIJKL",
    "AIza" + "SyA1234567890abcdefghijklmnopqrstuv",
    "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    "-----BEGIN " + "RSA PRIVATE KEY-----",
    "-----BEGIN " + "OPENSSH PRIVATE KEY-----",
    "postgres://alice:" + "hunter2@db.example.org/app",
    "Authorization: Bearer " + "abcdef0123456789abcdef",
    "the password is hunter2",
    "My wifi password: correct horse",
    "password=hunter2",
    "my PIN is 4821",
    "the API key is abc",
    "password for the router is hunter2",
    "4111 1111 1111 1111",
    "5500-0000-0000-0004",
    "card 378282246310005, expires soon",
    "d41d8cd98f00b204e9800998ecf8427e",
    "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY4z9Qk2Lm8",
]

HARMLESS = [
    "London",
    "TypeScript over JavaScript",
    "leading a migration from CommonJS to ESM",
    "a password manager",
    "rotating API keys every month",
    "token-based authentication",
    "secretary at the embassy",
    "+44 20 7946 0958",
    "order 1234567890123",
    "978-3-16-148410-0",
    "2024-11-15T10:23:00Z",
    "0000000000000000",
    "4111 1111 1111 1112",
    "550e8400-e29b-41d4-a716-446655440000",
    "handle_user_registration_and_login_v2",
    "AbstractSingletonProxyFactoryBean2",
    "https://github.com/example/spectron/pull/123456",
    "Donaudampfschifffahrtsgesellschaftskapitän",
    "3.14159265358979323846",
    "pneumonoultramicroscopicsilicovolcanoconiosis",
    "pinning dependencies",
    "C#, F# and a sk8board",
]


@pytest.mark.parametrize("text", SECRETS)
def test_secrets_are_recognised_wherever_they_stand(text: str) -> None:
    assert holds_secret(text)
    assert holds_secret(f"Please remember this: {text}\nthank you")


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_values_are_not_taken_for_secrets(text: str) -> None:
    assert not holds_secret(text)


@pytest.mark.parametrize(
    "key",
    ["password", "wifi_password", "pin", "card_pin", "api_key", "openai_api_key", "secret",
     "access_token", "card_number", "seed_phrase", "cvv", "login_credentials"],
)  # fmt: skip
def test_keys_of_secrets_are_recognised(key: str) -> None:
    assert names_secret(key)


@pytest.mark.parametrize(
    "key",
    ["password_manager", "secret_santa", "location", "key", "favorite_color", "opinion",
     "spinning_class", "keyboard", "house_number", "tokenizer"],
)  # fmt: skip
def test_other_keys_are_not(key: str) -> None:
    assert not names_secret(key)


def test_nearly_every_random_token_is_recognised() -> None:
    source = random.Random(7)
    tokens = [base64.urlsafe_b64encode(source.randbytes(24)).decode() for _ in range(500)]
    assert sum(map(holds_secret, tokens)) >= 490
