import pytest_asyncio

from tests.commands.bank import bank
from tests.commands.people import keys
from tests.kit.exchange import Exchange
from tests.kit.logs import Both, both, node, own_node

__all__ = ["bank", "both", "keys", "node", "own_node"]


@pytest_asyncio.fixture(loop_scope="session")
async def exchange(both: Both) -> Exchange:
    made = Exchange(both.store, both.prefix)
    await made.open()
    return made
