"""What happens when: deterministic orchestration, no I/O."""

from workflows.complaint import ComplaintWorkflow

WORKFLOWS = (ComplaintWorkflow,)
"""Every workflow that a worker serves."""
