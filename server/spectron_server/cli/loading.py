"""Sending a conversation to a server, so that sending it again changes nothing.

Every request carries an id that is made from the file. The server remembers ids for 24 hours, so
that an import which was broken off within that time goes on where it stopped.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from spectron import Diff
from spectron.errors import DeadlineExceeded, ExtractionFailed
from spectron.sync import Memory, Session, Turn
from spectron_server.cli.errors import CommandError
from spectron_server.cli.output import count

if TYPE_CHECKING:
    from spectron_server.cli.conversation import Conversation

# The server answers a wait within this time, so that Ctrl-C is heard.
_WAIT_S: Final = 5.0


@dataclass(kw_only=True, slots=True)
class Learned:
    """What turns taught, in counts of changes.

    Attributes:
        counts: How many changes of each kind.
        failed: The turns whose extraction failed, by id, with the reason.
    """

    counts: Counter[str] = field(default_factory=Counter)
    failed: dict[str, str] = field(default_factory=dict)

    def add(self, diff: Diff) -> None:
        """Counts the changes of a turn."""
        for change in diff.changes:
            self.counts[change.action.value] += 1
        self.counts["unsure"] += len(diff.unknowns)
        self.counts["settled"] += len(diff.unknowns_resolved)


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """What an import recorded.

    Attributes:
        sessions: The sessions by their names in the file.
        turns: The turns, in the order of the file.
        known_count: How many of them an earlier run had recorded.
    """

    sessions: Mapping[str, Session]
    turns: list[Turn]
    known_count: int


def load(memory: Memory, conversation: "Conversation", progress: Callable[[int], None]) -> Loaded:
    """Records a conversation.

    Args:
        memory: Where to.
        conversation: What.
        progress: Called with the number of turns recorded since the last call.

    Returns:
        What was recorded; the server extracts it by and by.
    """
    sessions: dict[str, Session] = {}
    turns: list[Turn] = []
    known = 0
    for batch in conversation.batches():
        session = sessions.get(batch.session)
        if session is None:
            plan = conversation.sessions[batch.session]
            session = memory.sessions.create(
                scope=plan.scope,
                metadata=plan.metadata,
                request_id=conversation.request_id(batch.session, "session"),
            )
            sessions[batch.session] = session
            # The answer to a repeated request tells of the session as it was at first.
            info = memory.sessions.get(session.id).info
            known += info.turn_count if info else 0
        first, last = batch.turns[0].line, batch.turns[-1].line
        turns += session.turns(
            [planned.turn for planned in batch.turns],
            request_id=conversation.request_id(batch.session, f"turns {first} to {last}"),
        )
        progress(len(batch.turns))
    return Loaded(sessions=sessions, turns=turns, known_count=known)


def wait_for(turns: list[Turn], *, timeout_s: float, progress: Callable[[int], None]) -> Learned:
    """Waits until turns have been extracted.

    Args:
        turns: The turns.
        timeout_s: How long to wait at most, for all of them.
        progress: Called with the number of turns extracted since the last call.

    Returns:
        What they taught.

    Raises:
        CommandError: The time is over; the turns are recorded, and will be extracted.
    """
    end_s = time.monotonic() + timeout_s
    learned = Learned()
    for done, turn in enumerate(turns):
        while True:
            remaining_s = end_s - time.monotonic()
            if remaining_s <= 0:
                raise CommandError(
                    f"{count(len(turns), 'turn')} recorded, but only {done} extracted within "
                    f"{timeout_s:g} s. The rest follows; `spectron profile` shows what is known."
                )
            try:
                learned.add(turn.extraction(timeout_s=min(_WAIT_S, remaining_s)).diff)
            except DeadlineExceeded:
                continue
            except ExtractionFailed as error:
                learned.failed[turn.id] = error.message
            break
        progress(1)
    return learned
