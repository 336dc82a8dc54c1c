"""Options that several commands share, and how their values are read."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import typer

from spectron import EntityRef
from spectron_server.domain.errors import InvalidFieldError
from spectron_server.domain.scope import Scope

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d($|[T ]\d\d:\d\d)")
_DURATION: Final = re.compile(r"0*(\d+)\s*([smhdw])")
_MOST_DIGITS: Final = 10
_LONGEST: Final = timedelta(days=36_525)
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def moment(text: str) -> datetime:
    """Reads a time in ISO 8601; one without an offset is in UTC, a date alone starts its day.

    Raises:
        typer.BadParameter: It is none.
    """
    try:
        parsed = datetime.fromisoformat(text.strip())
    except ValueError as error:
        if _DATE.match(text.strip()):
            raise typer.BadParameter("there is no such date or time of day") from error
        raise typer.BadParameter(
            "not a time in ISO 8601, such as 2024-05-03 or 2024-05-03T10:00:00Z"
        ) from error
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def duration(text: str) -> timedelta:
    """Reads a length of time such as `30d`.

    Raises:
        typer.BadParameter: It is none, or zero, or longer than a century.
    """
    match = _DURATION.fullmatch(text.strip().lower())
    if match is None or match[1] == "0":
        raise typer.BadParameter("not a length of time, such as 30d, 12h, 45m or 2w")
    unit = timedelta(**{_UNITS[match[2]]: 1})
    # A number of so many digits is none that Python would take.
    if len(match[1]) > _MOST_DIGITS or int(match[1]) > _LONGEST // unit:
        raise typer.BadParameter("longer than 100 years")
    return int(match[1]) * unit


def entity(text: str) -> EntityRef:
    """Reads an entity such as `Person/alice`.

    Raises:
        typer.BadParameter: It has no type or no name.
    """
    kind, slash, name = text.partition("/")
    if not (slash and kind.strip() and name.strip()):
        raise typer.BadParameter("not TYPE/NAME, such as Person/alice")
    return EntityRef(type=kind.strip(), name=name.strip())


def scope_of(pairs: Iterable[str] | None) -> dict[str, str]:
    """Reads a scope from `NAME=VALUE` pairs.

    Raises:
        typer.BadParameter: A pair has no `=`, a dimension comes twice, or a limit is exceeded.
    """
    scope: dict[str, str] = {}
    for pair in pairs or ():
        name, equals, text = pair.partition("=")
        if not equals:
            raise typer.BadParameter(f"--scope {pair!r} is not NAME=VALUE, such as user=alice")
        if name.strip() in scope:
            raise typer.BadParameter(f"--scope names the dimension {name.strip()!r} twice")
        scope[name.strip()] = text.strip()
    try:
        return Scope.of(scope).as_dict()
    except InvalidFieldError as error:
        raise typer.BadParameter(f"--{error.message}") from error


ContextOption = Annotated[
    str | None,
    typer.Option(
        "--context",
        "-c",
        metavar="NAME",
        envvar="SPECTRON_CONTEXT",
        help="The context. Without it: the one that the key is bound to; for a key that is bound "
        "to all, the only one there is, and an error if there are several.",
    ),
]
EndpointOption = Annotated[
    str | None,
    typer.Option(
        "--endpoint",
        metavar="HOST:PORT",
        envvar="SPECTRON_ENDPOINT",
        help="The server; 127.0.0.1:50051 by default. TLS is used everywhere but on this machine. "
        "The key comes from SPECTRON_API_KEY.",
    ),
]
PlaintextOption = Annotated[
    bool,
    typer.Option(
        "--plaintext",
        help="Without TLS to another machine too: the key and memories travel in clear.",
    ),
]
ScopeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--scope",
        "-s",
        metavar="NAME=VALUE",
        help="Whose memory, such as user=alice. Repeat it for further dimensions. Without it: "
        "what everyone in the context sees.",
    ),
]
AsOfOption = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        parser=moment,
        metavar="TIME",
        help="What was believed at this time, such as 2024-05-03 or 2024-05-03T10:00:00Z. "
        "Without an offset it is UTC.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
