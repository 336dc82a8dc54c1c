"""Page tokens: a cursor, bound to the request that it continues."""

import base64
import binascii
import hashlib
import json
from typing import Final

from google.protobuf.message import Message

from spectron_server.domain.errors import (
    FieldViolation,
    InvalidFieldError,
    InvalidPageTokenError,
)

DEFAULT_SIZE: Final = 50
MAX_SIZE: Final = 500
_MAX_TOKEN: Final = 2_048


def page_size(requested: int) -> int:
    """Returns the page size to use.

    Raises:
        InvalidFieldError: It is negative or above the maximum.
    """
    if not 0 <= requested <= MAX_SIZE:
        raise InvalidFieldError(
            [FieldViolation("page_size", f"must be 0 (for {DEFAULT_SIZE}) to {MAX_SIZE}")]
        )
    return requested or DEFAULT_SIZE


def encode(request: Message, cursor: str | None) -> str:
    """Returns the token of the page after a cursor; empty if there is none."""
    if cursor is None:
        return ""
    text = json.dumps([_filter_of(request), cursor], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(request: Message, token: str) -> str | None:
    """Returns the cursor in a request's token; None for the first page.

    Raises:
        InvalidPageTokenError: It is not a token given out for a request like this one.
    """
    if not token:
        return None
    try:
        if len(token) > _MAX_TOKEN:
            raise _bad_token()
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        given, cursor = json.loads(base64.urlsafe_b64decode(padded))
    except (UnicodeError, binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise _bad_token() from error
    if given != _filter_of(request) or not isinstance(cursor, str) or not _harmless(cursor):
        raise _bad_token()
    return cursor


def decode_number(request: Message, token: str) -> str | None:
    """Returns the cursor in a request's token, which must be a count.

    Raises:
        InvalidPageTokenError: It is not a token given out for a request like this one.
    """
    cursor = decode(request, token)
    if cursor is not None and not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 19):
        raise _bad_token()
    return cursor


def _harmless(cursor: str) -> bool:
    """Tells whether the database can take a cursor as text."""
    return "\0" not in cursor and not any("\ud800" <= each <= "\udfff" for each in cursor)


def _filter_of(request: Message) -> str:
    """Returns a digest of everything in a request but the page's size and token."""
    copy = type(request)()
    copy.CopyFrom(request)
    copy.ClearField("page_size")
    copy.ClearField("page_token")
    name = request.DESCRIPTOR.full_name
    digest = hashlib.sha256(name.encode() + copy.SerializeToString(deterministic=True))
    return digest.hexdigest()[:16]


def _bad_token() -> InvalidPageTokenError:
    return InvalidPageTokenError(
        "This page token was not given out for this request. Start again without one, and leave "
        "the other fields as they are from page to page."
    )
