"""Looking rows up by key, for many calls in one statement.

Every call looks up its key and its scopes, and asks the database anew, so that it never acts on
what was revoked or changed. Calls that ask while the database is answering others are answered
together next; who asks alone does not wait. No call gets what was read before it asked.
"""

import asyncio
import contextvars
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from spectron_server.storage.database import Database
from spectron_server.storage.statement import Connection

K = TypeVar("K")
V = TypeVar("V")

_MAX_KEYS: Final = 1_000
# Where calls come in crowds, a lookup waits so long for others to join it.
_COMPANY_S: Final = 0.001


@dataclass(frozen=True, slots=True)
class _Question(Generic[K, V]):
    keys: Sequence[K]
    answer: asyncio.Future[dict[K, V]]


class SharedLookup(Generic[K, V]):
    """Looks up rows by key. Belongs to one event loop."""

    def __init__(
        self,
        database: Database,
        find: Callable[[Connection, Sequence[K]], Awaitable[Mapping[K, V]]],
    ) -> None:
        """Makes a lookup.

        Args:
            database: Where to look.
            find: Returns what there is of some keys, in one statement.
        """
        self._database = database
        self._find = find
        self._waiting: deque[_Question[K, V]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._crowded = False

    async def find(self, keys: Sequence[K]) -> dict[K, V]:
        """Returns what there is of some keys, as of now or later.

        Raises:
            DatabaseUnavailableError: The database cannot be reached.
        """
        answer: asyncio.Future[dict[K, V]] = asyncio.get_running_loop().create_future()
        question = _Question(keys, answer)
        self._waiting.append(question)
        if self._task is None or self._task.done():
            # It works for many calls, and under the name of none.
            self._task = asyncio.create_task(self._work(), context=contextvars.Context())
        return await question.answer

    async def _work(self) -> None:
        while self._waiting:
            if self._crowded:
                # A lookup for many costs hardly more than one for a single call.
                await asyncio.sleep(_COMPANY_S)
            questions = self._take()
            self._crowded = len(questions) > 1
            try:
                found = await self._ask(list({key for each in questions for key in each.keys}))
            except Exception as error:  # noqa: BLE001 - those who asked are to know
                _fail(questions, error)
            else:
                for each in questions:
                    if not each.answer.done():
                        each.answer.set_result(
                            {key: found[key] for key in each.keys if key in found}
                        )

    async def _ask(self, keys: Sequence[K]) -> Mapping[K, V]:
        return await self._database.ask(lambda connection: self._find(connection, keys))

    def _take(self) -> list[_Question[K, V]]:
        questions, count = [], 0
        while self._waiting and count < _MAX_KEYS:
            questions.append(self._waiting.popleft())
            count += len(questions[-1].keys)
        return questions


def _fail(questions: Sequence[_Question[K, V]], error: Exception) -> None:
    for each in questions:
        if not each.answer.done():
            each.answer.set_exception(error)
