"""docker-compose.yml is valid, names only what exists, gives away no secret and runs what was tested."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from models.search_attributes import SEARCH_ATTRIBUTES
from tests.repository.parts import ROOT, compose, text_of

VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>[A-Z_]+)(?P<rest>[^}]*)\}")
OPTIONAL_SECRETS = {"TOUSU_SMTP_URL", "TOUSU_WEBHOOK_SECRET", "TOUSU_ARCHIVE_KEYS", "AWS_SECRET_ACCESS_KEY"}
SERVICES: dict[str, dict[str, Any]] = compose()["services"]
every_service = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)


def uncommented(name: str) -> str:
    return re.sub(r"(^|\s)#.*", "", text_of(name))


def check(path: Path) -> subprocess.CompletedProcess[str]:
    command = [
        str(Path(sys.executable).parent / "check-jsonschema"),
        "--builtin-schema",
        "vendor.compose-spec",
        str(path),
    ]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_the_file_is_valid_by_the_compose_specification() -> None:
    checked = check(ROOT / "docker-compose.yml")
    assert checked.returncode == 0, checked.stdout


def test_the_specification_refuses_a_misspelt_key(tmp_path: Path) -> None:
    """The check above can fail."""
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(text_of("docker-compose.yml").replace("healthcheck:", "helthcheck:", 1), encoding="utf-8")
    checked = check(wrong)
    assert checked.returncode == 1
    assert "helthcheck" in checked.stdout


def test_every_variable_stands_in_the_example_and_every_example_is_used() -> None:
    asked = {found["name"] for found in VARIABLE.finditer(uncommented("docker-compose.yml"))}
    offered = set(re.findall(r"^([A-Z_]+)=", text_of(".env.example"), re.MULTILINE))
    assert asked == offered


def test_the_example_holds_no_secret_and_compose_refuses_an_empty_one() -> None:
    """A copied example does not start: each secret is empty there and required here, but those of ways not yet set up."""
    values = dict(re.findall(r"^([A-Z_]+)=(.*)$", text_of(".env.example"), re.MULTILINE))
    secrets = {name for name in values if re.search(r"PASSWORD|KEYS|SECRET|TOKEN|SMTP_URL", name)}
    required = {"POSTGRES_PASSWORD", "TOUSU_KEYS"}
    assert {name: values[name] for name in secrets} == dict.fromkeys(required | OPTIONAL_SECRETS, "")
    for found in VARIABLE.finditer(uncommented("docker-compose.yml")):
        assert found["name"] not in required or found["rest"].startswith(":?"), found[0]
        assert found["name"] not in OPTIONAL_SECRETS or found["rest"] == ":-", found[0]


@every_service
def test_no_password_or_key_is_written_out(service: dict[str, Any]) -> None:
    for name, value in service.get("environment", {}).items():
        if re.search(r"PASSWORD|PWD|KEYS|SECRET|TOKEN", name):
            assert str(value).startswith("${"), f"{name} is written out"
        assert not re.search(r"://[^/@\s]*:[^/@\s]+@", str(value)), f"{name} has a password in its URL"


@every_service
def test_what_a_service_refers_to_is_defined(service: dict[str, Any]) -> None:
    for other, how in service.get("depends_on", {}).items():
        condition = how["condition"]
        assert other in SERVICES
        assert condition != "service_healthy" or "healthcheck" in SERVICES[other], f"{other} has no health check"
        assert condition != "service_completed_successfully" or is_job(SERVICES[other]), f"{other} never completes"
    named = {(kind, source(item)) for kind in ("volumes", "configs") for item in service.get(kind, [])}
    named |= {("networks", network) for network in service.get("networks", [])}
    assert {(kind, name) for kind, name in named if name not in compose().get(kind, {})} == set()


def is_job(service: dict[str, Any]) -> bool:
    return str(service["restart"]).startswith("on-failure")


def source(item: Any) -> str:
    return str(item["source"]) if isinstance(item, dict) else str(item).partition(":")[0]


def test_every_volume_network_and_config_is_used() -> None:
    for kind in ("volumes", "configs", "networks"):
        used = {source(item) for service in SERVICES.values() for item in service.get(kind, [])}
        assert used == set(compose()[kind]), kind


@every_service
def test_a_service_that_stays_has_a_health_check_and_comes_back(service: dict[str, Any]) -> None:
    assert is_job(service) or (service["restart"] == "unless-stopped" and "healthcheck" in service)


@every_service
def test_no_service_may_gain_rights(service: dict[str, Any]) -> None:
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert str(service.get("user", "unset")).partition(":")[0] not in {"0", "root"}


@every_service
def test_ports_are_open_to_this_host_only(service: dict[str, Any]) -> None:
    assert [port for port in service.get("ports", []) if not port.startswith("127.0.0.1:")] == []


def test_our_own_image_runs_as_an_ordinary_user() -> None:
    users = re.findall(r"^USER (\d+):(\d+)$", text_of("Dockerfile"), re.MULTILINE)
    assert len(users) == 1
    built = [service for service in SERVICES.values() if "build" in service]
    assert {service["user"] for service in built} == {":".join(users[0])} == {"10001:10001"}


@every_service
def test_every_image_is_pinned_to_one_release(service: dict[str, Any]) -> None:
    assert re.fullmatch(r"[\w./-]+:\d+\.\d+[\w.-]*", service["image"]), service["image"]


def test_the_dockerfile_starts_from_one_pinned_release_of_a_supported_python() -> None:
    bases = set(re.findall(r"^FROM (\S+)", text_of("Dockerfile"), re.MULTILINE))
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.1[1-9]\.\d+-slim-\w+", bases.pop())


def test_everything_that_is_built_or_copied_exists() -> None:
    assert {service["build"] for service in SERVICES.values() if "build" in service} == {"."}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text_of("Dockerfile"), re.MULTILINE)
    kept = re.findall(r"^!(.+)$", text_of(".dockerignore"), re.MULTILINE)
    names = [name for line in copied for name in line.split()] + kept
    assert [name for name in names if not (ROOT / name).exists()] == []
    files = [Path(config["file"]) for config in compose()["configs"].values() if "file" in config]
    assert [path for path in files if not str(path).startswith("${") and not (ROOT / path).exists()] == []


def test_the_image_gets_every_package_that_pyproject_names() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))
    packages = [name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]]
    modules = [f"{name}.py" for name in project["tool"]["setuptools"]["py-modules"]]
    needed = {*packages, *modules, project["project"]["readme"], *project["project"]["license-files"]}
    assert needed <= set(re.findall(r"^!(.+)$", text_of(".dockerignore"), re.MULTILINE))


def test_the_build_backend_is_installed_by_its_hash() -> None:
    """The awk line of the Dockerfile finds exactly the locked lines of setuptools."""
    program = re.search(r"awk '([^']+)' requirements-dev.txt", text_of("Dockerfile"))
    assert program
    lines = subprocess.run(
        ["awk", program[1], "requirements-dev.txt"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    assert re.match(r"setuptools==[\d.]+ \\$", lines[0])
    assert [line for line in lines if "--hash=sha256:" in line]
    assert [line for line in lines[1:] if not line.startswith("    ")] == []


def test_production_runs_the_temporal_that_the_tests_run() -> None:
    """The images' tags are the versions that the pinned `temporal` of development reports."""
    temporal = Path(sys.executable).parent / "temporal"
    said = subprocess.run([temporal, "--version"], check=True, capture_output=True, text=True).stdout
    found = re.search(r"Server ([\d.]+), UI ([\d.]+)", said)
    assert found
    server, ui = found.groups()
    assert SERVICES["temporal"]["image"] == f"temporalio/server:{server}"
    assert SERVICES["temporal-schema"]["image"] == f"temporalio/admin-tools:{server}"
    assert SERVICES["temporal-namespace"]["image"] == f"temporalio/admin-tools:{server}"
    assert SERVICES["temporal-ui"]["image"] == f"temporalio/ui:{ui}"


def test_the_namespace_gets_exactly_our_search_attributes() -> None:
    (script,) = SERVICES["temporal-namespace"]["command"]
    registered = re.findall(r"--name (\w+) --type (\w+)", script)
    ours = [(key.name, key.indexed_value_type.name.title().replace("_", "")) for key in SEARCH_ATTRIBUTES]
    assert registered == ours


def test_one_namespace_is_meant_everywhere() -> None:
    namespaces = {
        value
        for service in SERVICES.values()
        for name, value in service.get("environment", {}).items()
        if name in {"TEMPORAL_NAMESPACE", "TEMPORAL_DEFAULT_NAMESPACE"}
    }
    (script,) = SERVICES["temporal-namespace"]["command"]
    assert namespaces | set(re.findall(r"--namespace (\w+)", script)) == {"tousu"}


def test_the_web_ui_finds_the_codec_server_and_the_codec_server_knows_the_web_ui() -> None:
    command = SERVICES["codec"]["command"]
    port, ui_port = (command[command.index(option) + 1] for option in ("--port", "--ui-port"))
    assert SERVICES["temporal-ui"]["environment"]["TEMPORAL_CODEC_ENDPOINT"] == f"http://127.0.0.1:{port}"
    assert SERVICES["temporal-ui"]["ports"] == [f"127.0.0.1:{ui_port}:8080"]
