from pathlib import Path

import pytest

from app.messages import verbs as messages
from app.mutation import Change, Equivalent, equivalents, read_change, read_results, report

_RESULTS = """
    domain.money.x__decimal__mutmut_1: killed
    domain.money.x__decimal__mutmut_2: survived
    domain.accounts.events.xǁ_Entryǁ__post_init____mutmut_3: no tests
"""
_DIFF = """# domain.money.x__decimal__mutmut_2: survived
--- domain/money.py
+++ domain/money.py
@@ -1,4 +1,4 @@
 def _decimal(units: int, decimals: int) -> str:
-    sign = "-" if units < 0 else ""
+    sign = "-" if units <= 0 else ""
     if decimals == 0:
"""
_MUTANTS = read_results(_RESULTS)
_CHANGE = Change("domain.money", 'sign = "-" if units < 0 else ""', 'sign = "-" if units <= 0 else ""')
_EXPLAINED = Equivalent(_CHANGE.module, _CHANGE.was, _CHANGE.becomes, "because")


def test_results_are_read_with_the_module_of_each_mutant() -> None:
    assert [(each.module, each.status) for each in _MUTANTS] == [
        ("domain.money", "killed"),
        ("domain.money", "survived"),
        ("domain.accounts.events", "no tests"),
    ]


def test_a_change_consists_of_removed_and_added_lines() -> None:
    assert read_change("domain.money", _DIFF) == _CHANGE


def test_a_survivor_without_a_reason_is_shown_and_fails() -> None:
    lines, code = report(_MUTANTS[:2], {_MUTANTS[1]: _CHANGE}, ())
    assert lines[:3] == [
        messages.mutant_unnoticed(_MUTANTS[1].name, "survived"),
        f"    - {_CHANGE.was}",
        f"    + {_CHANGE.becomes}",
    ]
    assert lines[-1] == messages.changes_noticed(1, 2, "50.0%", equivalent=0, unexplained=1)
    assert code == 1


def test_a_survivor_with_a_reason_does_not_count() -> None:
    lines, code = report(_MUTANTS[:2], {_MUTANTS[1]: _CHANGE}, (_EXPLAINED,))
    assert lines == [messages.changes_noticed(1, 1, "100.0%", equivalent=1, unexplained=0)]
    assert code == 0


def test_a_reason_that_no_longer_explains_a_survivor_fails() -> None:
    lines, code = report(_MUTANTS[:1], {}, (_EXPLAINED,))
    assert lines[0] == messages.explanation_outdated(_CHANGE.module)
    assert code == 1


def test_a_run_without_any_change_is_a_failure() -> None:
    assert report((), {}, ())[1] == 1


def test_each_reason_is_of_a_line_that_the_domain_holds(pytestconfig: pytest.Config) -> None:
    root: Path = pytestconfig.rootpath
    for each in equivalents(root):
        source = root.joinpath(*each.module.split(".")).with_suffix(".py").read_text(encoding="utf-8")
        assert each.was in source
        assert each.why.endswith(".")
