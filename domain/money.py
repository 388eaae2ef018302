"""Money: an integer of minor units (cents, haléřů) and an ISO 4217 currency; decimal strings at the edges.

Never a float. |amount| < 2^53, so that every consumer, JavaScript included, holds it exactly.
"""

import re
from typing import Final

from domain.errors import InvalidAmount, UnknownCurrency

LIMIT: Final = 2**53

# ISO 4217 (list one, active codes): minor-unit digits, 2 unless listed otherwise.
_DIGITS: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
    "GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA "
    "MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR "
    "RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD "
    "TZS UAH USD USN UYU UZS VED VES WST XCD YER ZAR ZMW ZWG",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_EXPONENT: Final = {code: digits for digits, codes in _DIGITS.items() for code in codes.split()}

_DECIMAL: Final = re.compile(r"([+-]?)([0-9]{1,30})(?:\.([0-9]{1,4}))?", re.ASCII)


def exponent(currency: str) -> int:
    """Digits after the point: 2 for CZK, 0 for JPY, 3 for KWD."""
    try:
        return _EXPONENT[currency]
    except KeyError:
        raise UnknownCurrency(
            f"{currency!r} is no ISO 4217 currency code; write three capitals, such as CZK."
        ) from None


def parse_amount(text: str, currency: str) -> int:
    """`"1234.5"`, `"-3"` or `"+7.00"` -> minor units; a sign is kept, zero allowed.

    Raises InvalidAmount where the text is no plain decimal, has more decimals than the currency, or is too large.
    """
    digits = exponent(currency)
    match = _DECIMAL.fullmatch(text.strip())
    if match is None:
        raise InvalidAmount(
            f"{text!r} is no amount; write digits with a point before the decimals, such as 1250.50."
        )
    sign, whole, fraction = match[1], match[2], match[3] or ""
    if len(fraction) > digits:
        raise InvalidAmount(f"{text!r} has {len(fraction)} decimals, but {currency} has {digits}.")
    minor = int(whole + fraction.ljust(digits, "0"))
    if minor >= LIMIT:
        raise InvalidAmount(
            f"{text!r} is too large: an amount stays below {format_amount(LIMIT, currency)} {currency}."
        )
    return -minor if sign == "-" else minor


def format_amount(minor: int, currency: str) -> str:
    """Minor units -> a plain decimal string, such as `-1234.50`: the inverse of `parse_amount`."""
    digits = exponent(currency)
    sign = "-" if minor < 0 else ""
    if digits == 0:
        return f"{sign}{abs(minor)}"
    whole, fraction = divmod(abs(minor), 10**digits)
    return f"{sign}{whole}.{fraction:0{digits}d}"
