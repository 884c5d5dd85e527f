"""
A worker whose workflows live on other days than its server, for rehearsals of what happened years ago.

A server's clock runs forward from today. Here the instants that a workflow is given are moved before its code sees them;
what it waits for are lengths of time, so nothing else has to know. Never for a worker of real complaints.
"""

from datetime import timedelta

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.plugin import SimplePlugin
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.workflow import _Definition


class PlayedDays(SimplePlugin):
    """The plugin of a worker whose workflows live *later* than its server, or earlier where that is negative."""

    def __init__(self, later: timedelta) -> None:
        super().__init__(
            "tousu-played-days", workflow_runner=lambda known: _Runner(known or UnsandboxedWorkflowRunner(), later)
        )


class _Runner(WorkflowRunner):
    def __init__(self, inner: WorkflowRunner, later: timedelta) -> None:
        self._inner, self._later = inner, later

    def prepare_workflow(self, defn: _Definition) -> None:
        self._inner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return lived_later(self._inner.create_instance(det), self._later)


def lived_later(instance: WorkflowInstance, later: timedelta) -> WorkflowInstance:
    """Return *instance*, which from now on is told instants that lie *later* than its server's, or earlier if negative."""
    activate = instance.activate

    def activate_later(act: WorkflowActivation) -> WorkflowActivationCompletion:
        act.timestamp.FromDatetime(act.timestamp.ToDatetime() + later)
        return activate(act)

    instance.activate = activate_later  # type: ignore[method-assign]  # the one method that is told the time
    return instance
