"""The `course` command. Bodies are imported when they run, so `course --help` answers at once.

An error that the person at the keyboard can put right is printed as its sentence, with status 1.
"""

import difflib
import sys

import click

from course import __version__
from course.commands import author, instructor, learner

_DEBUG = "--debug"


class _Commands(click.Group):
    """A group that answers an unknown command with what it knows."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            close = difflib.get_close_matches(args[0], self.commands, n=1)
            hint = f" Did you mean `course {close[0]}`?" if close else ""
            known = ", ".join(sorted(self.commands))
            raise click.UsageError(f"There is no command `{args[0]}`.{hint} Commands: {known}.")
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, invoke_without_command=True)
@click.option(_DEBUG, is_flag=True, help="Show where an error arose.")
@click.version_option(__version__, prog_name="Train by Hand", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    """Train by Hand: learn how AI models are trained by building the training yourself."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


for command in (*learner.COMMANDS, *instructor.COMMANDS, *author.COMMANDS):
    cli.add_command(command)


def _sentence(error: Exception) -> str:
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, ModuleNotFoundError) and str(error).startswith("No module named"):
        return f"{error.name} is not installed here. Get it with: pip install {error.name}"
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.strerror}: {error.filename}"
    return str(error) or type(error).__name__


def main(arguments: list[str] | None = None) -> None:
    """Run the command line `arguments` (the process's own by default) and exit with its status."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        cli.main(args=given, prog_name="course", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        raise SystemExit(130) from None
    except (click.ClickException, ValueError, OSError, ImportError) as error:
        if _DEBUG in given[:1]:
            raise
        click.echo(f"course: {_sentence(error)}", err=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
