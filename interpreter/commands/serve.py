"""`scn serve`: answers unsubscribe links over HTTP."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any
from typing import NoReturn

import click

from interpreter import clock
from interpreter.commands import choices
from interpreter.errors import UserError
from interpreter.facts import Fact
from interpreter.facts import Rejection
from interpreter.facts import read


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; `0.0.0.0`: everywhere.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0: any free one.")
def command(host: str, port: int) -> int:
    """Answer unsubscribe links over HTTP, until stopped.

    What a customer presses becomes a fact; the next tick handles it. Put a proxy with TLS in front and write its address
    as `public_url` in scn.toml.

    Exit code 0: stopped as asked, 2: the work could not be done.
    """
    folder = choices.open_project()
    secret = folder.config.secret
    if not secret:
        raise UserError("there is no secret to check links with", 'write `secret = "env:SCN_SECRET"` under `[project]` in scn.toml')
    if not folder.config.public_url:
        click.echo("note: no `public_url` in scn.toml: letters carry no links to here", err=True)
    database = choices.database_file(folder)

    def accept(given: Mapping[str, Any]) -> None:
        now = clock.now()
        found = read(given, zone=folder.config.timezone, received=now, batch=f"http-{now}", actor="customer")
        if isinstance(found, Rejection):
            raise UserError(str(found))
        _store(database, found)

    # The database is there, or is made, before the first customer comes.
    choices.opened(database).close()
    try:
        import uvicorn

        from interpreter.delivery.unsubscribe import Unsubscribe
        from interpreter.server.app import create_app
    except ModuleNotFoundError as missing:
        raise UserError(f"`scn serve` needs `{missing.name}`, which is not installed", 'pip install "scn-lang[serve]"') from missing
    app = create_app(Unsubscribe(secret, folder.config.public_url), accept, clock.now, folder.config.public_url)
    with _listening(host, port) as listener:
        address = listener.getsockname()
        shown = f"[{address[0]}]" if ":" in address[0] else address[0]
        click.echo(f"listening on http://{shown}:{address[1]}", err=True)
        # uvicorn finishes what it is doing, then raises the signal again for whoever listened before it.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _asked_to_stop)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", server_header=False))
        server.run(sockets=[listener])
    return 0


def _asked_to_stop(_number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(0)


def _store(database: Path, fact: Fact) -> None:
    store = choices.opened(database)
    try:
        store.facts.add([fact])
    finally:
        store.close()


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as problem:
        raise UserError(
            f"cannot listen on {host}:{port}: {(problem.strerror or str(problem)).partition(' (')[0].lower()}",
            "`--port` names another port, `--host` another address",
        ) from problem
