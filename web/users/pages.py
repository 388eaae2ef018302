"""The pages of people: the list with its search, and one person with accounts and entries."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote

from litestar import get
from litestar.params import Parameter
from litestar.response import Redirect, Template

from domain.identifiers import UserId, parse_user_id
from projections.readmodels import people
from web import messages, messages_on_people
from web.accounts import forms as account_forms
from web.accounts.forms import Form
from web.http.parameters import Position
from web.http.problems import Settling
from web.http.rendering import PAGE_ROWS, page
from web.live.regions import Regions
from web.positions import WAIT_SECONDS
from web.services import Services
from web.users import forms, view
from web.users.forms import PersonForm


@get("/users", include_in_schema=False)
async def users(
    services: Services,
    regions: Regions,
    q: Annotated[str, Parameter(max_length=200)] = "",
    create: bool = False,
    deleted: Position = None,
) -> Template:
    if deleted is not None:
        await services.positions.check(deleted, "deleted")
        await services.directory.reached(deleted, WAIT_SECONDS)
    said = "" if deleted is None else messages_on_people.DELETED
    return await users_page(services, regions, forms.fresh(), q=q, creating=create, said=said)


@get("/users/{user_id:str}", include_in_schema=False)
async def user(
    services: Services, regions: Regions, user_id: str, before: Position = None, changed: Position = None
) -> Template:
    wanted = parse_user_id(user_id)
    settled = await services.positions.reached(changed, "changed", people.MODEL)
    if not settled and changed is not None and await people.person(services.redis, wanted) is None:
        raise Settling(messages.position_not_reached(changed))
    return await user_page(services, regions, wanted, before=before, changed=changed, settled=settled)


@get("/users/{user_id:str}/deletion", include_in_schema=False)
async def deletion(user_id: str) -> Redirect:
    """A refused form is shown at this address, where it may be reloaded."""
    return Redirect(f"/users/{quote(parse_user_id(user_id))}", status_code=303)


async def users_page(
    services: Services,
    regions: Regions,
    form: PersonForm,
    *,
    q: str = "",
    creating: bool = False,
    said: str = "",
    code: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Template:
    shown = await regions.context("status")
    found = await view.search(services, q, PAGE_ROWS)
    own = {"people": found, "known": len(services.directory), "wanted": q, "said": said, "form": form}
    context = {**shown, **own, "creating": creating or form.is_wrong, "place": "users"}
    return page("users/users.html", context, status=code, headers=headers)


async def user_page(
    services: Services,
    regions: Regions,
    user_id: UserId,
    *,
    form: PersonForm | None = None,
    deleting: PersonForm | None = None,
    opening: Form | None = None,
    before: int | None = None,
    changed: int | None = None,
    settled: bool = True,
    code: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Template:
    """`form`, `deleting` and `opening` are the forms that were refused."""
    shown = await regions.context("status")
    person = await view.one(services, user_id)
    own = {
        "shown": person,
        "accounts": await view.accounts(services, person.person),
        "entries": await view.entries(services, person.person, before, PAGE_ROWS),
        "form": form or forms.fresh(person),
        "deleting": deleting or forms.fresh(),
        "opening": opening or account_forms.fresh(account_forms.FOR_A_PERSON, services.currency),
        "changed": changed,
        "settled": settled,
        "before": before,
        "here": f"/users/{quote(user_id)}" + ("" if before is None else f"?before={before}"),
        "place": "",
    }
    return page("users/user.html", {**shown, **own}, status=code, headers=headers)
