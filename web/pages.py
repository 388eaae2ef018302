"""Pages and forms: form -> command -> transact -> fragment. They work without JavaScript: post, redirect, get."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode
from uuid import UUID

from litestar import MediaType, get, post
from litestar.params import Parameter
from litestar.response import Redirect, Template
from litestar.response.base import Response

from domain.account import stream_of
from domain.errors import DomainError, InvalidAccountId
from domain.money import parse_amount
from projections import queries
from web import forms, views
from web.answers import AnyRequest, is_fragment, problem_page
from web.forms import Booked, EntryForm
from web.inputs import BadInput, FieldError, currency_code, ungrouped
from web.problems import KINDS, RETRY_AFTER, http_problem, problem_of
from web.services import Services

WAIT_SECONDS: Final = 2.0
_Query = Annotated[str, Parameter(max_length=64)]


class Low:
    """The filter "balance below": as typed, and as read."""

    def __init__(self, text: str, currency: str) -> None:
        self.text, self.currency, self.error = text, currency, ""
        self.below = 0
        try:
            self.currency = currency_code(currency)
            self.below = parse_amount(ungrouped(text), self.currency)
        except DomainError as error:
            self.error = str(error)

    @property
    def filters(self) -> dict[str, Any]:
        return {"balance_below": self.below, "currency": self.currency}


@get("/", include_in_schema=False)
async def dashboard(
    request: AnyRequest,
    services: Services,
    balance_below: Annotated[str | None, Parameter(max_length=24)] = None,
    currency: Annotated[str | None, Parameter(max_length=3)] = None,
    q: _Query = "",
    after: _Query | None = None,
    open: bool = False,
) -> Template:
    low = None if balance_below is None else Low(balance_below, currency or services.currency)
    form = forms.fresh(services.currency)
    return await _dashboard(request, services, form, low=low, q=q.strip(), after=after, opening=open)


@get("/search", include_in_schema=False)
async def search(services: Services, q: _Query = "") -> Redirect:
    """To the account of that id, else to those that have it in theirs."""
    wanted = q.strip()
    if _is_id(wanted) and await queries.account(services.redis, wanted) is not None:
        return Redirect(f"/accounts/{quote(wanted)}", status_code=303)
    return Redirect("/?" + urlencode({"q": wanted}) if wanted else "/", status_code=303)


def _is_id(text: str) -> bool:
    try:
        stream_of(text)
    except InvalidAccountId:
        return False
    return True


@get("/accounts/{account_id:str}", include_in_schema=False)
async def account(
    request: AnyRequest,
    services: Services,
    account_id: str,
    before: Annotated[int | None, Parameter(ge=0)] = None,
    booked: Annotated[int | None, Parameter(ge=0)] = None,
) -> Template:
    stream_of(account_id)
    settled = booked is None or await queries.wait_for(services.redis, booked, WAIT_SECONDS)
    done = None if booked is None else Booked(text="Done:", position=booked, settled=settled)
    return await _account(services, account_id, forms.fresh(services.currency), before=before, booked=done)


@get(["/accounts", "/entries"], include_in_schema=False)
async def accounts() -> Redirect:
    return Redirect("/", status_code=303)


@get("/accounts/{account_id:str}/entries", include_in_schema=False)
async def entries(account_id: str) -> Redirect:
    """A refused form stands at this address without JavaScript, and may be opened there again."""
    return Redirect(f"/accounts/{quote(account_id)}", status_code=303)


@post("/entries", include_in_schema=False)
async def open_account(request: AnyRequest, services: Services) -> Response[Any]:
    """A deposit to an account that is typed in, which opens it where it does not exist."""
    return await _book(request, services, None)


@post("/accounts/{account_id:str}/entries", include_in_schema=False)
async def book(request: AnyRequest, services: Services, account_id: str) -> Response[Any]:
    stream_of(account_id)
    return await _book(request, services, account_id)


@get("/settled", include_in_schema=False)
async def settled(services: Services, position: Annotated[int, Parameter(ge=0)]) -> Template:
    """A form's note asks whether the read models have come so far; it waits a moment for the answer."""
    done = await queries.wait_for(services.redis, position, WAIT_SECONDS)
    booked = Booked(text="", position=position, settled=done)
    return Template("_settling.html", context={"booked": booked}, media_type=MediaType.HTML)


@get("/problems/{name:str}", include_in_schema=False)
async def problem(request: AnyRequest, name: str) -> Template:
    """What a problem's `type` leads to."""
    kind = next((kind for kind in KINDS.values() if kind.name == name), None)
    if kind is None:
        return problem_page(
            request, http_problem(404, "There is no such problem", "No answer has this type.")
        )
    explained = http_problem(200, kind.title, f"{kind.advice} (HTTP {kind.status}, {name})")
    return problem_page(request, explained)


async def _book(request: AnyRequest, services: Services, account_id: str | None) -> Response[Any]:
    form = await request.form()
    typed = {name: value for name, value in form.items() if isinstance(value, str)}
    key = forms.key_of(typed)
    kind = typed.get("kind", "deposit")
    try:
        if kind not in forms.KINDS:
            raise BadInput((FieldError("kind", "This is deposit or withdrawal."),))
        currency = await _currency(services, account_id)
        command = forms.command_of(typed, kind, key, account_id, currency, datetime.now(UTC).date())
        outcome = await services.ledger.transact(command, services.context(key, "web"))
    except Exception as error:
        return await _refused(request, services, account_id, typed, key, error)
    if not is_fragment(request):
        return Redirect(f"/accounts/{quote(outcome.account_id)}?booked={outcome.position}", status_code=303)
    booked = Booked(text=forms.said(kind, command, outcome), position=outcome.position)
    return await _form(services, account_id, forms.fresh(services.currency), booked=booked)


async def _refused(
    request: AnyRequest,
    services: Services,
    account_id: str | None,
    typed: dict[str, str],
    key: UUID,
    error: Exception,
) -> Response[Any]:
    problem = problem_of(error)
    if problem is None:
        raise error
    form = forms.refused(typed, key, services.currency, error, problem)
    headers = {"Retry-After": RETRY_AFTER} if problem.status == 503 else {}
    if is_fragment(request):
        return await _form(services, account_id, form, status=problem.status, headers=headers)
    if account_id is None:
        return await _dashboard(request, services, form, opening=True, status=problem.status, headers=headers)
    return await _account(services, account_id, form, status=problem.status, headers=headers)


async def _dashboard(
    request: AnyRequest,
    services: Services,
    form: EntryForm,
    *,
    low: Low | None = None,
    q: str = "",
    after: str | None = None,
    opening: bool = False,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Template:
    redis = services.redis
    # The position first: what changes while the rest is read comes again by live updates.
    standing = await views.status(redis)
    totals = await views.totals(redis)
    filters = low.filters if low else {}
    page = await _page(services, filters, q, after)
    linked = {"balance_below": low.text, "currency": low.currency} if low else {"q": q} if q else {}
    context = {
        "status": standing,
        "totals": totals,
        "held": views.by_weight(totals.held, services.currency) if totals else [],
        "page": page,
        "items": await views.feed(redis),
        "low": low,
        "q": q,
        "can_open": _is_id(q),
        "later": after is not None,
        "whole": not (low or q or after),
        "here": str(request.url.path) + (f"?{request.url.query}" if request.url.query else ""),
        "next": views.next_page(page, **linked),
        "first": "/?" + urlencode(linked) if linked else "/",
        "place": "accounts",
        "opening": opening,
    }
    return _page_of("dashboard.html", context | _form_context(None, form, None, asks=True), status, headers)


async def _page(services: Services, filters: dict[str, Any], q: str, after: str | None) -> Any:
    try:
        return await views.accounts(services.redis, q=q, after=after, **filters)
    except ValueError as error:
        raise BadInput((FieldError("after", "This is no `after` that a page gave."),)) from error


async def _account(
    services: Services,
    account_id: str,
    form: EntryForm,
    *,
    before: int | None = None,
    booked: Booked | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Template:
    standing = await views.status(services.redis)
    view = await views.account(services.redis, account_id, before)
    context = {"status": standing, "view": view, "before": before, "place": ""}
    asks = view.row is None and not view.rebuilding
    return _page_of(
        "account.html", context | _form_context(account_id, form, booked, asks=asks), status, headers
    )


async def _form(
    services: Services,
    account_id: str | None,
    form: EntryForm,
    *,
    booked: Booked | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Template:
    asks = account_id is None or (booked is None and await services.ledger.currency_of(account_id) is None)
    return _page_of("_entry_form.html", _form_context(account_id, form, booked, asks=asks), status, headers)


def _form_context(
    account_id: str | None, form: EntryForm, booked: Booked | None, *, asks: bool
) -> dict[str, Any]:
    action = "/entries" if account_id is None else f"/accounts/{quote(account_id)}/entries"
    return {"account_id": account_id, "action": action, "form": form, "booked": booked, "asks_currency": asks}


def _page_of(template: str, context: dict[str, Any], status: int, headers: dict[str, str] | None) -> Template:
    plain = {"Cache-Control": "no-store", **(headers or {})}
    return Template(template, context=context, status_code=status, headers=plain, media_type=MediaType.HTML)


async def _currency(services: Services, account_id: str | None) -> str:
    """The currency in which an amount is meant where none is given."""
    known = None if account_id is None else await services.ledger.currency_of(account_id)
    return known or services.currency
