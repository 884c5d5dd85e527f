"""A YAML file read into a model, with errors that name the file, the line, the place and the rule."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from models.explain import explain_item
from rulebook.plain_yaml import YamlRefused, line_of, yaml_file

Model = TypeVar("Model", bound=BaseModel)


def read_model(path: Path, kind: type[Model], refuse: type[ValueError]) -> Model:
    """Return the *kind* that the YAML file at *path* holds; *refuse* with one line and no value if it holds none."""
    data: Any = None
    try:
        data = yaml_file(path)
        return kind.model_validate(data)
    except YamlRefused as error:
        raise refuse(f"{path}{f':{error.line}' if error.line else ''}: {error.rule}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        # A rule about the file as a whole says where it was broken.
        told = str(first.get("ctx", {}).get("place", ""))
        at: Sequence[str | int] = (
            [int(key) if key.isdigit() else key for key in told.split(".")] if told else first["loc"]
        )
        raise refuse(f"{path}:{line_of(data, at)}: {explain_item(first, own=True)}") from None
