"""`spectron doctor`: says in plain words what is wrong with a deployment."""

from collections.abc import Iterator
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from spectron_server.cli.connection import Connection
from spectron_server.cli.options import (
    ContextOption,
    EndpointOption,
    JsonOption,
    PlaintextOption,
)
from spectron_server.cli.output import err, one_line, out, show_json
from spectron_server.system import SystemClock

if TYPE_CHECKING:
    from spectron_server.cli.finding import Check

_MARKS = {"ok": ("ok  ", "green"), "warn": ("warn", "yellow"), "fail": ("FAIL", "bold red")}


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command()(doctor)


def doctor(
    *,
    remote: Annotated[
        bool,
        typer.Option(
            "--remote", help="Only the server and the key, from a machine that does not run it."
        ),
    ] = False,
    context: ContextOption = None,
    endpoint: EndpointOption = None,
    plaintext: PlaintextOption = False,
    as_json: JsonOption = False,
) -> None:
    """Check a deployment, and say what is wrong and what to do. Exits with 1 if anything fails.

    It reads the same settings as `spectron serve`, and changes nothing. To compare the clocks it
    sends a running server up to three turns that it must refuse, which its log and metrics tell.
    """
    connection = Connection(endpoint=endpoint, plaintext=plaintext)
    found = []
    console = out()
    with err().status("Checking"):
        for check in _checks(connection, context, remote=remote):
            found.append(check)
            if not as_json:
                console.print(_line(check), soft_wrap=True)
    healthy = not any(check.status == "fail" for check in found)
    if as_json:
        show_json({"ok": healthy, "version": version("spectron"), "checks": found})
    else:
        worries = sum(check.status == "warn" for check in found)
        console.print(_verdict(healthy=healthy, worries=worries))
    if not healthy:
        raise typer.Exit(1)


def _checks(connection: Connection, context: str | None, *, remote: bool) -> "Iterator[Check]":
    # They load the whole server.
    from spectron_server.cli.checks import (  # noqa: PLC0415
        data_of_server,
        local_checks,
        unused_data_directory,
    )
    from spectron_server.cli.probes import server_checks  # noqa: PLC0415

    clock = SystemClock()
    unused = None
    if not remote:
        yield from local_checks(clock)
        unused = unused_data_directory()
    for check in server_checks(connection, context, clock):
        yield check
        if unused is not None and check.name == "server" and check.status == "ok":
            yield data_of_server(unused)


def _line(check: "Check") -> Text:
    mark, style = _MARKS.get(check.status.value, ("skip", "dim"))
    line = Text.assemble((mark, style), f"  {check.name:<14}  {one_line(check.message)}")
    if check.why:
        line.append(f"\n      {'':<14}  {one_line(check.why)}", style="dim")
    if check.advice:
        line.append(f"\n      {'':<14}  → {one_line(check.advice)}", style="dim")
    return line


def _verdict(*, healthy: bool, worries: int) -> Text:
    if not healthy:
        return Text("\nSomething is broken: see FAIL above.", style="bold red")
    if worries:
        return Text("\nNothing is broken; see the warnings above.", style="yellow")
    return Text("\nAll is well.", style="green")
