"""Imports point one way: rulebook, models, activities and workflows, engine, cli, then worker.py and starter.py."""

from pathlib import Path

import pytest

from tests.repository.imports import OURS, faults
from tests.repository.parts import ROOT, sources


def test_no_import_points_the_other_way() -> None:
    assert faults(ROOT, sources()) == []


def test_every_room_of_the_house_is_walked() -> None:
    assert {path.parts[0].removesuffix(".py") for path in sources()} == OURS


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        ("rulebook/clock.py", "import models", "rulebook may not import models"),
        ("rulebook/clock.py", "from models.case import Case", "rulebook may not import models.case"),
        ("rulebook/clock.py", "import temporalio.workflow", "rulebook may not import temporalio.workflow"),
        ("rulebook/clock.py", "def f():\n    import sqlmodel", "rulebook may not import sqlmodel"),
        ("rulebook/clock.py", "import datetime as d\nx = d.datetime.now()", "may not read a clock with datetime.now"),
        ("rulebook/clock.py", "from datetime import date\nf = date.today", "may not read a clock with date.today"),
        ("rulebook/cn/pack.py", "from ...engine import keys", "rulebook may not import engine"),
        ("models/case.py", "from workflows import complaint", "models may not import workflows"),
        ("activities/notice.py", "import workflows.complaint", "activities may not import workflows.complaint"),
        ("activities/notice.py", "from engine.settings import Settings", "activities may not import engine.settings"),
        ("workflows/complaint.py", "import models.tables.event", "workflows may not import models.tables.event"),
        ("workflows/complaint.py", "from models import tables", "workflows may not import models.tables"),
        ("workflows/complaint.py", "from engine import client", "workflows may not import engine"),
        ("engine/client.py", "if TYPE_CHECKING:\n    import cli", "engine may not import cli"),
        ("cli/cases.py", "import starter", "cli may not import starter"),
    ],
)
def test_an_import_the_other_way_is_found(tmp_path: Path, name: str, code: str, reason: str) -> None:
    """The check above can fail."""
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text(code, encoding="utf-8")
    (first, *_) = faults(tmp_path, [Path(name)])
    assert first.startswith(f"{name}:{1 + code.count(chr(10))}: ")
    assert reason in first


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("worker.py", "import cli, engine, workflows, activities"),
        ("workflows/complaint.py", "from activities import notice\nfrom models.case import Case\nworkflow.now()"),
        ("activities/notice.py", "from models.tables import Event\nimport sqlmodel"),
        ("rulebook/clock.py", "from rulebook import limit\nfrom .pack import Pack\nimport pydantic"),
        ("models/case.py", "import rulebook_of_someone_else"),
    ],
)
def test_an_import_the_right_way_is_let_through(tmp_path: Path, name: str, code: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(code, encoding="utf-8")
    assert faults(tmp_path, [Path(name)]) == []
