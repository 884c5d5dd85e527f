"""
The script of a rehearsal: what people do on which day, and what must then be true.

    title: 简单投诉，按期办结
    received: "+0d 10:00"
    steps:
      - at: "+2d 09:00"
        do: findings
        as: p-gd-ls-02
        with: {findings: 已核实}
        expect: {stage: deciding, due: "+15d"}
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from cli.errors import ScriptError
from cli.moments import Days, duration
from cli.verb import Verb, file_text, is_text
from cli.verbs import BY_NAME
from models.case import Stage
from models.data_file import read_model
from models.slips import SlipStatus
from rulebook.clock import Status
from rulebook.events import Level, NoticeKind

_ANY_DAYS = Days(written=date(2026, 1, 1), played=date(2026, 1, 1))  # Only to see whether a moment can be read.


def _wrong(rule: str, **context: str) -> PydanticCustomError:
    return PydanticCustomError("script", rule, context)


def _readable(read: Callable[[str], object]) -> Callable[[str], str]:
    def check(text: str) -> str:
        try:
            read(text)
        except ValueError as error:
            raise _wrong("{reason}", reason=str(error)) from None
        return text

    return check


def _verb(name: str) -> str:
    if name not in BY_NAME:
        raise _wrong("no command is called so; there are {names}", names=", ".join(BY_NAME))
    return name


Moment = Annotated[str, AfterValidator(_readable(_ANY_DAYS.instant))]
Day = Annotated[str, AfterValidator(_readable(_ANY_DAYS.day))]
Length = Annotated[str, AfterValidator(_readable(duration))]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Expectation(_Part):
    """
    What must be true after a step.

    *refused* is the code with which the step's command is refused; *due* the last day of the duty to decide and tell;
    *breached* the instant of its breach, or false; *letters* the kinds of letter that have gone out, in order. *slips*
    are the dispatch slips that are named, *duties* the duties of the complaint and of its slips (``s1/accept``), with
    their status; *versions* the last days that each duty has had, in order, one for each version of its deadline;
    *reminded* the levels to which the reminder slips of a duty have climbed, in order; *counts* the weight of the
    complaint in each counting profile.
    """

    refused: str | None = None
    stage: Stage | None = None
    due: Day | None = None
    overdue: bool | None = None
    breached: Moment | bool | None = None
    extension: str | None = None
    letters: tuple[NoticeKind, ...] | None = None
    result: str | None = None
    slips: dict[str, SlipStatus] | None = None
    duties: dict[str, Status] | None = None
    versions: dict[str, tuple[Day, ...]] | None = None
    reminded: dict[str, tuple[Level, ...]] | None = None
    counts: dict[str, int] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise _wrong("says nothing")
        return self


class Step(_Part):
    """One moment, *at* an instant or *after* a length of time: what somebody does, or only what must be true."""

    at: Moment | None = None
    after: Length | None = None
    do: Annotated[str, AfterValidator(_verb)] | None = None
    who: str | None = Field(default=None, alias="as")
    fields: dict[str, Any] = Field(default_factory=dict, alias="with")
    expect: Expectation | None = None

    @property
    def verb(self) -> Verb | None:
        """The command that is given, if one is."""
        return BY_NAME[self.do] if self.do else None

    def with_texts(self, folder: Path) -> Self:
        """Return the step with the texts that its fields name as ``@FILE`` in *folder*; CliError if there is none."""
        if (verb := self.verb) is None:
            return self
        texts = {name: value for name, value in self.fields.items() if isinstance(value, str) and value.startswith("@")}
        texts = {name: file_text(folder / value[1:]) for name, value in texts.items() if is_text(verb.fields[name])}
        return self.model_copy(update={"fields": {**self.fields, **texts}})

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.at is None) == (self.after is None):
            raise _wrong("needs one of at and after")
        if (self.do is None) != (self.who is None):
            raise _wrong("do and as go together")
        if self.do is None and (self.fields or self.expect is None or self.expect.refused):
            raise _wrong("without do there is only something to expect")
        if self.verb and (unknown := sorted(self.fields.keys() - self.verb.fields.keys())):
            raise _wrong("with: {do} has no field {fields}", do=str(self.do), fields=", ".join(unknown))
        return self


class Script(_Part):
    """
    A rehearsal: *title* for people, the moment of receipt (that of the complaint's file if left out), and the steps.

    *begin* is the day from which moments count: the day after today, the next Monday that no holiday follows for 60 days
    (for scripts that count working days), or a date, past or future: notices that came later are unknown to the complaint.
    *rules* is the pack to run under, instead of the insurer's in force on the day.
    *prove* names the duties whose deadlines are shown in the end as each notice about working days found and left them.
    *first* is the script of another complaint, beside this one, that is played to its end before, in the same records.
    """

    title: str = Field(min_length=1)
    title_en: str | None = None
    begin: date | Literal["tomorrow", "plain-monday"] = "tomorrow"
    rules: str | None = None
    prove: tuple[str, ...] = ()
    first: str | None = Field(default=None, pattern=r"^[\w-]+(/[\w-]+)*\.yaml$")
    received: Moment | None = None
    steps: tuple[Step, ...] = Field(min_length=1)


def read_script(path: Path) -> Script:
    """Return the script in the file at *path*; ScriptError with file, line, place and reason in one line."""
    script = read_model(path, Script, ScriptError)
    return script.model_copy(update={"steps": tuple(step.with_texts(path.parent) for step in script.steps)})
