"""Finders are found by being there."""

from services.pm_agent.finders import registry
from shared.policy import Policy


def test_every_finder_that_a_policy_may_name_is_there_and_no_other() -> None:
    assert set(registry()) == set(Policy().proposals.finders)


def test_what_runs_the_repositorys_code_comes_last() -> None:
    runs = [finder.RUNS_CODE for finder in registry().values()]
    assert runs == sorted(runs)
    assert runs[-1]
