"""Whatever stands in a file that a command reads: one line that names it, no traceback, and no end of memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli import files
from cli.demo import STORIES
from cli.errors import BAD_INPUT, CliError
from engine.settings import ROOT
from tests.cli.conftest import run

SCRIPT = min(STORIES.glob("*.yaml"))
HOSTILE = {
    "without end in depth": (b"[" * 300_000, "is nested too deeply"),
    "deep and closed": (b'{"facts":' + b"[" * 5000 + b"]" * 5000 + b"}", "is nested too deeply"),
    "a number of thousands of digits": (b'{"facts":' + b"9" * 6000 + b"}", "is not JSON"),
    "no number": (b'{"facts": NaN}', "is not JSON"),
    "a field twice": (b'{"facts": "a", "facts": "b"}', "gives a field twice"),
    "no text": (b'{"facts": "\xff\xfe"}', "is not utf-8 text"),
    "nothing": (b"", "is not JSON"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_complaint_to_rehearse_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    content, rule = HOSTILE[name]
    file = tmp_path / "hostile.json"
    file.write_bytes(content)
    result = run("rehearse", str(file), "--script", str(SCRIPT))
    assert (result.exit_code, result.stderr) == (BAD_INPUT, f"Error: {file}: {rule} [BadInput]\n")


def test_a_byte_order_mark_is_no_part_of_a_complaint(tmp_path: Path) -> None:
    file = tmp_path / "marked.json"
    file.write_bytes(b"\xef\xbb\xbf" + b'{"facts": 1}')
    assert "complaint_id: is required" in run("rehearse", str(file), "--script", str(SCRIPT)).stderr


def test_a_story_that_comes_before_itself_is_refused(tmp_path: Path) -> None:
    said = SCRIPT.read_text(encoding="utf-8")
    for name, other in (("one", "two"), ("two", "one")):
        (tmp_path / f"{name}.yaml").write_text(f"first: {other}.yaml\n{said}", encoding="utf-8")
        (tmp_path / f"{name}.json").write_bytes(SCRIPT.with_suffix(".json").read_bytes())
    file = tmp_path / "one.yaml"
    result = run("rehearse", str(tmp_path / "one.json"), "--script", str(file))
    assert (result.exit_code, result.stderr) == (
        BAD_INPUT,
        f"Error: {file}: first: comes before itself [BadInput]\n",
    )


@pytest.mark.parametrize(
    ("words", "most"),
    [
        (("open", "FILE"), 256),
        (("open", "FILE", "--mapping", str(ROOT / "samples/mapping.yaml")), 256),
        (("import", "FILE", "--as", "p-hq-kf-01"), 256),
        (("rehearse", "FILE", "--script", str(SCRIPT)), 2),
        (("reopen", "C-1", "--reason", "@FILE", "--as", "p-hq-kf-01"), 2),
    ],
    ids=["open", "open with a mapping", "import", "rehearse", "a text"],
)
def test_a_file_without_end_is_refused_by_its_size(tmp_path: Path, words: tuple[str, ...], most: int) -> None:
    """The device has no end: only so much of it is asked for."""
    file = tmp_path / "endless.jsonl"
    file.symlink_to("/dev/zero")
    result = run(*(word.replace("FILE", str(file)) for word in words), env={"TOUSU_HOME": str(tmp_path)})
    assert (result.exit_code, result.stderr) == (BAD_INPUT, f"Error: {file}: is larger than {most} MB [BadInput]\n")


def test_a_file_of_exactly_the_size_is_read(tmp_path: Path) -> None:
    file = tmp_path / "exact"
    file.write_bytes(b"x" * 10)
    assert files.read(file, 10) == b"x" * 10
    with pytest.raises(CliError):
        files.read(file, 9)


def test_a_line_without_end_is_refused_by_its_length(tmp_path: Path) -> None:
    """An export may be of any size, and is read line by line."""
    file = tmp_path / "endless.jsonl"
    file.symlink_to("/dev/zero")
    result = run("audit", str(file))
    said = f"Error: {file}: a line is longer than 4,000,000 characters [BadInput]\n"
    assert (result.exit_code, result.stderr) == (BAD_INPUT, said)
