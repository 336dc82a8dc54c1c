"""Answers to GetProfile, kept as bytes for as long as they are true.

An answer depends on the beliefs of the scopes seen, which their revisions name, and on the time:
a belief may begin or end to hold by itself. The profile's own `revision` grows with every turn
and is no part of what is kept. It is written behind it, as a second piece of the same message:
parsers of protocol buffers merge the pieces of a message field.
"""

from collections import OrderedDict
from collections.abc import Collection, Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from spectron.v1 import memory_pb2
from spectron.v1 import memory_service_pb2 as pb
from spectron_server.rpc import convert
from spectron_server.service.profiles import Profile

MAX_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Serialised:
    """A response that was serialised before."""

    data: bytes

    def SerializeToString(self) -> bytes:  # noqa: N802 - as messages have it
        """Returns the bytes."""
        return self.data


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kept:
    stamp: Hashable
    scope_keys: Collection[str]
    since: datetime
    until: datetime | None
    data: bytes


class ProfileAnswers:
    """A bounded store of answers, the least recently used going first."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self.nbytes = 0
        self.evictions = 0
        self._max_bytes = max_bytes
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    def get(
        self, key: Hashable, stamp: Hashable, moment: datetime, revision: int
    ) -> Serialised | None:
        """Returns an answer that is true at a moment, if one is kept.

        Args:
            key: What was asked.
            stamp: Names the state of the beliefs.
            moment: The moment that the answer is to tell of.
            revision: The profile's.
        """
        kept = self._kept.get(key)
        if kept is None or kept.stamp != stamp or moment < kept.since:
            return None
        if kept.until is not None and kept.until <= moment:
            return None
        self._kept.move_to_end(key)
        return _answer(kept.data, revision)

    def put(
        self,
        key: Hashable,
        stamp: Hashable,
        moment: datetime,
        profile: Profile,
        scope_keys: Collection[str],
    ) -> Serialised:
        """Keeps the answer with a profile that was made for a moment, and returns it.

        Args:
            key: What was asked.
            stamp: Names the state of the beliefs.
            moment: The moment that the answer tells of.
            profile: What it tells.
            scope_keys: The keys of the scopes that it tells of.
        """
        message = convert.profile(profile)
        message.ClearField("revision")
        data = pb.GetProfileResponse(profile=message).SerializeToString()
        former = self._kept.pop(key, None)
        self._kept[key] = _Kept(
            stamp=stamp,
            scope_keys=scope_keys,
            since=moment,
            until=profile.changes_at,
            data=data,
        )
        self.nbytes += len(data) - (len(former.data) if former else 0)
        while self.nbytes > self._max_bytes:
            _, oldest = self._kept.popitem(last=False)
            self.nbytes -= len(oldest.data)
            self.evictions += 1
        return _answer(data, profile.revision)

    def forget(self, scope_key: str) -> None:
        """Forgets the answers that tell of a scope."""
        told = [key for key, kept in self._kept.items() if scope_key in kept.scope_keys]
        for key in told:
            self.nbytes -= len(self._kept.pop(key).data)


def _answer(data: bytes, revision: int) -> Serialised:
    rest = pb.GetProfileResponse(profile=memory_pb2.Profile(revision=revision))
    return Serialised(data + rest.SerializeToString())
