"""Says something to a session: to the server's chat model, or for the record if there is none."""

from contextlib import closing
from dataclasses import fields
from typing import Any, Final

from spectron import (
    ChatDelta,
    ChatDone,
    ChatRecorded,
    ContextResult,
    Diff,
    ExtractionStatus,
    Role,
    TurnRecord,
)
from spectron.errors import DeadlineExceeded, ExtractionFailed, NoChatModel
from spectron.sync import Session, Turn
from spectron_server.cli.chat_screen import Exchange, Screen

_NOBODY: Final = (
    "The server has no chat model (SPECTRON_CHAT_URL and SPECTRON_CHAT_MODEL), so nobody answers. "
    "What you say is recorded and learned from all the same."
)
# What is not learned by then is learned later.
_LEARNING_S: Final = 30.0


class Talk:
    """One side of a conversation.

    Attributes:
        last: What was said last; empty before.
    """

    def __init__(self, *, session: Session, top_k: int, screen: Screen) -> None:
        self._session = session
        self.last = ""
        self._top_k = top_k
        self._screen = screen
        self._answered = True

    def find(self, query: str) -> ContextResult:
        """Returns what bears on a query."""
        return self._session.context(query, top_k=self._top_k)

    def say(self, content: str) -> None:
        """Says something, and shows what is found, answered and learned.

        Raises:
            SpectronError: It failed.
        """
        self._screen.said(content)
        self.last = content
        context = self.find(content)
        self._screen.found(context)
        if self._answered:
            try:
                self._screen.ended(self._chat(content, context))
            except NoChatModel:
                self._answered = False
                self._screen.told(_NOBODY)
        if not self._answered:
            self._screen.ended(self._record(content, context))

    def _chat(self, content: str, context: ContextResult) -> Exchange:
        events: Any = self._session.chat_stream(content)
        with closing(events):
            for event in events:
                match event:
                    case ChatDelta():
                        self._screen.reply(event.text)
                    case ChatRecorded() if event.turns[-1].role == Role.ASSISTANT:
                        break
                    case ChatDone():
                        return _exchange(event, content, context)
            with self._screen.waiting("Learning"):
                for event in events:
                    if isinstance(event, ChatDone):
                        return _exchange(event, content, context)
        raise AssertionError("a chat ends with its outcome")

    def _record(self, content: str, context: ContextResult) -> Exchange:
        turn = self._session.turn(Role.USER, content)
        diff, status = Diff(), ExtractionStatus.PENDING
        try:
            with self._screen.waiting("Learning"):
                extraction = turn.extraction(timeout_s=_LEARNING_S)
            diff, status = extraction.diff, extraction.status
        except ExtractionFailed:
            status = ExtractionStatus.FAILED
        except DeadlineExceeded:
            pass
        return Exchange(
            content=content,
            context=context,
            response=None,
            extraction=diff,
            extraction_status=status,
            turns=(_record_of(turn),),
        )


def _exchange(done: ChatDone, content: str, context: ContextResult) -> Exchange:
    result = done.result
    return Exchange(
        content=content,
        context=context,
        response=result.response,
        extraction=result.extraction,
        extraction_status=result.extraction_status,
        turns=result.turns,
    )


def _record_of(turn: Turn) -> TurnRecord:
    return TurnRecord(**{each.name: getattr(turn, each.name) for each in fields(TurnRecord)})
