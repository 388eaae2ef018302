"""The tasks that are open, and from where on the log has to be read to come across them again."""

import tracemalloc
from uuid import uuid4

import pytest

from reactors.agenda import Agenda, Progress, Task


def task(key: str, due: float, after: int = 0) -> Task:
    return Task(key, due, "account-a", 3, after, position=after + 1)


def keys(tasks: list[Task]) -> list[str]:
    return [each.key for each in tasks]


def test_tasks_are_taken_when_they_are_due_the_earliest_first() -> None:
    agenda = Agenda()
    for key, due in (("b", 20.0), ("a", 10.0), ("c", 30.0)):
        agenda.begin(task(key, due))
    assert agenda.next_due() == 10.0
    assert keys(agenda.take(25.0, 10)) == ["a", "b"]
    assert keys(agenda.take(25.0, 10)) == []
    assert agenda.next_due() == 30.0


def test_no_more_tasks_are_taken_than_asked_for() -> None:
    agenda = Agenda()
    for number in range(5):
        agenda.begin(task(str(number), number))
    assert keys(agenda.take(9.0, 2)) == ["0", "1"]
    assert keys(agenda.take(9.0, 2)) == ["2", "3"]


def test_a_task_that_has_ended_is_not_taken() -> None:
    agenda = Agenda()
    agenda.begin(task("a", 1.0))
    agenda.end("a")
    agenda.end("never began")
    assert (agenda.take(9.0, 10), agenda.next_due()) == ([], None)


def test_a_task_that_begins_again_has_its_new_time_and_is_taken_once() -> None:
    agenda = Agenda()
    for due in (1.0, 5.0, 5.0):
        agenda.begin(task("a", due))
    assert agenda.take(4.0, 10) == []
    assert keys(agenda.take(5.0, 10)) == ["a"]


def test_a_task_that_was_put_off_comes_again_unless_it_has_ended() -> None:
    agenda = Agenda()
    for key in ("a", "b"):
        agenda.begin(task(key, 1.0))
    a, b = agenda.take(1.0, 10)
    agenda.put_off(a, 7.0, is_stuck=False)
    agenda.end("b")
    agenda.put_off(b, 7.0, is_stuck=False)
    assert keys(agenda.take(7.0, 10)) == ["a"]


def test_a_task_that_began_again_meanwhile_is_not_finished_with_the_old_one() -> None:
    agenda = Agenda()
    agenda.begin(task("a", 1.0))
    (old,) = agenda.take(1.0, 10)
    agenda.begin(task("a", 2.0))
    agenda.finish(old)
    assert keys(agenda.take(2.0, 10)) == ["a"]


def test_the_progress_is_before_the_oldest_task_that_is_not_over() -> None:
    agenda = Agenda()
    agenda.begin(task("a", 1.0, after=100))
    agenda.begin(task("b", 2.0, after=200))
    agenda.reached = 300
    assert agenda.progress() == Progress(after=100, reached=300, tasks=2, due=1.0)
    (a,) = agenda.take(1.0, 10)
    assert agenda.progress().after == 100, "it is not over yet"
    agenda.finish(a)
    assert agenda.progress() == Progress(after=200, reached=300, tasks=1, due=2.0)
    agenda.end("b")
    assert agenda.progress() == Progress(after=300, reached=300)


def test_a_stuck_task_is_counted_and_is_not_the_next_that_is_due() -> None:
    agenda = Agenda(50)
    agenda.begin(task("a", 1.0, after=50))
    agenda.begin(task("b", 9.0, after=60))
    (a,) = agenda.take(1.0, 10)
    agenda.put_off(a, 5.0, is_stuck=True)
    assert agenda.progress() == Progress(after=50, reached=50, tasks=2, stuck=1, due=9.0)


def test_what_is_new_is_counted_so_that_a_checkpoint_is_written() -> None:
    agenda = Agenda()
    for key in ("a", "b"):
        agenda.begin(task(key, 1.0))
    a, b = agenda.take(1.0, 10)
    agenda.finish(a)
    for _ in range(2):
        agenda.put_off(b, 1.0, is_stuck=True)
    assert agenda.news == 2


def test_ended_tasks_leave_nothing_behind_however_many_there_were() -> None:
    """Most holds end long before they expire."""
    agenda = Agenda()
    for number in range(20_000):
        agenda.begin(task(str(number), 1_000_000.0 + number))
        agenda.end(str(number))
    assert len(agenda._times) < 2_000


@pytest.mark.slow
def test_an_active_task_costs_about_five_hundred_bytes() -> None:
    count = 100_000
    agenda = Agenda()
    tracemalloc.start()
    try:
        for number in range(count):
            account = f"account-{number:08}"
            agenda.begin(
                Task(str(uuid4()), 1_800_000_000.0 + number, account, number, 2**40 + number, 2**40 + number)
            )
        assert tracemalloc.get_traced_memory()[0] / count < 600
    finally:
        tracemalloc.stop()
