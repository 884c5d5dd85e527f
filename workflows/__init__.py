"""What happens when: deterministic orchestration, no I/O."""

from workflows.complaint import ComplaintWorkflow
from workflows.review import ReviewWorkflow
from workflows.slip import SlipWorkflow

WORKFLOWS = (ComplaintWorkflow, SlipWorkflow, ReviewWorkflow)
"""Every workflow that a worker serves."""
