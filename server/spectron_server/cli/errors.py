"""Errors that a command explains in a sentence, with exit code 1, rather than traces."""

import errno
from typing import Final

from pydantic import ValidationError

from spectron import ErrorReason
from spectron import SpectronError as ClientError
from spectron.errors import InvalidArgument

# What pydantic says of a value, in our words. https://docs.pydantic.dev/latest/errors/
_WANTED: Final = {
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "bool_parsing": "must be true or false",
    "literal_error": "must be {expected}",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
}

# What the API says in its own terms, in those of the commands.
_TOLD: Final = {
    ErrorReason.INVALID_KEY: (
        "The server does not know the key in SPECTRON_API_KEY. Set it to another one; `spectron "
        "keys create --local` makes one where the database is."
    ),
    ErrorReason.KEY_NOT_FOUND: "There is no such key. `spectron keys list` shows those there are.",
    ErrorReason.SESSION_NOT_FOUND: (
        "There is no such session in this context. `spectron chat` without --session begins one."
    ),
    ErrorReason.UNKNOWN_NOT_FOUND: (
        "There is no such unknown in this context. `spectron unknowns list` shows those there are."
    ),
    ErrorReason.UNKNOWN_ALREADY_RESOLVED: (
        "This unknown was resolved before. `spectron unknowns list` shows those that are open."
    ),
}


class CommandError(Exception):
    """A command cannot do what it was asked to; the message says what to do."""


def explanation(error: Exception) -> str | None:
    """Returns what to tell the user about an error; None for a fault of the program."""
    if isinstance(error, ClientError):
        return _client_sentence(error)
    if isinstance(error, CommandError):
        return str(error)
    if isinstance(error, ValidationError):
        return "\n".join(settings_faults(error))
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "The disk is full. Make room, and try again."
    return str(error) if isinstance(error, _server_errors()) else None


def settings_faults(error: ValidationError) -> list[str]:
    """Returns a sentence for each setting that is wrong, which names its variable."""
    faults = []
    for fault in error.errors():
        name = "_".join(str(part) for part in fault["loc"])
        wanted = _WANTED.get(fault["type"])
        message = (
            wanted.format(**fault.get("ctx", {})).replace("'", "")
            if wanted
            else fault["msg"].removeprefix("Value error, ")
        )
        faults.append(f"SPECTRON_{name.upper()} {message}." if name else f"{message}.")
    return faults


def _client_sentence(error: ClientError) -> str:
    if (told := _TOLD.get(error.reason)) is not None:
        return told
    sentence = error.message.rstrip(".")
    if isinstance(error, InvalidArgument) and any(
        violation.field == "context_id" for violation in error.violations
    ):
        return f"{sentence}. Name a context with --context NAME, or in SPECTRON_CONTEXT."
    return f"{sentence}."


def _server_errors() -> tuple[type[Exception], ...]:
    # The server's modules take most of a second to load, which commands that only talk to a
    # server should not wait for.
    from spectron_server.application import StartError  # noqa: PLC0415
    from spectron_server.domain.errors import SpectronError  # noqa: PLC0415
    from spectron_server.index.weights import WeightsError  # noqa: PLC0415
    from spectron_server.rpc.server import PortInUseError  # noqa: PLC0415
    from spectron_server.rpc.tls import CertificateError  # noqa: PLC0415
    from spectron_server.service.embedding import EmbedderMismatchError  # noqa: PLC0415
    from spectron_server.storage.embedded import (  # noqa: PLC0415
        DataDirectoryInUseError,
        EmbeddedPostgresError,
    )
    from spectron_server.storage.migrate import (  # noqa: PLC0415
        SchemaOutdatedError,
        SchemaTooNewError,
    )
    from spectron_server.telemetry.endpoint import MetricsPortError  # noqa: PLC0415
    from spectron_server.telemetry.traces import TracesUnavailableError  # noqa: PLC0415

    return (
        CertificateError,
        DataDirectoryInUseError,
        EmbeddedPostgresError,
        EmbedderMismatchError,
        MetricsPortError,
        PortInUseError,
        SchemaOutdatedError,
        SchemaTooNewError,
        SpectronError,
        StartError,
        TracesUnavailableError,
        WeightsError,
    )
