"""The sample client in TypeScript, written from docs/contract.md alone, works a complaint from its opening to its result."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.failure.v1 import Failure
from temporalio.exceptions import ApplicationError

from engine.keys import KeyRing
from engine.plugin import data_converter
from models.opening import CaseResult
from tests.engine.test_payloads_document import VECTOR
from tests.engine.waiting import PATIENCE
from tests.present import LATER
from tests.repository.parts import ROOT, text_of
from tests.workflow.stage import Stage

pytestmark = pytest.mark.slow

SAMPLE = ROOT / "samples" / "typescript"
FAILURE_SCRIPT = """
const { DefaultFailureConverter, defaultPayloadConverter } = require('@temporalio/common');
const { temporal } = require('@temporalio/proto');
const { TousuCodec } = require('./dist/codec.js');
const failure = temporal.api.failure.v1.Failure.decode(Buffer.from(process.argv[1], 'base64'));
const read = (one) => new DefaultFailureConverter().failureToError(one, defaultPayloadConverter);
const without = read(failure);
new TousuCodec(process.argv[2]).decode([failure.encodedAttributes]).then(([encodedAttributes]) => {
  const withKey = read({ ...failure, encodedAttributes });
  const told = [without, withKey].map((error) => [error.type, error.message, error.cause?.type ?? null]);
  console.log(JSON.stringify(told));
});
"""
VECTOR_SCRIPT = """
const { TousuCodec } = require('./dist/codec.js');
const vector = JSON.parse(process.argv[1]);
const codec = new TousuCodec(vector.key);
const inner = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(vector['inner data']) };
const sealed = codec.seal(inner, Buffer.from(vector.nonce, 'hex'));
codec.decode([sealed]).then(([opened]) => console.log(JSON.stringify({
  sealed: Buffer.from(sealed.data).toString('hex'), opened: Buffer.from(opened.data).toString(),
})));
"""
CLOCK_SCRIPT = """
const Present = Date, later = LATER;
globalThis.Date = class extends Present {
  constructor(...given) { given.length ? super(...given) : super(Present.now() + later); }
  static now() { return Present.now() + later; }
};
""".replace("LATER", str(round(LATER.total_seconds() * 1000)))
"""Has the clock of the sample say what is the present of the tests."""


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample as a newcomer has it: what its lock file names, and compiled."""
    home = tmp_path_factory.mktemp("typescript") / "sample"
    shutil.copytree(SAMPLE, home, ignore=shutil.ignore_patterns("node_modules", "dist"))
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=home, check=True)
    subprocess.run(["npm", "run", "--silent", "build"], cwd=home, check=True)
    return home


def as_ring(keys: KeyRing) -> str:
    return ",".join(f"{name}:{base64.b64encode(key).decode()}" for name, key in keys.keys.items())


async def told(stage: Stage, sample: Path, more: dict[str, str]) -> dict[str, Any]:
    """Run the sample to its end, let the days for a review pass once it has closed; return what it told of each step."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("TOUSU_", "TEMPORAL_"))},
        "TEMPORAL_ADDRESS": stage.client.service_client.config.target_host,
        "TOUSU_TASK_QUEUE": stage.queue,
        **more,
    }
    (clock := sample / "clock.js").write_text(CLOCK_SCRIPT)
    process = await asyncio.create_subprocess_exec(
        *("node", "--require", str(clock), "dist/lifecycle.js"),
        cwd=sample,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    steps: dict[str, Any] = {}
    try:
        async with asyncio.timeout(2 * PATIENCE):
            async for line in process.stdout:
                step = json.loads(line)
                steps[step["step"]] = step["what"]
                if step["step"] == "closed":
                    handle = stage.client.get_workflow_handle(steps["accepted"])
                    await stage.env.fast_forward(handle, timedelta(days=40))
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
    return steps


@pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "plain JSON"])
async def test_the_sample_works_a_complaint_from_opening_to_result(
    stage: Stage, sample: Path, keys: KeyRing, *, sealed: bool
) -> None:
    steps = await told(stage, sample, {"TOUSU_KEYS": as_ring(keys)} if sealed else {})
    assert (steps["wrong opening"], steps["own approval"]) == ("InvalidOpening", "SelfApproval")
    answers = {step: (what["event"], what["stage"]) for step, what in steps.items() if "event" in what}
    assert answers == {
        "classified": ("classified", "investigating"),
        "asked": ("extension_requested", "investigating"),
        "found": ("findings_submitted", "deciding"),
        "decided": ("decision_made", "notifying"),
        "called back": ("called_back", "closing"),
        "closed": ("closed", "closed"),
    }
    assert steps["asked"]["ref"] == "x1"
    assert steps["approved"]["first"] == steps["approved"]["again"]
    assert steps["approved"]["first"]["event"] == "extension_approved"
    # Further time counts once the complainant was told, not before.
    before, approved, after = (
        datetime.fromisoformat(answer["next_due"])
        for answer in (steps["asked"], steps["approved"]["first"], steps["found"])
    )
    assert (approved, after >= before) == (before, True)
    assert {answer["next_due"][11:19] for answer in (steps["asked"], steps["found"])} == {"00:00:00"}
    result = CaseResult.model_validate(steps["result"])
    assert (f"complaint-{result.complaint_id}", result.result, result.breached) == (
        steps["accepted"],
        "responsible",
        False,
    )
    handle = stage.client.get_workflow_handle(steps["accepted"])
    first = await anext(handle.fetch_history_events())
    (argument,) = first.workflow_execution_started_event_attributes.input.payloads
    assert ("示例甲".encode() in argument.data) is not sealed


def test_the_sample_has_the_documented_codec(sample: Path) -> None:
    """It makes of the test vector's key, nonce and payload the documented bytes, and opens them."""
    done = subprocess.run(
        ["node", "-e", VECTOR_SCRIPT, VECTOR], cwd=sample, check=True, capture_output=True, text=True
    ).stdout
    vector = json.loads(VECTOR)
    assert json.loads(done) == {"sealed": vector["data"], "opened": vector["inner data"]}


async def test_the_default_converter_reads_the_type_of_any_error(sample: Path, keys: KeyRing) -> None:
    """Without keys the text is concealed and nothing is thrown; with the sample's codec it is there."""
    error = ApplicationError("quotes a value", type="LedgerUnavailable")
    error.__cause__ = RuntimeError("quotes another")
    failure = Failure()
    await data_converter(keys).encode_failure(error, failure)
    sent = base64.b64encode(failure.SerializeToString()).decode()
    call = ["node", "-e", FAILURE_SCRIPT, sent, as_ring(keys)]
    done = await asyncio.to_thread(subprocess.run, call, cwd=sample, check=True, capture_output=True)
    assert json.loads(done.stdout) == [
        ["LedgerUnavailable", "Encoded failure", "RuntimeError"],
        ["LedgerUnavailable", "quotes a value", "RuntimeError"],
    ]


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads(text_of("samples/typescript/package-lock.json"))
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert [name for name, one in packages.items() if "resolved" in one or not one["integrity"]] == []
    wanted = json.loads(text_of("samples/typescript/package.json"))
    for name, version in {**wanted["dependencies"], **wanted["devDependencies"]}.items():
        assert packages[f"node_modules/{name}"]["version"] == version
