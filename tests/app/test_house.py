"""Rules for the whole project: what comes from outside is pinned and checked, and texts use plain words."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.setup.bundle import PACKAGES, VENDOR, is_built
from app.setup.environment import ROOT
from app.setup.locking import SOURCES

RUNTIME = ROOT / "locks" / "runtime.txt"


@pytest.fixture
def services() -> dict[str, Any]:
    composed: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return dict(composed["services"])


@pytest.mark.parametrize("lock", SOURCES)
def test_every_locked_package_has_hashes_its_origin_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    names = re.findall(r"^[a-z0-9]\S*==\S+", text, re.MULTILINE)
    whole = re.findall(
        r"^[a-z0-9]\S*==\S+ (?:;[^\\]*)?\\\n(?: +--hash=sha256:.*\n)+ +# via", text, re.MULTILINE
    )
    assert names
    assert len(whole) == len(names)
    assert "://" not in text


def test_packages_not_needed_at_run_time_have_a_reason_and_are_not_locked() -> None:
    text = (ROOT / "locks" / "unneeded.txt").read_text()
    unneeded = re.findall(r"^([a-z0-9-]+) +# [^:]+: .+$", text, re.MULTILINE)
    assert len(unneeded) == len(re.findall(r"^[^#]", text, re.MULTILINE)) > 0
    assert not {*unneeded, "faker", "setuptools"} & locked(RUNTIME).keys()


def locked(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^(\S+)==(\S+)", lock.read_text(), re.MULTILINE))


def test_developers_tools_are_locked_with_the_versions_of_the_runtime_lock() -> None:
    runtime, tools = locked(RUNTIME), locked(ROOT / "locks" / "dev.txt")
    shared = runtime.keys() & tools.keys()
    assert {name: tools[name] for name in shared} == {name: runtime[name] for name in shared}


def test_no_file_has_the_address_of_a_registry() -> None:
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True).split("\0")
    files = [ROOT / name for name in listed if name and (ROOT / name).is_file()]
    hosts = re.compile(rb"(pypi|pythonhosted|npmjs)\.(org|com)|--(extra-)?index" rb"-url")
    assert [str(file) for file in files if hosts.search(file.read_bytes())] == []


def test_every_npm_package_is_checked_and_has_no_address() -> None:
    _, lock = PACKAGES
    packages = {name: about for name, about in json.loads(lock.read_text())["packages"].items() if name}
    assert packages
    assert all(about["integrity"].startswith("sha512-") for about in packages.values())
    assert not any("resolved" in about for about in packages.values())


def test_the_bundle_is_one_script_with_its_extensions_and_the_font() -> None:
    assert is_built(), "run the tests by ./daybook test, which builds it"
    script = (VENDOR / "htmx.js").read_text()
    assert script.startswith("var htmx=")
    assert script.index("var htmx=") < script.index("upsert")
    assert (VENDOR / "inter-latin-wght-normal.woff2").read_bytes().startswith(b"wOF2")


def test_every_container_is_pinned_and_watched(services: dict[str, Any]) -> None:
    assert sorted(services) == ["eventstore", "keys", "projector", "reactor", "valkey", "web"]
    for service in services.values():
        assert re.search(r":\d+\.\d+\.\d+(-\w+)*$", service["image"])
        assert service["healthcheck"]["test"]


def test_only_daybook_can_reach_servers_without_users(services: dict[str, Any]) -> None:
    composed = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    assert composed["networks"]["servers"]["internal"]
    for name in ("eventstore", "valkey", "keys", "projector", "reactor"):
        assert services[name]["networks"] == ["servers"]
        assert "ports" not in services[name]


def test_the_pages_are_open_in_their_container_and_published_only_on_loopback(
    services: dict[str, Any],
) -> None:
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert services["web"]["environment"]["DAYBOOK_OPEN"] == "1"
    opened = [name for name, service in services.items() if "DAYBOOK_OPEN" in service.get("environment", {})]
    assert opened == ["web"]


def test_the_image_alone_does_not_open_the_pages() -> None:
    """Whoever runs it says so, and publishes the port where they want it."""
    instructions = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    assert "0.0.0.0" in instructions
    assert "DAYBOOK_OPEN" not in instructions
    assert "--open" not in instructions


def test_everything_that_the_image_needs_is_sent_to_its_build() -> None:
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    packages = {
        "app",
        "commands",
        "domain",
        "esdbnode/src",
        "eventstore",
        "projections",
        "reactors",
        "web",
        "templates",
        "static",
    }
    assert packages | {"locks/runtime.txt"} <= sent


def test_hooks_before_a_commit_are_local_and_use_the_locked_tools() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    assert [repository["repo"] for repository in hooks["repos"]] == ["local"]
    for hook in hooks["repos"][0]["hooks"]:
        assert hook["language"] == "system"
        tool = Path(hook["entry"].split()[0])
        assert tool.parent == Path(".venv", "bin")
        assert tool.name in locked(ROOT / "locks" / "dev.txt")


RIDDLES = re.compile(
    r"\banew\b|_anew\b|parted by|where there is none"
    r"|\bis no (amount|date|number|address|position|such|valid)\b|\bis no [a-z]+ id\b"
)


def test_texts_are_in_plain_modern_english() -> None:
    """Phrases that earlier versions used. Add others when you find them."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [ROOT / name for name in tracked.split() if name.endswith((".py", ".md", ".html", ".js", ".lua"))]
    found = [
        f"{file.relative_to(ROOT)}: {match[0]}"
        for file in files
        if file != Path(__file__) and file.exists()
        for match in RIDDLES.finditer(file.read_text())
    ]
    assert found == []
