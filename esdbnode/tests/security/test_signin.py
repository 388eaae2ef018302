"""The user of a header, the remembered headers, and the limits."""

import asyncio
import base64
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import pytest

from esdbnode.call import RpcError, Status
from esdbnode.security import users
from esdbnode.security.signin import LOOK_SECONDS, SignIn
from esdbnode.wording import calls, protocol, startup


def basic(credential: str) -> str:
    return "Basic " + base64.b64encode(credential.encode()).decode()


class Headers:
    """The part of a call that signing in reads."""

    path = "/any/Method"

    def __init__(self, authorization: str | None) -> None:
        self.metadata: Mapping[str, str] = {} if authorization is None else {"authorization": authorization}

    def messages(self) -> AsyncIterator[bytes]:
        raise NotImplementedError

    async def send(self, messages: Sequence[bytes]) -> None:
        raise NotImplementedError

    def send_now(self, messages: Sequence[bytes]) -> bool:
        raise NotImplementedError


@pytest.fixture
async def sign_in(tmp_path: Path) -> AsyncIterator[SignIn]:
    users.add(tmp_path / "users", "plain", "se:cret", ["clerks"])
    users.add(tmp_path / "users", "žofie", "heslo", [])
    made = SignIn(tmp_path / "users")
    yield made
    made.close()


async def name(sign_in: SignIn, header: str | None) -> str | None:
    found = await sign_in.user(Headers(header))
    return found.name if found else None


async def test_a_name_and_its_password_are_the_user_with_its_groups(sign_in: SignIn) -> None:
    found = await sign_in.user(Headers(basic("plain:se:cret")))
    assert found is not None
    assert found.roles == {"plain", "clerks", "$all"}
    assert not found.is_admin
    assert await name(sign_in, basic("žofie:heslo")) == "žofie"


@pytest.mark.parametrize(
    "header", [None, "", "Bearer abc", "basic abc", "Basicabc", basic("no colon")], ids=str
)
async def test_without_a_header_or_with_another_scheme_a_caller_is_not_signed_in(
    sign_in: SignIn, header: str | None
) -> None:
    assert await name(sign_in, header) is None


@pytest.mark.parametrize("credential", ["plain:wrong", "plain:", "ghost:se:cret", ":", "Plain:se:cret"])
async def test_a_wrong_name_or_password_is_unauthenticated(sign_in: SignIn, credential: str) -> None:
    with pytest.raises(RpcError) as refused:
        await name(sign_in, basic(credential))
    assert (refused.value.status, refused.value.message, refused.value.trailers) == (
        Status.UNAUTHENTICATED,
        protocol.UNAUTHENTICATED,
        (),
    )


@pytest.mark.parametrize(
    "header", ["Basic", "Basic ", "Basic ???", "Basic YQ", "Basic YWE6YQ==,Basic YWE6YQ=="]
)
async def test_a_malformed_header_is_unauthenticated_with_a_reason(sign_in: SignIn, header: str) -> None:
    with pytest.raises(RpcError) as refused:
        await name(sign_in, header)
    assert (refused.value.status, refused.value.message) == (
        Status.UNAUTHENTICATED,
        calls.MALFORMED_CREDENTIALS,
    )


async def test_a_password_is_checked_once_and_remembered(sign_in: SignIn) -> None:
    header = basic("plain:se:cret")
    await name(sign_in, header)
    begun = time.process_time()
    for _ in range(1_000):
        assert await name(sign_in, header) == "plain"
    assert time.process_time() - begun < 0.25, "a thousand checks would take 25 s"


async def test_calls_that_arrive_together_wait_for_one_check(sign_in: SignIn) -> None:
    begun = time.process_time()
    found = await asyncio.gather(*(name(sign_in, basic("plain:se:cret")) for _ in range(500)))
    assert found == ["plain"] * 500
    assert time.process_time() - begun < 1, "500 checks would take 12 s"


async def test_a_call_that_goes_away_does_not_take_the_check_from_the_others(sign_in: SignIn) -> None:
    first, second = (asyncio.create_task(name(sign_in, basic("plain:se:cret"))) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == "plain"


async def test_checks_leave_the_event_loop_free_and_are_bounded(sign_in: SignIn) -> None:
    wrong = [asyncio.create_task(name(sign_in, basic(f"plain:{n}"))) for n in range(150)]
    ticks = 0
    while not all(task.done() for task in wrong[:20]):
        await asyncio.sleep(0.005)
        ticks += 1
    assert ticks > 20, "the loop stood still"
    refusals = [task.exception() for task in wrong if task.done()]
    too_many = [error for error in refusals if isinstance(error, RpcError) and error.status == 8]
    assert len(too_many) == 50
    for task in wrong:
        task.cancel()
    await asyncio.gather(*wrong, return_exceptions=True)


async def test_a_changed_file_counts_soon_and_remembered_headers_are_forgotten(
    sign_in: SignIn, tmp_path: Path
) -> None:
    assert await name(sign_in, basic("plain:se:cret")) == "plain"
    users.add(tmp_path / "users", "plain", "another", [])
    users.add(tmp_path / "users", "newcomer", "secret", [])
    await asyncio.sleep(LOOK_SECONDS + 0.1)
    assert await name(sign_in, basic("newcomer:secret")) == "newcomer"
    with pytest.raises(RpcError):
        await name(sign_in, basic("plain:se:cret"))


async def test_a_file_damaged_while_the_node_runs_leaves_the_users_as_they_were(
    sign_in: SignIn, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "users").write_text("{")
    await asyncio.sleep(LOOK_SECONDS + 0.1)
    assert await name(sign_in, basic("plain:se:cret")) == "plain"
    damaged = startup.users_damaged(str(tmp_path / "users"), startup.NOT_JSON_OF_USERS)
    assert capfd.readouterr().err == f"{startup.earlier_users_stay(damaged)}\n"


async def test_a_users_file_that_others_may_read_is_logged(
    sign_in: SignIn, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    os.chmod(tmp_path / "users", 0o640)
    SignIn(tmp_path / "users").close()
    assert capfd.readouterr().err == f"{startup.users_readable_by_others(str(tmp_path / 'users'))}\n"
