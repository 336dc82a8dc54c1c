"""Whole contexts, record by record: the values that `export` yields and `import_` takes.

A record is kept in protobuf's JSON mapping with the field names of `transfer_service.proto`, so
that nothing is lost on the way through a file of JSON lines.
"""

import json
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from google.protobuf import json_format

from spectron.errors import SpectronError
from spectron.v1.transfer_service_pb2 import ImportContextRequest
from spectron.v1.transfer_service_pb2 import TransferRecord as WireRecord


class RecordKind(StrEnum):
    """What a record of an export is."""

    SESSION = "session"
    TURN = "turn"
    ATTRIBUTE = "attribute"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class TransferRecord:
    """One record of an export.

    Attributes:
        kind: What it is.
        fields: Its fields, in protobuf's JSON mapping: times as RFC 3339, counts as strings.
    """

    kind: RecordKind
    fields: Mapping[str, Any]

    def to_json(self) -> str:
        """Returns the record as one line of JSON, without its end."""
        return json.dumps({self.kind.value: self.fields}, ensure_ascii=False)

    @classmethod
    def from_json(cls, line: str) -> Self:
        """Reads a record from a line of JSON.

        Args:
            line: What `to_json` returned.

        Returns:
            The record.

        Raises:
            ValueError: The line is no JSON object with one field that names a kind.
        """
        try:
            content = json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(f"not a line of JSON: {error}") from error
        kinds = set(RecordKind)
        if isinstance(content, dict) and len(content) == 1 and kinds >= content.keys():
            [(kind, fields)] = content.items()
            if isinstance(fields, dict):
                return cls(kind=RecordKind(kind), fields=fields)
        known = ", ".join(each.value for each in RecordKind)
        raise ValueError(f"a record is a JSON object with one field, {known}, that is an object")


def record_of(message: WireRecord) -> TransferRecord:
    """Converts a record.

    Raises:
        SpectronError: It is of a kind that this client does not know. Leaving it out would make
            an incomplete export look complete.
    """
    kind = message.WhichOneof("record")
    if kind is None:
        raise SpectronError(
            "the server exports a kind of record that this client does not know: upgrade the client"
        )
    fields = json_format.MessageToDict(getattr(message, kind), preserving_proto_field_name=True)
    return TransferRecord(kind=RecordKind(kind), fields=fields)


async def requests_for(
    records: Iterable[TransferRecord] | AsyncIterable[TransferRecord], *, context_id: str
) -> AsyncIterator[ImportContextRequest]:
    """Yields the messages of an import, the first of which names the context alone.

    Args:
        records: The records, in the order of the export.
        context_id: The context to import into.

    Yields:
        The messages.

    Raises:
        ValueError: A record's fields are not those of its kind.
    """
    yield ImportContextRequest(context_id=context_id)
    number = 0
    async for record in _each(records):
        number += 1
        try:
            message = json_format.ParseDict({record.kind.value: record.fields}, WireRecord())
        except json_format.ParseError as error:
            raise ValueError(f"record {number} is malformed: {error}") from error
        yield ImportContextRequest(record=message)


async def _each(
    records: Iterable[TransferRecord] | AsyncIterable[TransferRecord],
) -> AsyncIterator[TransferRecord]:
    if isinstance(records, AsyncIterable):
        async for record in records:
            yield record
    else:
        for record in records:
            yield record
