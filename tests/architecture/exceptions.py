"""Every exception to the rules of shape, each with its reason. An entry that is not needed fails."""

from collections.abc import Mapping

LONG_FILES: Mapping[str, str] = {
    "tests/local_forge/git/test_http.py": "one server, and every request that git makes of it",
}
LONG_FUNCTIONS: Mapping[str, str] = {}
MANY_PARAMETERS: Mapping[str, str] = {
    "services/cli/dead.py::dead": "its parameters are the command's options",
    "services/cli/demo.py::demo": "its parameters are the command's options",
    "services/cli/publish.py::publish": "its parameters are the command's options",
    "services/cli/tick.py::tick": "its parameters are the command's options",
}

CATCHES_ALL: Mapping[str, str] = {
    "shared/bus/delivery.py": "whatever a handler raises ends here, as a retry or a dead letter",
    "shared/bus/timers.py": "one tick that fails must not end those that come after it",
    "shared/jobs/worker.py": "whatever a job raises ends here, as a retry or a failed job",
}

READS_TIME: Mapping[str, str] = {
    "shared/clock/clock.py": "the machine's clock behind the port",
}

IS_RANDOM: Mapping[str, str] = {
    "services/cli/bus/passwords.py": "passwords of broker users must not be guessed",
    "services/console/token.py": "the console's token must not be guessed",
    "services/fleet/assembly.py": "the secret of a webhook must not be guessed",
    "services/local_forge/domain/accounts.py": "tokens must not be guessed",
    "services/local_forge/domain/sessions.py": "links, cookies and CSRF tokens must not be guessed",
    "services/stack/vault.py": "passwords and tokens must not be guessed",
    "shared/bus/amqp_visitor.py": "two commands of one person must share no id and no queue",
    "shared/sandbox/selftest.py": "a canary that nobody else has",
}

VIRTUAL = "on a loop whose time is virtual: nobody waits"
SLEEPS_IN_TESTS: Mapping[str, str] = {
    "tests/bench/latency.py": "measures at a pace, and asserts nothing",
    "tests/bench/memory.py": "measures what has come to rest, and asserts nothing",
    "tests/bench/watching.py": "reads as often as a scraper does, and asserts nothing",
    "tests/sandbox/attack.py": "runs inside of the sandbox, as the program that must be stopped",
    "tests/simulation/carrying.py": VIRTUAL,
    "tests/simulation/loop.py": VIRTUAL,
    "tests/simulation/test_loop.py": VIRTUAL,
    "tests/simulation/thinking.py": VIRTUAL,
    "tests/simulation/webhooks.py": VIRTUAL,
    "tests/simulation/world.py": VIRTUAL,
}

ONLY_WITH_ANOTHER: Mapping[str, str] = {}
"""Modules that cannot be imported by themselves."""
