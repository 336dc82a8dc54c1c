"""What is known, as people read it: tables, trees and timelines. Nothing here asks a server."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from spectron import (
    Attribute,
    AttributeStatus,
    Category,
    ChangeAction,
    ContextItem,
    ContextItemKind,
    ContextResult,
    Diff,
    Entity,
    EntityRef,
    Forgotten,
    Key,
    Profile,
    Unknown,
)
from spectron_server.cli.folding import FoldedKey
from spectron_server.cli.output import (
    count,
    day,
    lines,
    minute,
    one_line,
    scope_text,
    shortened,
    value,
)
from spectron_server.cli.sheet import Fit, Sheet, SheetColumn

_STATUS_STYLES: Final = {
    AttributeStatus.ACTIVE: "green",
    AttributeStatus.SUPERSEDED: "yellow",
    AttributeStatus.EXPIRED: "red",
    AttributeStatus.DISPUTED: "magenta",
}
_CHANGES: Final = {
    ChangeAction.ADDED: ("+", "green"),
    ChangeAction.UPDATED: ("~", "yellow"),
    ChangeAction.CONFIRMED: ("=", "cyan"),
    ChangeAction.EXPIRED: ("-", "red"),
    ChangeAction.BACKFILLED: ("<", "blue"),
}
_ARROW: Final = " ──▶ "
_APART: Final = " · "
_BAR_CELLS: Final = 10
_ORIGIN_CELLS: Final = 23
_QUOTE: Final = 60
_CONFIDENT: Final = 0.8
_DOUBTFUL: Final = 0.5


def profile_view(profile: Profile) -> RenderableType:
    """Shows a profile: its summary, then its attributes by category."""
    title = Text(f"Profile of {scope_text(profile.scope)}")
    if profile.as_of:
        title.append(f" as of {minute(profile.as_of)}")
    summary = Text(lines(profile.summary) or "Nothing is known yet.")
    parts: list[RenderableType] = [Panel(summary, title=title, title_align="left")]
    if profile.attributes:
        parts.append(_attribute_sheet(profile.attributes))
    return Group(*parts)


def _attribute_sheet(attributes: Sequence[Attribute]) -> Sheet:
    made = Sheet(
        SheetColumn(name="key"),
        SheetColumn(name="value"),
        SheetColumn(name="sure", fit=Fit.WHOLE, right=True),
        SheetColumn(name="since", fit=Fit.WHOLE),
        SheetColumn(name="from", fit=Fit.CLIP),
    )
    order = list(Category)
    before = None
    for each in sorted(attributes, key=lambda each: order.index(each.category)):
        if each.category is not before:
            made.head(value(each.category.value, "bold"))
        made.add(
            FoldedKey(f" {one_line(_key_of(each))}", "cyan"),
            value(each.value),
            Text("?") if each.category is Category.UNKNOWNS else _confidence(each),
            Text(day(each.valid_from)),
            _origin(each),
        )
        before = each.category
    return made


def context_view(query: str, result: ContextResult) -> RenderableType:
    """Shows what bears on a query: the items with their scores, then the text for a prompt."""
    if not result.items:
        return Text(f"Nothing bears on “{one_line(query)}”.")
    made = Sheet(
        SheetColumn(name="score", fit=Fit.WHOLE),
        SheetColumn(name="kind", fit=Fit.WHOLE),
        SheetColumn(name="text"),
        SheetColumn(name="when", fit=Fit.WHOLE),
    )
    best = max(item.score for item in result.items)
    for item in result.items:
        made.add(
            Text.assemble((bar(item.score, best), "cyan"), f" {item.score:.3f}"),
            value(item.role.value if item.role else item.kind.value),
            _item_text(item),
            Text(day(item.observed_at)),
        )
    text = Text(lines(result.formatted))
    return Group(made, Panel(text, title="Formatted for a prompt", title_align="left"))


def _item_text(item: ContextItem) -> Text:
    text = value(item.text)
    if item.kind is ContextItemKind.TURN:
        text.stylize("italic")
    if item.attribute and item.attribute.status is not AttributeStatus.ACTIVE:
        text.append(f" ({item.attribute.status.value})", style=_style_of(item.attribute))
    return text


def bar(score: float, best: float) -> str:
    """Returns a bar whose length tells a score as a share of the best one."""
    share = min(1.0, max(0.0, score / best)) if best > 0 else 0.0
    full = round(share * _BAR_CELLS)
    return "█" * full + "░" * (_BAR_CELLS - full)


def entities_view(entities: Sequence[Entity]) -> RenderableType:
    """Shows entities as trees with their attributes."""
    if not entities:
        return Text("Nothing is known yet.")
    trees = []
    for entity in entities:
        tree = Tree(value(f"{entity.type}/{entity.name}", "bold"), guide_style="dim")
        for each in entity.attributes:
            leaf = Text.assemble(
                (one_line(each.key), "cyan"), ": ", one_line(each.value), "  ", _confidence(each)
            )
            leaf.append(f"  since {day(each.valid_from)}", style="dim")
            if each.status is not AttributeStatus.ACTIVE:
                leaf.append(f"  {each.status.value}", style=_style_of(each))
            tree.add(leaf)
        trees.append(tree)
    return Group(*trees)


def chains(attributes: Iterable[Attribute]) -> list[list[Attribute]]:
    """Returns the supersession chains among beliefs, each from its first value to its last.

    A belief without links is a chain of its own; none is left out, whatever its links say.
    """
    waiting = {each.id: each for each in attributes}
    known = set(waiting)
    starts = [each for each in waiting.values() if each.supersedes not in known]
    found = []
    for start in [*starts, *waiting.values()]:
        chain = []
        following: str | None = start.id
        while following and following in waiting:
            each = waiting.pop(following)
            chain.append(each)
            following = each.superseded_by
        if chain:
            found.append(chain)
    return found


def history_view(attributes: Sequence[Attribute]) -> RenderableType:
    """Shows the history of each attribute: its values with arrows, then as a timeline.

    An arrow leads from a value to the one that superseded it. Where a chain ends and another
    begins, as after a value was forgotten and learned again, there is none.
    """
    by_attribute: dict[tuple[str, str, str], list[list[Attribute]]] = {}
    for chain in sorted(chains(attributes), key=lambda chain: chain[0].valid_from):
        first = chain[0]
        about = (first.key, first.entity.type, first.entity.name)
        by_attribute.setdefault(about, []).append(chain)
    parts: list[RenderableType] = []
    for (key, entity_type, name), found in by_attribute.items():
        parts.append(value(f"{key} of {entity_type}/{name}", "bold underline"))
        parts.append(Padding(Text(_APART, style="dim").join(map(_arrows, found)), (1, 2)))
        parts.append(Padding(Group(*map(_timeline, found)), (0, 2)))
        parts.append(Text())
    return Group(*parts)


def _arrows(chain: Sequence[Attribute]) -> Text:
    return Text(_ARROW, style="dim").join(
        [Text(shortened(each.value, _QUOTE), style=_style_of(each)) for each in chain]
    )


def _timeline(chain: Sequence[Attribute]) -> Table:
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(no_wrap=True)
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for number, each in enumerate(chain):
        style = _style_of(each)
        believed = each.status in {AttributeStatus.ACTIVE, AttributeStatus.DISPUTED}
        until = "now" if each.valid_until is None else day(each.valid_until)
        detail = Text.assemble(
            (one_line(each.value), "bold"), ("  ", ""), (each.status.value, style), "  "
        )
        detail.append_text(_confidence(each))
        if each.evidence and each.evidence.quote:
            quote = f"\n“{shortened(each.evidence.quote, _QUOTE)}”"
            detail.append(quote, style="italic dim")
        last = number == len(chain) - 1
        rail = "●" if believed else "○"
        if not last:
            rail += "\n│" * (1 + str(detail).count("\n"))
        made.add_row(Text(rail, style=style), f"{day(each.valid_from)} → {until:<10}", detail)
    return made


def unknowns_view(unknowns: Sequence[Unknown]) -> RenderableType:
    """Shows doubts: what, why, what was said, and the id to settle each with."""
    if not unknowns:
        return Text("Nothing is in doubt.")
    parts: list[RenderableType] = []
    for each in unknowns:
        head = Text.assemble(
            ("? ", "magenta"),
            (f"{one_line(each.entity.type)}/{one_line(each.entity.name)} ", "dim"),
            (f"{one_line(each.about)}: {one_line(each.value)}", "bold"),
            f"  {each.reason.value}, {day(each.raised_at)}",
        )
        if each.resolved:
            head.append(f"  {each.resolution.value} {day(each.resolved_at)}", style="green")
        details = [head]
        if each.evidence and each.evidence.quote:
            quote = f"  “{shortened(each.evidence.quote, _QUOTE)}”"
            details.append(Text(quote, style="italic dim"))
        details.append(value(f"  {each.id}".strip(), "dim"))
        parts.extend([Group(*details), Text()])
    return Group(*parts[:-1])


def forgets_anything(forgotten: Forgotten) -> bool:
    """Tells whether there is anything that was forgotten, or would be."""
    return bool(forgotten.attribute_count or forgotten.unknown_count or forgotten.turn_count)


def forgotten_view(forgotten: Forgotten, *, dry_run: bool) -> RenderableType:
    """Shows what was forgotten, or would be."""
    if not forgets_anything(forgotten):
        return Text("Nothing matches: there is nothing to forget.")
    told = ", ".join(
        [
            count(forgotten.attribute_count, "belief"),
            count(forgotten.unknown_count, "doubt"),
            count(forgotten.turn_count, "turn's text", "turns' text"),
        ]
    )
    head = Text(f"Would be forgotten: {told}." if dry_run else f"Forgotten: {told}.", style="bold")
    if not forgotten.attributes:
        return head
    made = Sheet(
        SheetColumn(name="entity"),
        SheetColumn(name="key"),
        SheetColumn(name="value"),
        SheetColumn(name="since", fit=Fit.WHOLE),
    )
    for each in forgotten.attributes:
        made.add(
            _entity(each.entity),
            FoldedKey(one_line(each.key)),
            value(each.value),
            Text(day(each.valid_from)),
        )
    parts: list[RenderableType] = [head, made]
    hidden = forgotten.attribute_count - len(forgotten.attributes)
    if hidden > 0:
        parts.append(Text(f"... and {count(hidden, 'more belief')}."))
    return Group(*parts)


def keys_view(keys: Sequence[Key], bound: str | None) -> RenderableType:
    """Shows keys, without their secrets.

    Args:
        keys: The keys.
        bound: The context whose keys they are, `*` for all; None: all that could be seen.
    """
    if not keys and bound:
        where = "all contexts" if bound == "*" else bound
        return Text(f"No key is bound to {one_line(where)}.")
    if not keys:
        return Text("There are no keys.")
    made = Sheet(
        SheetColumn(name="id", fit=Fit.WHOLE),
        SheetColumn(name="context", fit=Fit.WHOLE),
        SheetColumn(name="role", fit=Fit.WHOLE),
        SheetColumn(name="label"),
        SheetColumn(name="made", fit=Fit.WHOLE),
        SheetColumn(name="state", fit=Fit.WHOLE),
    )
    for key in keys:
        made.add(
            value(key.id),
            value("all" if key.context_id == "*" else key.context_id),
            Text(key.role.value),
            value(key.label),
            Text(day(key.created_at)),
            _key_state(key),
        )
    return made


def _key_state(key: Key) -> Text:
    if key.revoked_at:
        return Text(f"revoked {day(key.revoked_at)}", style="red")
    if key.expires_at:
        return Text(f"until {day(key.expires_at)}", style="yellow")
    return Text("valid", style="green")


def diff_lines(diff: Diff, *, indent: str = "  ") -> Iterator[Text]:
    """Yields a line for each change: added, updated, confirmed, expired, doubtful, settled."""
    for change in diff.changes:
        sign, style = _CHANGES.get(change.action, (" ", ""))
        line = Text(indent)
        line.append(f"{sign} {change.action.value:<10} ", style=style)
        line.append(f"{one_line(change.key)}: ", style="bold")
        if change.previous_value is not None:
            line.append(f"{shortened(change.previous_value, _QUOTE)}{_ARROW}", style="dim")
        line.append(shortened(change.value, _QUOTE), style=style)
        if change.entity.type != "Person" or change.attribute.scope.get("user") not in {
            None,
            change.entity.name,
        }:
            line.append(f"  ({_entity(change.entity)})", style="dim")
        yield line
    for mark, style, unknowns in (
        ("? unsure     ", "magenta", diff.unknowns),
        ("! settled    ", "green", diff.unknowns_resolved),
    ):
        for unknown in unknowns:
            text = f"{one_line(unknown.about)}: {shortened(unknown.value, _QUOTE)}"
            yield Text.assemble(indent, (mark, style), (text, style))


def counts_line(counts: Mapping[str, int]) -> Text:
    """Returns counts as `3 added, 1 updated`; those of zero are left out."""
    told = [f"{number} {name}" for name, number in counts.items() if number]
    return Text(", ".join(told) or "nothing")


def _entity(entity: EntityRef) -> Text:
    return value(f"{entity.type}/{entity.name}")


def _key_of(attribute: Attribute) -> str:
    """Returns an attribute's key; with its entity if it is not about the scope's own user."""
    user = attribute.scope.get("user")
    if attribute.entity.type == "Person" and attribute.entity.name in {user, "user"}:
        return attribute.key
    return f"{attribute.entity.name}: {attribute.key}"


def _origin(attribute: Attribute) -> Text:
    if attribute.evidence is None:
        return Text("recorded directly", style="dim")
    if not attribute.evidence.quote:
        return Text(shortened(attribute.evidence.turn_id, _ORIGIN_CELLS), style="dim")
    return Text(f"“{shortened(attribute.evidence.quote, _ORIGIN_CELLS)}”", style="italic dim")


def _confidence(attribute: Attribute) -> Text:
    share = attribute.confidence
    style = "green" if share >= _CONFIDENT else "yellow" if share >= _DOUBTFUL else "red"
    text = Text(f"{share:.0%}", style=style)
    if attribute.status is AttributeStatus.DISPUTED:
        text.append(" disputed", style=_style_of(attribute))
    return text


def _style_of(attribute: Attribute) -> str:
    return _STATUS_STYLES.get(attribute.status, "")
