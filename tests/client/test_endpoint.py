from collections.abc import Mapping
from pathlib import Path

import pytest

from spectron import Spectron
from spectron.endpoint import Endpoint, is_local, resolve_endpoint

CERTIFICATE = Path(__file__).parent / "certificates" / "loopback.pem"


def resolve(
    endpoint: str | None = None,
    *,
    tls: bool | None = None,
    root_certificates: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Endpoint:
    return resolve_endpoint(
        endpoint, tls=tls, root_certificates=root_certificates, environment=environment or {}
    )


@pytest.mark.parametrize(
    ("given", "target"),
    [
        (None, "127.0.0.1:50051"),
        ("example.com", "example.com:50051"),
        ("example.com:443", "example.com:443"),
        ("127.0.0.1:6000", "127.0.0.1:6000"),
        ("::1", "[::1]:50051"),
        ("[::1]", "[::1]:50051"),
        ("[::1]:6000", "[::1]:6000"),
        ("unix:/run/spectron.sock", "unix:/run/spectron.sock"),
        ("dns:///example.com:443", "dns:///example.com:443"),
        (" example.com:443\n", "example.com:443"),
    ],
)
def test_addresses_get_the_default_port_only_where_they_have_none(
    given: str | None, target: str
) -> None:
    assert resolve(given).target == target


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:99999", "example.com:65536", "[::1]:65536", "127.0.0.1:0", f"a:{'9' * 400}"],
)
def test_a_port_that_there_is_not_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="a port from 1 to 65535"):
        resolve(address)
    assert resolve("127.0.0.1:65535").target == "127.0.0.1:65535"
    assert resolve("unix:99999").target == "unix:99999"


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.8.8.8:1", "localhost", "localhost:1", "::1", "[::1]:1", "unix:/a"],
)
def test_plaintext_is_the_default_on_this_machine(address: str) -> None:
    assert is_local(address)
    assert resolve(address).tls is False


@pytest.mark.parametrize(
    "address",
    [
        "example.com:443",
        "10.0.0.1:50051",
        "0.0.0.0:50051",
        "[2001:db8::1]:1",
        "localhost.example.com:1",
        "127.0.0.1.example.com:1",
        "dns:///localhost:1",
    ],
)
def test_tls_is_the_default_everywhere_else(address: str) -> None:
    assert not is_local(address)
    assert resolve(address).tls is True


def test_plaintext_over_a_network_must_be_asked_for() -> None:
    assert resolve("example.com:1", tls=False).tls is False


def test_the_environment_names_the_endpoint_and_the_argument_wins() -> None:
    assert resolve(environment={"SPECTRON_ENDPOINT": "10.0.0.1:7"}).target == "10.0.0.1:7"
    assert (
        resolve("10.0.0.2:7", environment={"SPECTRON_ENDPOINT": "10.0.0.1:7"}).target
        == "10.0.0.2:7"
    )
    assert resolve(environment={"SPECTRON_ENDPOINT": ""}).target == "127.0.0.1:50051"


def test_root_certificates_come_from_the_argument_or_the_environment() -> None:
    expected = CERTIFICATE.read_bytes()
    named = {"SPECTRON_TLS_ROOT_CERTIFICATES": str(CERTIFICATE)}
    assert resolve("127.0.0.1:1", root_certificates=CERTIFICATE).root_certificates == expected
    assert resolve("127.0.0.1:1", root_certificates=CERTIFICATE).tls is True
    assert resolve("example.com:1", environment=named).root_certificates == expected
    # The variable may be set for another server; it does not turn encryption on at loopback.
    assert resolve("127.0.0.1:1", environment=named).tls is False


def test_nonsense_is_refused_with_a_reason() -> None:
    with pytest.raises(ValueError, match="host:port without a scheme"):
        resolve("https://example.com")
    with pytest.raises(ValueError, match="no use with tls=False"):
        resolve("example.com", tls=False, root_certificates=CERTIFICATE)
    with pytest.raises(FileNotFoundError):
        resolve("example.com", root_certificates=CERTIFICATE.with_name("missing.pem"))


def test_a_key_is_needed_and_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPECTRON_API_KEY", raising=False)
    with pytest.raises(ValueError, match="SPECTRON_API_KEY"):
        Spectron()
    monkeypatch.setenv("SPECTRON_API_KEY", "sk-from-the-environment")
    assert "sk-from" not in repr(Spectron())


@pytest.mark.parametrize("key", ["sk-two\nlines", "sk-ünicode", "sk-tab\there"])
def test_a_key_that_cannot_be_sent_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ValueError, match="characters that no key has") as caught:
        Spectron(key)
    assert key not in str(caught.value)


@pytest.mark.parametrize("timeout_s", [0.0, -1.0, float("nan")])
def test_a_timeout_must_be_positive(timeout_s: float) -> None:
    with pytest.raises(ValueError, match="timeout_s"):
        Spectron("sk-x", timeout_s=timeout_s)
