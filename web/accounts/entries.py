"""Forms that book entries. Without JavaScript: post, redirect, get. With htmx: the form comes back as a fragment."""

from typing import Any, Final
from urllib.parse import quote
from uuid import UUID, uuid5

from litestar import post
from litestar.response import Redirect
from litestar.response.base import Response

from commands.accounts import Receipt
from commands.deciding import ANY, Terms, WrongVersion
from domain.accounts import AccountAlreadyExists, CreateAccount, Deposit, UnknownAccount
from domain.errors import DomainError
from domain.identifiers import AccountId, UserId, parse_account_id, parse_user_id
from domain.messages import account_already_exists
from eventstore.store import NO_STREAM
from web import messages_on_accounts
from web import messages_on_input as on_input
from web.accounts import commands, forms
from web.accounts.commands import Builder, Given
from web.accounts.forms import Booked, Form
from web.accounts.pages import account_page, dashboard_page, entry_form, opening_form
from web.http.answers import AnyRequest, is_fragment, problem_for
from web.http.codes import FieldCode
from web.http.inputs import BadInput, FieldError
from web.http.problems import RETRY_AFTER
from web.http.rendering import page
from web.live.regions import Regions
from web.services import Services

KINDS: Final[dict[str, Builder]] = {"deposit": commands.deposit, "withdrawal": commands.withdrawal}


@post("/entries", include_in_schema=False)
async def open_account(request: AnyRequest, services: Services, regions: Regions) -> Response[Any]:
    """A deposit that opens an account, whose id is typed."""
    return await _book(request, services, regions, None)


@post("/accounts/{account_id:str}/entries", include_in_schema=False)
async def book(request: AnyRequest, services: Services, regions: Regions, account_id: str) -> Response[Any]:
    """On an account that exists."""
    return await _book(request, services, regions, parse_account_id(account_id))


async def _book(
    request: AnyRequest, services: Services, regions: Regions, account_id: AccountId | None
) -> Response[Any]:
    typed = await sent(request)
    key = forms.key_of(request.headers, typed)
    try:
        receipt = await _booked(services, account_id, typed, key)
    except Exception as error:
        return await _refused(request, services, regions, account_id, typed, key, error)
    assert receipt.position is not None  # only a dry run has none
    if not is_fragment(request):
        return Redirect(f"/accounts/{quote(receipt.account_id)}?booked={receipt.position}", status_code=303)
    opened = receipt.account_id if account_id is None else ""
    booked = Booked(text=forms.sentence_on(receipt), position=receipt.position, opened=opened)
    return page("accounts/_entry_form.html", _fresh(services, account_id) | {"booked": booked})


async def sent(request: AnyRequest) -> dict[str, str]:
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def _booked(
    services: Services, account_id: AccountId | None, typed: dict[str, str], key: UUID
) -> Receipt:
    """Raises AccountAlreadyExists if the account was to be opened, and UnknownAccount if it was to exist."""
    inputs = forms.OPENING if account_id is None else forms.ENTRY
    ids = {} if account_id is None else {"account_id": account_id}
    given = Given(services=services, key=key, ids=ids, fields=forms.fields_of(inputs, typed))
    holder = given.fields.read("user_id", lambda text: parse_user_id(text.strip()), None)
    command = _kind(typed)(given)
    try:
        if holder is not None and isinstance(command, Deposit):
            return await _opened_for(services, holder, command)
        terms = Terms(only_at=ANY if account_id else (NO_STREAM,))
        return await commands.handle(services, command, "web", terms)
    except WrongVersion as wrong:
        raise _other_account(command.account_id, wrong) from wrong


async def _opened_for(services: Services, holder: UserId, deposit: Deposit) -> Receipt:
    """The deposit is tried first, so that no account is opened for one that is refused.

    After a crash between opening and deposit the account is empty; the form, sent again, goes on from there.
    """
    opening = CreateAccount(
        account_id=deposit.account_id,
        command_id=uuid5(deposit.command_id, "open account"),
        currency=deposit.currency or services.currency,
        holder=holder,
    )
    await commands.handle(services, deposit, "web", Terms(only_at=(NO_STREAM, 0), dry_run=True))
    await commands.handle(services, opening, "web")
    return await commands.handle(services, deposit, "web")


def _other_account(account_id: str, wrong: WrongVersion) -> DomainError:
    if wrong.revision == NO_STREAM:
        return UnknownAccount(messages_on_accounts.open_it_first(account_id))
    return AccountAlreadyExists(account_already_exists(account_id))


def _kind(typed: dict[str, str]) -> Builder:
    """Raises BadInput."""
    kind = KINDS.get(typed.get("kind", "deposit"))
    if kind is None:
        detail = on_input.NEITHER_DEPOSIT_NOR_WITHDRAWAL
        raise BadInput((FieldError("kind", FieldCode.NOT_AN_OPTION, detail),))
    return kind


def _fresh(services: Services, account_id: AccountId | None) -> dict[str, Any]:
    return opening_form(services) if account_id is None else entry_form(account_id)


async def _refused(
    request: AnyRequest,
    services: Services,
    regions: Regions,
    account_id: AccountId | None,
    typed: dict[str, str],
    key: UUID,
    error: Exception,
) -> Response[Any]:
    problem = problem_for(error)
    if problem is None:
        raise error
    asked = _fresh(services, account_id)
    form: Form = forms.refused(asked["form"], typed, key, error, problem)
    asked |= {"form": form}
    headers = {"Retry-After": RETRY_AFTER} if problem.status == 503 else {}
    if is_fragment(request):
        return page("accounts/_entry_form.html", asked, status=problem.status, headers=headers)
    if account_id is None:
        shown = await regions.context("status", "totals", "feed", "accounts")
        return dashboard_page(request, shown, asked, opening=True, code=problem.status, headers=headers)
    return await account_page(services, regions, account_id, asked, code=problem.status, headers=headers)
