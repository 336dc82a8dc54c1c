"""`spectron profile`, `context`, `entities`, `history`, `unknowns` and `forget`."""

import sys
from collections.abc import Collection, Mapping
from typing import Annotated

import typer

from spectron import Category, Forgotten, SpectronError
from spectron.errors import NotFound
from spectron.sync import Memory
from spectron_server.cli import views
from spectron_server.cli.connection import Connection
from spectron_server.cli.errors import CommandError
from spectron_server.cli.options import (
    AsOfOption,
    ContextOption,
    EndpointOption,
    JsonOption,
    PlaintextOption,
    ScopeOption,
    entity,
    scope_of,
)
from spectron_server.cli.output import note, scope_text, show, show_json

_KNOWN_CATEGORIES = [each.value for each in Category if each is not Category.UNSPECIFIED]

unknowns = typer.Typer(no_args_is_help=True, help="Doubts that await review.")


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command()(profile)
    app.command()(context)
    app.command()(entities)
    app.command()(history)
    app.add_typer(unknowns, name="unknowns")
    app.command()(forget)


def category(text: str) -> Category:
    """Reads a category.

    Raises:
        typer.BadParameter: There is none of that name.
    """
    if text.lower() not in _KNOWN_CATEGORIES:
        raise typer.BadParameter(f"not one of {', '.join(_KNOWN_CATEGORIES)}")
    return Category(text.lower())


def profile(
    *,
    scope: ScopeOption = None,
    max_tokens: Annotated[
        int | None, typer.Option(min=16, max=8_000, help="The summary's budget; 400 by default.")
    ] = None,
    as_of: AsOfOption = None,
    context: ContextOption = None,
    endpoint: EndpointOption = None,
    plaintext: PlaintextOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show what is known: a summary for a prompt, and each attribute."""
    wanted = scope_of(scope)
    with Connection(endpoint=endpoint, plaintext=plaintext).known_memory(context) as memory:
        found = memory.profile(wanted, max_tokens=max_tokens, as_of=as_of)
    if as_json:
        show_json(found)
    else:
        show(views.profile_view(found))
        _hint_at_scope(wanted, found.attributes or found.summary)


def context(
    *,
    query: Annotated[str, typer.Argument(help="What to look for, such as the user's message.")],
    scope: ScopeOption = None,
    top_k: Annotated[
        int | None, typer.Option("--top-k", "-k", min=1, max=50, help="At most this many items.")
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option(min=16, max=16_000, help="The budget of the formatted text.")
    ] = None,
    include_history: Annotated[
        bool, typer.Option("--history", help="Values that no longer hold, too.")
    ] = False,
    as_of: AsOfOption = None,
    context: ContextOption = None,
    endpoint: EndpointOption = None,
    plaintext: PlaintextOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show the facts and turns that bear on a query."""
    wanted = scope_of(scope)
    with Connection(endpoint=endpoint, plaintext=plaintext).known_memory(context) as memory:
        found = memory.context(
            query,
            scope=wanted,
            top_k=top_k,
            max_tokens=max_tokens,
            as_of=as_of,
            include_history=include_history,
        )
    if as_json:
        show_json(found)
    else:
        show(views.context_view(query, found))
        _hint_at_scope(wanted, found.items)


def entities(
    *,
    scope: ScopeOption = None,
    entity_type: Annotated[
        str | None, typer.Option("--type", help="Only of this type, such as Person.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most this many.")] = 1_000,
    as_of: AsOfOption = None,
    context: ContextOption = None,
    endpoint: EndpointOption = None,
    plaintext: PlaintextOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show what something is known of, as trees: people, pets, organisations, projects."""
    wanted = scope_of(scope)
    with Connection(endpoint=endpoint, plaintext=plaintext).known_memory(context) as memory:
        found = memory.entities.list(wanted, entity_type=entity_type, as_of=as_of, limit=limit)
    if as_json:
        show_json({"entities": found})
    else:
        show(views.entities_view(found))
        _hint_at_scope(wanted, found)


def _hint_at_scope(scope: Mapping[str, str], found: Collection[object]) -> None:
    if not scope and not found:
        note(
            "Without --scope this is what everyone in the context sees. What is known of a user is "
            "in the scope that it was recorded in, such as --scope user=alice."
        )


def history(
    *,
    key: Annotated[str, typer.Argument(help="The attribute, such as location.")],
    scope: ScopeOption = None,
    of: Annotated[
        str | None,
        typer.Option(
            "--entity", metavar="TYPE/NAME", help="Such as Person/alice. Without it: the user."
        ),
    ] = None,
    context: ContextOption = None,
    endpoint: EndpointOption = None,
    plaintext: PlaintextOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show every value that an attribute ever had, as a timeline."""
    wanted = scope_of(scope)
    about = entity(of) if of else None
    with Connection(endpoint=endpoint, plaintext=plaintext).known_memory(context) as memory:
        try:
            found = memory.entities.history(
                wanted,
                # Keys have no capital letters.
                key.lower(),
                entity_type=about.type if about else None,
                entity_name=about.name if about else None,
            )
        except NotFound as error:
            raise _nothing_of(key, of, error) from error
    if as_json:
        show_json({"attributes": found})
    elif found:
        show(views.history_view(found))
    else:
        raise _nothing_of(key, of, None)


def _nothing_of(key: str, of: str | None, error: SpectronError | None) -> Exception:
    if error is not None and error.reason not in {"ATTRIBUTE_NOT_FOUND", "ENTITY_NOT_FOUND"}:
        return error
    return CommandError(
        f"Nothing was ever known of {key!r} of {of or 'the user'}. `spectron entities` shows what "
        "is; check --scope and --entity too."
    )


@unknowns.command("list")
def list_unknowns(
    *,
    scope: ScopeOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Those settled, too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most this many.")] = 1_000,
    context: ContextOption = None,
    endpoint: EndpointOption = None,
    plaintext: PlaintextOption = False,
    as_json: JsonOption = False,
) -> None:
    """List what is in doubt, newest first."""
    wanted = scope_of(scope)
    with Connection(endpoint=endpoint, plaintext=plaintext).known_memory(context) as memory:
        found = memory.unknowns.list(wanted, include_resolved=everything, limit=limit)
    if as_json:
        show_json({"unknowns": found})
    else:
        show(views.unknowns_view(found))


@unknowns.command("resolve")
def resolve_unknown(
    *,
    unknown_id: Annotated[str, typer.Argument(help="As `spectron unknowns list` shows it.")],
    accept: Annotated[
        str | None, typer.Option(metavar="VALUE", help="Record this value as a fact.")
    ] = None,
    dismiss: Annotated[
        bool, typer.Option("--dismiss", help="Put it aside: what was known stays.")
    ] = False,
    context: ContextOption = None,
    endpoint: EndpointOption = None,
    plaintext: PlaintextOption = False,
    as_json: JsonOption = False,
) -> None:
    """Settle a doubt: accept a value, or dismiss it."""
    if (accept is not None) == dismiss:
        raise typer.BadParameter("give either --accept VALUE or --dismiss")
    if accept is not None and not accept.strip():
        raise typer.BadParameter("--accept needs a value; --dismiss puts the doubt aside")
    with Connection(endpoint=endpoint, plaintext=plaintext).memory(context) as memory:
        resolved = memory.unknowns.resolve(unknown_id, accept=accept, dismiss=dismiss)
    if as_json:
        show_json(resolved)
    else:
        show(views.unknowns_view([resolved.unknown]), *views.diff_lines(resolved.diff))


def forget(
    *,
    scope: ScopeOption = None,
    of: Annotated[
        str | None,
        typer.Option(
            "--entity", metavar="TYPE[/NAME]", help="Only of this entity, such as Person/alice."
        ),
    ] = None,
    key: Annotated[str | None, typer.Option(help="Only this attribute, such as employer.")] = None,
    of_category: Annotated[
        Category | None,
        typer.Option(
            "--category",
            parser=category,
            metavar="|".join(_KNOWN_CATEGORIES),
            help="Only this category.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be forgotten.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    context: ContextOption = None,
    endpoint: EndpointOption = None,
    plaintext: PlaintextOption = False,
    as_json: JsonOption = False,
) -> None:
    """End beliefs from now on, and take the text they came from out of retrieval.

    Name at least one of --entity, --key and --category; those given must all match. The records
    are kept for audit. On a terminal it shows what would be forgotten and asks first.
    """
    wanted = scope_of(scope)
    if not (of or key or of_category):
        raise typer.BadParameter("name what to forget: --entity, --key or --category")
    ask = not (yes or dry_run)
    if ask and (as_json or not sys.stdin.isatty()):
        raise typer.BadParameter(
            "there is no terminal to ask on: give --yes to forget, or --dry-run to look first"
        )
    kind, _, name = (of or "").partition("/")

    def run(memory: Memory, *, rehearse: bool) -> Forgotten:
        return memory.forget(
            wanted,
            entity_type=kind.strip() or None,
            entity_name=name.strip() or None,
            attribute_key=key,
            category=of_category,
            dry_run=rehearse,
        )

    with Connection(endpoint=endpoint, plaintext=plaintext).known_memory(context) as memory:
        if ask:
            expected = run(memory, rehearse=True)
            show(views.forgotten_view(expected, dry_run=True))
            if not views.forgets_anything(expected):
                return
            if not typer.confirm(f"Forget this of {scope_text(wanted)}?"):
                show("Nothing was forgotten.")
                return
        forgotten = run(memory, rehearse=dry_run)
    if as_json:
        show_json({"dry_run": dry_run, **_counts(forgotten)})
    else:
        show(views.forgotten_view(forgotten, dry_run=dry_run))


def _counts(forgotten: Forgotten) -> dict[str, object]:
    return {
        "attribute_count": forgotten.attribute_count,
        "unknown_count": forgotten.unknown_count,
        "turn_count": forgotten.turn_count,
        "attributes": forgotten.attributes,
    }
