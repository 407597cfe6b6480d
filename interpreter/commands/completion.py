"""`scn completion SHELL`: what to put into the start-up file of the shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from interpreter.commands import choices
from interpreter.errors import UserError

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> int:
    """Print the completion script for a shell.

    In `~/.bashrc`: `source <(scn completion bash)`. For fish: `scn completion fish > ~/.config/fish/completions/scn.fish`.
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise UserError(f"there is no completion for `{shell}`", f"possible: {', '.join(SHELLS)}")
    from interpreter.commands.group import group

    choices.put(kind(group, {}, "scn", "_SCN_COMPLETE").source())
    return 0
