"""The `course` command. Bodies are imported when they run, so `course --help` answers at once.

An error that the person at the keyboard can put right is printed as its sentence, with status 1.
"""

import difflib
import sys
from pathlib import Path

import click

from course import __version__

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


_dir = click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Where your lessons are.  [default: my-course]",
)


@cli.command()
@_dir
@click.option("--port", default=8888, show_default=True, help="The port to try first.")
@click.option("--no-browser", is_flag=True, help="Print the address and open no browser.")
def lab(folder: Path | None, port: int, no_browser: bool) -> None:
    """Open JupyterLab at your copy of the lessons."""
    from course.classroom.lab import run

    raise SystemExit(run(folder, port=port, browser=not no_browser))


@cli.command()
@_dir
def start(folder: Path | None) -> None:
    """Copy the lessons into a folder of your own, or bring in newer ones; keep what you wrote."""
    from course.classroom.folder import default_folder, update

    click.echo(update(folder or default_folder()))


@cli.command()
@click.option("--check", is_flag=True, help="Write nothing; fail when a notebook is out of date.")
def build(check: bool) -> None:
    """Build both editions of every lesson from its source (for contributors)."""
    from course.classroom.folder import clone_root

    root = clone_root()
    if root is None:
        raise FileNotFoundError(
            "`course build` works in a clone of the repository; this course is installed without "
            "its sources."
        )
    from course.authoring.build import build as build_lessons

    messages = build_lessons(root, check=check)
    for message in messages:
        click.echo(message)
    if messages:
        raise SystemExit(1)
    click.echo(
        "Both editions are what their sources give." if check else "Both editions are built."
    )


@cli.command()
@click.argument("model")
@click.option("--data", required=True, metavar="NAME", help="A data set, for instance digits.")
@click.option("--epochs", default=1, show_default=True, type=click.IntRange(min=1))
@click.option("--seed", default=0, show_default=True)
@click.option(
    "--dtype", default="float32", show_default=True, type=click.Choice(["float32", "float64"])
)
@click.option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to save the picture.  [default: compare-MODEL-NAME.png]",
)
def compare(
    model: str, data: str, epochs: int, seed: int, dtype: str, picture: Path | None
) -> None:
    """Train MODEL (mlp or cnn) by hand and in PyTorch, side by side."""
    from course.compare import run

    picture = picture or Path(f"compare-{model}-{data}.png")
    click.echo(run(model=model, data=data, epochs=epochs, seed=seed, dtype=dtype, picture=picture))
    click.echo(f"The picture is in {picture}.")


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
