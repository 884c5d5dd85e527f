"""The report as one HTML page: nothing is loaded from elsewhere, and a browser prints it on A4."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from jinja2 import Template

from activities.closure_report.parts import Pairs, Prose, Report, Table
from activities.pages import page_environment


def to_html(report: Report) -> bytes:
    """Return *report* as a page in UTF-8; what people wrote is text in it, never markup."""
    return _template().render(report=report).encode()


@cache
def _template() -> Template:
    environment = page_environment(Path(__file__).parent)
    for name, kind in (("prose", Prose), ("pairs", Pairs), ("table", Table)):
        environment.tests[name] = _test_for(kind)
    return environment.get_template("page.html.j2")


def _test_for(kind: type) -> Callable[[object], bool]:
    return lambda block: isinstance(block, kind)
