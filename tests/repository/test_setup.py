"""`make setup` says in one line what is missing, before it makes anything."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.repository.parts import ROOT


def test_an_old_python_is_refused_in_one_line(tmp_path: Path) -> None:
    """Python 3.10 gets the reason and the remedy, and no half-made environment."""
    for name in ("Makefile", "pyproject.toml", "requirements-dev.txt"):
        shutil.copy(ROOT / name, tmp_path)
    old = tmp_path / "python3.10"
    old.write_text(
        f"#!{sys.executable}\nimport sys\nsys.version_info = (3, 10, 14)\nexec(sys.argv[2])\n", encoding="utf-8"
    )
    old.chmod(0o755)
    command = ["make", "setup", f"PYTHON={old}", "UV="]
    made = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True)
    assert made.returncode != 0
    first, *rest = made.stderr.splitlines()
    assert first == "Tousu needs Python 3.11 or newer; point make at one: make PYTHON=python3.12 setup"
    assert [line for line in rest if not line.startswith("make")] == []
    assert not (tmp_path / ".venv").exists()
