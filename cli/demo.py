"""
``tousu demo``: the stories in seconds, then real complaints on a real server, with a worker that is killed half-way.

It runs the production path with sample data, in a folder of its own, and leaves nothing running.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import SecretStr
from rich.console import Console
from temporalio.envconfig import ClientConfigProfile

from cli import output, session
from cli.errors import REFUSED, CliError, bad_input
from cli.rehearse import show
from cli.story import read_story
from engine.settings import ROOT, SAMPLE_ORGANISATION, Settings

if TYPE_CHECKING:
    from cli.rehearsal import Played

STORIES = ROOT / "samples" / "stories"


def add_to(app: typer.Typer) -> None:
    """Give *app* the command ``demo``."""
    app.command("demo", epilog="Example: tousu demo")(demo)


def demo(
    home: Annotated[Path | None, typer.Option("--home", help="An empty folder to work in, which is then kept.")] = None,
) -> None:
    """
    Rehearse the sample stories, then work the sample complaints to closure on a real Temporal server.

    Half-way through its worker is killed; nothing is lost, and every chain of events is verified at the end. A monthly
    report over these complaints stays behind, and one of them sealed: verified offline, refused with one byte changed.
    """
    console = output.console()
    with _folder(home) as folder:
        settings = Settings(
            home=folder,
            database_url=SecretStr(f"sqlite:///{folder / 'records.db'}"),
            organisation=SAMPLE_ORGANISATION,
            temporal=ClientConfigProfile(),
        )
        failed = session.run(_run(settings, console, _reports(home)))
    if failed:
        raise CliError("DemoFailed", failed, REFUSED)


@contextmanager
def _folder(home: Path | None) -> Iterator[Path]:
    if home is None:
        with TemporaryDirectory(prefix="tousu-demo-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)
        return
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(home.iterdir()):
        raise bad_input("--home: the folder is not empty")
    yield home.absolute()


def _reports(home: Path | None) -> Path:
    # The folder of a demo without a home is removed at its end; its report is there to be opened afterwards.
    return home.absolute() / "reports" if home else Path(mkdtemp(prefix="tousu-report-"))


async def _run(settings: Settings, console: Console, reports: Path) -> str | None:
    from cli.demo_floor import act  # noqa: PLC0415  # a worker with all its libraries: slow to load

    console.rule("第一幕 演练 · Act 1: stories, rehearsed")
    for played in await _stories(settings):
        show(played)
        if played.failure:
            return f"{played.title}: {played.failure}"
        console.print("[green]✓[/] 与脚本一致 as the script expects\n")
    console.rule("第二幕 实战 · Act 2: real complaints, a real server, a killed worker")
    return await act(settings, console, reports)


async def _stories(settings: Settings) -> list[Played]:
    from cli.rehearsal import play, rehearsal_room  # noqa: PLC0415

    scripts = sorted(STORIES.glob("*.yaml"))
    async with rehearsal_room(settings) as room:
        tasks = [play(room, read_story(path)) for path in scripts]
        return await asyncio.gather(*tasks)
