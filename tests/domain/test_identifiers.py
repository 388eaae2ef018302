import pytest

from domain.errors import InvalidAccountId, InvalidUserId
from domain.identifiers import parse_account_id, parse_user_id


@pytest.mark.parametrize("name", ["", "-a", "a b", "a/b", "ä", "a" * 65, "a\n"])
def test_an_id_is_a_short_plain_name(name: str) -> None:
    with pytest.raises(InvalidAccountId):
        parse_account_id(name)
    with pytest.raises(InvalidUserId):
        parse_user_id(name)


@pytest.mark.parametrize("name", ["a", "576", "a-1.b_c", "a" * 64])
def test_a_short_plain_name_is_an_id(name: str) -> None:
    assert (parse_account_id(name), parse_user_id(name)) == (name, name)
