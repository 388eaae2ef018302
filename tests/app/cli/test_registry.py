import re

import pytest

from app.cli.registry import VERBS, parse


@pytest.mark.parametrize(
    "usage", [["up", "--prot", "1"], ["down"], [], ["node", "--memory", "--data", "x"], ["check", "extra"]]
)
def test_bad_usage_is_one_sentence_and_exit_2(usage: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(usage)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("daybook")
    assert said.endswith("--help).\n")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    "usage", [["node", "--port", "65536"], ["node", "--port", "-1"], ["tail", "--from", "x"]]
)
def test_a_number_out_of_range_is_refused_with_its_range(
    usage: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse(usage)
    said = capsys.readouterr().err
    assert (
        re.search(f"{usage[1]}: {usage[2]!r} is not a .*number from 0 to ", said)
        or "expected one argument" in said
    )


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
        verb.name for verb in VERBS if verb.name not in ("demo", "servers")
    ]
    assert not {"demo", "servers"} & set(listed)


def test_arguments_after_test_go_to_pytest_unchanged() -> None:
    given = ["-k", "settings", "tests/app", "-x", "--", "y"]
    assert parse(["test", *given]).arguments == given
