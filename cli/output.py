"""How answers look: tables for people, JSON for programs."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from models.wording import WEEKDAYS_ZH, people_day

ZONE = ZoneInfo("Asia/Shanghai")
"""People of an insurer in mainland China read its time, wherever the machine stands."""

_zone: ContextVar[ZoneInfo] = ContextVar("zone", default=ZONE)

_WIDTH_WITHOUT_TERMINAL = 160


def json_line(value: Any) -> None:
    """Print *value* as one line of JSON."""
    plain = not (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    typer.echo(json.dumps(value, ensure_ascii=plain, default=_plain))


def write_anywhere() -> None:
    """Let output that cannot show Chinese show escapes, and say so once, instead of ending a command half-way."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.encoding.lower().startswith("utf"):
        typer.echo(f"{sys.stdout.encoding} cannot show Chinese; for text set PYTHONIOENCODING=utf-8", err=True)


@contextmanager
def private_file(path: Path) -> Iterator[TextIO]:
    """Open *path* anew for writing text that only its owner may read; OSError when it cannot be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as text:
        yield text


@contextmanager
def in_zone(zone: ZoneInfo) -> Iterator[None]:
    """Print the times in the block as the rules of their complaint count them."""
    token = _zone.set(zone)
    try:
        yield
    finally:
        _zone.reset(token)


def private_bytes(path: Path, data: bytes) -> None:
    """Write *data* to the file *path* anew, so that only its owner may read it; OSError when it cannot be."""
    with private_file(path) as text:
        text.buffer.write(data)


def instant(at: datetime | None) -> str:
    """Return *at* for people, such as ``2026-03-17 (周二) 10:05``."""
    if at is None:
        return "—"
    local = at.astimezone(_zone.get())
    return f"{local.date()} (周{WEEKDAYS_ZH[local.weekday()]}) {local:%H:%M}"


def deadline(due: datetime | None) -> str:
    """Return the first instant that is too late as people say it, such as ``2026-03-17 (周二) 24:00``."""
    return people_day(due, _zone.get()) if due else "—"


def console(*, stderr: bool = False) -> Console:
    """Return a console for tables; what is piped is wide enough that nothing is cut."""
    made = Console(stderr=stderr, highlight=False)
    if not made.is_terminal:
        made.width = _WIDTH_WITHOUT_TERMINAL
    return made


def table(title: str | None, *columns: str) -> Table:
    """Return an empty table with *columns* whose cells may wrap but never lose text."""
    made = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
