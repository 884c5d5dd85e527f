"""How the worker marks what activities fail of, so that Temporal tries again exactly what should be tried again."""

import errno
from typing import Any, Final

import temporalio.activity
from temporalio.exceptions import ApplicationError, FailureError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from models.outages import ATTEMPTS, outage_of

FOR_EVER: Final = 0
"""What a policy without a limit of attempts has in its place."""


class OutageMarks(Interceptor):
    """
    Gives every failure of an activity its stable type, and ends the attempts where no attempt can help.

    An outage (`models.outages`) stays retryable for as long as the activity's policy lasts. Anything else is final from
    the last of the bounded attempts on, also under a policy that waits for the end of an outage.
    """

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        return _Mark(next)


class _Mark(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        try:
            return await self.next.execute_activity(input)
        except Exception as error:
            if outage := outage_of(error):
                raise ApplicationError(_sentence(error), type=outage) from error
            if _final(error):
                kind = error.type if isinstance(error, ApplicationError) else None
                raise ApplicationError(str(error), type=kind or type(error).__name__, non_retryable=True) from error
            raise


def _final(error: Exception) -> bool:
    info = temporalio.activity.info()
    bounded = info.retry_policy is not None and info.retry_policy.maximum_attempts != FOR_EVER
    # Cancellation and the like have a meaning of their own.
    ours = isinstance(error, ApplicationError) or not isinstance(error, FailureError)
    return ours and bounded and info.attempt >= ATTEMPTS


def _sentence(error: Exception) -> str:
    """Return what *error* says; of files only the kind of the error, because their names hold ids."""
    if isinstance(error, OSError):
        return f"files cannot be read or written ({errno.errorcode.get(error.errno or 0, type(error).__name__)})"
    return str(error)
