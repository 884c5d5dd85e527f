"""Settings: read once, checked, and silent about secrets."""

import re
from pathlib import Path

import pytest

from engine.errors import ConfigError
from engine.settings import SAMPLE_ORGANISATION, Settings
from models.delivery import OUTBOX_ONLY, DeliveryConfig, Gateway, Mailbox, Relay
from models.supervision import SHIPPED

SECRET = "0123456789abcdef0123456789abcdef"


def test_an_empty_environment_gives_the_embedded_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a single variable everything lives in ./.tousu and the organisation is marked as the sample."""
    monkeypatch.chdir(tmp_path)
    settings = Settings.from_environment({})
    assert settings.home == tmp_path / ".tousu"
    assert settings.database_url.get_secret_value() == f"sqlite:///{tmp_path}/.tousu/records.db"
    assert (settings.organisation, settings.organisation_is_sample) == (SAMPLE_ORGANISATION, True)
    assert (settings.task_queue, settings.embedded, settings.keys, settings.build_id) == ("tousu", True, None, None)
    assert (settings.supervision, settings.schedules) == (SHIPPED, "on")
    assert settings.delivery == OUTBOX_ONLY


def test_every_variable_reaches_its_setting(tmp_path: Path) -> None:
    """A value that is set is the value that is used; an empty one counts as unset."""
    settings = Settings.from_environment(
        {
            "TOUSU_HOME": str(tmp_path),
            "TOUSU_DATABASE_URL": "sqlite:////srv/records.db",
            "TOUSU_ORGANISATION": "/srv/org.yaml",
            "TOUSU_SUPERVISION": "/srv/supervision.yaml",
            "TOUSU_SCHEDULES": "off",
            "TOUSU_TASK_QUEUE": "complaints",
            "TOUSU_KEYS": "a:b",
            "TOUSU_BUILD_ID": "4f2a",
            "TOUSU_LOG_FORMAT": "console",
            "TOUSU_LOG_LEVEL": "",
            "TOUSU_SMTP_URL": "smtp://u:p@mail.example:587",
            "TOUSU_MAIL_FROM": "示例人寿 <tousu@insurer.example>",
            "TOUSU_WEBHOOK_URL": "https://sms.example/v1",
            "TOUSU_WEBHOOK_SECRET": SECRET,
            "TEMPORAL_ADDRESS": "temporal.example:7233",
            "PATH": "/bin",
        }
    )
    assert settings.home == tmp_path
    assert settings.database_url.get_secret_value() == "sqlite:////srv/records.db"
    assert (settings.organisation, settings.organisation_is_sample) == (Path("/srv/org.yaml"), False)
    assert (settings.supervision, settings.schedules) == (Path("/srv/supervision.yaml"), "off")
    assert (settings.task_queue, settings.build_id) == ("complaints", "4f2a")
    assert settings.keys is not None
    assert settings.keys.get_secret_value() == "a:b"
    assert (settings.log_format, settings.log_level) == ("console", "INFO")
    assert (settings.embedded, settings.temporal.address) == (False, "temporal.example:7233")
    assert settings.delivery == DeliveryConfig(
        relay=Relay("mail.example", 587, "starttls", "u", "p"),
        sender=Mailbox("tousu@insurer.example", "示例人寿"),
        gateway=Gateway(True, "sms.example", 443, "/v1"),
        secret=SECRET,
    )


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_postgresql_url_gets_the_driver_that_we_install(scheme: str) -> None:
    """The URL that a hosting service hands out works as it is."""
    settings = Settings.from_environment({"TOUSU_DATABASE_URL": f"{scheme}://tousu:s3cret@db/tousu"})
    assert settings.database_url.get_secret_value() == "postgresql+psycopg://tousu:s3cret@db/tousu"


@pytest.mark.parametrize(
    ("variable", "text", "message"),
    [
        ("TOUSU_DATABASE_URL", "mysql://x:s3cret@y", "TOUSU_DATABASE_URL: must start with sqlite:/// or postgresql://"),
        ("TOUSU_LOG_FORMAT", "s3cret", "TOUSU_LOG_FORMAT: Input should be 'json' or 'console'"),
        (
            "TOUSU_KEY",
            "s3cret",
            (
                "TOUSU_KEY is not a setting; there are TOUSU_ARCHIVE_KEYS, TOUSU_ARCHIVE_URL, TOUSU_BUILD_ID, "
                "TOUSU_DATABASE_URL, TOUSU_FIGURES, TOUSU_HOME, TOUSU_KEYS, TOUSU_LOG_FORMAT, TOUSU_LOG_LEVEL, "
                "TOUSU_MAIL_FROM, TOUSU_ORGANISATION, TOUSU_RETENTION, TOUSU_RULES, TOUSU_SCHEDULES, "
                "TOUSU_SMTP_URL, TOUSU_SUPERVISION, TOUSU_TASK_QUEUE, TOUSU_WEBHOOK_SECRET, TOUSU_WEBHOOK_URL"
            ),
        ),
        (
            "TOUSU_SMTP_URL",
            "mail.example:s3cret",
            "TOUSU_SMTP_URL: must look like smtp://user:password@host:587",
        ),
        ("TOUSU_SMTP_URL", "smtp://u:s3cret@mail.example", "TOUSU_MAIL_FROM: must be set together with TOUSU_SMTP_URL"),
        ("TOUSU_MAIL_FROM", "s3cret@insurer.example", "TOUSU_MAIL_FROM: must be set together with TOUSU_SMTP_URL"),
        (
            "TOUSU_WEBHOOK_URL",
            "http://sms.example/s3cret",
            "TOUSU_WEBHOOK_URL: must start with https:// unless the gateway is on this host",
        ),
        (
            "TOUSU_WEBHOOK_URL",
            "https://sms.example/s3cret",
            "TOUSU_WEBHOOK_SECRET: must be set together with TOUSU_WEBHOOK_URL",
        ),
        ("TOUSU_WEBHOOK_SECRET", "s3cret" * 6, "TOUSU_WEBHOOK_SECRET: must be set together with TOUSU_WEBHOOK_URL"),
        (
            "TOUSU_ARCHIVE_URL",
            "ftp://s3cret",
            "TOUSU_ARCHIVE_URL: must be file:///FOLDER or s3://BUCKET/PREFIX; credentials come from the AWS_ variables",
        ),
        ("TOUSU_ARCHIVE_KEYS", "s3cret", "TOUSU_ARCHIVE_KEYS: must be set together with TOUSU_ARCHIVE_URL"),
        (
            "TEMPORAL_PROFILE",
            "s3cret",
            (
                "the Temporal client configuration cannot be read; check TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE and "
                "the TEMPORAL_TLS variables with `temporal config list`"
            ),
        ),
    ],
)
def test_a_wrong_variable_is_one_line_with_its_name_and_no_value(variable: str, text: str, message: str) -> None:
    """The operator learns which variable to mend, and the log learns no secret."""
    with pytest.raises(ConfigError) as caught:
        Settings.from_environment({variable: text})
    assert str(caught.value) == message
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (
            ("TOUSU_SMTP_URL", "smtps://mail.example"),
            ("TOUSU_MAIL_FROM", "s3cret"),
            "TOUSU_MAIL_FROM: must be one mail address in ASCII, as address or name <address>",
        ),
        (
            ("TOUSU_WEBHOOK_URL", "https://sms.example"),
            ("TOUSU_WEBHOOK_SECRET", "s3cret".ljust(31, "x")),
            "TOUSU_WEBHOOK_SECRET: must have at least 32 characters",
        ),
        (
            ("TOUSU_WEBHOOK_URL", "s3cret"),
            ("TOUSU_WEBHOOK_SECRET", "s3cret"),
            "TOUSU_WEBHOOK_URL: must look like https://host/path",
        ),
    ],
)
def test_the_second_of_a_pair_is_held_to_its_rule(
    first: tuple[str, str], second: tuple[str, str], message: str
) -> None:
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        Settings.from_environment(dict([first, second]))


def test_a_broken_client_file_does_not_print_the_line_with_the_api_key(tmp_path: Path) -> None:
    """The parser would quote the line; we do not."""
    file = tmp_path / "temporal.toml"
    file.write_text('[profile.default]\napi_key = "s3cret\n')
    with pytest.raises(ConfigError) as caught:
        Settings.from_environment({"TEMPORAL_CONFIG_FILE": str(file)})
    assert "s3cret" not in str(caught.value)


def test_settings_print_no_secret() -> None:
    """Whoever logs the settings leaks neither key, password, signing secret nor API key."""
    settings = Settings.from_environment(
        {
            "TOUSU_KEYS": "s3cret",
            "TOUSU_DATABASE_URL": "postgresql://u:s3cret@h/d",
            "TOUSU_SMTP_URL": "smtps://u:s3cret@mail.example",
            "TOUSU_MAIL_FROM": "tousu@insurer.example",
            "TOUSU_WEBHOOK_URL": "https://sms.example",
            "TOUSU_WEBHOOK_SECRET": "s3cret" * 6,
            "TEMPORAL_API_KEY": "s3cret",
        }
    )
    assert "s3cret" not in repr(settings)
    assert "s3cret" not in str(settings.model_dump())
    assert "s3cret" not in repr(settings.delivery)
    assert settings.temporal.api_key == "s3cret"


def test_the_client_file_of_the_temporal_command_is_read(tmp_path: Path) -> None:
    """One profile file serves the temporal command and us."""
    file = tmp_path / "temporal.toml"
    file.write_text('[profile.prod]\naddress = "prod.example:7233"\nnamespace = "complaints"\n')
    settings = Settings.from_environment({"TEMPORAL_CONFIG_FILE": str(file), "TEMPORAL_PROFILE": "prod"})
    assert (settings.temporal.address, settings.temporal.namespace) == ("prod.example:7233", "complaints")
