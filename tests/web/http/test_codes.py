"""Codes of field errors are complete, and the API's description lists them."""

from domain.errors import InvalidInput
from tests.kit.web import Api
from web.http.codes import CODES, FieldCode


def test_every_refusal_of_a_field_has_a_code_of_its_own() -> None:
    assert set(CODES) == set(InvalidInput.__subclasses__())
    assert len(set(CODES.values())) == len(CODES)


def test_the_description_of_the_api_lists_the_codes(api: Api) -> None:
    schemas = api.http.get("/api/schema/openapi.json").json()["components"]["schemas"]
    assert schemas["FieldError"]["properties"]["code"] == {"$ref": "#/components/schemas/FieldCode"}
    assert schemas["FieldCode"]["enum"] == [code.value for code in FieldCode]
