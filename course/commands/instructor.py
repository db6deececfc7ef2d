"""What an instructor types: plan, release, grade."""

import click

COMMANDS: tuple[click.Command, ...] = ()
