"""The key ring: where it comes from, and what it refuses."""

import asyncio
import base64
import os
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.errors import ConfigError
from engine.keys import KEY_FILE, KeyRing, load_keys, make_keys, new_key
from engine.server import EmbeddedServer
from engine.settings import ROOT, Settings

KEY = base64.b64encode(bytes(32)).decode()


HISTORIES = "temporal.db"


def made(settings: Settings) -> KeyRing:
    return make_keys(settings, settings.home / HISTORIES)


def test_the_first_embedded_run_makes_a_key_that_only_its_owner_can_read(tmp_path: Path) -> None:
    """The file has mode 0600 in a folder of mode 0700, and the next run finds the same key."""
    settings = Settings.from_environment({"TOUSU_HOME": str(tmp_path / "home")})
    first = made(settings)
    assert stat.S_IMODE((settings.home / KEY_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.home.stat().st_mode) == 0o700
    assert made(settings) == load_keys(settings) == first
    assert [path.name for path in settings.home.iterdir()] == [KEY_FILE]


WRITES_A_KEY = """
import os, signal, sys
from pathlib import Path
from engine.keys import make_keys
from engine.settings import Settings
os.fsync = lambda _: os.kill(os.getpid(), getattr(signal, sys.argv[2]))
home = Path(sys.argv[1])
make_keys(Settings.from_environment({"TOUSU_HOME": str(home)}), home / "temporal.db")
"""


def test_a_key_that_a_killed_process_was_writing_goes_and_that_of_a_living_one_stays(tmp_path: Path) -> None:
    """It is a secret that nobody uses; several processes may start at once in one home."""
    command = [sys.executable, "-c", WRITES_A_KEY, str(tmp_path)]
    assert subprocess.run([*command, "SIGKILL"], cwd=ROOT, check=False).returncode == -signal.SIGKILL
    [dead] = tmp_path.iterdir()
    with subprocess.Popen([*command, "SIGSTOP"], cwd=ROOT) as living:
        try:
            os.waitpid(living.pid, os.WUNTRACED)
            [draft] = [path for path in tmp_path.iterdir() if path != dead]
            ring = made(Settings.from_environment({"TOUSU_HOME": str(tmp_path)}))
            assert set(tmp_path.iterdir()) == {tmp_path / KEY_FILE, draft}
        finally:
            living.kill()
    assert made(Settings.from_environment({"TOUSU_HOME": str(tmp_path)})) == ring
    assert list(tmp_path.iterdir()) == [tmp_path / KEY_FILE]


def test_processes_that_start_together_agree_on_the_key(tmp_path: Path) -> None:
    """Whoever comes second takes the key of the first."""
    settings = Settings.from_environment({"TOUSU_HOME": str(tmp_path)})
    with ThreadPoolExecutor(8) as threads:
        rings = list(threads.map(lambda _: made(settings), range(8)))
    assert all(ring == rings[0] for ring in rings)


async def test_a_client_makes_a_key_only_beside_a_server_of_its_home(tmp_path: Path) -> None:
    """A key of a folder in which nothing runs would encrypt what nobody can ever read."""
    settings = Settings.from_environment({"TOUSU_HOME": str(tmp_path / "home")})
    with pytest.raises(ConfigError) as caught:
        load_keys(settings)
    assert str(caught.value) == (
        f"{settings.home} holds no payload keys; `tousu up` makes them, or set TOUSU_KEYS or TOUSU_HOME"
    )
    assert not await asyncio.to_thread(settings.home.exists)
    async with EmbeddedServer(settings.home):
        made_up = load_keys(settings)
    assert load_keys(settings) == made_up


def test_no_key_is_made_up_for_histories_that_are_there(tmp_path: Path) -> None:
    """A key file that was lost is brought back from where keys are kept: another key would open nothing."""
    settings = Settings.from_environment({"TOUSU_HOME": str(tmp_path)})
    (tmp_path / HISTORIES).touch()
    with pytest.raises(ConfigError) as caught:
        made(settings)
    assert str(caught.value) == (
        f"{tmp_path / KEY_FILE} is missing, and {tmp_path / HISTORIES} was written with its keys; bring the file back "
        "from where you keep keys, or move the database away to begin anew"
    )
    assert [path.name for path in tmp_path.iterdir()] == [HISTORIES]


def test_a_key_file_open_to_others_is_refused(tmp_path: Path) -> None:
    """A key that others could read is no key; the message has the command that mends it."""
    settings = Settings.from_environment({"TOUSU_HOME": str(tmp_path)})
    made(settings)
    path = tmp_path / KEY_FILE
    path.chmod(0o640)
    with pytest.raises(ConfigError) as caught:
        load_keys(settings)
    assert str(caught.value) == f"{path} can be read by others than its owner; run `chmod 600 {path}`"


def test_for_an_outside_server_no_key_is_made_up(tmp_path: Path) -> None:
    """With TEMPORAL_ADDRESS set and no ring given, nothing starts and no file appears."""
    settings = Settings.from_environment({"TOUSU_HOME": str(tmp_path), "TEMPORAL_ADDRESS": "temporal.example:7233"})
    with pytest.raises(ConfigError) as caught:
        load_keys(settings)
    assert str(caught.value) == (
        "TOUSU_KEYS is not set, and an outside Temporal server is configured; make a key with "
        "`python -m engine.keys` and give the same ring to every process"
    )
    assert list(tmp_path.iterdir()) == []


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    """The first key of TOUSU_KEYS is the current one."""
    settings = Settings.from_environment({"TOUSU_HOME": str(tmp_path), "TOUSU_KEYS": f"new:{KEY}, old:{KEY}"})
    ring = load_keys(settings)
    assert (ring.current, list(ring.keys)) == ("new", ["new", "old"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("  ", "X holds no key; make one with `python -m engine.keys`", id="empty"),
        pytest.param(
            f"a:{KEY},s3cret",
            "X: key 2 is not <id>:<base64 of 32 bytes>; make one with `python -m engine.keys`",
            id="no id",
        ),
        pytest.param(
            "a:c2hvcnQ=",
            "X: key 1 is not <id>:<base64 of 32 bytes>; make one with `python -m engine.keys`",
            id="too short",
        ),
        pytest.param(
            f"a b:{KEY}",
            "X: key 1 is not <id>:<base64 of 32 bytes>; make one with `python -m engine.keys`",
            id="bad id",
        ),
        pytest.param(f"a:{KEY},a:{KEY}", "X: key 2 repeats an id; give every key its own id", id="twice"),
    ],
)
def test_a_malformed_ring_is_refused_without_showing_it(text: str, message: str) -> None:
    """The position of the bad key is told, its text is not."""
    with pytest.raises(ConfigError) as caught:
        KeyRing.parse(text, source="X")
    assert str(caught.value) == message


def test_a_ring_prints_ids_only() -> None:
    """A key ring in a log line shows no key."""
    assert repr(KeyRing.parse(f"a:{KEY}", source="X")) == "KeyRing(current='a')"


def test_the_command_in_the_messages_makes_a_usable_key() -> None:
    """`python -m engine.keys` prints one new key, another each time."""
    printed = subprocess.run(
        [sys.executable, "-m", "engine.keys"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    ring = KeyRing.parse(printed, source="stdout")
    assert ring.current not in KeyRing.parse(new_key(), source="X").keys
