"""The one plugin that client, worker and replayer share, so that they cannot disagree on converter or sandbox."""

from typing import Final

from temporalio.converter import DataConverter
from temporalio.plugin import SimplePlugin
from temporalio.worker.workflow_sandbox import SandboxRestrictions

from engine.clear import RefusalsInClear
from engine.codec import EncryptionCodec
from engine.converter import Converter, Runner
from engine.keys import KeyRing
from engine.logs import ActivityContext
from engine.outages import OutageMarks

PASSTHROUGH: Final = (
    # Ours. Reloading `workflows` in the sandbox for every run cost 60 ms and half a megabyte each; what the reload would
    # guard, tests/repository/test_determinism.py holds instead: no clock, no chance, no state beside the instance.
    "activities",
    "models",
    "rulebook",
    "workflows",
    # What these import. A second import inside the sandbox would be slow, or, for SQLModel's tables, an error.
    "cryptography",
    "jinja2",
    "rfc8785",
    "ruamel",
    "sqlalchemy",
    "sqlmodel",
    "structlog",
)
"""Modules that workflow code shares with the rest of the process: deterministic when used from a workflow."""


def data_converter(keys: KeyRing) -> DataConverter:
    """Pydantic models as JSON, encrypted like the texts of errors; refusals and answers stay in clear."""
    return DataConverter(
        payload_converter_class=Converter,
        payload_codec=EncryptionCodec(keys),
        failure_converter_class=RefusalsInClear,
    )


def plugin(keys: KeyRing) -> SimplePlugin:
    """Return the plugin for ``Client.connect(plugins=…)``, whose workers inherit it, and ``Replayer(plugins=…)``."""
    return SimplePlugin(
        "tousu",
        data_converter=data_converter(keys),
        interceptors=[ActivityContext(), OutageMarks()],
        workflow_runner=Runner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSTHROUGH)),
    )
