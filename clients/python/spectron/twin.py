"""Turns asynchronous methods into blocking ones, with their signatures.

A blocking class wraps an object of an asynchronous class, its twin, and names the twin's methods
once: `profile = blocking(aio.Memory.profile)`. What a method does is written in one place only,
and the type checker sees the twin's parameters.

    blocking(method)            a coroutine's result, as it is
    blocking_as(make, method)   a coroutine's result, wrapped
    blocking_each(make, method) a coroutine's list of results, each wrapped
    listed(method)              a `Listing`, as a list
    listed_as(make, method)     a `Listing`, as a list of wrapped items
    iterated(method)            an asynchronous iterator, as an iterator
    opened_as(make, method)     the wrapped result of a method that asks no server
"""

import functools
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from spectron.listing import Listing
from spectron.portal import Portal

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")
_Twin = TypeVar("_Twin")
_Twin_co = TypeVar("_Twin_co", covariant=True)
_Wrapped = TypeVar("_Wrapped")


class HasTwin(Protocol[_Twin_co]):
    """An object with an asynchronous twin."""

    @property
    def _twin(self) -> _Twin_co: ...

    @property
    def _portal(self) -> Portal: ...


def blocking(
    method: Callable[Concatenate[_Twin, _Parameters], Coroutine[Any, Any, _Result]],
) -> Callable[Concatenate[HasTwin[_Twin], _Parameters], _Result]:
    """Returns a method that waits for the twin's coroutine."""

    @functools.wraps(method)
    def call(
        self: HasTwin[_Twin], /, *args: _Parameters.args, **kwargs: _Parameters.kwargs
    ) -> _Result:
        return self._portal.run(method(self._twin, *args, **kwargs))

    return call


def blocking_as(
    make: Callable[[_Result, Portal], _Wrapped],
    method: Callable[Concatenate[_Twin, _Parameters], Coroutine[Any, Any, _Result]],
) -> Callable[Concatenate[HasTwin[_Twin], _Parameters], _Wrapped]:
    """Returns a method that waits for the twin's coroutine and wraps its result."""

    @functools.wraps(method)
    def call(
        self: HasTwin[_Twin], /, *args: _Parameters.args, **kwargs: _Parameters.kwargs
    ) -> _Wrapped:
        return make(self._portal.run(method(self._twin, *args, **kwargs)), self._portal)

    return call


def blocking_each(
    make: Callable[[_Result, Portal], _Wrapped],
    method: Callable[Concatenate[_Twin, _Parameters], Coroutine[Any, Any, list[_Result]]],
) -> Callable[Concatenate[HasTwin[_Twin], _Parameters], list[_Wrapped]]:
    """Returns a method that waits for the twin's coroutine and wraps each of its results."""

    @functools.wraps(method)
    def call(
        self: HasTwin[_Twin], /, *args: _Parameters.args, **kwargs: _Parameters.kwargs
    ) -> list[_Wrapped]:
        results = self._portal.run(method(self._twin, *args, **kwargs))
        return [make(each, self._portal) for each in results]

    return call


def listed(
    method: Callable[Concatenate[_Twin, _Parameters], Listing[_Result]],
) -> Callable[Concatenate[HasTwin[_Twin], _Parameters], list[_Result]]:
    """Returns a method that fetches the twin's listing whole."""

    @functools.wraps(method)
    def call(
        self: HasTwin[_Twin], /, *args: _Parameters.args, **kwargs: _Parameters.kwargs
    ) -> list[_Result]:
        return self._portal.run(_all_of(method(self._twin, *args, **kwargs)))

    return call


def listed_as(
    make: Callable[[_Result, Portal], _Wrapped],
    method: Callable[Concatenate[_Twin, _Parameters], Listing[_Result]],
) -> Callable[Concatenate[HasTwin[_Twin], _Parameters], list[_Wrapped]]:
    """Returns a method that fetches the twin's listing whole and wraps each item."""

    @functools.wraps(method)
    def call(
        self: HasTwin[_Twin], /, *args: _Parameters.args, **kwargs: _Parameters.kwargs
    ) -> list[_Wrapped]:
        results = self._portal.run(_all_of(method(self._twin, *args, **kwargs)))
        return [make(each, self._portal) for each in results]

    return call


def iterated(
    method: Callable[Concatenate[_Twin, _Parameters], AsyncIterator[_Result]],
) -> Callable[Concatenate[HasTwin[_Twin], _Parameters], Iterator[_Result]]:
    """Returns a method that yields the items of the twin's iterator."""

    @functools.wraps(method)
    def call(
        self: HasTwin[_Twin], /, *args: _Parameters.args, **kwargs: _Parameters.kwargs
    ) -> Iterator[_Result]:
        return self._portal.iterate(method(self._twin, *args, **kwargs))

    return call


def opened_as(
    make: Callable[[_Result, Portal], _Wrapped],
    method: Callable[Concatenate[_Twin, _Parameters], _Result],
) -> Callable[Concatenate[HasTwin[_Twin], _Parameters], _Wrapped]:
    """Returns a method that wraps what the twin's method returns at once."""

    @functools.wraps(method)
    def call(
        self: HasTwin[_Twin], /, *args: _Parameters.args, **kwargs: _Parameters.kwargs
    ) -> _Wrapped:
        return make(method(self._twin, *args, **kwargs), self._portal)

    return call


async def _all_of(listing: Listing[_Result]) -> list[_Result]:
    return await listing
