"""`gatefleet --version`."""

from importlib.metadata import PackageNotFoundError, version

import typer


def show_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        try:
            typer.echo(f"gatefleet {version('gatefleet')}")
        except PackageNotFoundError:
            typer.echo("gatefleet (not installed; run from a checkout)")
        raise typer.Exit
