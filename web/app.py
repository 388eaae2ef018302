"""The web application, built from the services and settings that it gets."""

import asyncio
import hashlib
import threading
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import tzinfo
from typing import Final

from jinja2 import Environment
from litestar import Litestar
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig

from commands.accounts import Accounts
from commands.cache import Cache
from commands.holding import Holding
from commands.imports import Imports
from commands.relay import Front, Relay
from commands.snapshots import Snapshots
from commands.transfers import Transfers
from commands.users import Users
from commands.watching import watch
from domain.accounts import ACCOUNTS
from domain.imports import IMPORTS
from domain.transfers import TRANSFERS
from domain.users import USERS
from eventstore.identity import LogId
from eventstore.personal.keys import KeyStore
from eventstore.store import EventLog, EventStore
from projections.engine.clients import Redis
from projections.readmodels import PREFIXES
from reactors import REACTORS
from reactors.stopped import StoppedReactors
from web.access import routers
from web.directory.directory import Directory
from web.http import assets
from web.http.answers import on_error, unfailing
from web.http.bodies import BODY_LIMIT
from web.http.methods import Methods, answering_options
from web.http.rendering import environment
from web.http.requests import identified
from web.http.security import guarded
from web.http.sent import FormTokens, SentForm
from web.http.server import App
from web.importer import Importer
from web.live.hub import Hub
from web.live.regions import Regions
from web.nouns import NOUNS, REGIONS
from web.positions import Positions
from web.services import Services
from web.status import StatusReader
from web.system.health import Readiness
from web.system.schema import OPENAPI
from web.tasks import end

UNMARKED: Final = ["^/api", "^/live", "^/static", "^/health"]
"""Paths that set no cookie and need no form token."""


def create_app(
    *,
    store: EventStore,
    open_log: Callable[[], EventLog],
    redis: Redis,
    keys: KeyStore,
    importer: Importer,
    snapshots: Snapshots | None = None,
    secret: str,
    hosts: Collection[str] = (),
    currency: str,
    zone: tzinfo | None = None,
    reload_id: str = "",
    is_one_of_several: bool = False,
) -> App:
    """`open_log` opens the log of `store`; `secret` signs the forms' tokens, the same in every process; `hosts` are
    names besides the local ones; a business day begins in `zone` (None: the machine's). An open page reloads when a
    process with another `reload_id` answers it. `is_one_of_several`: other web processes append to the same streams.
    """
    files = assets.load()
    services = services_of(store, redis, keys, importer, currency, files.addresses, zone, snapshots)
    services.templates.globals["name_of"] = services.directory.name_of
    services.templates.globals["reload_id"] = reload_id
    regions = Regions(services, REGIONS)
    hub = Hub(redis, regions, services.status, reload_id)
    handed = {"services": services, "regions": regions, "assets": files, "readiness": Readiness()}
    tokens = _form_tokens(secret)
    application = Litestar(
        route_handlers=routers(NOUNS),
        dependencies={name: _given(value) for name, value in handed.items()},
        exception_handlers={Exception: on_error},
        template_config=TemplateConfig(instance=JinjaTemplateEngine.from_environment(services.templates)),
        middleware=[DefineMiddleware(FormTokens, config=tokens)],
        request_class=SentForm,
        openapi_config=OPENAPI,
        lifespan=[_running(hub, services), *_watching(open_log, services, is_one_of_several)],
        state=State({"hub": hub, "form_tokens": tokens}),
        request_max_body_size=BODY_LIMIT,
        logging_config=None,
    )
    methods = application.state["methods"] = Methods(application.routes)
    return App(identified(guarded(unfailing(answering_options(application, methods)), hosts)), hub.drain)


def services_of(
    store: EventStore,
    redis: Redis,
    keys: KeyStore,
    importer: Importer,
    currency: str,
    static: Mapping[str, str],
    zone: tzinfo | None = None,
    snapshots: Snapshots | None = None,
) -> Services:
    cache, log_id = Cache(), LogId(store, PREFIXES)
    accounts = Accounts(store, cache=cache, snapshots=snapshots)
    users = Users(store, keys, cache=cache)
    return Services(
        store=store,
        accounts=accounts,
        users=users,
        holding=Holding(accounts, users),
        transfers=Transfers(store, accounts, cache=cache),
        imports=Imports(store, cache=cache),
        importer=importer,
        keys=keys,
        directory=Directory(redis, keys),
        redis=redis,
        templates=_templates(static),
        currency=currency,
        zone=zone,
        log_id=log_id,
        status=StatusReader(redis, log_id),
        stopped_reactors=StoppedReactors(store, REACTORS),
        positions=Positions(redis, store),
    )


def _templates(static: Mapping[str, str]) -> Environment:
    filters = {name: function for noun in NOUNS for name, function in noun.filters.items()}
    tests = {name: function for noun in NOUNS for name, function in noun.tests.items()}
    return environment(static, filters, tests)


def _given(value: object) -> Provide:
    return Provide(lambda: value, sync_to_thread=False)


def _form_tokens(secret: str) -> CSRFConfig:
    return CSRFConfig(
        secret=secret,
        cookie_name=_cookie_name(secret),
        cookie_httponly=True,
        cookie_samesite="strict",
        exclude=UNMARKED,
    )


def _cookie_name(secret: str) -> str:
    """A new secret needs a new cookie: a cookie that an older secret signed is never accepted again."""
    return "daybook-" + hashlib.sha256(secret.encode()).hexdigest()[:8]


def _running(hub: Hub, services: Services) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def running(_: Litestar) -> AsyncIterator[None]:
        parts = (hub.run, services.log_id.keep, services.directory.run, services.stopped_reactors.keep)
        tasks = [asyncio.create_task(part()) for part in parts]
        yield
        await services.importer.close()
        await end(tasks)
        for front in (services.imports, services.transfers, services.accounts, services.users):
            await front.close()
        await services.store.close()
        await services.redis.aclose()
        await asyncio.to_thread(services.keys.close)

    return running


def _watching(
    open_log: Callable[[], EventLog], services: Services, follows: bool
) -> list[Callable[[Litestar], AbstractAsyncContextManager[None]]]:
    return [
        _watching_one(open_log, ACCOUNTS.category, services.accounts, follows),
        _watching_one(open_log, USERS.category, services.users, follows),
        _watching_one(open_log, TRANSFERS.category, services.transfers, follows),
        _watching_one(open_log, IMPORTS.category, services.imports, follows),
    ]


def _watching_one(
    open_log: Callable[[], EventLog], category: str, front: Front, follows: bool
) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    """Accounts, people, transfers and imports whose streams other programs delete or limit are forgotten."""

    @asynccontextmanager
    async def watching(_: Litestar) -> AsyncIterator[None]:
        stop = threading.Event()
        relay = Relay(front, stop)
        follow = relay.follow if follows else None
        thread = threading.Thread(
            target=watch, args=(open_log, category, relay.forget, stop, follow), daemon=True
        )
        thread.start()
        yield
        stop.set()
        await asyncio.to_thread(thread.join, 2)

    return watching
