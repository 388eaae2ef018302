"""The API's description has each route's input and answers, and the answers agree with it."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.kit.projector import until
from tests.kit.web import Api, Served
from tests.web.imports.kit import HEADER, Importer
from web.http.problems import PROBLEMS

Schema = dict[str, Any]
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "object": (dict,),
    "array": (list,),
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
    elif (kind := schema.get("type")) and not isinstance(value, _types_of(kind)):
        yield f"{where}: {value!r} is not of type {kind}"


def _types_of(kind: str | list[str]) -> tuple[type, ...]:
    kinds = [kind] if isinstance(kind, str) else kind
    return tuple(each for one in kinds for each in TYPES[one])


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
        assert done, (path, method)
        for answer in done:
            schema = resolved(described, answer["content"]["application/json"]["schema"])
            for each in schema.get("oneOf", [schema]):
                assert resolved(described, each).get("properties"), (path, method)
        problems = [answer for status, answer in answers.items() if status[0] in "45"]
        assert problems, (path, method)
        for problem in problems:
            schema = resolved(described, problem["content"]["application/problem+json"]["schema"])
            assert {"type", "title", "status", "detail", "errors"} == set(schema["properties"])


def test_every_route_describes_correlation_ids(described: Schema) -> None:
    for path, method, operation in operations(described):
        sent = {one["name"] for one in operation["parameters"] if one["in"] == "header"}
        assert {"X-Correlation-ID", "traceparent"} <= sent, (path, method)
        done = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
        assert any("X-Correlation-ID" in answer.get("headers", {}) for answer in done), (path, method)


def test_every_status_of_a_refusal_is_described(described: Schema) -> None:
    statuses = {str(problem.status) for problem in PROBLEMS.values()}
    for path, method, operation in commands(described):
        assert statuses <= operation["responses"].keys(), (path, method)


def test_every_command_on_accounts_has_examples_and_terms(described: Schema) -> None:
    found = list(commands(described))
    assert len(found) == 12
    for path, method, operation in found:
        body = operation["requestBody"]["content"]["application/json"]
        assert set(body["schema"]["required"]) <= body["example"].keys(), (path, method)
        examples = {status for status in operation["responses"] if status.startswith("2")}
        assert len(examples) > 1
        for status in examples:
            content = operation["responses"][status]["content"]["application/json"]
            assert list(differences(described, content["schema"], content["example"])) == []
        named = {one["name"] for one in operation["parameters"]}
        assert {"If-Match", "Idempotency-Key", "dry_run", *re.findall("{(.*?)}", path)} <= named


def commands(described: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, method, operation in operations(described):
        if method == "post" and path.startswith(("/api/accounts", "/api/transfers")):
            yield path, method, operation


def test_answers_are_as_the_schema_describes_them(
    site: Served, api: Api, described: Schema, name: str
) -> None:
    booked = api.deposit(name, "2000", note="described")
    for account in ("576", "577"):
        api.deposit(account, "1250.50")
    holds = [api.booked(f"{name}/holds", amount="1")["hold_id"] for _ in range(2)]
    answer = api.post("/api/transfers", {"from": "576", "to": "577", "amount": "1"})
    requested, correlation_id = answer.json(), answer.headers["x-correlation-id"]
    api.http.get(f"/api/transfers/{requested['transfer_id']}", params={"min_position": requested["position"]})
    for user in ("jana", name, f"{name}-gone"):
        created = api.post("/api/users", {"name": "Anna", "user_id": user}).json()
    api.http.get(f"/api/users/{name}", params={"min_position": created["position"]})
    until(lambda: api.http.get("/api/users").is_success)
    import_id = _imported(site, name)
    found = list(operations(described))
    for path, method, operation in sorted(found, key=_last_ones_last):
        address = path.format(
            account_id=name,
            entry_id=booked["entry_id"],
            hold_id=holds[path.endswith("release")],
            transfer_id=requested["transfer_id"],
            import_id=import_id,
            correlation_id=correlation_id,
            user_id=f"{name}-gone" if method == "delete" else name,
        )
        answer = _asked(api, method, address, operation)
        assert answer.is_success or path.endswith("/close"), (method, path, answer.text)
        content = operation["responses"][str(answer.status_code)]["content"]
        schema = content[answer.headers["content-type"].partition(";")[0]]["schema"]
        assert list(differences(described, schema, answer.json())) == [], (method, path)


def _imported(site: Served, account: str) -> str:
    importer = Importer(site.url)
    with importer.http:
        return importer.check(f"{HEADER}{account},2026-03-01,1.00,n\n").rpartition("/")[2]


def _last_ones_last(operation: tuple[str, str, Schema]) -> int:
    """Commands in an order in which none is refused but the last: the account is not empty."""
    order = ("capture", "release", "overdraft", "freeze", "unfreeze", "reversal", "close")
    path, _, _ = operation
    return next((place for place, end in enumerate(order, 1) if path.endswith(f"/{end}")), 0)


def _asked(api: Api, method: str, address: str, operation: Schema) -> httpx.Response:
    params = {"reference": "x"} if address == "/api/entries" else {}
    if "requestBody" not in operation:
        return api.http.request(method, address, params=params)
    example = operation["requestBody"]["content"]["application/json"]["example"]
    return api.http.request(method, address, json=example)
