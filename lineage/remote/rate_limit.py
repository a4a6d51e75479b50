"""When a server says "not now": how long to wait, as GitHub's "Rate limits for the REST API" tells clients to."""

from collections.abc import Mapping

from ..text.numbers import is_digits

_LIMITED = frozenset((403, 429))
_BUSY = frozenset((500, 502, 503, 504))
_UNTOLD = 60.0
"""Seconds to wait where the server says that there is a limit and not for how long."""
_LONGEST = 10 * 365 * 86400.0


def limit_pause(status: int, headers: Mapping[str, str], message: str, now: float) -> float | None:
    """Seconds until a request that was refused for its rate may be repeated; None where the refusal has another cause.

    `headers` may be looked up in any case, `message` is the refusal's text, `now` the time in seconds since 1970. The
    server's own clock (`Date`) is preferred to `now`, as `X-RateLimit-Reset` is told by it. At least one second.
    """
    if status not in _LIMITED:
        return None
    told = retry_after(headers, now)
    if told is not None:
        return told
    if headers.get("X-RateLimit-Remaining", "").strip() == "0":
        reset = _seconds(headers.get("X-RateLimit-Reset", ""))
        if reset is not None:
            return _bounded(reset - _server_time(headers, now))
        return _UNTOLD
    if status == 429 or "rate limit" in message.lower():
        return _UNTOLD
    return None


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds that `Retry-After` names, as a number or as a date (RFC 9110, 10.2.3); None where it says nothing."""
    value = headers.get("Retry-After", "").strip()
    seconds = _seconds(value)
    if seconds is not None:
        return _bounded(seconds)
    date = http_date(value)
    return None if date is None else _bounded(date - _server_time(headers, now))


def is_busy(status: int) -> bool:
    """Whether a status says that the server failed, and that the same request may succeed later."""
    return status in _BUSY


def _server_time(headers: Mapping[str, str], now: float) -> float:
    date = http_date(headers.get("Date", ""))
    return now if date is None else date


def _seconds(text: str) -> float | None:
    return float(text) if is_digits(text) and len(text) < 16 else None


def http_date(text: str) -> float | None:
    """A header's date in seconds since 1970; None for a text that is none."""
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _bounded(seconds: float) -> float:
    return min(max(seconds, 1.0), _LONGEST)
