"""The alerts, the dashboard and what they name: checked by promtool, and against what is really shown."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from services.docs.metrics_page import every_metric
from tests.architecture.sources import ROOT
from tests.services_at_hand import missing

PROMETHEUS = ROOT / "deploy/prometheus"
ALERTS = PROMETHEUS / "alerts.yml"
DASHBOARD = ROOT / "deploy/grafana/gatefleet.json"
WATCHING = (ROOT / "docs/watching.md").read_text(encoding="utf-8")
OF_PROMETHEUS = {"up", "process_resident_memory_bytes", "process_cpu_seconds_total"}
_NAMES = re.compile(r"\b(?:gatefleet|process)_[a-z_]+\b|\bup\b")
_PARTS = re.compile(r"_(bucket|sum|count)$")


def alerts() -> list[dict[str, object]]:
    """Every rule."""
    groups = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions() -> Iterator[str]:
    """Whatever is asked of Prometheus in the files."""
    yield from (str(rule["expr"]) for rule in alerts())
    for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What it says of a file."""
    tool = shutil.which("promtool")
    if tool is None:
        missing("promtool (Debian's package prometheus)")
    return subprocess.run(
        [str(tool), *arguments], cwd=PROMETHEUS, capture_output=True, text=True, check=False,
        timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "rules", "alerts.yml"),
        ("check", "config", "prometheus.yml"),
        ("test", "rules", "alerts_test.yml"),
    ],
    ids=" ".join,
)
def test_promtool_takes_them(arguments: tuple[str, ...]) -> None:
    ran = promtool(*arguments)

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_promtool_would_say_what_is_wrong(tmp_path: Path) -> None:
    wrong = ALERTS.read_text(encoding="utf-8").replace("== 0", "== = 0", 1)
    (tmp_path / "alerts.yml").write_text(wrong, encoding="utf-8")

    assert promtool("check", "rules", str(tmp_path / "alerts.yml")).returncode != 0


def test_every_alert_is_seen_to_fire() -> None:
    tests = yaml.safe_load((PROMETHEUS / "alerts_test.yml").read_text(encoding="utf-8"))["tests"]
    tried = [each for test in tests for each in test["alert_rule_test"]]
    fired = {each["alertname"] for each in tried if each["exp_alerts"]}

    assert fired == {rule["alert"] for rule in alerts()}


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_every_metric_that_is_named_is_one_that_is_shown(expression: str) -> None:
    names = {_PARTS.sub("", name) for name in _NAMES.findall(expression)}

    assert names, "it names none"
    assert names - set(every_metric()) - OF_PROMETHEUS == set()


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_every_label_that_is_named_is_one_that_is_there(expression: str) -> None:
    """Of the metrics that the expression names; a misspelt one would select nothing, for ever."""
    known = every_metric()
    names = [_PARTS.sub("", name) for name in _NAMES.findall(expression)]
    labels = {"service", "instance", "job", "le"}
    labels |= {label for name in names if name in known for label in known[name].labels}
    named = {
        each.strip()
        for group in re.findall(r"by \(([^)]*)\)", expression)
        for each in group.split(",")
    } | set(re.findall(r"([a-z_]+)(?:=~|!~|!=|=)\"", expression))

    assert named - labels == set()


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: str(rule["alert"]))
def test_every_alert_says_what_it_is_in_one_sentence_and_where_to_read_on(
    rule: dict[str, dict[str, str]],
) -> None:
    notes = rule["annotations"]
    section = notes["runbook"].removeprefix("docs/watching.md#")
    headings = {each.lower() for each in re.findall(r"^### (\w+)$", WATCHING, re.MULTILINE)}

    assert notes["summary"].endswith((".", ")."))
    assert section in headings
    assert section == str(rule["alert"]).removeprefix("Gatefleet").lower()
    assert rule["labels"]["severity"] in ("page", "ticket")


def test_every_runbook_section_belongs_to_an_alert() -> None:
    headings = re.findall(r"^### (\w+)$", WATCHING, re.MULTILINE)

    assert sorted(headings) == sorted(
        str(rule["alert"]).removeprefix("Gatefleet") for rule in alerts()
    )


def test_files_that_the_page_names_are_there() -> None:
    named = re.findall(r"\]\((?:\.\./)?([\w./-]+)\)", WATCHING)

    assert [
        each for each in named if not ((ROOT / "docs" / each).exists() or (ROOT / each).exists())
    ] == []
