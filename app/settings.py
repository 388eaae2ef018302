"""Settings: flags > environment (DAYBOOK_...) > .env > defaults. An invalid value in any of them is refused."""

import argparse
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from app.logs import FORMATS, LEVELS
from app.messages import running as messages
from app.refusal import Refusal
from app.setup.environment import ROOT

ESDB_SCHEMES = ("esdb", "esdb+discover")
REDIS_SCHEMES = ("redis", "rediss", "unix")
HIGHEST_PORT = 65535
MOST_WEB = 64
ACTOR = "cli"
"""As whose the commands of verbs are recorded."""
SWITCH = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


class Settings(NamedTuple):
    """`esdb_uri`, `redis_url`: None if Daybook runs its own node and Valkey, whose files are in `data`.

    `keys_url` is the server of the keys of personal data; None means a file in `data`.
    `open` allows a `host` that other machines can reach; there is no sign-in yet.
    `web` is how many web processes `up` starts.
    `hosts` are names by which browsers reach it, separated by commas, in addition to `host` and this machine's names.
    `currency` is the one of accounts that a deposit opens without stating it.
    `timezone` is the IANA name of the zone in which a business day begins; None means the machine's zone.
    `log` is the lowest level that is logged; `log_format` None means text on a terminal, JSON elsewhere.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    open: bool = False
    web: int = 1
    data: Path = ROOT / "var"
    esdb_uri: str | None = None
    redis_url: str | None = None
    keys_url: str | None = None
    hosts: str | None = None
    currency: str = "CZK"
    timezone: str | None = None
    log: str = "info"
    log_format: str | None = None

    def variables(self) -> dict[str, str]:
        """The environment that gives a child these settings, whatever .env says."""
        return {
            f"DAYBOOK_{name.upper()}": str(value)
            for name, value in self._asdict().items()
            if value is not None
        }

    def external_log(self) -> str:
        """For a part that never starts a server itself, and needs no Redis."""
        if not self.esdb_uri:
            raise Refusal(messages.SET_ADDRESS_OF_LOG)
        return self.esdb_uri

    def external_servers(self) -> tuple[str, str]:
        """For the parts that never start servers themselves."""
        if not (self.esdb_uri and self.redis_url):
            raise Refusal(messages.SET_BOTH_ADDRESSES)
        return self.esdb_uri, self.redis_url


class Source(NamedTuple):
    """A value and its source: `name` for messages, `folder` for relative paths."""

    name: str
    value: str
    folder: Path


def load(
    flags: argparse.Namespace | None = None, environ: Mapping[str, str] = os.environ, root: Path = ROOT
) -> Settings:
    dotenv = read_dotenv(root / ".env")
    settings: dict[str, Any] = {}
    for name, check in _CHECKS.items():
        source = _find(name, flags, environ, dotenv, root)
        if source:
            try:
                settings[name] = check(source)
            except ValueError as error:
                raise Refusal(messages.invalid_setting(source.name, str(error))) from None
    return Settings(**settings)


def read_dotenv(file: Path) -> dict[str, str]:
    """Reads NAME=VALUE lines. Blank lines, `#` comments, a leading `export` and quotes around a value are allowed."""
    try:
        lines = file.read_text().splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(messages.dotenv_unreadable(str(file), str(error))) from None
    values = {}
    for number, line in enumerate(map(str.strip, lines), start=1):
        if line and not line.startswith("#"):
            name, equals, value = line.removeprefix("export ").partition("=")
            if not equals or not name.strip().isidentifier():
                raise Refusal(messages.dotenv_line_sets_nothing(str(file), number))
            values[name.strip()] = _unquoted(value.strip())
    return values


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value


def _find(
    name: str,
    flags: argparse.Namespace | None,
    environ: Mapping[str, str],
    dotenv: Mapping[str, str],
    root: Path,
) -> Source | None:
    variable = f"DAYBOOK_{name.upper()}"
    here = Path.cwd()
    candidates = (
        Source(f"--{name}", getattr(flags, name, None) or "", here),
        Source(variable, environ.get(variable, ""), here),
        Source(f"{variable} in {root / '.env'}", dotenv.get(variable, ""), root),
    )
    return next((source for source in candidates if source.value), None)


_HOST: Final = re.compile(r"[!-\-0-?A-~]{0,63}(\.[!-\-0-?A-~]{0,63}){0,126}", re.ASCII)
"""ASCII without spaces; between two dots of a name are at most 63 characters."""


def _host(source: Source) -> str:
    if _HOST.fullmatch(source.value) is None:
        raise ValueError(messages.not_a_host(source.value))
    return source.value


def _hosts(source: Source) -> str:
    names = [name.strip() for name in source.value.split(",")]
    return ",".join(_host(source._replace(value=name)) for name in names if name)


def _whole_number(least: int, most: int) -> Callable[[Source], int]:
    def check(source: Source) -> int:
        digits = source.value if source.value.isascii() and source.value.isdigit() else ""
        if not digits or len(digits) > len(str(most)) or not least <= int(digits) <= most:
            raise ValueError(messages.not_a_whole_number(source.value, least, most))
        return int(digits)

    return check


def _currency(source: Source) -> str:
    from domain.errors import UnknownCurrency  # here, because the set-up has no domain
    from domain.money import exponent

    try:
        exponent(source.value.upper())
    except UnknownCurrency as error:
        raise ValueError(str(error)) from None
    return source.value.upper()


def _timezone(source: Source) -> str:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # here, because few commands need it

    try:
        ZoneInfo(source.value)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ValueError(messages.not_a_timezone(source.value)) from None
    return source.value


def _one_of(choices: Sequence[str]) -> Callable[[Source], str]:
    def check(source: Source) -> str:
        if source.value.lower() not in choices:
            raise ValueError(messages.not_a_choice(source.value, choices))
        return source.value.lower()

    return check


def _switch(source: Source) -> bool:
    return SWITCH[_one_of(tuple(SWITCH))(source)]


def _folder(source: Source) -> Path:
    return (source.folder / Path(source.value).expanduser()).resolve()


def _address(schemes: tuple[str, ...]) -> Callable[[Source], str]:
    def check(source: Source) -> str:
        """The message does not contain the value, because that may hold a password."""
        parts = urlsplit(source.value)
        if parts.scheme not in schemes or not (parts.netloc or parts.path):
            raise ValueError(messages.not_an_address([f"{scheme}://" for scheme in schemes]))
        return source.value

    return check


_CHECKS: Mapping[str, Callable[[Source], Any]] = {
    "host": _host,
    "port": _whole_number(0, HIGHEST_PORT),
    "open": _switch,
    "web": _whole_number(1, MOST_WEB),
    "data": _folder,
    "esdb_uri": _address(ESDB_SCHEMES),
    "redis_url": _address(REDIS_SCHEMES),
    "keys_url": _address(REDIS_SCHEMES),
    "hosts": _hosts,
    "currency": _currency,
    "timezone": _timezone,
    "log": _one_of(LEVELS),
    "log_format": _one_of(FORMATS),
}
