"""README and guides say what there is: every setting, every target they name, every file they link."""

import re
from pathlib import Path

import pytest

from gateway.settings import Settings as GatewaySettings
from orchestrator.settings import Settings as OrchestratorSettings
from sightline.stack.settings import StackSettings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
SETTINGS = (ROOT / "docs" / "settings.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_every_setting_has_a_line() -> None:
    names = {f"SIGHTLINE_{name.upper()}" for name in OrchestratorSettings.model_fields}
    names |= {f"SIGHTLINE_{name.upper()}" for name in StackSettings.model_fields}
    names |= {f"SIGHTLINE_GATEWAY_{name.upper()}" for name in GatewaySettings.model_fields}
    listed = set(re.findall(r"^\| `(SIGHTLINE_\w+)` \|", SETTINGS, re.MULTILINE))
    assert listed == names


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        assert (
            set(re.findall(r"\bmake ([a-z]+) *(?:$|#|[A-Z]+=|`)", page.read_text(), re.MULTILINE)) <= targets
        ), page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#\s]*)(#[^)\s]*)?\)", page.read_text()):
        if target.startswith(("https://", "http://")):
            continue
        led = (page.parent / target).resolve() if target else page
        assert led.exists(), target
        if anchor and led.suffix == ".md":
            assert anchor in anchors(led), f"{target}{anchor}"


def anchors(page: Path) -> set[str]:
    """What links may name in a page: its headings, as forges write them, and its own anchors."""
    text = page.read_text()
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    named = re.findall(r'<a (?:id|name)="([^"]+)"', text)
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return {f"#{each}" for each in (*slugs, *named)}
