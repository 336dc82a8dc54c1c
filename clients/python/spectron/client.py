"""The asynchronous client's front door."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from spectron.admin import Admin
from spectron.endpoint import API_KEY_VARIABLE, resolve_endpoint
from spectron.memory import Memory
from spectron.retry import RetryPolicy
from spectron.transport import Transport

DEFAULT_TIMEOUT_S: Final = 30.0
DEFAULT_RETRY: Final = RetryPolicy()


class Spectron:
    """A client of a Spectron server.

    Nothing is connected until the first call, so that a client can be made at import time,
    outside of any event loop. It can be shared by tasks, and used from several event loops.

        async with Spectron(api_key="sk-...") as client:
            memory = client.memory(context_id="assistant")
            profile = await memory.profile(scope={"user": "alice"})
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        endpoint: str | None = None,
        tls: bool | None = None,
        root_certificates: str | Path | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        retry: RetryPolicy = DEFAULT_RETRY,
    ) -> None:
        """Makes a client.

        Args:
            api_key: The key, `sk-...`; None: `SPECTRON_API_KEY`.
            endpoint: The server's `host:port`; None: `SPECTRON_ENDPOINT`, else
                `127.0.0.1:50051`.
            tls: Whether to encrypt; None: everywhere but on loopback addresses and Unix sockets.
                Only `False` sends the key in clear over a network.
            root_certificates: A PEM file of certificates to trust; None: the file that
                `SPECTRON_TLS_ROOT_CERTIFICATES` names, else the built-in ones.
            timeout_s: The deadline of a call with all its retries, unless the call names one.
            retry: When a failed call is tried again.

        Raises:
            ValueError: There is no key, or an argument makes no sense.
            OSError: The file of certificates cannot be read.
        """
        self._endpoint = resolve_endpoint(
            endpoint, tls=tls, root_certificates=root_certificates, environment=os.environ
        )
        self._transport = Transport(
            endpoint=self._endpoint,
            api_key=_checked_key(api_key, os.environ),
            timeout_s=timeout_s,
            retry=retry,
        )

    def __repr__(self) -> str:
        return f"Spectron(endpoint={self._endpoint.target!r}, tls={self._endpoint.tls})"

    @property
    def admin(self) -> Admin:
        """The administration of the server; needs a key of role admin."""
        return Admin(transport=self._transport)

    def memory(self, context_id: str | None = None) -> Memory:
        """Returns the memory of a context, without asking the server.

        Args:
            context_id: The context; None: the one that the key is bound to.

        Returns:
            The memory.
        """
        return Memory(transport=self._transport, context_id=context_id or "")

    async def aclose(self) -> None:
        """Closes the connection. The client cannot be used afterwards."""
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


def _checked_key(given: str | None, environment: Mapping[str, str]) -> str:
    """Returns the key to send.

    Raises:
        ValueError: There is none, or it could not be sent. The message does not show it.
    """
    key = (given if given is not None else environment.get(API_KEY_VARIABLE, "")).strip()
    if not key:
        raise ValueError(f"no API key: pass api_key, or set {API_KEY_VARIABLE}")
    if not key.isascii() or not key.isprintable():
        raise ValueError("the API key holds characters that no key has; copy it again")
    return key
