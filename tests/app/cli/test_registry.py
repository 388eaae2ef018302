import re

import pytest

from app.cli.registry import VERBS, parse
from app.messages.verbs import bad_usage, not_a_whole_number
from esdbnode.wording.startup import not_a_port
from tests.kit.messages import pattern_of


@pytest.mark.parametrize(
    "usage", [["up", "--prot", "1"], ["down"], [], ["node", "--memory", "--data", "x"], ["check", "extra"]]
)
def test_bad_usage_is_one_sentence_and_exit_2(usage: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(usage)
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert re.fullmatch(pattern_of(bad_usage), line)


@pytest.mark.parametrize(
    ("usage", "problem"),
    [
        (["node", "--port", "65536"], not_a_port("65536")),
        (["node", "--port", "-1"], not_a_port("-1")),
        (["tail", "--from", "x"], not_a_whole_number("x", 2**63 - 1)),
    ],
)
def test_a_number_out_of_range_is_refused_with_its_range(
    usage: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse(usage)
    assert f"{usage[1]}: {problem}" in capsys.readouterr().err


@pytest.mark.parametrize(
    "usage", [["x" * 500], ["account", "x" * 500], ["tail", "--from", "x" * 500], ["up", "--" + "x" * 500]]
)
def test_bad_usage_repeats_little_of_what_was_typed(
    usage: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse(usage)
    (line,) = capsys.readouterr().err.splitlines()
    assert "x" * 70 in line
    assert "x" * 80 not in line


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("stauts", "daybook: there is no verb 'stauts': did you mean status? (see daybook --help)."),
        ("nod", "daybook: there is no verb 'nod': did you mean node? (see daybook --help)."),
    ],
)
def test_a_verb_that_was_mistyped_is_guessed(
    word: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse([word, "--json"])
    assert capsys.readouterr().err == says + "\n"


def test_an_unknown_verb_is_answered_with_those_of_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["frobnicate"])
    said = capsys.readouterr().err
    assert "'frobnicate': there are up, web, projector" in said
    assert "carry-import" not in said


@pytest.mark.parametrize("verb", [verb.name for verb in VERBS])
def test_every_verb_explains_itself(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([verb, "--help"])
    assert ended.value.code == 0
    assert f"daybook {verb}" in capsys.readouterr().out


def test_every_verb_except_the_internal_ones_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--help"])
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line.startswith("    ")]
    assert [verb.name for verb in VERBS if verb.name in listed] == [
        verb.name for verb in VERBS if verb.name not in ("demo", "servers", "carry-import")
    ]
    assert not {"demo", "servers", "carry-import"} & set(listed)


def test_arguments_after_test_go_to_pytest_unchanged() -> None:
    given = ["-k", "settings", "tests/app", "-x", "--", "y"]
    assert parse(["test", *given]).arguments == given
