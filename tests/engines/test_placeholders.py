"""Command lines with placeholders."""

from dataclasses import replace

import pytest

from shared.engines import Task
from shared.engines.placeholders import ARGUMENT_BYTES, CommandLine, fill, parse
from shared.errors import BadInput

TASK = Task(
    title="Unused imports",
    text="Remove them.",
    paths=("src/a b.py", "src/ü\n.py"),
    rules=("F401", "E711"),
    round=2,
    findings="line 3 is still wrong",
    base_sha="0" * 40,
)


def filled(line: CommandLine, task: Task = TASK) -> tuple[str, ...]:
    return fill(parse(line), task, prompt="/given/task.md")


def test_paths_become_one_argument_each() -> None:
    assert filled("fix --quiet {paths} -v") == ("fix", "--quiet", *TASK.paths, "-v")


def test_no_paths_mean_everything() -> None:
    assert filled("fix {paths}", replace(TASK, paths=())) == ("fix", ".")


def test_words_are_one_argument_each() -> None:
    line = ["fix", "{title}", "-m", "{title}: {findings}", "round-{round}", "{prompt}"]

    assert filled(line) == (
        "fix",
        "Unused imports",
        "-m",
        "Unused imports: line 3 is still wrong",
        "round-2",
        "/given/task.md",
    )


@pytest.mark.parametrize(
    ("line", "with_rules", "without"),
    [
        ("fix --select {rules} x", ("fix", "--select", "F401,E711", "x"), ("fix", "x")),
        ("fix --select={rules} x", ("fix", "--select=F401,E711", "x"), ("fix", "x")),
        ("fix --all=yes {rules}", ("fix", "--all=yes", "F401,E711"), ("fix", "--all=yes")),
        ("fix {rules} x", ("fix", "F401,E711", "x"), ("fix", "x")),
    ],
)
def test_without_rules_the_argument_and_its_option_are_left_out(
    line: str, with_rules: tuple[str, ...], without: tuple[str, ...]
) -> None:
    assert filled(line) == with_rules
    assert filled(line, replace(TASK, rules=())) == without


def test_what_strangers_write_is_never_an_option_nor_a_shell_word() -> None:
    hostile = replace(TASK, title="--config=evil; $(reboot)\0", paths=("-rf", "a.py"))

    assert filled("fix {title} {paths}", hostile) == (
        "fix",
        " --config=evil; $(reboot)",
        "./-rf",
        "a.py",
    )


def test_a_long_text_is_cut_where_the_kernel_would_refuse_it() -> None:
    (_, findings) = filled("fix {findings}", replace(TASK, findings="ä" * ARGUMENT_BYTES))

    assert len(findings.encode()) == ARGUMENT_BYTES


def test_a_placeholder_inside_a_value_is_not_expanded_again() -> None:
    assert filled("fix {title}", replace(TASK, title="{prompt}{{"))[1] == "{prompt}{{"


def test_doubled_braces_are_braces_and_json_is_left_alone() -> None:
    assert filled(["awk", "{{print}}", '{"a": 1}'])[1:] == ("{print}", '{"a": 1}')


def test_a_mapping_says_which_exit_codes_are_fine() -> None:
    template = parse({"run": "ruff check {paths}", "ok": [0, 1]})

    assert (template.arguments, template.ok) == (("ruff", "check", "{paths}"), (0, 1))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("fix {path}", r"unknown placeholder \{path\}; valid: paths, rules, title, round, prompt"),
        ("fix --paths={paths}", "let it stand alone"),
        ("fix 'unclosed", "No closing quotation; mend the quotes"),
        ("", "nothing to run"),
        ([], "nothing to run"),
        ({"run": "fix", "okay": [0]}, "unknown key okay; valid: run, ok"),
        ({"run": "fix", "ok": []}, "list of exit codes"),
        ({"run": "fix", "ok": [True]}, "list of exit codes"),
        ({"run": "fix", "ok": [256]}, "list of exit codes"),
        ({"run": "fix", "ok": "0"}, "list of exit codes"),
        ({"run": 7}, "neither a string nor a list"),
        (["fix", "a\0b"], "NUL"),
    ],
)
def test_what_cannot_be_a_command_line_is_refused_in_one_line(line: CommandLine, says: str) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        parse(line)

    assert "\n" not in str(caught.value)
