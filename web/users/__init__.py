"""People: the list with its search, a person's page, the forms that change them, and the same in the API."""

from typing import Final

from web.access import Noun
from web.http.parameters import under_api
from web.users import api, changes, exports, opening, pages

USERS: Final = Noun(
    teller=(
        pages.users,
        pages.user,
        pages.deletion,
        changes.create,
        changes.change,
        changes.delete,
        opening.open_account,
        opening.opening,
        *exports.routes(),
        under_api(
            api.create_user,
            api.update_user,
            api.delete_user,
            api.list_users,
            api.read_user,
        ),
    ),
    auditor=(under_api(api.read_entries),),
)
