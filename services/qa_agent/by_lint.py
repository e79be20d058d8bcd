"""What a change is judged by from two runs of the linter, both with the base's configuration."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from services.qa_agent.gathering import Evidence, LintEvidence
from services.qa_agent.objections import Objection, objection
from shared.checkers import LintFinding, NotRun
from shared.git.globs import among

STILL_THERE = "{rule} is still reported, which the issue asks to mend: {message}"
NEW = "new since the base: {rule} {message}"
LOOKS_AWAY = "a comment that makes the linter look away is no mend for {rules}; mend the cause"
ANOTHER_AWAY = "a new comment makes the linter look away ({rules})"
EVERYTHING = "everything"
NOT_LINTED = "the linter could not be run, and the issue asks for its findings: {why}"
NOT_COMPARED = "the linter could not be run on the change: {why}"
NOT_EITHER = "the linter was not asked, it cannot be run on the base either: {why}"

_FAMILY = re.compile(r"[A-Z]+\d*")


def by_lint(evidence: Evidence) -> Iterator[Objection]:
    """Rules that the issue names and that are still there, and what is new in the changed files."""
    lint, rules = evidence.lint, evidence.brief.rules
    if isinstance(lint.now, NotRun):
        yield from _not_run(lint, lint.now, rules, wanted=evidence.policy.review.lint)
        return
    left = [one for one in lint.found() if _asked(one, evidence)]
    for one in left:
        yield _about(one, STILL_THERE, "criteria", evidence)
    if evidence.policy.review.lint:
        for one in new_findings(lint):
            if one not in left and one.path in evidence.paths:
                yield _about(one, NEW, "lint", evidence)
    yield from _suppressions(evidence)


def new_findings(lint: LintEvidence) -> list[LintFinding]:
    """Findings on the merge that the base does not have, wherever their lines have moved to.

    What only moved to another file, with a file that came for one that went, is not new.
    """
    if not isinstance(lint.before, NotRun):
        known = Counter(_what(one, lint) for one in lint.before.findings)
    else:
        known = Counter()
    fresh = []
    # Known ones are crossed off from the top: of several alike, the last are called new.
    for one in lint.found():
        if known[_what(one, lint)] > 0:
            known[_what(one, lint)] -= 1
        else:
            fresh.append(one)
    return fresh


def names(rule: str, selector: str) -> bool:
    """Does `selector` (`F401`, or a family such as `F` or `E5`) name `rule`?"""
    if rule == selector:
        return True
    family = _FAMILY.fullmatch(selector) is not None and rule.startswith(selector)
    # `E` names E501 and not ERA001: what follows a family of letters alone is a number.
    return family and rule[len(selector) :].isdigit()


def _asked(one: LintFinding, evidence: Evidence) -> bool:
    brief = evidence.brief
    return any(names(one.rule, rule) for rule in brief.rules) and (
        not brief.paths or among(one.path, brief.paths)
    )


def _what(one: LintFinding, lint: LintEvidence) -> tuple[str, str, str]:
    return "" if one.path in lint.moved else one.path, one.rule, one.message


def _about(one: LintFinding, words: str, source: str, evidence: Evidence) -> Objection:
    text = words.format(rule=one.rule, message=one.message)
    if one.path not in evidence.paths:
        return objection(source, f"{one.path}:{one.line}: {text}")
    line = one.line if one.path in evidence.as_head else None
    return objection(source, text, path=one.path, line=line)


def _suppressions(evidence: Evidence) -> Iterator[Objection]:
    for one in evidence.lint.suppressions:
        if one.path not in evidence.paths:
            continue
        line = one.line if one.path in evidence.as_head else None
        asked = [
            rule
            for rule in evidence.brief.rules
            if not one.rules or any(names(each, rule) or names(rule, each) for each in one.rules)
        ]
        if asked:
            text = LOOKS_AWAY.format(rules=", ".join(asked))
            yield objection("criteria", text, path=one.path, line=line)
        elif evidence.policy.review.lint:
            text = ANOTHER_AWAY.format(rules=", ".join(one.rules) or EVERYTHING)
            yield objection("lint", text, path=one.path, line=line, severity="note")


def _not_run(
    lint: LintEvidence, now: NotRun, rules: Sequence[str], *, wanted: bool
) -> Iterator[Objection]:
    if rules:
        yield objection("criteria", NOT_LINTED.format(why=now.why), mendable=False)
    elif wanted and isinstance(lint.before, NotRun):
        yield objection("lint", NOT_EITHER.format(why=now.why), severity="note")
    elif wanted:
        yield objection("lint", NOT_COMPARED.format(why=now.why))
