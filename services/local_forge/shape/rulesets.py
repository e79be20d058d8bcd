"""Rulesets and rules as GitHub's JSON."""

from typing import Any

from services.local_forge.shape.links import Links
from services.local_forge.shape.people import Json, moment
from services.local_forge.tables import Repository, Ruleset


def rule_json(rule: dict[str, Any], ruleset: Ruleset, repo: Repository) -> Json:
    """An active rule of a branch, with the ruleset it comes from."""
    source = {
        "ruleset_source_type": "Repository",
        "ruleset_source": repo.full_name,
        "ruleset_id": ruleset.id,
    }
    return {**rule, **source}


def short_ruleset_json(ruleset: Ruleset, repo: Repository, links: Links) -> Json:
    """A ruleset as the list has it."""
    return {
        "id": ruleset.id,
        "node_id": f"RRS_{ruleset.id}",
        "name": ruleset.name,
        "target": "branch",
        "source_type": "Repository",
        "source": repo.full_name,
        "enforcement": ruleset.enforcement,
        "created_at": moment(ruleset.created_at),
        "updated_at": moment(ruleset.updated_at),
        "_links": {"self": {"href": links.api(repo, "rulesets", ruleset.id)}},
    }


def ruleset_json(ruleset: Ruleset, repo: Repository, links: Links) -> Json:
    """A ruleset whole, but for what depends on the reader."""
    names = {"include": ruleset.include, "exclude": ruleset.exclude}
    return {
        **short_ruleset_json(ruleset, repo, links),
        "conditions": {"ref_name": names},
        "rules": ruleset.rules,
    }
