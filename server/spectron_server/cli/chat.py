"""`spectron chat`: a conversation in the terminal, to try memory with."""

from typing import Annotated

import typer

from spectron_server.cli.chat_input import Keyboard, Pipe, is_interactive
from spectron_server.cli.chat_loop import ChatLoop
from spectron_server.cli.chat_screen import JsonScreen, TextScreen
from spectron_server.cli.chat_talk import Talk
from spectron_server.cli.connection import Connection
from spectron_server.cli.options import (
    ContextOption,
    EndpointOption,
    JsonOption,
    PlaintextOption,
    ScopeOption,
    scope_of,
)


def register(app: typer.Typer) -> None:
    """Adds the command of this module."""
    app.command()(chat)


def chat(
    *,
    scope: ScopeOption = None,
    session: Annotated[
        str | None,
        typer.Option(
            "--session", metavar="ID", help="Go on with this session, instead of a new one."
        ),
    ] = None,
    top_k: Annotated[
        int,
        typer.Option("--top-k", "-k", min=1, max=50, help="Find this much for each message."),
    ] = 5,
    context: ContextOption = None,
    endpoint: EndpointOption = None,
    plaintext: PlaintextOption = False,
    as_json: JsonOption = False,
) -> None:
    """Chat, and see what is found for each message and what is learned from it.

    The server's chat model answers; without one, what is said is only recorded. Lines that begin
    with a slash are commands, such as /help. From a pipe, each line is a message; with --json,
    each gives a line of JSON.
    """
    wanted = scope_of(scope)
    if session is not None and scope:
        raise typer.BadParameter("--session has a scope already: leave --scope out")
    interactive = is_interactive() and not as_json
    with Connection(endpoint=endpoint, plaintext=plaintext).memory(context) as memory:
        opened = memory.sessions.get(session) if session else memory.sessions.create(scope=wanted)
        assert opened.info is not None
        screen = JsonScreen() if as_json else TextScreen(interactive=interactive)
        talk = Talk(
            session=memory.sessions.open(opened.id, top_k=top_k), top_k=top_k, screen=screen
        )
        loop = ChatLoop(memory=memory, info=opened.info, talk=talk, screen=screen)
        went_well = loop.run(Keyboard() if interactive else Pipe())
    if not went_well:
        raise typer.Exit(1)
