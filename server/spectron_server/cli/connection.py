"""From the options of a command to a client of the server."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from spectron import RetryPolicy
from spectron.endpoint import API_KEY_VARIABLE
from spectron.errors import PermissionDenied
from spectron.sync import Memory, Spectron
from spectron_server.cli.errors import CommandError
from spectron_server.cli.output import note
from spectron_server.domain.access import CONTEXT_NAME

# Someone waits at the terminal: a server that is not there is told of within about a second.
_PATIENCE: Final = RetryPolicy(max_attempts=4, initial_backoff_s=0.2, max_backoff_s=1.0)
_TIMEOUT_S: Final = 60.0
_LISTED: Final = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Connection:
    """Which server to talk to.

    Attributes:
        endpoint: Its `host:port`; None: the client's default.
        plaintext: Whether to do without TLS wherever the server is.
    """

    endpoint: str | None
    plaintext: bool = False

    @contextmanager
    def client(self) -> Iterator[Spectron]:
        """Connects, until the block is left.

        Raises:
            CommandError: There is no key, or the address makes no sense.
        """
        if not os.environ.get(API_KEY_VARIABLE, "").strip():
            raise CommandError(
                f"There is no key in {API_KEY_VARIABLE}. Set it to one: `spectron serve` prints "
                "the first key when it starts for the first time, and `spectron keys create` "
                "makes others, with --local where the database is."
            )
        try:
            client = Spectron(
                endpoint=self.endpoint or None,
                tls=False if self.plaintext else None,
                timeout_s=_TIMEOUT_S,
                retry=_PATIENCE,
            )
        except ValueError as error:
            raise CommandError(f"{error}.") from error
        except OSError as error:
            raise CommandError(
                f"The file in SPECTRON_TLS_ROOT_CERTIFICATES cannot be read: {error.strerror}."
            ) from error
        with client:
            yield client

    @contextmanager
    def memory(self, context_id: str | None) -> Iterator[Memory]:
        """Connects to the memory of a context, until the block is left.

        Raises:
            CommandError: As `client` and `context_for`.
        """
        with self.client() as client:
            yield client.memory(context_for(client, context_id) or None)

    @contextmanager
    def known_memory(self, context_id: str | None) -> Iterator[Memory]:
        """Connects as `memory` does, and remarks on it if there is no context of the name given.

        To an administrator of all contexts, one that is not there is an empty one, which the first
        change makes; others are refused by the server.

        Raises:
            CommandError: As `memory`.
        """
        with self.client() as client:
            if context_id:
                _remark_on_missing(client, context_id)
            yield client.memory(context_for(client, context_id) or None)


def _remark_on_missing(client: Spectron, context_id: str) -> None:
    try:
        names = [context.id for context in client.admin.contexts.list()]
    except PermissionDenied:
        return
    # What cannot be a name is refused by the server, with the reason.
    if context_id not in names and CONTEXT_NAME.fullmatch(context_id):
        others = (
            f"there are {_listing(_nearest_first(names, context_id))}"
            if names
            else "there is none yet"
        )
        note(
            f"There is no context {context_id}; {others}. The first change in it makes it: check "
            "the name."
        )


def context_for(client: Spectron, context_id: str | None, *, otherwise: str | None = None) -> str:
    """Returns the context to use.

    A key that is bound to one context needs no name. One that is bound to all does, because a
    name left out must not lead to another application's memory; only where there is a single
    context is no doubt which is meant.

    Args:
        client: The client.
        context_id: The name given, if any.
        otherwise: The name to take for a key bound to all, instead of looking for a single one.

    Returns:
        The context's name; empty for the one that the key is bound to.

    Raises:
        CommandError: A name is needed.
    """
    if context_id:
        return context_id
    try:
        contexts = client.admin.contexts.list(limit=_LISTED + 1)
    except PermissionDenied:
        # The key is bound to one context, or no administrator's: the server knows what it is.
        return ""
    if otherwise:
        return otherwise
    if len(contexts) == 1:
        note(f"Using context {contexts[0].id}, the only one.")
        return contexts[0].id
    if not contexts:
        raise CommandError(
            "There is no context yet. Name one with --context NAME: it is made on first use."
        )
    names = [context.id for context in contexts]
    raise CommandError(
        "The key reaches all contexts: name one with --context NAME, or in SPECTRON_CONTEXT. "
        f"There are {_listing(names)}."
    )


def _nearest_first(names: Sequence[str], name: str) -> list[str]:
    """Returns names with those that one may have meant by another in front."""
    near = get_close_matches(name, names, n=_LISTED)
    return [*near, *(each for each in names if each not in near)]


def _listing(names: Sequence[str]) -> str:
    return ", ".join([*names[:_LISTED], *(["..."] if len(names) > _LISTED else [])])
