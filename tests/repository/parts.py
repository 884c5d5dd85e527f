"""What the tests of the repository read: its files, its compose file and the commands that its texts name."""

import functools
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ("README.md", "README.zh-CN.md", "CONTRIBUTING.md")
SHELL = {"", "sh", "bash", "console", "shell"}
_STOP = {"|", ">", "<", ">>", "&&", "||", ";", "2>", "&"}
_FENCE = re.compile(r"^```(?P<kind>[\w-]*)[^\n]*\n(?P<body>.*?)^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(?<!`)`(?P<code>[^`\n]+)`(?!`)")


@functools.cache
def repository_files() -> tuple[Path, ...]:
    """Every file that git has or would add, relative to the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return tuple(sorted(Path(name) for name in set(listed) if (ROOT / name).is_file()))


def documents() -> list[Path]:
    """The texts for people: the READMEs, how to contribute, and everything in docs."""
    return [Path(name) for name in TEXTS] + [
        path for path in repository_files() if path.parts[0] == "docs" and path.suffix == ".md"
    ]


def text_of(path: Path | str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def sources() -> list[Path]:
    """The Python files that run in production, tests and benchmarks left out."""
    return [
        path for path in repository_files() if path.suffix == ".py" and path.parts[0] not in {"tests", "benchmarks"}
    ]


@functools.cache
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe", pure=True).load(text_of("docker-compose.yml"))
    return loaded


@dataclass(frozen=True)
class Block:
    kind: str
    lines: tuple[str, ...]

    def commands(self) -> list[str]:
        """What the reader types: after the prompt where there is one, else every line; comments left out."""
        if self.kind not in SHELL:
            return []
        lines = "\n".join(self.lines).replace("\\\n", " ").splitlines()
        typed = [line[2:] for line in lines if line.startswith("$ ")] if self.kind == "console" else lines
        return [" ".join(line.split(" #")[0].split()) for line in typed if line.strip() and not line.startswith("#")]


def blocks(markdown: str) -> list[Block]:
    return [Block(found["kind"], tuple(found["body"].splitlines())) for found in _FENCE.finditer(markdown)]


def spans(markdown: str) -> list[str]:
    return [found["code"].strip() for found in _SPAN.finditer(_FENCE.sub("", markdown))]


def command_lines() -> Iterator[tuple[str, list[str]]]:
    """Every command that a text, the Makefile, the Dockerfile or the compose file names, with the place of it."""
    for path in documents():
        typed = [line for block in blocks(text_of(path)) for line in block.commands()]
        for line in typed + spans(text_of(path)):
            yield str(path), words(line)
    for name in ("Makefile", "Dockerfile"):
        for line in text_of(name).replace("\\\n", " ").splitlines():
            bare = re.sub(r"^(CMD|ENTRYPOINT|RUN)\b", "", line.strip().lstrip("@#"))
            yield name, words(re.sub(r'[\[\]",]', " ", bare) if line.startswith(("CMD", "ENTRYPOINT")) else bare)
    for name, service in compose()["services"].items():
        for argv in (service.get("command"), service.get("healthcheck", {}).get("test")):
            if argv and argv[0] != "CMD-SHELL" and len(argv) > 1:
                yield f"docker-compose.yml: {name}", [str(word) for word in argv if word != "CMD"]


def words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:  # An apostrophe in prose, or half of a construct of make.
        return line.split()


def our_calls() -> Iterator[tuple[str, list[str]]]:
    """The arguments of every call of starter.py, under its file name or as `tousu`, up to the end of the call."""
    services = set(compose()["services"])
    for place, argv in command_lines():
        for at, word in enumerate(argv):
            before = argv[at - 1] if at else "$"
            by_file = word.endswith("starter.py") and before.endswith("python")
            by_name = word.rpartition("/")[2] == "tousu" and (
                at == 0 or before in services | _STOP | {"$", "Also", "then:"}
            )
            if by_file or by_name:
                rest = argv[at + 1 :]
                end = next(
                    (index for index, part in enumerate(rest) if part in _STOP or part.startswith("#")), len(rest)
                )
                yield place, rest[:end]
