"""How a workflow obeys: each command once, under its id; a repetition is answered with the first answer."""

from __future__ import annotations

import hashlib

from models.commands import Command
from models.opening import Accepted, Done
from workflows.refusal import refused


class Obedience:
    """Remembers which commands were obeyed, and what they were answered."""

    def __init__(self, done: tuple[Done, ...]) -> None:
        self.done: dict[str, Done] = {one.id: one for one in done}

    def answered(self, command: Command) -> Accepted | None:
        """Return the first answer to *command*, None if it is new; refuse another command under the same id."""
        done = self.done.get(command.id)
        if done is not None and done.digest != _digest(command):
            raise refused(
                "DifferentContent", "another command was obeyed under this id; give this one an id of its own"
            )
        return done.answer if done else None

    def remember(self, command: Command, answer: Accepted) -> Accepted:
        """Keep *answer* for a repetition of *command*, and return it."""
        self.done[command.id] = Done(id=command.id, digest=_digest(command), answer=answer)
        return answer


def _digest(command: Command) -> str:
    return hashlib.sha256(f"{type(command).__name__} {command.model_dump_json()}".encode()).hexdigest()
