"""docker-compose.yml names only what exists: modules, flags, settings, ports, paths."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.descriptors import read_file
from gateway.guard import Hosts
from gateway.settings import Settings as GatewaySettings
from orchestrator.settings import Settings as OrchestratorSettings
from sightline.stack.settings import StackSettings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def known_variables() -> set[str]:
    orchestrator = {f"SIGHTLINE_{name.upper()}" for name in OrchestratorSettings.model_fields}
    stack = {f"SIGHTLINE_{name.upper()}" for name in StackSettings.model_fields}
    gateway = {f"SIGHTLINE_GATEWAY_{name.upper()}" for name in GatewaySettings.model_fields}
    return orchestrator | stack | gateway


def test_it_follows_the_compose_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, str(ROOT / "docker-compose.yml")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_is_bounded_and_watched(name: str) -> None:
    service = SERVICES[name]
    assert service["deploy"]["resources"]["limits"]["memory"]
    assert service["healthcheck"]["test"]
    assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", ["index", "orchestrator", "gateway"])
def test_commands_are_modules_of_ours(name: str) -> None:
    assert importlib.util.find_spec(SERVICES[name]["command"][0]) is not None
    probe = SERVICES[name]["healthcheck"]["test"]
    if "-m" in probe:
        assert importlib.util.find_spec(probe[probe.index("-m") + 1]) is not None


def test_the_index_knows_its_flags() -> None:
    module, *arguments = SERVICES["index"]["command"]
    help_text = subprocess.run(
        [sys.executable, "-m", module, "--help"], capture_output=True, text=True, check=True
    ).stdout
    for flag in (argument for argument in arguments if argument.startswith("--")):
        assert flag in help_text


def test_settings_exist() -> None:
    used = {name for name in SERVICES["orchestrator"]["environment"] if name.startswith("SIGHTLINE_")}
    used |= set(SERVICES["gateway"]["environment"])
    interpolated = set(re.findall(r"\$\{(SIGHTLINE_\w+)", (ROOT / "docker-compose.yml").read_text()))
    only_compose = {"SIGHTLINE_TRITON_TAG", "SIGHTLINE_TAG", "SIGHTLINE_GPUS", "SIGHTLINE_VERSITYGW_TAG"}
    only_compose |= {"SIGHTLINE_POSTGRES_TAG", "SIGHTLINE_POSTGRES_PASSWORD", "SIGHTLINE_REDIS_TAG"}
    assert used <= known_variables()
    assert interpolated <= known_variables() | only_compose


def test_default_ports_are_the_settings_own() -> None:
    defaults = dict(
        re.findall(r"\$\{(SIGHTLINE_\w+_PORT):-(\d+)\}", (ROOT / "docker-compose.yml").read_text())
    )
    fields = StackSettings.model_fields
    for variable, port in defaults.items():
        assert fields[variable.removeprefix("SIGHTLINE_").lower()].default == int(port)


def test_mounted_and_copied_paths_exist() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).is_dir(), source
            else:
                assert source in COMPOSE["volumes"], source
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    for line in dockerfile.splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source


def test_the_orchestrator_sees_the_model_tree_of_triton() -> None:
    orchestrator = SERVICES["orchestrator"]
    (tree,) = [volume for volume in SERVICES["triton-cpu"]["volumes"] if volume.startswith(".")]
    source, _, mode = tree.split(":")
    assert mode == "ro"
    folder = orchestrator["environment"]["SIGHTLINE_MODELS_DIR"]
    assert f"{source}:{folder}:ro" in orchestrator["volumes"]


def test_the_gateway_names_a_descriptor_set_that_the_image_holds() -> None:
    named = SERVICES["gateway"]["environment"]["SIGHTLINE_GATEWAY_DESCRIPTORS"]
    image = (ROOT / "deploy" / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    copies = [line.split()[1:] for line in image.splitlines() if line.startswith("COPY ")]
    (source,) = [source for source, *_, target in copies if target == named]
    assert read_file(ROOT / source).files


def test_everybody_waits_for_whom_it_calls() -> None:
    for name, service in SERVICES.items():
        for needed, condition in service.get("depends_on", {}).items():
            assert condition["condition"] == "service_healthy", name
            assert "healthcheck" in SERVICES[needed]


def test_ports_are_published_on_loopback_only() -> None:
    for service in SERVICES.values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_the_gateway_serves_its_published_port_its_probe_and_its_neighbours() -> None:
    given = SERVICES["gateway"]["environment"]
    names = re.fullmatch(r"\$\{\w+:-(.*)\}", given["SIGHTLINE_GATEWAY_ALLOWED_HOSTS"])
    assert names is not None
    hosts = Hosts(given["SIGHTLINE_GATEWAY_HOST"], tuple(names[1].split(",")))
    port = given["SIGHTLINE_GATEWAY_PORT"]
    assert all(hosts.serve(f"{name}:{port}") for name in ("127.0.0.1", "localhost", "gateway", "172.18.0.5"))
    assert not hosts.serve(f"rebound.example:{port}")


def test_both_profiles_serve_the_same_models() -> None:
    gpu, cpu = SERVICES["triton-gpu"], SERVICES["triton-cpu"]
    assert gpu["profiles"] == ["gpu"]
    assert cpu["profiles"] == ["cpu"]
    assert (gpu["image"], gpu["command"], gpu["volumes"]) == (cpu["image"], cpu["command"], cpu["volumes"])
    assert gpu["shm_size"] == cpu["shm_size"] == "1gb"
