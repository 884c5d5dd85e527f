"""
Moving a running complaint to other rules: who may, when, to which; and the event that it becomes.

A case is pinned to the rules of its receipt. Nothing moves it to others but this command, with a reason, and only to rules
that take no right from the complainant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from temporalio.exceptions import ApplicationError

from models import commands as cmd
from models.moving import move_to
from rulebook import events as ev
from rulebook.errors import PackError
from rulebook.pack import RulePack, pinned_pack
from workflows.authority import authorised
from workflows.grounds import OPEN
from workflows.refusal import Ask, Refusal, refused


def target(ask: Ask) -> RulePack:
    """Return the rules that the command names; PackError when this worker has none of that name and hash."""
    command: cmd.MoveRules = ask.command
    return pinned_pack(command.to, command.pack_hash)


def move(ask: Ask) -> ev.Event:
    """Return the event that the command becomes."""
    return move_to(ask.case.clock, target(ask), ask.now, ask.command.actor, ask.command.reason)


@dataclass(frozen=True, slots=True)
class _Known(Refusal):
    """The row that looks for the rules here: a worker without them refuses what is new, and takes up nothing else."""

    def verdict(self, ask: Ask) -> ApplicationError | None:
        """Return the refusal if this worker lacks the rules; PackError if the command is in history already."""
        try:
            target(ask)
        except PackError:
            if ask.fresh:
                return refused(self.code, self.sentence)
            raise  # It fails the task and not the command, until a worker has the rules.
        return None


def takes_a_right(ask: Ask) -> bool:
    """Return whether the move would end what the complainant may still do or wait for: the window, or a review asked for."""
    before = {
        duty.key
        for duty in ask.case.clock.open_duties
        if duty.kind == "window" or duty.started_by == "review_requested"
    }
    after = {duty.key for duty in ask.case.clock_after(move(ask)).open_duties}
    return not before <= after


ROWS: Sequence[Refusal] = (
    Refusal(
        "InstantNotAllowed",
        "a case is moved now, not as of another instant",
        lambda ask: ask.command.at is not None,
    ),
    *OPEN,
    authorised("move_rules"),
    _Known("NoSuchRules", "no published rules here have this name and hash (tousu packs)", lambda _: True),
    Refusal(
        "SameRules",
        "the complaint runs under these rules",
        lambda ask: target(ask).content_hash == ask.case.pack.content_hash,
    ),
    Refusal(
        "OtherJurisdiction",
        "it must be a statute, or rules over one, of the same jurisdiction, time zone and calendar",
        lambda ask: not target(ask).succeeds(ask.case.pack),
    ),
    Refusal(
        "RightTaken",
        "those rules would end a right of the complainant that still runs: to ask for a review, or to have it decided",
        takes_a_right,
    ),
)
"""What is refused of the command, in the order in which it is looked at."""
