"""Arithmetic of numbers, as in `$((1 + 2))`."""

import re

from ..text.numbers import natural

_LIMIT = 1 << 63


def calculated(source: str) -> int | None:
    """The value of an arithmetic expression of numbers and `+ - * / %` and brackets; None for anything else."""
    tokens = re.findall(r"0[xX][0-9A-Fa-f]+|[0-9]+|[-+*/%()]", source)
    if "".join(tokens) != re.sub(r"\s", "", source) or not tokens:
        return None
    position = 0

    def peek() -> str:
        return tokens[position] if position < len(tokens) else ""

    def take() -> str:
        nonlocal position
        position += 1
        return tokens[position - 1] if position <= len(tokens) else ""

    def factor(depth: int) -> int:
        token = take()
        if depth > 50:
            raise ValueError(source)
        if token in ("-", "+"):
            value = factor(depth + 1)
            return -value if token == "-" else value
        if token == "(":
            value = total(depth + 1)
            if take() != ")":
                raise ValueError(source)
            return value
        if token[:2] in ("0x", "0X"):
            token, base = token[2:], 16
        else:
            base = 8 if len(token) > 1 and token.startswith("0") else 10
        number = natural(token, base)
        if number is None:
            raise ValueError(source)
        return number

    def product(depth: int) -> int:
        value = factor(depth)
        while peek() in ("*", "/", "%"):
            operator, other = take(), factor(depth)
            if operator == "*":
                value *= other
                if abs(value) >= _LIMIT:
                    raise ValueError(source)
            elif not other:
                raise ValueError(source)
            else:
                quotient = abs(value) // abs(other) * (1 if (value < 0) == (other < 0) else -1)
                value = quotient if operator == "/" else value - quotient * other
        return value

    def total(depth: int) -> int:
        value = product(depth)
        while peek() in ("+", "-"):
            value = value + product(depth) if take() == "+" else value - product(depth)
        return value

    try:
        result = total(0)
    except ValueError:
        return None
    return result if position == len(tokens) else None
