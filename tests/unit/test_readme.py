"""The README says what there is: every setting, every target that it names, every file that it links."""

import re
from pathlib import Path

from gateway.settings import Settings as GatewaySettings
from orchestrator.settings import Settings as OrchestratorSettings
from sightline.stack.settings import StackSettings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_every_setting_has_a_line() -> None:
    names = {f"SIGHTLINE_{name.upper()}" for name in OrchestratorSettings.model_fields}
    names |= {f"SIGHTLINE_{name.upper()}" for name in StackSettings.model_fields}
    names |= {f"SIGHTLINE_GATEWAY_{name.upper()}" for name in GatewaySettings.model_fields}
    listed = set(re.findall(r"^\| `(SIGHTLINE_\w+)` \|", README, re.MULTILINE))
    assert listed == names


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)", README)) <= targets


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("https://") or (ROOT / target).exists(), target
