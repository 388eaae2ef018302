"""The API's description has each route's input and answers, and the answers agree with it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.kit.web import Api

Schema = dict[str, Any]
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


@pytest.fixture(scope="module")
def described(api: Api) -> Schema:
    answer = api.http.get("/api/schema", headers={"accept": "application/json"})
    return dict(answer.json())


def operations(described: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def resolved(described: Schema, schema: Schema) -> Schema:
    while reference := schema.get("$ref"):
        schema = described["components"]["schemas"][reference.rpartition("/")[2]]
    return schema


def differences(described: Schema, schema: Schema, value: Any, where: str = "answer") -> Iterator[str]:
    """The places where `value` differs from its schema: names and types."""
    schema = resolved(described, schema)
    options = [resolved(described, one) for one in schema.get("oneOf", [])]
    schema = next((one for one in options if (one.get("type") == "null") == (value is None)), schema)
    if isinstance(value, dict) and "properties" in schema:
        missing, unknown = set(schema["required"]) - set(value), set(value) - set(schema["properties"])
        yield from (f"{where}: {name}" for name in missing | unknown)
        for name in value.keys() & schema["properties"].keys():
            yield from differences(described, schema["properties"][name], value[name], f"{where}.{name}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from differences(described, schema["items"], item, f"{where}[{number}]")
    elif (kind := schema.get("type")) and not isinstance(value, TYPES[kind]):
        yield f"{where}: {value!r} is not of type {kind}"


def test_the_schema_describes_every_route_and_its_body(api: Api, described: Schema) -> None:
    assert described["openapi"].startswith("3.")
    deposits = described["paths"]["/api/accounts/{account_id}/deposits"]["post"]
    body = deposits["requestBody"]["content"]["application/json"]["schema"]
    assert body["required"] == ["amount"]
    assert body["properties"]["amount"]["type"] == "string"
    assert any(parameter["name"] == "Idempotency-Key" for parameter in deposits["parameters"])
    page = api.http.get("/api/schema", headers={"accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert all(path in page.text for path in described["paths"])


def test_every_route_describes_its_answer_and_its_problems(described: Schema) -> None:
    found = list(operations(described))
    assert {path for path, _, _ in found} >= {"/api/accounts", "/api/events", "/api/projections"}
    for path, method, operation in found:
        answers = operation["responses"]
        done = [answer for status, answer in answers.items() if status.startswith("2")]
        assert len(done) == 1, (path, method)
        schema = resolved(described, done[0]["content"]["application/json"]["schema"])
        assert schema.get("properties"), (path, method)
        problems = [answer for status, answer in answers.items() if status[0] in "45"]
        assert problems, (path, method)
        for problem in problems:
            schema = resolved(described, problem["content"]["application/problem+json"]["schema"])
            assert {"type", "title", "status", "detail", "errors"} == set(schema["properties"])


def test_every_route_describes_correlation_ids(described: Schema) -> None:
    for path, method, operation in operations(described):
        sent = {one["name"] for one in operation["parameters"] if one["in"] == "header"}
        assert {"X-Correlation-ID", "traceparent"} <= sent, (path, method)
        done = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
        assert "X-Correlation-ID" in done["headers"], (path, method)


def test_answers_are_as_the_schema_describes_them(api: Api, described: Schema, name: str) -> None:
    booked = api.deposit(name, "12.50", note="described")
    api.shown(name, booked["position"])
    asked = {
        ("post", "/api/users"): {"name": "Anna"},
        ("patch", "/api/users/{user_id}"): {"name": "Eva"},
        ("post", "/api/accounts"): {"currency": "CZK", "account_id": f"{name}-1"},
        ("post", "/api/accounts/{account_id}/deposits"): {"amount": "5"},
        ("post", "/api/accounts/{account_id}/withdrawals"): {"amount": "5"},
    }
    for user in (name, f"{name}-gone"):
        created = api.post("/api/users", {"name": "Anna", "user_id": user}).json()
    api.http.get(f"/api/users/{name}", params={"min_position": created["position"]})
    for path, method, operation in operations(described):
        user = f"{name}-gone" if method == "delete" else name
        address = path.replace("{account_id}", name).replace("{user_id}", user)
        answer = api.http.request(method, address, json=asked.get((method, path)))
        content = operation["responses"][str(answer.status_code)]["content"]
        schema = content[answer.headers["content-type"].partition(";")[0]]["schema"]
        assert list(differences(described, schema, answer.json())) == [], (method, path)
        assert answer.json()
