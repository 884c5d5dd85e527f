"""
Logs as data: one line per event, with the workflow's ids, and never a personal value.

Two rules hold that last part. Arguments and results are never logged. Exceptions are logged as types and code places,
without their messages: a message may quote what somebody wrote, and it stands encrypted in the history for those who
may read it.
"""

import logging
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from types import TracebackType
from typing import Any, Final, TextIO

import structlog
import temporalio.activity
import temporalio.workflow
from structlog.contextvars import bound_contextvars
from structlog.typing import EventDict, ExcInfo, Processor
from temporalio.exceptions import ApplicationError
from temporalio.runtime import LogForwardingConfig, LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from engine.settings import Settings

CONTEXT: Final = ("workflow_id", "run_id", "workflow_type", "activity_type", "attempt", "task_queue")
"""The fields of the running workflow or activity that every log line of theirs carries."""


class ActivityContext(Interceptor):
    """Binds the running activity's ids to every line that it logs, in threads too."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        return _BindContext(next)


class _BindContext(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        info = temporalio.activity.info()
        bound = {
            "workflow_id": info.workflow_id,
            "run_id": info.workflow_run_id,
            "workflow_type": info.workflow_type,
            "activity_type": info.activity_type,
            "attempt": info.attempt,
            "task_queue": info.task_queue,
        }
        with bound_contextvars(**bound):
            return await self.next.execute_activity(input)


def configure_logs(settings: Settings, *, stream: TextIO | None = None) -> None:
    """Send structlog and the standard library's logging through one formatter to *stream* (default: stderr)."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _places_instead_of_messages,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[_context_of_the_sdk, *shared],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(settings)],
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=settings.log_level, force=True)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    # The ids travel as fields; the SDK would otherwise print them a second time inside the message.
    temporalio.workflow.logger.workflow_info_on_message = False
    temporalio.activity.logger.activity_info_on_message = False


def core_runtime() -> Runtime:
    """Return a runtime whose Rust core logs through Python, without the fields that it would append as text."""
    forwarding = LogForwardingConfig(
        logger=logging.getLogger("temporalio.core"),
        append_target_to_name=False,
        prepend_target_on_message=False,
        append_log_fields_to_message=False,
    )
    filter_ = TelemetryFilter(core_level="WARN", other_level="ERROR")
    return Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(filter=filter_, forwarding=forwarding)))


def _renderer(settings: Settings) -> Processor:
    if settings.log_format == "console":
        return structlog.dev.ConsoleRenderer(colors=False)
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def _context_of_the_sdk(_: Any, __: str, event: EventDict) -> EventDict:
    """Lift the ids that the SDK hangs on its records to fields of their own."""
    record: logging.LogRecord = event["_record"]
    for holder in ("temporal_workflow", "temporal_activity"):
        details: MutableMapping[str, Any] = getattr(record, holder, None) or {}
        event.update({name: details[name] for name in CONTEXT if name in details})
    return event


def _places_instead_of_messages(_: Any, __: str, event: EventDict) -> EventDict:
    """Replace an exception by the types and code places of its chain."""
    exc_info: ExcInfo | BaseException | bool | None = event.pop("exc_info", None)
    if exc_info is True:
        exc_info = sys.exc_info()  # type: ignore[assignment]  # "nothing" is handled by the next line
    error = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    if isinstance(error, BaseException):
        event["exception"] = [_place(link) for link in _chain(error)]
    return event


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _place(error: BaseException) -> str:
    kind = (error.type if isinstance(error, ApplicationError) else None) or type(error).__name__
    return f"{kind} at {_innermost(error.__traceback__)}"


def _innermost(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)
    return f"{frames[-1].filename}:{frames[-1].lineno} in {frames[-1].name}" if frames else "an unknown place"
