"""Words of a Dockerfile with their variables filled in, as BuildKit's shell lexer does it.

Source: BuildKit frontend/dockerfile/shell/lex.go. The results agree with it to the letter, including what one would
not expect: the split form (`Expansion.words`) loses what stood before a nested `${name:-…}`.
"""

from ..late.patterns import pattern
from ..text.go_strings import SPACE
from .expand_lexer import Environment, Expansion, Lexer, UsedVariable

__all__ = ["Environment", "Expansion", "UsedVariable", "expand", "expand_raw", "holes", "unset_kept", "variables"]

_HOLE = pattern("\0([^\0]*)\0")
_NOTHING_TO_DO = pattern(f"[^$<'\"\\\\`\ufeff{SPACE}]+")


def expand(word: str, env: Environment, escape: str = "\\") -> Expansion:
    """Fill in the variables of `word` and take away its quotes and escapes.

    `escape` is the Dockerfile's escape character.
    """
    if _NOTHING_TO_DO.fullmatch(word):
        return Expansion(word, (word,))
    return Lexer(env, escape).read(word)


def expand_raw(text: str, env: Environment) -> Expansion:
    """Fill in the variables of a COPY or ADD heredoc's content, where quotes are ordinary characters."""
    return Lexer(env, quotes=False).read(text)


def variables(word: str, escape: str = "\\", *, quotes: bool = True) -> tuple[UsedVariable, ...]:
    """The variables that `word` mentions, in order of place, nested ones too; of a bad word, those before the fault.

    `quotes` is false for a heredoc's content, where quotes are ordinary characters.
    """
    if "$" not in word:
        return ()
    lexer = Lexer(_no_value, escape, keep_unset=True, quotes=quotes)
    lexer.read(word)
    return tuple(sorted(lexer.mentions, key=lambda mention: mention.offset))


def holes(word: str, env: Environment, escape: str = "\\") -> tuple[str, ...]:
    """The variables whose lack of a value leaves a hole in the text; not those for which `:-` and the like provide.

    None for a word that BuildKit refuses.
    """
    if "$" not in word:
        return ()
    lexer = Lexer(env, escape, hole=lambda name: f"\0{name}\0")
    return tuple(dict.fromkeys(_HOLE.findall(lexer.read(word).text)))


def unset_kept(text: str, *, keep_quotes: bool = False, keep_escapes: bool = False) -> Expansion:
    """`text` split into words with every variable left as it stands."""
    return Lexer(_no_value, keep_unset=True, keep_quotes=keep_quotes, keep_escapes=keep_escapes).read(text)


def _no_value(_name: str) -> None:
    return None
