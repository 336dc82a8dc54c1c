"""`spectron export` and `spectron import`."""

import itertools
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Final, TextIO

import typer
from rich.text import Text

from spectron import ImportReceipt, RecordKind
from spectron.sync import Memory, Spectron
from spectron_server.cli import archive, loading, views
from spectron_server.cli.connection import Connection, context_for
from spectron_server.cli.errors import CommandError
from spectron_server.cli.options import (
    ContextOption,
    EndpointOption,
    JsonOption,
    PlaintextOption,
    ScopeOption,
    duration,
    scope_of,
)
from spectron_server.cli.output import (
    count,
    is_narrow,
    json_text,
    note,
    one_line,
    progress,
    show,
    show_json,
)
from spectron_server.cli.textfile import bounded_lines
from spectron_server.system import SystemClock

if TYPE_CHECKING:
    from spectron_server.cli.conversation import Conversation

_STREAM: Final = "-"
_MAX_PROFILES: Final = 5
_MAX_FAILURES: Final = 5
_WAIT: Final = timedelta(hours=1)


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command("export")(export)
    app.command("import")(import_)


def export(
    *,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to write; - is stdout, as it is without this option unless that is a "
            "terminal.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    context: ContextOption = None,
    endpoint: EndpointOption = None,
    plaintext: PlaintextOption = False,
) -> None:
    """Write a whole context, with its history, as JSON Lines. Needs an admin key.

    `spectron import` reads it. The file holds all that users said: keep it as safe as the server.
    """
    if output is None and sys.stdout.isatty():
        raise CommandError(
            "An export holds all that users said, and would fill this terminal. Name a file with "
            "--output FILE, or print it all the same with --output -."
        )
    path = None if output in {None, _STREAM} else Path(output or "")
    if path is not None and path.exists() and not force:
        raise CommandError(f"{path} exists. Choose another name, or replace it with --force.")
    with Connection(endpoint=endpoint, plaintext=plaintext).client() as client:
        name = context_for(client, context)
        if path is None:
            counts = _export(client, name, sys.stdout)
        else:
            with _replacing(path) as file:
                counts = _export(client, name, file)
    told = ", ".join(count(counts[kind], kind.value) for kind in RecordKind)
    note(f"Exported {told}.")


def _export(client: Spectron, context_id: str, file: TextIO) -> Counter[RecordKind]:
    memory = client.memory(context_id or None)
    stats = client.admin.stats(context_id=context_id or None)
    expected = stats.session_count + stats.turn_count + stats.attribute_count
    counts: Counter[RecordKind] = Counter()
    program = f"spectron {version('spectron')}"
    now = SystemClock().now()
    narrow = is_narrow(file)
    with progress() as display:
        task = display.add_task("Exporting", total=expected + stats.open_unknown_count)
        header = archive.header_line(context=context_id, now=now, program=program)
        file.write(f"{header}\n")
        for record in memory.export():
            line = json_text({record.kind.value: record.fields}, ascii_only=narrow)
            file.write(f"{line}\n")
            counts[record.kind] += 1
            display.advance(task)
        file.write(f"{archive.end_line(counts)}\n")
        file.flush()
    return counts


@contextmanager
def _replacing(path: Path) -> Iterator[TextIO]:
    """Opens a file beside the one named, and puts it in its place once it is whole."""
    part = path.with_name(f"{path.name}.part")
    try:
        # Only its owner may read what users said.
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            yield file
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise CommandError(f"Cannot write {path}: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)


def import_(
    *,
    file: Annotated[
        str, typer.Argument(help="A conversation file or an archive; - is standard input.")
    ],
    scope: ScopeOption = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until all is extracted, and show what was learned.")
    ] = False,
    timeout: Annotated[
        timedelta | None,
        typer.Option(
            parser=duration, metavar="TIME", help="Wait at most this long, such as 10m; 1h if not."
        ),
    ] = None,
    context: ContextOption = None,
    endpoint: EndpointOption = None,
    plaintext: PlaintextOption = False,
    as_json: JsonOption = False,
) -> None:
    """Load a conversation, or an archive that `spectron export` wrote.

    A conversation is a file of JSON Lines, such as {"role": "user", "content": "I live in Berlin",
    "observed_at": "2024-05-03T10:00:00Z"}; docs/conversation-format.md describes it. --scope says
    whose memory it is. It is checked as a whole before anything is sent, and running a broken-off
    import again within 24 hours records nothing twice.

    An archive goes into an empty context, and needs an admin key.
    """
    wanted = scope_of(scope) if scope else None
    connection = Connection(endpoint=endpoint, plaintext=plaintext)
    with _opened(file) as (stream, size):
        lines = bounded_lines(stream)
        first = next(lines, b"")
        header = archive.header_of(first)
        if header is None:
            whole = itertools.chain([first] if first else [], lines)
            found = _read_conversation(whole, wanted)
            with connection.memory(context) as memory, _to_be_continued():
                limit = (timeout or _WAIT) if wait else None
                _import_conversation(memory, found, limit=limit, as_json=as_json)
            return
        if wanted is not None:
            raise typer.BadParameter("an archive holds its own scopes: leave out --scope")
        with connection.client() as client:
            name = context_for(client, context, otherwise=header.context)
            receipt = _import_archive(client.memory(name or None), lines, size)
    if as_json:
        show_json({"kind": "archive", "context": name or None, "receipt": receipt})
    else:
        show(
            f"Imported {count(receipt.session_count, 'session')}, "
            f"{count(receipt.turn_count, 'turn')}, {count(receipt.attribute_count, 'attribute')} "
            f"and {count(receipt.unknown_count, 'unknown')}"
            + (f" into {one_line(name)}." if name else ".")
        )


@contextmanager
def _to_be_continued() -> Iterator[None]:
    """Says on Ctrl-C that nothing is lost."""
    try:
        yield
    except KeyboardInterrupt:
        note(
            "Broken off. The same command goes on where this one stopped, within 24 hours, and "
            "records nothing twice."
        )
        raise


@contextmanager
def _opened(name: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """Opens a file, or standard input; with its size, None if that is not known."""
    if name == _STREAM:
        yield sys.stdin.buffer, None
        return
    path = Path(name)
    try:
        stream = path.open("rb")
    except OSError as error:
        raise CommandError(f"Cannot read {path}: {error.strerror}.") from error
    with stream:
        yield stream, path.stat().st_size


def _import_archive(memory: Memory, lines: Iterator[bytes], size: int | None) -> ImportReceipt:
    with progress(counted=False) as display:
        task = display.add_task("Importing", total=size)

        def counted() -> Iterator[bytes]:
            for line in lines:
                display.advance(task, len(line))
                yield line

        try:
            return memory.import_(archive.records_of(counted()))
        except ValueError as error:
            raise CommandError(f"Nothing was imported: {error}.") from error


def _read_conversation(lines: Iterable[bytes], scope: dict[str, str] | None) -> "Conversation":
    # It checks with the server's own validation, which takes a while to load.
    from spectron_server.cli.conversation import read_conversation  # noqa: PLC0415

    return read_conversation(lines, scope=scope, now=SystemClock().now())


def _import_conversation(
    memory: Memory, found: "Conversation", *, limit: timedelta | None, as_json: bool
) -> None:
    with progress() as display:
        task = display.add_task("Recording", total=len(found.turns))
        loaded = loading.load(memory, found, lambda count: display.advance(task, count))
        learned = None
        if limit is not None:
            task = display.add_task("Extracting", total=len(found.turns))
            learned = loading.wait_for(
                loaded.turns,
                timeout_s=limit.total_seconds(),
                progress=lambda count: display.advance(task, count),
            )
    scopes = [dict(pairs) for pairs in sorted(_scopes_of(found))]
    if as_json:
        show_json(
            {
                "kind": "conversation",
                "sessions": {name: each.id for name, each in loaded.sessions.items()},
                "turn_count": len(loaded.turns),
                "known_count": loaded.known_count,
                "scopes": scopes,
                "learned": dict(learned.counts) if learned else None,
                "failed": learned.failed if learned else None,
            }
        )
    else:
        _tell(memory, loaded, learned, scopes)
    if learned is not None and learned.failed:
        for message in list(learned.failed.values())[:_MAX_FAILURES]:
            note(message)
        raise CommandError(
            f"The extraction of {count(len(learned.failed), 'turn')} failed. All turns are "
            "recorded, and their text can be found all the same."
        )


def _scopes_of(found: "Conversation") -> set[tuple[tuple[str, str], ...]]:
    return {tuple(sorted(plan.scope.items())) for plan in found.sessions.values()}


def _tell(
    memory: Memory,
    loaded: loading.Loaded,
    learned: loading.Learned | None,
    scopes: list[dict[str, str]],
) -> None:
    turns, sessions = count(len(loaded.turns), "turn"), count(len(loaded.sessions), "session")
    show(f"Recorded {turns} in {sessions}.")
    if loaded.known_count:
        show(f"An earlier import had recorded {loaded.known_count} of them already.")
    if learned is None:
        show("They are being extracted; `spectron profile` shows what is known.")
        return
    told = "Learned: "
    if loaded.known_count >= len(loaded.turns):
        told = "Nothing new was learned; the earlier import had learned: "
    elif loaded.known_count:
        told = "Learned, with the earlier import: "
    show(Text(told).append_text(views.counts_line(learned.counts)).append("."))
    for each in scopes[:_MAX_PROFILES]:
        show(views.profile_view(memory.profile(each)))
    if len(scopes) > _MAX_PROFILES:
        show(f"... and {count(len(scopes) - _MAX_PROFILES, 'more scope')}.")
