"""What a contributor types: building lessons from their sources."""

import click


@click.command()
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


COMMANDS = (build,)
