"""What click needs to know of the commands: their names at once, themselves when called."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import click
from click.exceptions import NoArgsIsHelpError
from click.shell_completion import CompletionItem

from interpreter.commands import COMMANDS
from interpreter.commands import LATER
from interpreter.errors import NotYetError
from interpreter.errors import UserError


class _NobodyListensError(Exception):
    """A closed pipe; under its own name click would answer it with exit code 1."""


class LazyGroup(click.Group):
    """`scn`, with commands imported only when called."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as problem:
            raise _NobodyListensError from problem

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """In the order of the table, not of the alphabet: one begins with `init`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Imports the command; `--project` and `--database` may stand before its name or after."""
        if cmd_name in LATER:
            raise NotYetError(f"`scn {cmd_name}`")
        if cmd_name not in COMMANDS:
            return None
        try:
            module = importlib.import_module(f"interpreter.commands.{cmd_name}")
        except ModuleNotFoundError as missing:
            if missing.name == f"interpreter.commands.{cmd_name}":
                raise NotYetError(f"`scn {cmd_name}`") from missing
            raise
        command: click.Command = module.command
        command.name = cmd_name
        taken = {parameter.name for parameter in command.params}
        command.params.extend(option for option in _common_options() if option.name not in taken)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """An unknown command gets "did you mean"."""
        from dsl.spelling import closest

        name = args[0]
        if name not in COMMANDS and name not in LATER and not name.startswith("-"):
            near = closest(name, [*COMMANDS, *LATER])
            raise UserError(f"there is no command `{name}`", f"did you mean `scn {near}`?" if near else "`scn --help` lists them")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """The list without importing a single command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names of commands, also without importing any."""
        names = [CompletionItem(name, help=text) for name, text in COMMANDS.items() if name.startswith(incomplete)]
        return names + click.Command.shell_complete(self, ctx, incomplete)


def _common_options() -> list[click.Option]:
    def keep(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
        if value is not None:
            ctx.ensure_object(dict)[parameter.name] = value

    return [
        click.Option(
            ["--project"],
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            metavar="DIR",
            help="The project's folder; without it: found from here upwards.",
            expose_value=False,
            callback=keep,
        ),
        click.Option(["--database"], metavar="URL", help="Instead of the one in scn.toml.", expose_value=False, callback=keep),
    ]


def _version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from interpreter.commands.choices import version

        click.echo(f"scn {version()}")
        ctx.exit()


group = LazyGroup(
    "scn",
    help="Marketing scenarios as text: check them, test them, run them, and ask why.",
    params=[
        *_common_options(),
        click.Option(["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version."),
    ],
    epilog="Exit codes: 0 fine, 1 the answer is no, 2 could not do the work.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
)


def run(arguments: list[str]) -> int:
    """One command line to its exit code; mistakes in the options are a `UserError`.

    A command says its exit code by `return` (None: 0) or `ctx.exit(code)`.
    """
    try:
        result = group.main(arguments, prog_name="scn", standalone_mode=False)
    except NoArgsIsHelpError as problem:
        click.echo(problem.ctx.get_help() if problem.ctx else problem.message)
        return 2
    except click.UsageError as problem:
        called = next((word for word in arguments if word in COMMANDS), "")
        command = problem.ctx.command_path if problem.ctx else f"scn {called}".rstrip()
        message = problem.format_message().rstrip(".")
        raise UserError(message[:1].lower() + message[1:], f"`{command} --help` shows how it is used") from problem
    except click.ClickException as problem:
        raise UserError(problem.format_message().rstrip(".")) from problem
    except click.Abort as problem:
        raise KeyboardInterrupt from problem
    except _NobodyListensError as problem:
        raise BrokenPipeError from problem
    return result if isinstance(result, int) else 0
