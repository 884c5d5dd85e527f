"""A writer that stops with its transaction open, so that a test can kill it: ``python -m tests.records.dies URL``."""

import sys

from sqlalchemy import event
from sqlmodel import Session

from activities.ledger import Ledger
from tests.records.parts import PIN, story


def stop(session: Session) -> None:
    sys.stdout.write("everything is written, nothing is committed\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    ledger = Ledger.open(sys.argv[1])
    event.listen(Session, "before_commit", stop)
    ledger.append("C-1", 7, story()[6:], PIN)
