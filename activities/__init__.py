"""What touches the world: one module for each step of the process, each step idempotent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from activities.acknowledgement import AcknowledgementActivities
from activities.assignment import AssignmentActivities
from activities.callback import CallbackActivities
from activities.closure import ClosureActivities
from activities.delivery import Outbox, Post
from activities.home_files import remove_drafts_in
from activities.investigation import InvestigationActivities
from activities.ledger import Ledger
from activities.notices import NoticeActivities
from activities.records import RecordActivities
from activities.reminders import ReminderActivities
from activities.sealing import Archive, ArchiveActivities, StoreError
from activities.slips import SlipActivities
from activities.supervision.steps import SupervisionActivities
from activities.watchdog.steps import WatchdogActivities
from models.archive import ArchiveConfig
from models.delivery import OUTBOX_ONLY, DeliveryConfig
from models.figure_files import read_figures
from models.organisation import install, read_organisation, refuse_unknown_rules
from models.supervision import SHIPPED, read_supervision
from rulebook.pack import preload


@contextmanager
def build(
    database_url: str,
    organisation: Path,
    home: Path,
    delivery: DeliveryConfig = OUTBOX_ONLY,
    supervision: Path = SHIPPED,
    *,
    archive: ArchiveConfig | None = None,
    figures: Path | None = None,
) -> Iterator[list[Callable[..., Any]]]:
    """
    Give every activity, wired to the record at *database_url*, the organisation data and the outbox in *home*.

    The connections to the record are closed at the end of the block: it lasts as long as anything runs the activities.

    Letters to complainants leave as *delivery* says, which is not at all unless the caller says otherwise. The files of
    complaints at their end are sealed into the *archive*, if there is one. *supervision* is the file of what is done at
    fixed times, *figures* that of the insurer's own indicators, which reports published then have too.

    Installs the organisation for this process, because validators may not read files. OrganisationError, SupervisionError,
    FiguresError, LedgerError, RetentionError or StoreError when one of them cannot be used.
    """
    # A workflow task that had to read the rules first would last longer than Temporal's deadlock detector grants.
    preload()
    people = read_organisation(organisation)
    refuse_unknown_rules(people)
    install(people)
    rules = read_supervision(supervision)
    with Ledger.open(database_url) as ledger:
        outbox = Outbox(home / "outbox")
        post = Post.open(delivery, outbox, home)
        closure = ClosureActivities(ledger)
        reminders = ReminderActivities(post, people)
        slips = SlipActivities(ledger, outbox, people)
        supervision_steps = SupervisionActivities(ledger, post, people, rules, read_figures(figures))
        sealed = Archive.open(archive, ledger, people, home) if archive else None
        sealing = ArchiveActivities(sealed)
        sweep = partial(_sweep, home, sealed)
        sweep()
        yield [
            AcknowledgementActivities(ledger).register,
            *AssignmentActivities(people, ledger).steps,
            InvestigationActivities(ledger).open,
            CallbackActivities(ledger).open,
            closure.check,
            sealing.seal,
            NoticeActivities(ledger, post, people).tell,
            *RecordActivities(ledger).steps,
            reminders.remind,
            reminders.feed_back,
            slips.deliver,
            slips.tell_back,
            supervision_steps.owed,
            supervision_steps.put_down,
            supervision_steps.send,
            supervision_steps.follow_up,
            WatchdogActivities(ledger, post, people, rules, archives=archive is not None, sweep=sweep).look,
        ]


def _sweep(home: Path, sealed: Archive | None) -> None:
    """Remove what processes that died left half-written."""
    remove_drafts_in(home)
    if sealed is not None:
        with suppress(StoreError):  # Whoever seals says so when the store is away.
            sealed.store.remove_abandoned()
