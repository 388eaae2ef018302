"""`daybook test` runs several suites: which arguments go to which, and what counts as passed."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from app.cli.test import SUITES, divide, verdict, whole
from app.setup.environment import NODE, ROOT

UP, BANK, OF_NODE = "tests/app/processes/test_up.py", "tests/bank/test_bank.py", "esdbnode/tests/test_node.py"
SYSTEM, VERBS, PARTS, WEB, BROWSER, NODES = SUITES


def divided(*arguments: str) -> dict[str, list[str]]:
    return {suite.name: chosen for suite, chosen in divide(arguments)}


@pytest.mark.parametrize("options", [[], ["-x", "-q"], ["-k", "tests"], ["--ignore", UP], ["-m", "web"]])
def test_without_paths_all_suites_run_with_the_same_options(options: list[str]) -> None:
    assert divided(*options) == {suite.name: [*options, *whole(suite)] for suite in SUITES}


@pytest.mark.parametrize("folder", [ROOT / "tests", NODE / "tests"])
def test_each_test_module_is_in_one_suite(folder: Path) -> None:
    """A new folder of tests is added to one of them in app/cli/test.py."""
    modules = sorted(folder.rglob("test_*.py"))
    owners = {module: [suite.name for suite in SUITES if is_in(suite.folders, module)] for module in modules}
    assert modules
    assert {module: names for module, names in owners.items() if len(names) != 1} == {}


def is_in(folders: Sequence[str], module: Path) -> bool:
    return any(module.is_relative_to(ROOT / each) for each in folders)


@pytest.mark.parametrize("path", [UP, f"{UP}::test_it", "tests/app/processes", "./tests/domain/"])
def test_a_path_runs_only_its_suite(path: str) -> None:
    assert divided("-x", path) == {SYSTEM.name: ["-x", path]}


def test_a_path_of_the_verbs_runs_only_those() -> None:
    assert divided("tests/app/cli/test_user.py") == {VERBS.name: ["tests/app/cli/test_user.py"]}
    assert f"--ignore={VERBS.folders[0]}" in whole(SYSTEM)
    assert not any(
        Path(VERBS.folders[0]).is_relative_to(each.removeprefix("--ignore=")) for each in whole(VERBS)[1:]
    )


def test_a_folder_of_several_suites_runs_all_of_each() -> None:
    assert divided("tests") == {suite.name: whole(suite) for suite in (SYSTEM, VERBS, PARTS, WEB, BROWSER)}
    assert divided(".", "-x") == {suite.name: ["-x", *whole(suite)] for suite in SUITES}
    assert divided("esdbnode") == {NODES.name: ["esdbnode/tests"]}
    others = (*VERBS.folders, *PARTS.folders, *WEB.folders, *BROWSER.folders)
    assert whole(SYSTEM) == ["tests", *(f"--ignore={folder}" for folder in others)]


def test_paths_of_several_suites_go_each_to_its_own() -> None:
    expected = {
        SYSTEM.name: ["-k", "start", UP],
        PARTS.name: ["-k", "start", BANK],
        NODES.name: ["-k", "start", OF_NODE],
    }
    assert divided(OF_NODE, "-k", "start", UP, BANK) == expected


def test_a_path_of_no_suite_is_not_left_out() -> None:
    assert divided("docs", BANK) == {SYSTEM.name: ["docs"], PARTS.name: [BANK]}


@pytest.mark.parametrize("option", ["--junitxml", "--junit-xml"])
def test_reports_of_several_suites_do_not_overwrite_each_other(option: str) -> None:
    assert divided(f"{option}=a/report.xml", UP) == {SYSTEM.name: [f"{option}=a/report.xml", UP]}
    reports = {suite.name: f"{option}=a/report-{suite.name}.xml" for suite in SUITES}
    assert {name: chosen[0] for name, chosen in divided(f"{option}=a/report.xml").items()} == reports


@pytest.mark.parametrize(
    ("codes", "code"),
    [([0, 0], 0), ([0, 5], 0), ([5, 0, 5], 0), ([5, 5], 1), ([1, 0, 0], 1), ([0, 4], 1), ([5], 1), ([], 1)],
)
def test_it_passes_when_something_ran_and_nothing_failed(codes: list[int], code: int) -> None:
    assert verdict(codes) == code
