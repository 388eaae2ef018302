"""The web application, put together from what it is handed."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from litestar import Litestar
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig
from litestar.types import ASGIApp

from commands.ledger import Ledger
from eventstore.store import EventStore
from projections.queries import Redis
from web import assets, health, pages, schema
from web.answers import on_error
from web.api import api
from web.bodies import BODY_LIMIT
from web.live import Hub
from web.rendering import environment
from web.security import guarded
from web.services import Services
from web.sse import live
from web.topics import Topics

UNMARKED = ["^/api", "^/live", "^/static", "^/health"]
"""Where no cookie is set and no form's token asked for."""


class App:
    """`asgi` is what a server serves; `hub` is drained before it stops."""

    def __init__(self, asgi: ASGIApp, hub: Hub) -> None:
        self.asgi = asgi
        self.hub = hub


def create_app(
    *, store: EventStore, redis: Redis, secret: str, hosts: Collection[str] = (), currency: str = "CZK"
) -> App:
    """`secret` signs the forms' tokens, in every process alike; `hosts` are answered for beside the local ones."""
    files = assets.load()
    templates = environment(files.addresses)
    hub = Hub(redis, Topics(redis, templates, currency))
    services = Services(store=store, ledger=Ledger(store), redis=redis, currency=currency)
    application = Litestar(
        route_handlers=[
            pages.dashboard,
            pages.search,
            pages.accounts,
            pages.account,
            pages.open_account,
            pages.book,
            pages.entries,
            pages.settled,
            pages.problem,
            api,
            schema.schema,
            schema.schema_json,
            live,
            health.live,
            health.ready,
            assets.static,
        ],
        dependencies={
            "services": Provide(lambda: services, sync_to_thread=False),
            "assets": Provide(lambda: files, sync_to_thread=False),
        },
        exception_handlers={Exception: on_error},
        template_config=TemplateConfig(instance=JinjaTemplateEngine.from_environment(templates)),
        csrf_config=CSRFConfig(
            secret=secret,
            cookie_name=_cookie_name(secret),
            cookie_httponly=True,
            cookie_samesite="strict",
            exclude=UNMARKED,
        ),
        openapi_config=schema.CONFIG,
        lifespan=[_running(hub, store, redis)],
        state=State({"hub": hub}),
        request_max_body_size=BODY_LIMIT,
        logging_config=None,
    )
    return App(guarded(application, hosts), hub)


def _cookie_name(secret: str) -> str:
    """Another secret goes with another cookie: one signed by an older secret would never pass again."""
    return "daybook-" + hashlib.sha256(secret.encode()).hexdigest()[:8]


def _running(
    hub: Hub, store: EventStore, redis: Redis
) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def running(_: Litestar) -> AsyncIterator[None]:
        task = asyncio.create_task(hub.run())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await store.close()
        await redis.aclose()

    return running
