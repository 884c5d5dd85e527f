"""A YAML file read into a model, with errors that name the file, the line, the place and the rule."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from models.explain import explain_item

Model = TypeVar("Model", bound=BaseModel)


def read_model(path: Path, kind: type[Model], refuse: type[ValueError]) -> Model:
    """Return the *kind* that the YAML file at *path* holds; *refuse* with one line and no value if it holds none."""
    try:
        data = _read(path.read_text(encoding="utf-8-sig"))
        return kind.model_validate(data)
    except RecursionError:
        raise refuse(f"{path}: is nested too deeply") from None
    except (OSError, UnicodeDecodeError) as error:
        raise refuse(f"{path}: cannot be read as a UTF-8 file") from error
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        raise refuse(f"{path}{f':{mark.line + 1}' if mark else ''}: is not valid YAML") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        # A rule about the file as a whole says where it was broken.
        told = str(first.get("ctx", {}).get("place", ""))
        at: Sequence[str | int] = (
            [int(key) if key.isdigit() else key for key in told.split(".")] if told else first["loc"]
        )
        raise refuse(f"{path}:{_line(data, at)}: {explain_item(first, own=True)}") from None
    except ValueError as error:  # YAML builds the dates: one that does not exist ends here.
        raise refuse(f"{path}: is not valid YAML") from error


@lru_cache(16)
def _read(text: str) -> Any:
    # The organisation data are read at every command and hold a tenth of a second up; nothing changes what was read.
    return YAML().load(text)


def _line(data: Any, at: Sequence[str | int]) -> int:
    """Return the line, from 1, of the deepest part of *at* that the file has."""
    line = 0
    for key in at:
        try:
            line = data.lc.key(key)[0] if isinstance(key, str) else data.lc.item(key)[0]
            data = data[key]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return int(line) + 1
