"""The settings of a process: read once from the environment, checked, frozen, and silent about secrets."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from temporalio.envconfig import ClientConfigProfile

from engine.errors import ConfigError
from models.archive import ArchiveConfig, refuse_url
from models.delivery import LEAST_SECRET, DeliveryConfig, Gateway, Mailbox, Relay
from models.signing import SigningKey
from models.supervision import SHIPPED
from rulebook.retention import DEFAULT as RETENTION

ROOT = Path(__file__).resolve().parent.parent
SAMPLE_ORGANISATION = ROOT / "samples" / "organisation.yaml"
PREFIX = "TOUSU_"


class Settings(BaseModel):
    """
    Everything a process of ours reads from its environment.

    The connection to Temporal comes from Temporal's own variables and file (``TEMPORAL_ADDRESS``,
    ``TEMPORAL_CONFIG_FILE`` …), the same that the ``temporal`` command reads; the rest from ``TOUSU_…``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    home: Path
    """Where the embedded server, its keys and the default database live (``TOUSU_HOME``)."""
    database_url: SecretStr
    """The records, as an SQLAlchemy URL; it may hold a password (``TOUSU_DATABASE_URL``)."""
    organisation: Path = SAMPLE_ORGANISATION
    """Units, departments and people (``TOUSU_ORGANISATION``)."""
    supervision: Path = SHIPPED
    """What is done at fixed times: schedules and watchdog (``TOUSU_SUPERVISION``)."""
    schedules: Literal["on", "off"] = "on"
    """Whether `tousu up` puts the schedules on the server when it starts (``TOUSU_SCHEDULES``)."""
    rules: Path | None = None
    """A folder with rule packs and calendars of one's own, beside the published ones (``TOUSU_RULES``)."""
    figures: Path | None = None
    """An insurer's own indicators beside those of the house, as a YAML file (``TOUSU_FIGURES``)."""
    task_queue: str = Field(default="tousu", min_length=1)
    """The task queue that workers serve (``TOUSU_TASK_QUEUE``)."""
    keys: SecretStr | None = None
    """The key ring as ``id:base64,id:base64``, the current key first (``TOUSU_KEYS``)."""
    build_id: str | None = Field(default=None, min_length=1)
    """The worker's build in its deployment; unset means unversioned (``TOUSU_BUILD_ID``)."""
    log_format: Literal["json", "console"] = "json"
    """One JSON object per line for machines, or colours for people (``TOUSU_LOG_FORMAT``)."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """The least level that is written (``TOUSU_LOG_LEVEL``)."""
    smtp_url: SecretStr | None = None
    """The mail server for letters by e-mail, as ``smtp://user:password@host:587`` (``TOUSU_SMTP_URL``)."""
    mail_from: str | None = Field(default=None, validate_default=True)
    """Whom e-mail comes from, as ``address`` or ``name <address>`` (``TOUSU_MAIL_FROM``)."""
    webhook_url: str | None = None
    """The gateway for text messages, as ``https://…`` (``TOUSU_WEBHOOK_URL``)."""
    webhook_secret: SecretStr | None = Field(default=None, validate_default=True)
    """What signs the requests to the gateway (``TOUSU_WEBHOOK_SECRET``)."""
    archive_url: str | None = None
    """Where the files of closed complaints are archived, ``file:///…`` or ``s3://bucket/prefix`` (``TOUSU_ARCHIVE_URL``)."""
    archive_keys: SecretStr | None = Field(default=None, validate_default=True)
    """The keys that seal them as ``id:base64,id:base64``, the current key first (``TOUSU_ARCHIVE_KEYS``)."""
    retention: Path = RETENTION
    """How long archived files are kept, and who decides on it (``TOUSU_RETENTION``)."""
    temporal: ClientConfigProfile = Field(default_factory=ClientConfigProfile, repr=False, exclude=True)
    """Address, namespace, TLS and API key in Temporal's own shape."""

    @field_validator("home", "organisation", "supervision", "retention", "rules", "figures", mode="after")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return path.expanduser().absolute() if path else None

    @field_validator("database_url", mode="after")
    @classmethod
    def _known_database(cls, url: SecretStr) -> SecretStr:
        scheme, _, rest = url.get_secret_value().partition("://")
        if scheme in {"postgres", "postgresql"}:  # What hosting services hand out; SQLAlchemy wants the driver named.
            return SecretStr(f"postgresql+psycopg://{rest}")
        if scheme not in {"sqlite", "postgresql+psycopg"}:
            raise ValueError("must start with sqlite:/// or postgresql://")
        return url

    @field_validator("smtp_url", mode="after")
    @classmethod
    def _known_relay(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            Relay.parse(url.get_secret_value())
        return url

    @field_validator("mail_from", mode="after")
    @classmethod
    def _sender_of_the_relay(cls, text: str | None, info: ValidationInfo) -> str | None:
        _both_or_neither("smtp_url", text, info)
        if text is not None:
            Mailbox.parse(text)
        return text

    @field_validator("webhook_url", mode="after")
    @classmethod
    def _known_gateway(cls, url: str | None) -> str | None:
        if url is not None:
            Gateway.parse(url)
        return url

    @field_validator("webhook_secret", mode="after")
    @classmethod
    def _secret_of_the_gateway(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        _both_or_neither("webhook_url", secret, info)
        if secret is not None and len(secret.get_secret_value()) < LEAST_SECRET:
            raise ValueError(f"must have at least {LEAST_SECRET} characters")
        return secret

    @field_validator("archive_url", mode="after")
    @classmethod
    def _known_store(cls, url: str | None) -> str | None:
        if url is not None:
            refuse_url(url)
        return url

    @field_validator("archive_keys", mode="after")
    @classmethod
    def _keys_of_the_archive(cls, keys: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        _both_or_neither("archive_url", keys, info)
        if keys is not None:
            SigningKey.parse(keys.get_secret_value())
        return keys

    @property
    def archive(self) -> ArchiveConfig | None:
        """Where and how files are archived, for `activities.build`; None when they are not."""
        if self.archive_url is None or self.archive_keys is None:
            return None
        keys = SigningKey.parse(self.archive_keys.get_secret_value())
        return ArchiveConfig(url=self.archive_url, keys=keys, retention=self.retention)

    @property
    def delivery(self) -> DeliveryConfig:
        """How letters leave the house, for `activities.build`."""
        relay, secret = self.smtp_url, self.webhook_secret
        return DeliveryConfig(
            relay=Relay.parse(relay.get_secret_value()) if relay else None,
            sender=Mailbox.parse(self.mail_from) if self.mail_from else None,
            gateway=Gateway.parse(self.webhook_url) if self.webhook_url else None,
            secret=secret.get_secret_value() if secret else None,
        )

    @property
    def embedded(self) -> bool:
        """Whether no outside Temporal server is configured, so that ours is used."""
        return not self.temporal.address

    @property
    def organisation_is_sample(self) -> bool:
        """Whether the organisation data are the ones shipped with the code, good for a demo only."""
        return self.organisation == SAMPLE_ORGANISATION

    @staticmethod
    def rules_in(environ: Mapping[str, str] = os.environ) -> Path | None:
        """Return the folder of rules that *environ* names, for commands that need no other setting."""
        named = environ.get(f"{PREFIX}RULES")
        return Path(named).expanduser().absolute() if named else None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Return the settings found in *environ*; an empty variable counts as unset; raise `ConfigError`."""
        ours = {name[len(PREFIX) :].lower(): text for name, text in environ.items() if name.startswith(PREFIX) and text}
        home = Path(ours.pop("home", ".tousu")).expanduser().absolute()
        ours.setdefault("database_url", f"sqlite:///{home / 'records.db'}")
        try:
            return cls.model_validate({**ours, "home": home, "temporal": _temporal_profile(environ)})
        except ValidationError as error:
            raise ConfigError(_one_line(error)) from None


def _both_or_neither(first: str, second: object, info: ValidationInfo) -> None:
    # A first one that is wrong itself is missing here, and named by its own error.
    if first in info.data and (info.data[first] is None) != (second is None):
        raise ValueError(f"must be set together with {PREFIX}{first.upper()}")


def _temporal_profile(environ: Mapping[str, str]) -> ClientConfigProfile:
    try:
        return ClientConfigProfile.load(override_env_vars=dict(environ))
    except (RuntimeError, OSError, ValueError):  # The parser's text may quote the line that holds the API key.
        raise ConfigError(
            "the Temporal client configuration cannot be read; check TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE and "
            "the TEMPORAL_TLS variables with `temporal config list`"
        ) from None


def _one_line(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    name = f"{PREFIX}{str(first['loc'][0]).upper()}"
    if first["type"] == "extra_forbidden":
        known = ", ".join(sorted(f"{PREFIX}{field.upper()}" for field in Settings.model_fields if field != "temporal"))
        return f"{name} is not a setting; there are {known}"
    return f"{name}: {first['msg'].removeprefix('Value error, ')}"
