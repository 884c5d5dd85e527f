"""What is only played never leaves the house, however the environment is set up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.demo_worker import environment
from engine.settings import Settings
from models.delivery import OUTBOX_ONLY
from tests.activities.post_office import ADDRESS, HOST, PHONE, SECRET, gateway_server, mail_server
from tests.cli.conftest import complaint, run


@pytest.mark.parametrize("preferred", ["email", "sms"])
def test_a_rehearsal_writes_to_nobody(tmp_path: Path, preferred: str) -> None:
    """A mail server and a gateway stand in the environment; neither hears a word, and the letter has its proof."""
    contact = {"email": ADDRESS, "phone": PHONE, "preferred": preferred}
    file, script = tmp_path / "complaint.json", tmp_path / "script.yaml"
    file.write_text(json.dumps(complaint("R-1", complainant={"kind": "person", "name": "示例甲", "contact": contact})))
    script.write_text('title: 演练\nsteps:\n  - {at: "+1d 10:00", expect: {letters: [receipt]}}\n', encoding="utf-8")
    with mail_server() as mail, gateway_server() as gateway:
        env = {
            "TOUSU_HOME": str(tmp_path / "home"),
            "TOUSU_SMTP_URL": f"smtp://{HOST}:{mail.port}",
            "TOUSU_MAIL_FROM": "tousu@insurer.example",
            "TOUSU_WEBHOOK_URL": f"http://{HOST}:{gateway.port}",
            "TOUSU_WEBHOOK_SECRET": SECRET,
        }
        result = run("rehearse", str(file), "--script", str(script), "--json", env=env)
    assert (result.exit_code, result.stderr) == (0, "")
    [told] = [event for event in json.loads(result.stdout)["events"] if event["type"] == "notice_given"]
    assert (told["method"], told["proof"].split()[0]) == (preferred, "outbox")
    assert (mail.commands, gateway.arrived) == ([], [])


def test_the_demos_worker_writes_to_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its settings are its home's alone."""
    monkeypatch.setenv("TOUSU_SMTP_URL", "smtps://mail.insurer.example")
    monkeypatch.setenv("TOUSU_MAIL_FROM", "tousu@insurer.example")
    settings = Settings.from_environment(environment(tmp_path))
    assert (settings.home, settings.delivery) == (tmp_path, OUTBOX_ONLY)
