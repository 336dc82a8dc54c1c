"""Reading a conversation file: JSON Lines, described in `docs/conversation-format.md`.

The whole file is checked before anything is sent, so that a mistake on its last line does not
leave half of it on the server. The limits are those of the API, so that a file which passes here
is not refused there.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from spectron import NewTurn, Role
from spectron_server.cli.errors import CommandError
from spectron_server.cli.textfile import MAX_LINE_BYTES
from spectron_server.domain.errors import InvalidFieldError
from spectron_server.domain.scope import Scope
from spectron_server.rpc import validation
from spectron_server.service.knowledge import CLOCK_SLACK

MAX_FILE_BYTES: Final = 256 * 1024 * 1024
MAX_FAULTS: Final = 20
MAX_SESSIONS: Final = 100_000
_MAX_SESSION_NAME: Final = 256
_MAX_BATCH_TURNS: Final = 100
_MAX_BATCH_BYTES: Final = 512 * 1024

_SESSION_FIELDS: Final = frozenset({"session", "scope", "metadata"})
_TURN_FIELDS: Final = frozenset({"session", "role", "content", "observed_at"})
_ROLES: Final = tuple(each.value for each in Role if each is not Role.UNSPECIFIED)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedSession:
    """A session to be created; its name counts within the file only."""

    name: str
    scope: Mapping[str, str]
    metadata: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedTurn:
    """A turn to be recorded, and the line that it stands on."""

    line: int
    session: str
    turn: NewTurn


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Turns that follow each other in one session, to be recorded together."""

    session: str
    turns: tuple[PlannedTurn, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversation:
    """A conversation file that was read and found good.

    Attributes:
        digest: The SHA-256 of the file, in hexadecimal.
        sessions: The sessions that have turns, by name, in the order of their first turns.
        turns: The turns, in the order of the file.
    """

    digest: str
    sessions: Mapping[str, PlannedSession]
    turns: tuple[PlannedTurn, ...]

    def batches(self) -> Iterator[Batch]:
        """Yields the turns in batches, keeping the order of the file.

        The batches depend on nothing but the file, so that an import that was broken off sends
        the same ones again.
        """
        batch: list[PlannedTurn] = []
        size = 0
        for turn in self.turns:
            length = len(turn.turn.content.encode())
            if batch and (
                turn.session != batch[0].session
                or len(batch) == _MAX_BATCH_TURNS
                or size + length > _MAX_BATCH_BYTES
            ):
                yield Batch(session=batch[0].session, turns=tuple(batch))
                batch, size = [], 0
            batch.append(turn)
            size += length
        if batch:
            yield Batch(session=batch[0].session, turns=tuple(batch))

    def request_id(self, session: str, step: str) -> str:
        """Returns the id of a request of this import: the same one whenever it is run again.

        Args:
            session: The session that the request is about.
            step: What the request does, unique within the session.

        Returns:
            The id, of printable ASCII.
        """
        plan = self.sessions[session]
        about = [self.digest, session, dict(plan.scope), dict(plan.metadata), step]
        text = json.dumps(about, sort_keys=True)
        return f"import-{hashlib.sha256(text.encode()).hexdigest()[:40]}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """What is wrong with a line; line 0 stands for the file as a whole."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


class ConversationError(CommandError):
    """The file is not a good conversation file; nothing of it was sent.

    Attributes:
        faults: What is wrong, line by line.
    """

    def __init__(self, faults: list[Fault]) -> None:
        told = [f"  {fault}" for fault in faults[:MAX_FAULTS]]
        if len(faults) > MAX_FAULTS:
            told.append(f"  ... and {len(faults) - MAX_FAULTS} more")
        super().__init__(
            "\n".join(
                [
                    "Nothing was imported, because of:",
                    *told,
                    "docs/conversation-format.md describes the format.",
                ]
            )
        )
        self.faults = faults


class _LineError(Exception):
    """One line is wrong."""


def read_conversation(
    file: Iterable[bytes], *, scope: Mapping[str, str] | None, now: datetime
) -> Conversation:
    """Reads and checks a conversation file.

    Args:
        file: Its lines, with their ends.
        scope: The scope of sessions whose line names none; None if there is none for them.
        now: The time, to tell turns that are dated in the future.

    Returns:
        The conversation; it has at least one turn.

    Raises:
        ConversationError: Something is wrong; it tells every bad line.
    """
    reader = _Reader(scope=scope, now=now)
    digest = hashlib.sha256()
    size = 0
    for number, line in enumerate(file, start=1):
        digest.update(line)
        size += len(line)
        if size > MAX_FILE_BYTES:
            reader.fault(0, f"the file is larger than {MAX_FILE_BYTES >> 20} MiB: split it")
            break
        if line.strip():
            reader.take(number, line)
    return reader.finish(digest.hexdigest())


class _Reader:
    def __init__(self, *, scope: Mapping[str, str] | None, now: datetime) -> None:
        self._scope = scope
        self._now = now
        self._described: dict[str, PlannedSession] = {}
        self._used: dict[str, PlannedSession] = {}
        self._scopeless: dict[str, int] = {}
        self._turns: list[PlannedTurn] = []
        self._faults: list[Fault] = []

    def fault(self, line: int, message: str) -> None:
        self._faults.append(Fault(line=line, message=message))

    def take(self, number: int, line: bytes) -> None:
        try:
            content = _object_of(line, first=number == 1)
            if content.keys() & {"role", "content"}:
                self._turn(number, content)
            else:
                self._session(content)
        except _LineError as error:
            self.fault(number, str(error))

    def finish(self, digest: str) -> Conversation:
        for name, number in self._scopeless.items():
            which = f"session {name!r} has" if name else "the turns have"
            self.fault(number, f"{which} no scope: give one with --scope, or in a session line")
        if not self._turns and not self._faults:
            self.fault(0, "there are no turns in the file")
        if self._faults:
            raise ConversationError(sorted(self._faults, key=lambda fault: fault.line))
        return Conversation(digest=digest, sessions=self._used, turns=tuple(self._turns))

    def _session(self, content: Mapping[str, Any]) -> None:
        _known_fields(content, _SESSION_FIELDS, "a session line")
        name = _session_name(content)
        if name in self._described:
            raise _LineError(f"session {name!r} is described twice")
        if name in self._used or name in self._scopeless:
            raise _LineError(f"session {name!r} must be described before its first turn")
        if len(self._described) >= MAX_SESSIONS:
            raise _LineError(f"there are more than {MAX_SESSIONS} sessions: split the file")
        given = content.get("scope")
        if given is None and self._scope is None:
            raise _LineError("the session has no scope: give one here, or with --scope")
        scope = self._scope if given is None else _strings(given, "scope")
        metadata = _strings(content.get("metadata") or {}, "metadata")
        try:
            checked = Scope.of(scope or {}).as_dict()
            validation.metadata(metadata)
        except InvalidFieldError as error:
            raise _LineError(error.message.rstrip(".")) from error
        self._described[name] = PlannedSession(name=name, scope=checked, metadata=metadata)

    def _turn(self, number: int, content: Mapping[str, Any]) -> None:
        _known_fields(content, _TURN_FIELDS, "a turn")
        name = _session_name(content)
        turn = self._new_turn(content)
        if name not in self._used:
            self._use(name, number)
        self._turns.append(PlannedTurn(line=number, session=name, turn=turn))

    def _use(self, name: str, number: int) -> None:
        plan = self._described.get(name)
        if plan is None and self._scope is None:
            self._scopeless.setdefault(name, number)
            return
        if len(self._used) >= MAX_SESSIONS:
            raise _LineError(f"there are more than {MAX_SESSIONS} sessions: split the file")
        self._used[name] = plan or PlannedSession(name=name, scope=self._scope or {}, metadata={})

    def _new_turn(self, content: Mapping[str, Any]) -> NewTurn:
        role = content.get("role")
        if role not in _ROLES:
            raise _LineError(f"role must be one of {', '.join(_ROLES)}")
        said = content.get("content")
        if not isinstance(said, str):
            raise _LineError("content must be a string")
        try:
            validation.content(said, "content")
        except InvalidFieldError as error:
            raise _LineError(error.message.rstrip(".")) from error
        except UnicodeEncodeError as error:
            raise _LineError("content holds half of a surrogate pair: write it whole") from error
        observed_at = self._moment(content.get("observed_at"))
        return NewTurn(role=Role(role), content=said, observed_at=observed_at)

    def _moment(self, given: Any) -> datetime | None:
        if given is None:
            return None
        try:
            moment = datetime.fromisoformat(given)
            if moment.tzinfo is None:
                raise _LineError("observed_at has no time zone: add one, such as Z for UTC")
            moment = moment.astimezone(UTC)
        except (TypeError, ValueError, OverflowError) as error:
            raise _LineError("observed_at must be a time such as 2024-05-03T10:00:00Z") from error
        if moment > self._now + CLOCK_SLACK:
            raise _LineError("observed_at is in the future; leave it out for now")
        return moment


def _object_of(line: bytes, *, first: bool) -> dict[str, Any]:
    if len(line) > MAX_LINE_BYTES:
        raise _LineError(f"the line is longer than {MAX_LINE_BYTES >> 20} MiB")
    try:
        # Some programs mark UTF-8 at the beginning of a file.
        content = json.loads(line.decode("utf-8-sig" if first else "utf-8"))
    except UnicodeDecodeError as error:
        raise _LineError(f"not UTF-8, at byte {error.start + 1} of the line") from error
    except json.JSONDecodeError as error:
        raise _LineError(f"not JSON: {error.msg}, at character {error.colno}") from error
    except (RecursionError, ValueError) as error:
        raise _LineError("nested too deeply, or with a number that is too long") from error
    if isinstance(content, list):
        raise _LineError("a list: write one turn on each line, without a list around them")
    if not isinstance(content, dict):
        raise _LineError('not a JSON object such as {"role": "user", "content": "Hello"}')
    if not content:
        raise _LineError("an empty object")
    return content


def _known_fields(content: Mapping[str, Any], known: frozenset[str], what: str) -> None:
    unknown = sorted(content.keys() - known)
    if unknown:
        named = ", ".join(repr(name[:40]) for name in unknown[:5])
        raise _LineError(f"{what} has no field {named}; it may have {', '.join(sorted(known))}")


def _session_name(content: Mapping[str, Any]) -> str:
    name = content.get("session", "")
    if not isinstance(name, str) or len(name) > _MAX_SESSION_NAME:
        raise _LineError(f"session must be a string of at most {_MAX_SESSION_NAME} characters")
    return name


def _strings(content: Any, what: str) -> dict[str, str]:
    if not isinstance(content, dict) or not all(isinstance(each, str) for each in content.values()):
        raise _LineError(f"{what} must be an object whose values are strings")
    try:
        "".join([*content, *content.values()]).encode()
    except UnicodeEncodeError as error:
        raise _LineError(f"{what} holds half of a surrogate pair: write it whole") from error
    return content
