"""The id of one call: it stands in the log, and goes back to the caller, who can quote it."""

import re
from collections.abc import Iterable
from typing import Final

METADATA: Final = "x-request-id"
"""Where a caller may give the id, and finds it after the call, among the trailing metadata."""

# What such ids are made of, and not sentences: a user's words do not belong into the log.
_WELL_FORMED: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,127}")


def given_request_id(metadata: Iterable[tuple[str, str | bytes]]) -> str | None:
    """Returns the id that a caller gave its call; None if it gave none, or a malformed one."""
    for name, value in metadata:
        if name == METADATA:
            return value if isinstance(value, str) and _WELL_FORMED.fullmatch(value) else None
    return None
