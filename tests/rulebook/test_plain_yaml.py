"""Every YAML is from outside: nothing is made of it before its size, its depth and its aliases were looked at."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from models.data_file import read_model
from models.organisation import OrganisationError
from rulebook.errors import CalendarError, PackError
from rulebook.notice import LARGEST as LARGEST_NOTICE
from rulebook.notice import parse_notice
from rulebook.pack import load
from rulebook.plain_yaml import DEEPEST, LARGEST, YamlRefused, plain_yaml

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)
NO_NUMBER = "holds a number that is too large, or none at all"
NO_DAY = "it holds a day or a number that does not exist"

HOSTILE = {
    "bomb": (BOMB, "anchors and aliases are not taken", 1),
    "anchor alone": ("a: 1\nb: &x 2", "anchors and aliases are not taken", 2),
    "deep": ("[" * 20_000, f"is nested too deeply: more than {DEEPEST} levels", 1),
    "deep lists": ("- " * 20_000, f"is nested too deeply: more than {DEEPEST} levels", 1),
    "deep keys": ("? " * 20_000, f"is nested too deeply: more than {DEEPEST} levels", 1),
    "tag": ("a: 1\nb: !!python/object:os.system x", "tags are not taken", 2),
    "tag of ours": ("!note {a: 1}", "tags are not taken", 1),
    "binary": ("a: !!binary aGk=", "tags are not taken", 1),
    "merged": ("a: 1\nb: {<<: {c: 1}}", "merged mappings are not taken", 2),
    "directive": ("%YAML 1.1\n---\na: yes", "directives are not taken", 2),
    "key twice": ("a: 1\nb: 2\na: 3", "gives a key twice", 3),
    "digits": ("a: " + "9" * 5000, NO_DAY, None),
    "many digits": ("a: 1\nb: " + "9" * 4300, NO_NUMBER, 2),
    "hexadecimal": ("a: [0, 0x" + "f" * 5000 + "]", NO_NUMBER, 1),
    "beyond JSON": ("a: 9007199254740992", NO_NUMBER, 1),
    "not a number": ("a: .nan", NO_NUMBER, 1),
    "infinite": ("a: 1e999", NO_NUMBER, 1),
    "no such day": ("a: 2026-02-30", NO_DAY, None),
    "no such hour": ("a: 2026-02-28T25:00:00Z", NO_DAY, None),
    "two documents": ("a: 1\n---\nb: 2", "but found another document", 2),
    "control character": ("a: \x07", "it holds a character that YAML does not allow", None),
    "half a character": ("a: \ud83d", "it holds a character that YAML does not allow", None),
    "a sign before nothing": ("+_", "is not valid YAML", None),
    "a mapping as a key": ("- ? - :", "is not valid YAML", None),
    "not closed": ("a: [1,", "is not valid YAML", 1),
}


@pytest.mark.parametrize(("text", "rule", "line"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_plain_yaml_is_refused_in_one_line(text: str, rule: str, line: int | None) -> None:
    with pytest.raises(YamlRefused) as refused:
        plain_yaml(text)
    assert rule in refused.value.rule
    assert refused.value.line == line
    assert "\n" not in str(refused.value)


def test_a_text_is_measured_before_it_is_read() -> None:
    with pytest.raises(YamlRefused, match="is longer than 5,000,000 characters"):
        plain_yaml("a: " + "x" * LARGEST)
    with pytest.raises(YamlRefused, match="holds more than 100 values"):
        plain_yaml("[" + "1," * 200 + "]", 1000)


def test_what_is_within_the_limits_is_read() -> None:
    text = "[" * DEEPEST + "9007199254740991, '<<', '&x', 2026-02-28, yes" + "]" * DEEPEST
    found = plain_yaml(text)
    for _ in range(DEEPEST - 1):
        (found,) = found
    assert [str(one) for one in found] == ["9007199254740991", "<<", "&x", "2026-02-28", "yes"]


class Anything(BaseModel):
    a: object = None


@pytest.mark.parametrize("kind", ["bomb", "deep", "many digits", "key twice", "control character", "tag"])
def test_every_file_is_read_by_the_one_reader(tmp_path: Path, kind: str) -> None:
    text, rule, line = HOSTILE[kind]
    path = tmp_path / "one.yaml"
    path.write_text(text, encoding="utf-8")
    at = f":{line}" if line else ""
    with pytest.raises(PackError) as pack:
        load(path)
    with pytest.raises(OrganisationError) as data_file:
        read_model(path, Anything, OrganisationError)
    assert str(pack.value).startswith(f"one.yaml{at}: ")
    assert str(data_file.value).startswith(f"{path}{at}: ")
    for message in (str(pack.value), str(data_file.value)):
        assert rule in message
        assert "\n" not in message
    with pytest.raises(CalendarError, match=r"^here: ") as notice:
        parse_notice(text, "here")
    assert rule in str(notice.value)


def test_a_notice_is_refused_beyond_a_size_of_its_own() -> None:
    with pytest.raises(CalendarError, match=f"notice: is longer than {LARGEST_NOTICE:,} characters"):
        parse_notice("a: " + "x" * LARGEST_NOTICE)


def test_an_endless_file_is_not_read_to_its_end() -> None:
    with pytest.raises(PackError, match="zero: "):
        load(Path("/dev/zero"))


def test_nobody_reads_yaml_past_the_reader() -> None:
    ours = ("rulebook", "models", "activities", "workflows", "engine", "cli")
    root = Path(__file__).parents[2]
    past = [
        str(file.relative_to(root))
        for room in ours
        for file in (root / room).rglob("*.py")
        if re.search(r"^ *(from|import) (ruamel|yaml)\b", file.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert past == ["rulebook/plain_yaml.py"]
