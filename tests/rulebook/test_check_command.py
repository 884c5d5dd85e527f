"""``python -m rulebook check`` says whether a pack is valid, and warns of limits that can exceed the statute's."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulebook.ceiling import exceeds
from rulebook.command_line import main
from rulebook.pack import PACKS
from tests.rulebook.helpers import COMPANY, PACK
from tests.rulebook.test_due_command import run
from tests.rulebook.test_pack import line_of
from tests.rulebook.test_pack_company import pack_with


def test_a_published_pack_is_valid_and_its_warnings_do_not_fail() -> None:
    """Loading it reports (C2): a limit beyond the statute's is a warning, the statute's own clock runs all the same."""
    done = run("check", "company-life")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"company-life: a valid pack of the layer company over cn-2020-3, hash {COMPANY.content_hash}",
        *(f"Warning: company-life.yaml:{where(one.limit)}: limits.{one.limit}: {one}" for one in exceeds(COMPANY)),
    ]


def where(limit: str) -> int:
    return line_of(PACKS / "company-life.yaml", f"  {limit}:")


def test_the_statute_has_nothing_to_warn_of(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["check", "cn-2020-3"]) == 0
    said = capfdbinary.readouterr()[0].decode()
    assert said == f"cn-2020-3: a valid pack of the layer statute, hash {PACK.content_hash}\n"


def test_a_file_of_one_s_own_is_checked_before_it_is_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = pack_with(tmp_path, "- id: dispatch\n", "- id: decide\n")
    line = line_of(broken, "- id: decide")
    assert main(["check", str(broken)]) == 2
    assert capsys.readouterr().err == (
        f"Error: company-life.yaml:{line}: duties.1.id: cn-2020-3 sets it, and it cannot be set anew\n"
    )


def test_a_pack_that_is_not_there_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "nix"]) == 2
    assert "no rule pack is called 'nix'" in capsys.readouterr().err
