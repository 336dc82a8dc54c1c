"""A connection on which statements travel one behind another, without waiting for answers.

It drives libpq's pipeline mode through psycopg's own wrapper of libpq, on a connection that
psycopg has opened and goes on to own. psycopg's cursors do the same job in Python and take about
six times the processor time of a short statement; and every call makes several short statements.

Statements that are sent before anybody waits leave together. Outside of a transaction, those that
leave together also commit together. After an error the others of the block fail too, and everybody
who asks is told of the first error.
"""

import asyncio
import contextlib
import itertools
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, LiteralString, Self, TypeAlias

import psycopg
from psycopg import errors
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus, Format
from psycopg.pq.abc import PGresult
from psycopg.rows import DictRow

_CANCEL_TIMEOUT_S: Final = 5.0
# There are some 150 statements, and a few have parameters of several types.
_MAX_PREPARED: Final = 1_000
# As text, every element of a list would have to be escaped.
_LISTS: Final = PyFormat.BINARY
_ENCODING: Final = "utf-8"


@dataclass(slots=True)
class Prepared:
    """A statement that is prepared: its name, and its columns once it has returned any."""

    name: bytes
    columns: list[str] | None = None


Statements: TypeAlias = dict[tuple[str, tuple[int, ...]], Prepared]
"""What is prepared on a connection, by text and types of parameters."""


class LineConnection(psycopg.AsyncConnection[DictRow]):
    """A connection of psycopg's that remembers which statements a line has prepared on it.

    Attributes:
        prepared: The statements.
        names: The next names.
        transformer: Turns Python's values into those of PostgreSQL, and back.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.transformer = Transformer(self)
        self.prepared: Statements = {}
        self.names = map(b"s%d".__mod__, itertools.count())

    def notice_end(self) -> bool:
        """Closes the connection if the other side has done so, and tells whether it had.

        Nothing may be under way on it. Nobody looks at a connection that waits in the pool.
        """
        try:
            # The first takes a farewell, if there is one; only then the end is seen.
            self.pgconn.consume_input()
            self.pgconn.consume_input()
        except psycopg.OperationalError:
            self.pgconn.finish()
            return True
        return False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement gave.

    Attributes:
        rows: The rows, by column name; none if it was sent for a whole result.
        count: How many rows it returned or touched.
        whole: The result as it came, if it was sent for it.
    """

    rows: list[DictRow]
    count: int
    whole: PGresult | None = None


@dataclass(slots=True)
class _Sent:
    """A command under way; a sync, which ends what leaves together, has no answer."""

    answer: asyncio.Future[Answer] | None = None
    prepares: tuple[str, tuple[int, ...]] | None = None
    runs: Prepared | None = None
    whole: bool = False


class Line:
    """Sends statements on a connection; psycopg's own methods must not be used meanwhile.

    Belongs to the block that it is entered for. Those who use it one after another within the
    block end each use with `settle`.
    """

    def __init__(self, connection: LineConnection) -> None:
        self.connection = connection
        self._libpq = connection.pgconn
        self._socket = self._libpq.socket
        self._loop = asyncio.get_running_loop()
        self._transformer = connection.transformer
        self._sent: deque[_Sent] = deque()
        self._results: list[PGresult] = []
        self._error: psycopg.Error | None = None
        self._undoing: asyncio.Future[Answer] | None = None
        self._leaving: asyncio.Handle | None = None
        self._writing = False
        self._open = False
        self._settled: asyncio.Future[None] | None = None

    async def __aenter__(self) -> Self:
        self._libpq.enter_pipeline_mode()
        self._loop.add_reader(self._socket, self._read)
        self._open = True
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self.settle(error)
        finally:
            self.close()

    async def settle(self, error: BaseException | None = None) -> None:
        """Ends a use of the line: waits until nothing is under way.

        Args:
            error: What the use ended with.

        Raises:
            psycopg.Error: The first error, if nobody can have been told of it.
        """
        try:
            if isinstance(error, asyncio.CancelledError) and self._sent:
                # It may wait for a lock, and nobody waits for it any more.
                await self._break_off()
            await self._settle()
        except BaseException:
            # What is still under way would be answered to whoever uses the connection next.
            self.give_up()
            raise
        if error is None and self._error is not None:
            raise self._error

    @property
    def failed(self) -> bool:
        """Whether a statement failed, or the connection is gone: none is sent any more."""
        return self._error is not None or not self._open

    def send(
        self, sql: LiteralString, parameters: Sequence[Any] = (), *, whole: bool = False
    ) -> asyncio.Future[Answer]:
        """Sends a statement; its answer may be awaited, or left to the end of the block.

        Args:
            sql: The statement, with `$1` and so on for its parameters.
            parameters: Python values, adapted as psycopg does.
            whole: Leave the result as it came, for `columns_of` to read on another thread.
        """
        answer: asyncio.Future[Answer] = self._loop.create_future()
        if self._error is not None:
            _fail(answer, self._error)
            return answer
        wanted = [_LISTS if type(value) is list else PyFormat.AUTO for value in parameters]
        values = self._transformer.dump_sequence(parameters, wanted)
        types = tuple(self._transformer.types or ())
        formats = self._transformer.formats
        known = self.connection.prepared
        prepared = known.get((sql, types))
        if prepared is None and len(known) < _MAX_PREPARED:
            prepared = known[sql, types] = Prepared(next(self.connection.names))
            self._libpq.send_prepare(prepared.name, sql.encode(), param_types=types)
            self._note(_Sent(prepares=(sql, types)))
        if prepared is None:
            self._libpq.send_query_params(
                sql.encode(), values, types, formats, result_format=Format.BINARY
            )
        else:
            self._libpq.send_query_prepared(
                prepared.name, values, formats, result_format=Format.BINARY
            )
        self._note(_Sent(answer=answer, runs=prepared, whole=whole))
        return answer

    async def execute(self, sql: LiteralString) -> None:
        """Runs a statement without parameters."""
        await self.send(sql)

    def give_up(self) -> None:
        """Closes the connection; all that is under way fails."""
        self._lose(psycopg.OperationalError("The connection was given up."))

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Commits what is sent within the block when it ends; undoes it after an exception."""
        self.send("BEGIN")
        try:
            yield
        except BaseException:
            self._undo()
            raise
        await asyncio.wait((self.send("COMMIT"),))
        if (error := self._error) is not None:
            # After a failed statement, a COMMIT undoes all and is said to have gone well.
            self._undo()
            raise error

    def _undo(self) -> None:
        """Ends a transaction that failed; whatever goes wrong in it from now on is of no matter."""
        if self._leaving is not None:
            # What leaves together with a statement that fails is passed over.
            self._leaving.cancel()
            self._leave()
        if not self._open:
            # Where the connection is gone, so is its transaction.
            return
        self._error = None
        self._undoing = self.send("ROLLBACK")

    def _note(self, sent: _Sent) -> None:
        self._sent.append(sent)
        if self._leaving is None:
            self._leaving = self._loop.call_soon(self._leave)

    def _leave(self) -> None:
        """Sends what has come together since the last time."""
        self._leaving = None
        try:
            self._libpq.pipeline_sync()
            self._sent.append(_Sent())
            self._write()
        except psycopg.Error as error:
            self._lose(error)

    def _write(self) -> None:
        if self._libpq.flush() == 0:
            if self._writing:
                self._writing = False
                self._loop.remove_writer(self._socket)
        elif not self._writing:
            self._writing = True
            self._loop.add_writer(self._socket, self._write)

    def _read(self) -> None:
        try:
            self._libpq.consume_input()
            if not self._sent:
                # Unasked, it is a farewell: the end, if it has come along, is to be seen at once.
                self._libpq.consume_input()
            while self._sent and not self._libpq.is_busy():
                result = self._libpq.get_result()
                if result is None:
                    if not self._results:
                        break
                    self._take(self._sent.popleft(), self._results.pop())
                    self._results.clear()
                elif result.status == ExecStatus.PIPELINE_SYNC:
                    self._sent.popleft()
                else:
                    self._results.append(result)
        except psycopg.Error as error:
            self._lose(error)
            return
        if not self._sent:
            self._tell_settled()

    def _take(self, sent: _Sent, result: PGresult) -> None:
        if result.status in _FAILED:
            if sent.prepares is not None:
                self.connection.prepared.pop(sent.prepares, None)
            error = errors.error_from_result(result, _ENCODING)
            if self._error is None and (self._undoing is None or self._undoing.done()):
                self._error = error
            _fail(sent.answer, self._error or error)
        elif sent.answer is not None and not sent.answer.done():
            sent.answer.set_result(self._answer(result, sent))

    def _answer(self, result: PGresult, sent: _Sent) -> Answer:
        if result.status != ExecStatus.TUPLES_OK:
            return Answer([], result.command_tuples or 0)
        if sent.whole:
            return Answer([], result.ntuples, result)
        prepared = sent.runs
        names = prepared.columns if prepared is not None else None
        if names is None:
            names = [(result.fname(column) or b"").decode() for column in range(result.nfields)]
            if prepared is not None:
                prepared.columns = names
        self._transformer.set_pgresult(result)
        rows = self._transformer.load_rows(
            0, result.ntuples, lambda values: dict(zip(names, values, strict=True))
        )
        return Answer(rows, result.ntuples)

    async def _break_off(self) -> None:
        """Has the server end what is under way; closes the connection if it does not answer."""
        try:
            async with asyncio.timeout(_CANCEL_TIMEOUT_S):
                with contextlib.suppress(psycopg.Error):
                    await self.connection.cancel_safe(timeout=_CANCEL_TIMEOUT_S)
                await self._settle()
        except TimeoutError:
            self.give_up()

    async def _settle(self) -> None:
        """Waits for the answers to all that is under way."""
        if self._sent:
            self._settled = self._loop.create_future()
            await self._settled

    def _tell_settled(self) -> None:
        if self._settled is not None and not self._settled.done():
            self._settled.set_result(None)

    def _lose(self, error: psycopg.Error) -> None:
        """Gives the connection up: all that is under way fails."""
        self._error = self._error or error
        for sent in self._sent:
            _fail(sent.answer, error)
        self._sent.clear()
        self._tell_settled()
        if self._look_away():
            self._libpq.finish()

    def close(self) -> None:
        """Leaves the connection to others; nothing may be under way."""
        if self._look_away():
            self._libpq.exit_pipeline_mode()

    def _look_away(self) -> bool:
        """Looks at the socket no more; returns False if it did not any more."""
        if not self._open:
            return False
        self._open = False
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None
        self._loop.remove_reader(self._socket)
        if self._writing:
            self._loop.remove_writer(self._socket)
        return True


_FAILED: Final = frozenset({ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED})


def _fail(answer: asyncio.Future[Answer] | None, error: psycopg.Error) -> None:
    if answer is not None and not answer.done():
        answer.set_exception(error)
        # The block tells of the error, also if nobody asks for this answer.
        answer.exception()
