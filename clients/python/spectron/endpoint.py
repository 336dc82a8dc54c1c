"""Where a server is, and how to talk to it: in clear only where nobody can listen.

Without word to the contrary, TLS is used for every address except loopback and Unix sockets, so
that an API key does not cross a network in clear by accident.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

DEFAULT_ENDPOINT: Final = "127.0.0.1:50051"
DEFAULT_PORT: Final = 50051
_LAST_PORT: Final = 65_535

API_KEY_VARIABLE: Final = "SPECTRON_API_KEY"
ENDPOINT_VARIABLE: Final = "SPECTRON_ENDPOINT"
ROOT_CERTIFICATES_VARIABLE: Final = "SPECTRON_TLS_ROOT_CERTIFICATES"

_UNIX_SOCKET: Final = re.compile(r"unix(-abstract)?:")
_NUMBERED: Final = re.compile(r"(\[[^\]]+\]|[^:]+):(?P<port>\d+)")
_BRACKETED: Final = re.compile(r"\[(?P<host>[^\]]+)\](:(?P<port>\d+))?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """The address of a server.

    Attributes:
        target: The address as gRPC takes it, such as `127.0.0.1:50051`.
        tls: Whether the connection is encrypted.
        root_certificates: PEM certificates to trust instead of the built-in ones.
    """

    target: str
    tls: bool
    root_certificates: bytes | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.target} ({'TLS' if self.tls else 'plaintext'})"


def resolve_endpoint(
    endpoint: str | None,
    *,
    tls: bool | None,
    root_certificates: str | Path | None,
    environment: Mapping[str, str],
) -> Endpoint:
    """Settles the address of the server and whether to encrypt.

    Args:
        endpoint: `host`, `host:port` or `unix:/path`; None: `SPECTRON_ENDPOINT`, else
            `127.0.0.1:50051`.
        tls: Whether to encrypt; None: unless the address is a loopback address, or if root
            certificates are given as an argument.
        root_certificates: A PEM file of certificates to trust; None: the file named by
            `SPECTRON_TLS_ROOT_CERTIFICATES`, else the built-in ones.
        environment: The environment variables.

    Returns:
        The endpoint.

    Raises:
        ValueError: The address is a URL, there is no such port, or certificates are given but
            encryption is off.
        OSError: The file of certificates cannot be read.
    """
    address = (endpoint or environment.get(ENDPOINT_VARIABLE) or DEFAULT_ENDPOINT).strip()
    if "://" in address and not address.startswith(("dns://", "unix://")):
        raise ValueError(f"endpoint must be host:port without a scheme, not {address!r}")
    numbered = None if _UNIX_SOCKET.match(address) else _NUMBERED.fullmatch(address)
    # gRPC keeps the lower 16 bits of a number that is none, and dials another port.
    if numbered and not 0 < int(numbered["port"]) <= _LAST_PORT:
        raise ValueError(f"endpoint {address!r} must have a port from 1 to {_LAST_PORT}")
    if root_certificates is not None and tls is False:
        raise ValueError("root_certificates have no use with tls=False")
    if tls is None:
        tls = root_certificates is not None or not is_local(address)
    path = root_certificates or environment.get(ROOT_CERTIFICATES_VARIABLE)
    return Endpoint(
        target=_with_port(address),
        tls=tls,
        root_certificates=Path(path).read_bytes() if tls and path else None,
    )


def is_local(address: str) -> bool:
    """Tells whether what is sent to an address stays on this machine."""
    if _UNIX_SOCKET.match(address):
        return True
    host = _host(address)
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _host(address: str) -> str:
    bracketed = _BRACKETED.fullmatch(address)
    if bracketed:
        return bracketed["host"]
    return address if address.count(":") > 1 else address.partition(":")[0]


def _with_port(address: str) -> str:
    """Adds the default port to an address without one; other gRPC targets stay as they are."""
    bracketed = _BRACKETED.fullmatch(address)
    if bracketed:
        return address if bracketed["port"] else f"{address}:{DEFAULT_PORT}"
    if ":" not in address:
        return f"{address}:{DEFAULT_PORT}"
    try:
        ipaddress.IPv6Address(address)
    except ValueError:
        return address
    return f"[{address}]:{DEFAULT_PORT}"
