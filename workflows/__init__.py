"""What happens when: deterministic orchestration, no I/O."""

from workflows.complaint import ComplaintWorkflow
from workflows.review import ReviewWorkflow
from workflows.slip import SlipWorkflow
from workflows.supervision import (
    BulletinWorkflow,
    FollowUpWorkflow,
    PublicationWorkflow,
    SampleWorkflow,
    SupervisionWorkflow,
    WatchdogWorkflow,
)

WORKFLOWS = (
    ComplaintWorkflow,
    SlipWorkflow,
    ReviewWorkflow,
    SupervisionWorkflow,
    BulletinWorkflow,
    SampleWorkflow,
    PublicationWorkflow,
    FollowUpWorkflow,
    WatchdogWorkflow,
)
"""Every workflow that a worker serves."""
