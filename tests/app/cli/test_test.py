"""`daybook test` runs two suites: which arguments go to which, and what counts as passed."""

import pytest

from app.cli.test import NODES, OWN, divide, verdict

UP, NODE = "tests/app/processes/test_up.py", "esdbnode/tests/test_node.py"


def divided(*arguments: str) -> dict[str, list[str]]:
    return {suite.folder: chosen for suite, chosen in divide(arguments)}


@pytest.mark.parametrize("options", [[], ["-x", "-q"], ["-k", "tests"], ["--ignore", UP], ["-m", "web"]])
def test_without_paths_both_suites_run_with_the_same_options(options: list[str]) -> None:
    assert divided(*options) == {suite.folder: [*options, suite.folder] for suite in (OWN, NODES)}


@pytest.mark.parametrize("path", [UP, f"{UP}::test_it", "tests", "tests/app"])
def test_a_path_of_daybooks_runs_only_its_suite(path: str) -> None:
    assert divided("-x", path) == {OWN.folder: ["-x", path]}


@pytest.mark.parametrize("path", [NODE, f"{NODE}::test_it", "esdbnode", "./esdbnode/tests/front"])
def test_a_path_of_the_nodes_runs_only_its_suite(path: str) -> None:
    assert divided(path, "-k", "start") == {NODES.folder: ["-k", "start", path]}


def test_paths_of_both_go_each_to_its_suite() -> None:
    assert divided(NODE, "-x", UP) == {OWN.folder: ["-x", UP], NODES.folder: ["-x", NODE]}


@pytest.mark.parametrize(
    ("codes", "code"),
    [([0, 0], 0), ([0, 5], 0), ([5, 0], 0), ([5, 5], 1), ([1, 0], 1), ([0, 4], 1), ([5], 1)],
)
def test_it_passes_when_something_ran_and_nothing_failed(codes: list[int], code: int) -> None:
    assert verdict(codes) == code
