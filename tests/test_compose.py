"""compose runs what start.py runs: same commands, every variable, health checks, pinned images."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from upgrade_tracker.launch import commands
from upgrade_tracker.launch.postgres import DATABASE, ROLE

ROOT = Path(__file__).resolve().parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PRODUCT = ("prepare", "web", "worker", "beat")
INFRASTRUCTURE = ("postgres", "valkey", "nginx")
DEVELOPMENT_ONLY = {"DEVELOPMENT", "DEBUG", "MAILBOX_DIR", "DEMO_PASSWORD"}
# compose itself answers these: the image's data folder, and nginx, which always redirects.
SET_ELSEWHERE = {"UPGRADE_TRACKER_VAR", "SECURE_SSL_REDIRECT"}


def documented() -> set[str]:
    example = (ROOT / ".env.example").read_text()
    return set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))


def read_by_settings() -> set[str]:
    text = (ROOT / "upgrade_tracker" / "settings.py").read_text()
    text += (ROOT / "upgrade_tracker" / "logs.py").read_text()
    return set(re.findall(r"env(?:iron\.get|\.\w+)?\(\s*\"([A-Z_]+)\"", text))


def test_services_are_these() -> None:
    assert sorted(SERVICES) == sorted(PRODUCT + INFRASTRUCTURE)


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("prepare", commands.prepare()),
        ("web", commands.web("0.0.0.0:8000")),
        ("worker", commands.worker()),
        ("beat", commands.beat()),
    ],
)
def test_service_runs_the_command_that_start_runs(service: str, expected: list[str]) -> None:
    assert shlex.split(SERVICES[service]["command"]) == expected


def test_image_runs_the_web_server_by_default() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
    found = re.search(r"^CMD (\[.*\])$", dockerfile, re.MULTILINE)
    assert found is not None
    assert yaml.safe_load(found[1]) == commands.web("0.0.0.0:8000")


@pytest.mark.parametrize("service", PRODUCT)
def test_product_is_given_every_setting_and_no_development(service: str) -> None:
    given = set(SERVICES[service]["environment"])
    assert given == read_by_settings() - DEVELOPMENT_ONLY - SET_ELSEWHERE


def test_every_variable_is_in_the_example_and_the_other_way_round() -> None:
    used = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert used - documented() == set()
    assert documented() == used | read_by_settings() | {"DEMO_PASSWORD"}


def test_example_holds_no_secret() -> None:
    example = (ROOT / ".env.example").read_text()
    secrets = ("SECRET_KEY", "LINK_KEYS", "POSTGRES_PASSWORD", "EMAIL_URL", "DATABASE_URL")
    assert [name for name in secrets if f"\n{name}=\n" not in example] == []


@pytest.mark.parametrize("name", ["SECRET_KEY", "LINK_KEYS", "POSTGRES_PASSWORD", "SITE_URL"])
def test_compose_refuses_to_start_without(name: str) -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    assert f"${{{name}:?Set {name} in .env}}" in text
    assert not re.search(rf"\$\{{{name}(:-.*)?\}}", text)


@pytest.mark.parametrize("service", PRODUCT[1:] + INFRASTRUCTURE)
def test_service_has_a_health_check(service: str) -> None:
    assert SERVICES[service]["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("service", PRODUCT[1:])
def test_health_check_is_the_launchers_probe(service: str) -> None:
    assert SERVICES[service]["healthcheck"]["test"][1:] == commands.healthy(service)


def test_images_are_pinned() -> None:
    images = [service["image"] for service in SERVICES.values()]
    images += re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    loose = [image for image in images if not re.search(r":\d+\.\d+(\.\d+)?(-[a-z-]+)?$", image)]
    assert loose == []


def test_database_of_compose_is_named_as_everywhere() -> None:
    environment = SERVICES["postgres"]["environment"]
    assert (environment["POSTGRES_USER"], environment["POSTGRES_DB"]) == (ROLE, DATABASE)
    assert SERVICES["web"]["environment"]["DATABASE_URL"].endswith(f"@postgres:5432/{DATABASE}")


def test_only_nginx_can_be_reached_from_outside_and_hides_personal_links() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    nginx = (ROOT / "deploy" / "nginx.conf").read_text()
    assert re.findall(r"^ *access_log .*", nginx, re.MULTILINE) == ["access_log off;"]
    block = nginx[nginx.index("location ~ ^/(s|me|") :].partition("}")[0]
    assert "error_log /dev/null crit;" in block
    assert "location = /metrics { return 404; }" in nginx
