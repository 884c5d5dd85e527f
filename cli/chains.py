"""The check of chains that rest beside complaints: every kind of them is verified and told of in one way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from cli.errors import REFUSED

if TYPE_CHECKING:
    from activities.chain_book import ChainBook


def verify_chains(book: ChainBook[Any, Any, Any], called: str) -> None:
    """Print what differs in the chains of *book*, which people call *called*; Exit with 1 when anything does."""
    known = book.names()
    broken = {name: faults for name in known if (faults := book.faults(name))}
    for name, faults in broken.items():
        for fault in faults:
            typer.echo(f"{name}: {fault}")
    counted, _, _ = called.partition(" ")
    typer.echo(f"{len(known)} {called}, {len(broken)} {counted}有差异 with differences", err=True)
    if broken:
        raise typer.Exit(REFUSED)
