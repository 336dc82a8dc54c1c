"""What `spectron doctor` finds: one thing that was checked, how it went, and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a check went."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One thing that was checked.

    Attributes:
        name: What, in a word or two.
        status: How it went.
        message: What was found.
        why: Why it matters; empty if nothing is to be done.
        advice: What to do, with the command for it; empty if nothing is to be done.
    """

    name: str
    status: Status
    message: str
    why: str = ""
    advice: str = ""


def good(name: str, message: str) -> Check:
    """Returns a check that went well."""
    return Check(name=name, status=Status.OK, message=message)


def warn(name: str, message: str, advice: str, *, why: str) -> Check:
    """Returns a check that found something to look at."""
    return Check(name=name, status=Status.WARN, message=message, advice=advice, why=why)


def fail(name: str, message: str, advice: str, *, why: str) -> Check:
    """Returns a check that found something broken."""
    return Check(name=name, status=Status.FAIL, message=message, advice=advice, why=why)


def skip(name: str, message: str) -> Check:
    """Returns a check that could not be made, or has no meaning here."""
    return Check(name=name, status=Status.SKIP, message=message)
