"""The services that routes and regions use; the application passes them to each."""

from datetime import UTC, date, datetime, tzinfo
from uuid import UUID

import msgspec
from jinja2 import Environment

from commands.accounts import Accounts
from commands.context import Context
from commands.holding import Holding
from commands.imports import Imports
from commands.transfers import Transfers
from commands.users import Users
from eventstore.identity import LogId
from eventstore.personal.keys import KeyStore
from eventstore.store import EventStore
from projections.engine.clients import Redis
from reactors.stopped import StoppedReactors
from web.directory.directory import Directory
from web.http import requests
from web.importer import Importer
from web.positions import Positions
from web.status import StatusReader


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """`currency` is the default currency; `zone` is where a business day begins, None: in the machine's zone."""

    store: EventStore
    accounts: Accounts
    users: Users
    holding: Holding
    transfers: Transfers
    imports: Imports
    importer: Importer
    keys: KeyStore
    directory: Directory
    redis: Redis
    templates: Environment
    currency: str
    zone: tzinfo | None
    log_id: LogId
    status: StatusReader
    stopped_reactors: StoppedReactors
    positions: Positions

    def context(self, command_id: UUID, actor: str) -> Context:
        """Of a command of the current request, which is the cause of its events."""
        correlation = requests.correlation()
        return Context(
            command_id=command_id,
            correlation_id=correlation.id,
            causation_id=command_id,
            trace=correlation.trace,
            actor=actor,
            at=datetime.now(UTC),
        )

    def today(self) -> date:
        """The business day: the value date of an entry that states none. Stored times are UTC."""
        return datetime.now(self.zone).date()

    def render(self, template: str, **context: object) -> str:
        return self.templates.get_template(template).render(context)
