"""How a workflow obeys: each command once, under its id; a repetition is answered with the first answer."""

from __future__ import annotations

import hashlib

from models.commands import Command
from models.opening import Accepted, Done
from workflows.refusal import refused
from workflows.turns import Turns


class Obedience:
    """Remembers which commands were obeyed, and what they were answered; *fresh* ones the record does not know yet."""

    def __init__(self, fresh: tuple[Done, ...]) -> None:
        self.done: dict[str, Done] = {one.id: one for one in fresh}
        self.fresh: list[Done] = list(fresh)
        self.turns = Turns()

    def recall(self, done: tuple[Done, ...]) -> None:
        """Take in what the record says of commands that earlier runs obeyed."""
        self.done.update((one.id, one) for one in done)

    def answered(self, command: Command) -> Accepted | None:
        """Return the first answer to *command*, None if it is new; refuse another command under the same id."""
        done = self.done.get(command.id)
        if done is not None and done.digest != _digest(command):
            raise refused(
                "DifferentContent", "another command was obeyed under this id; give this one an id of its own"
            )
        return done.answer if done else None

    def refuse_without_room(self) -> None:
        """Refuse a command that would have Temporal end the run: what came before it must be put on record first."""
        if self.turns.out_of_room:
            raise refused(
                "RecordIncomplete",
                "the record cannot be written now, and much waits for it; send the command again later",
            )

    def remember(self, command: Command, answer: Accepted) -> Accepted:
        """Keep *answer* for a repetition of *command*, and return it."""
        done = Done(id=command.id, digest=_digest(command), answer=answer)
        self.done[command.id] = done
        self.fresh.append(done)
        return answer

    def fresh_until(self, number: int) -> tuple[Done, ...]:
        """Return the fresh ones whose event is number *number* at most."""
        return tuple(one for one in self.fresh if one.answer.seq <= number)

    def on_record(self, number: int) -> None:
        """Note that the record knows every command whose event is number *number* at most."""
        self.fresh = [one for one in self.fresh if one.answer.seq > number]


def _digest(command: Command) -> str:
    return hashlib.sha256(f"{type(command).__name__} {command.model_dump_json()}".encode()).hexdigest()
