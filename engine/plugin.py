"""The one plugin that client, worker and replayer share, so that they cannot disagree on converter or sandbox."""

import dataclasses
from typing import Final

from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes
from temporalio.plugin import SimplePlugin
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from engine.codec import EncryptionCodec
from engine.keys import KeyRing
from engine.logs import ActivityContext

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
    """Pydantic models as JSON, encrypted; messages and stack traces of failures are encrypted with them."""
    return dataclasses.replace(
        pydantic_data_converter,
        payload_codec=EncryptionCodec(keys),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


def plugin(keys: KeyRing) -> SimplePlugin:
    """Return the plugin for ``Client.connect(plugins=…)``, whose workers inherit it, and ``Replayer(plugins=…)``."""
    return SimplePlugin(
        "tousu",
        data_converter=data_converter(keys),
        interceptors=[ActivityContext()],
        workflow_runner=SandboxedWorkflowRunner(
            restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSTHROUGH)
        ),
    )
