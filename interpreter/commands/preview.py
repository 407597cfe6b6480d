"""`scn preview TEMPLATE`: a message as a customer would get it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import click

from interpreter import clock
from interpreter.commands import choices
from interpreter.commands import listing
from interpreter.commands import whom
from interpreter.consent import contact_kind
from interpreter.delivery.message import Accepted
from interpreter.delivery.message import Outgoing
from interpreter.delivery.message import Unknown
from interpreter.delivery.template_files import TemplateError
from interpreter.delivery.template_files import TemplateInfo
from interpreter.delivery.templates import Templates
from interpreter.delivery.values import values
from interpreter.entities import Customer
from interpreter.entities import Order
from interpreter.errors import UserError
from interpreter.phases.batch import Batch
from interpreter.phases.ids import Ids
from interpreter.phases.launch import Running
from interpreter.project import loading
from interpreter.project.project_folder import Folder
from interpreter.rules import Rules
from interpreter.store.sqlite import Store
from interpreter.view import View

#: What a scenario may be about beside orders and actions.
_TRIGGERS = ("item", "view", "session", "change", "promo", "card", "code")

#: How long `--send-to` may take: it is tried once.
_AT_ONCE = 60


@click.command()
@click.argument("template")
@click.option("--customer", required=True, metavar="ID", help="Whose data to fill in.")
@click.option("--order", metavar="ID", help="Which order; without it: his last one.")
@click.option("--channel", help="Which part; without it: email if there is one, else the first.")
@click.option(
    "--with",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help="What the scenario would give: `discount=10`, or a field of what it is about, `product.price=90`; may be repeated.",
)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write it here: .eml, .html, .txt or .json.")
@click.option("--open", "show", is_flag=True, help="Open the HTML in the browser.")
@click.option("--send-to", metavar="ADDRESS", help="Send it there, through the channel of scn.toml.")
def command(
    template: str,
    customer: str,
    order: str | None,
    channel: str | None,
    given: tuple[str, ...],
    output: Path | None,
    show: bool,
    send_to: str | None,
) -> int:
    """Render TEMPLATE for a customer, as a message of this moment.

    Nothing is recorded, and the unsubscribe link in it leads nowhere.

    Exit code 0: here it is, 1: the template has a mistake or the message was not accepted, 2: the work could not be done.
    """
    folder = choices.open_project()
    templates = Templates(folder.root / "templates")
    info = _info(templates, template)
    channel = _channel(info, channel)
    store = listing.open_existing(folder)
    try:
        view = _view(folder, store, template, customer, order)
        rendered = templates.render(
            template,
            channel,
            values(
                view,
                scenario="preview",
                template=template,
                more=_given(given),
                unsubscribe_url=f"{folder.config.public_url}/u/preview" if folder.config.public_url else "mailto:preview@example.com",
                project={"timezone": folder.config.timezone},
            ),
        )
    except TemplateError as problem:
        choices.tell(str(problem))
        if "unknown name" in str(problem):
            click.echo("  give what the scenario would give: `--with product.price=90`, `--with gift.code=X`", err=True)
        return 1
    finally:
        store.close()
    configured = folder.config.channels.get(channel)
    message = Outgoing(
        id=0,
        key=f"preview-{view.now}-{template}",
        channel=channel,
        to=send_to or _address(view, channel),
        template=template,
        customer_key=customer,
        scenario="preview",
        at=view.now,
        deadline=view.now + _AT_ONCE,
        from_=info.from_ or (configured.sender if configured else None) or None,
        **attrs.asdict(rendered, recurse=False),
    )
    if output:
        _write(message, output)
    if show:
        _open(message)
    if send_to:
        return _send(folder, message)
    if not output and not show:
        choices.put("\n".join(_lines(message)) + "\n")
    return 0


# -------------------------------------------------------------------------------------------------------------- reading


def _info(templates: Templates, name: str) -> TemplateInfo:
    try:
        return templates.info(name)
    except TemplateError as problem:
        from dsl.spelling import closest

        known = templates.names()
        near = closest(name, known)
        hint = f"did you mean `{near}`?" if near else f"there are {', '.join(known)}" if known else "there are none yet"
        raise UserError(str(problem), "" if name in known else hint) from problem


def _channel(info: TemplateInfo, wanted: str | None) -> str:
    if wanted is None:
        if not info.channels:
            raise UserError(f"template `{info.name}` has no part to show", "add a file such as `email.html`")
        return "email" if "email" in info.channels else info.channels[0]
    if wanted not in info.channels:
        raise UserError(
            f"template `{info.name}` has nothing for channel `{wanted}`", f"it has {', '.join(info.channels) or 'no channel at all'}"
        )
    return wanted


def _view(folder: Folder, store: Store, template: str, customer_key: str, order_key: str | None) -> View:
    project, now = loading.one(folder).project, clock.now()
    rules = Rules(project, timezone=folder.config.timezone)
    batch = Batch(store, Running({}, {}, {}, {}, rules), Ids(store, ()), now)
    customer = _customer(store, customer_key)
    batch.load_customers([customer.id])
    batch.load_history([customer.id], {"orders", "actions", *_TRIGGERS})
    batch.load_products()
    orders = sorted(batch.orders_of(customer.id), key=lambda order: (order.created_at, order.id))
    actions = sorted(batch.actions_of(customer.id), key=lambda action: (action.at, action.id))
    order = _order(orders, customer_key, order_key)
    view = View(
        project=rules,
        now=now,
        context_time=now,
        started=now,
        zone=customer.timezone or folder.config.timezone,
        customer=customer,
        order=order,
        line=next(iter(order.lines.values()), None) if order else None,
        action=actions[-1] if actions else None,
        history=batch,
    )
    view.things = _things(batch, view)
    table = rules.templates.get(template)
    if table is not None:
        batch.show_offers({use.offer for uses in table.offers.values() for use in uses}, view)
    return view


def _things(batch: Batch, view: View) -> dict[str, Any]:
    """What may have triggered: of each kind his latest, and the product of the latest that names one."""
    found: dict[str, Any] = {}
    for kind in _TRIGGERS:
        things = sorted(batch.of(view.customer.id, kind).values(), key=lambda thing: thing.at)
        if things:
            found[kind] = things[-1]
    named = sorted((thing for thing in found.values() if thing.kind in {"item", "view"}), key=lambda thing: thing.at)
    if named:
        found["product"] = view.product(named[-1].products[0])
    return found


def _customer(store: Store, key: str) -> Customer:
    found = store.entities.called(key)
    if found is None:
        raise whom.stranger(store, key)
    return found


def _order(orders: Sequence[Order], customer: str, key: str | None) -> Order | None:
    if key is None:
        return orders[-1] if orders else None
    found = next((order for order in orders if order.key == key), None)
    if found is None:
        own = ", ".join(order.key for order in orders[-5:])
        raise UserError(f"customer `{customer}` has no order `{key}`", f"his last ones: {own}" if own else "he has none")
    return found


def _given(pairs: tuple[str, ...]) -> dict[str, object]:
    """`discount=10` as a number, `name=Ann` as text, `promo.code=X` as a name of `promo`."""
    found: dict[str, object] = {}
    for pair in pairs:
        name, sign, text = pair.partition("=")
        if not sign or not name.strip():
            raise UserError(f"`--with {pair}` gives no value", "write `--with discount=10`")
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        owner, dot, field = name.strip().partition(".")
        if dot:
            inner = found.setdefault(owner, {})
            if isinstance(inner, dict):
                inner[field] = value
        else:
            found[owner] = value
    return found


def _address(view: View, channel: str) -> str:
    kind = contact_kind(channel)
    contact = view.customer.contacts.get(kind)
    return contact.value if contact else f"(no {kind})"


# -------------------------------------------------------------------------------------------------------------- showing


def _lines(message: Outgoing) -> list[str]:
    """For a terminal: who, to whom, what; nothing in it can steer the terminal."""
    body = json.dumps(message.payload, ensure_ascii=False, indent=2) if message.payload is not None else message.text or ""
    head = [("from", message.from_), ("to", message.to), ("subject", message.subject)]
    return [
        *(f"{name}: {_printable(value)}" for name, value in head if value),
        "",
        *(_printable(line) for line in body.rstrip("\n").split("\n")),
    ]


def _printable(text: str) -> str:
    # Amounts hold spaces that do not break.
    return listing.printable(text.replace("\u00a0", " "))


def _write(message: Outgoing, path: Path) -> None:
    content = {
        ".html": message.html,
        ".txt": message.text,
        ".json": json.dumps(message.payload, ensure_ascii=False, indent=2) + "\n" if message.payload is not None else None,
    }.get(path.suffix)
    if path.suffix == ".eml":
        data = _letter(message)
    elif content is not None:
        data = content.encode()
    elif path.suffix in {".html", ".txt", ".json"}:
        raise UserError(f"this message has no part for `{path.name}`", "name a file that ends in another part: .eml, .html, .txt, .json")
    else:
        raise UserError(f"cannot tell what to write into `{path.name}`", "name a file that ends in .eml, .html, .txt or .json")
    try:
        path.write_bytes(data)
    except OSError as problem:
        raise UserError(f"cannot write {path}: {(problem.strerror or str(problem)).lower()}") from problem


def _letter(message: Outgoing) -> bytes:
    from interpreter.delivery.mime import AddressError
    from interpreter.delivery.mime import SenderError
    from interpreter.delivery.mime import letter

    try:
        return letter(message, "")
    except (AddressError, SenderError) as problem:
        raise UserError(str(problem)) from problem


def _open(message: Outgoing) -> None:
    import tempfile
    import webbrowser

    if message.html is None:
        raise UserError("this message has no HTML to open")
    with tempfile.NamedTemporaryFile("w", prefix="scn-preview-", suffix=".html", delete=False, encoding="utf-8") as file:
        file.write(message.html)
    if not webbrowser.open(Path(file.name).as_uri()):
        click.echo(f"no browser here; the page is {file.name}", err=True)


# -------------------------------------------------------------------------------------------------------------- sending


def _send(folder: Folder, message: Outgoing) -> int:
    from interpreter.delivery import channels
    from interpreter.delivery.terms import may_be_written_to

    configured = folder.config.channels.get(message.channel)
    if configured is None:
        raise UserError(f"there is no channel `{message.channel}` in scn.toml", f"add `[channels.{message.channel}]`")
    allowed = folder.config.only_to
    if not may_be_written_to(message.to, allowed):
        raise UserError(f"`{message.to}` may not be written to here", f"`only_to` in scn.toml allows {', '.join(allowed)}")
    channel = channels.make(configured, folder.root)
    channel.open()
    try:
        receipt = channel.deliver(message)
        channel.settle()
    finally:
        channel.close()
    if isinstance(receipt, Accepted):
        choices.tell(f"sent to {message.to}" + (f" ({receipt.provider_id})" if receipt.provider_id else ""))
        return 0
    choices.tell(f"{'nobody knows whether it was sent' if isinstance(receipt, Unknown) else 'not sent'}: {receipt.reason}")
    return 1
