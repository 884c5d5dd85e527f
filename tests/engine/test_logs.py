"""Log lines: one JSON object each, with the workflow's ids, without what people wrote."""

import contextlib
import io
import json
import logging
import uuid
from collections.abc import Iterator

import pytest
import structlog
from temporalio.client import Client, WorkflowFailureError

from engine.logs import configure_logs
from engine.settings import Settings
from engine.worker import activity_threads, build_worker
from tests.engine.parts import SECRET, Delivery, Letter, deliver


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Our configuration, writing to memory; pytest's own handlers are put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    stream = io.StringIO()
    configure_logs(Settings.from_environment({}), stream=stream)
    yield stream
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def parsed(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


async def delivered(client: Client, task_queue: str, letter: Letter) -> dict[str, object]:
    settings = Settings.from_environment({"TOUSU_TASK_QUEUE": task_queue})
    with activity_threads() as executor:
        worker = build_worker(client, settings, workflows=[Delivery], activities=[deliver], activity_executor=executor)
        async with worker:
            handle = await client.start_workflow(
                Delivery.run, letter, id=f"delivery-{uuid.uuid4()}", task_queue=task_queue
            )
            with contextlib.suppress(WorkflowFailureError):
                await handle.result()
    return {"workflow_id": handle.id, "run_id": handle.result_run_id, "workflow_type": "Delivery"}


async def test_every_line_of_an_activity_carries_its_context(
    client: Client, task_queue: str, lines: io.StringIO
) -> None:
    """Whichever of the three loggers wrote it, also in the activity's thread."""
    ids = await delivered(client, task_queue, Letter(text=SECRET))
    for event in ("via structlog", "via logging", "via the SDK"):
        (line,) = [line for line in parsed(lines) if line["event"] == event]
        expected = {**ids, "activity_type": "deliver", "attempt": 1, "task_queue": task_queue, "level": "info"}
        assert line.items() >= expected.items()


async def test_the_workflow_logger_passes_with_its_context(client: Client, task_queue: str, lines: io.StringIO) -> None:
    """The ids stand in fields, not in the sentence."""
    ids = await delivered(client, task_queue, Letter(text=SECRET))
    (line,) = [line for line in parsed(lines) if line["event"] == "from the workflow"]
    assert line.items() >= ids.items()
    assert line["logger"] == "temporalio.workflow"


async def test_no_line_holds_what_people_wrote(client: Client, task_queue: str, lines: io.StringIO) -> None:
    """Not as an argument, not as a result, and not in the message of an error; its type and place are there."""
    await delivered(client, task_queue, Letter(text=SECRET, fail=True))
    assert SECRET not in lines.getvalue()
    assert json.dumps(SECRET).strip('"') not in lines.getvalue()
    (failed,) = [line for line in parsed(lines) if line["event"] == "Completing activity as failed"]
    places = failed["exception"]
    assert isinstance(places, list)
    assert [(text.split()[0], text.split()[-1]) for text in places] == [("Undeliverable", "deliver")]


def fail_twice() -> None:
    try:
        dict[str, str]()[SECRET]
    except KeyError as error:
        raise ValueError(SECRET) from error


def test_a_chain_of_errors_shows_every_type_and_no_message(lines: io.StringIO) -> None:
    """The cause is named too, for both ways of logging an exception."""
    try:
        fail_twice()
    except ValueError:
        structlog.get_logger("x").exception("it broke")
        logging.getLogger("x").exception("it broke")
    assert SECRET not in lines.getvalue()
    for line in parsed(lines):
        kinds = [place.partition(" at ")[0] for place in line["exception"]]  # type: ignore[attr-defined]
        assert (line["event"], line["level"], kinds) == ("it broke", "error", ["ValueError", "KeyError"])


def test_for_people_there_is_a_console_format(lines: io.StringIO) -> None:
    """TOUSU_LOG_FORMAT=console writes a sentence instead of JSON."""
    stream = io.StringIO()
    configure_logs(Settings.from_environment({"TOUSU_LOG_FORMAT": "console"}), stream=stream)
    structlog.get_logger("x").info("worker ready", task_queue="tousu")
    assert "worker ready" in stream.getvalue()
    assert "task_queue=tousu" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_lines_below_the_level_are_not_written(lines: io.StringIO) -> None:
    """TOUSU_LOG_LEVEL holds for both ways of logging."""
    configure_logs(Settings.from_environment({"TOUSU_LOG_LEVEL": "WARNING"}), stream=lines)
    structlog.get_logger("x").info("quiet")
    logging.getLogger("x").info("quiet")
    structlog.get_logger("x").warning("loud")
    assert [line["event"] for line in parsed(lines)] == ["loud"]
