"""Run by Alembic: it migrates the connection that `models.migrations` hands over, inside that connection's transaction."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

import models.archive_tables
import models.supervision_tables
import models.tables  # noqa: F401  # both fill the metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata)
with context.begin_transaction():
    context.run_migrations()
