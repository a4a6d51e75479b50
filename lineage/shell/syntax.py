"""Whether a shell takes a script at all: its grammar, read over the tokens, without making anything of it.

A shell that meets what its grammar does not allow stops there. The grammar is that of the POSIX shell command language
(2.10 Shell Grammar) with what Bash adds; where a shell differs from the others in what it allows, nothing is said. Held
against `bash -n`, `dash -n` and `busybox sh -n`.
"""

from functools import lru_cache
from typing import NamedTuple

from .double_brackets import refused_words
from .shebang import Dialect
from .tokens import ShellToken, Tokens, tokenise

_ENDS = frozenset(("then", "else", "elif", "fi", "do", "done", "esac", "}"))
_OPENS = frozenset(("if", "while", "until", "for", "case", "{", "select", "function"))
_ARMS = frozenset((";;", ";&", ";;&"))
_ONLY_BASH = frozenset(("array", "function", "select", "((", "for ((", "<(", "<<<", ";&", ";;&", "|&", "&>", "[["))
_NOT_BUSYBOX = frozenset(("array", "select", "((", "for ((", "<(", ";&", ";;&", "|&"))
_DEEPEST = 100


class Refusal(NamedTuple):
    """Where a shell stops reading: the offset in the text, the word or sign there (empty: the text ends), and why."""

    offset: int
    found: str
    reason: str


class _ShellRefusesError(Exception):
    def __init__(self, offset: int, found: str, reason: str) -> None:
        super().__init__(reason)
        self.refusal = Refusal(offset, found, reason)


@lru_cache(512)
def refusal(text: str, dialect: Dialect) -> Refusal | None:
    """Where the shell of that dialect refuses the text; None where it takes it, or where that cannot be said."""
    tokens = tokenise(text, dialect)
    foreign = {"sh": _ONLY_BASH, "busybox": _NOT_BUSYBOX, "bash": frozenset[str]()}[dialect]
    if any(kind in foreign for kind, _ in tokens.bashisms):
        return None
    try:
        _Grammar(text, tokens, dialect).script()
    except _ShellRefusesError as refused:
        return refused.refusal
    except RecursionError:
        return None
    return None


class _Grammar:
    """One pass over the tokens, by recursive descent."""

    def __init__(self, text: str, tokens: Tokens, dialect: Dialect) -> None:
        self.text = text
        self.tokens = tokens.tokens
        self.unclosed = tokens.error
        self.bash = dialect == "bash"
        self.at = 0
        self.depth = 0

    def script(self) -> None:
        self.newlines()
        self.list_of_commands(empty=True)
        if self.peek() is not None:
            self.refuse("nothing that it closes was opened")
        if self.unclosed is not None:
            mark = self.text[self.unclosed : self.unclosed + 1]
            raise _ShellRefusesError(self.unclosed, mark, "it is never closed")

    # Tokens

    def peek(self, ahead: int = 0) -> ShellToken | None:
        index = self.at + ahead
        return self.tokens[index] if index < len(self.tokens) else None

    def word(self) -> str:
        """The word here, as it is written; empty for what is no word."""
        token = self.peek()
        return self.text[token.start : token.end] if token is not None and token.kind == "word" else ""

    def operator(self) -> str:
        token = self.peek()
        return token.operator if token is not None and token.kind == "operator" else ""

    def is_newline(self) -> bool:
        token = self.peek()
        return token is not None and token.kind == "newline"

    def newlines(self) -> None:
        while self.is_newline():
            self.at += 1

    def refuse(self, reason: str) -> None:
        token = self.peek()
        if token is None:
            if self.unclosed is not None:
                mark = self.text[self.unclosed : self.unclosed + 1]
                raise _ShellRefusesError(self.unclosed, mark, "it is never closed")
            raise _ShellRefusesError(len(self.text.rstrip()), "", reason)
        shown = "newline" if token.kind == "newline" else self.text[token.start : token.end]
        raise _ShellRefusesError(token.start, shown, reason)

    def expect(self, word: str, reason: str) -> None:
        if self.word() != word:
            self.refuse(reason)
        self.at += 1

    # Grammar

    def list_of_commands(self, *, empty: bool = False) -> None:
        """Commands up to a word that ends a list, to `)`, to the end of a case's arm, or to the end of the text."""
        self.newlines()
        if self.finished():
            if not empty:
                self.refuse("a command is missing before it")
            return
        while True:
            self.and_or()
            if self.operator() in (";", "&"):
                self.at += 1
            elif not self.is_newline():
                return
            self.newlines()
            if self.finished():
                return

    def finished(self) -> bool:
        return self.peek() is None or self.operator() in (")", *_ARMS) or self.word() in _ENDS

    def and_or(self) -> None:
        self.pipeline()
        while self.operator() in ("&&", "||"):
            self.at += 1
            self.newlines()
            self.pipeline()

    def pipeline(self) -> None:
        while self.word() == "!" or (self.bash and self.word() == "time"):
            timed = self.word() == "time"
            self.at += 1
            while timed and self.word() in ("-p", "--"):
                self.at += 1
            if self.bash and (self.peek() is None or self.is_newline() or self.operator() in (";", "&")):
                return
        self.command()
        while self.operator() in ("|", "|&"):
            self.at += 1
            self.newlines()
            self.command()

    def command(self) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise RecursionError
        self._command()
        self.depth -= 1

    def _command(self) -> None:
        word, operator = self.word(), self.operator()
        if self.bash and word == "coproc":
            self.at += 1
            if self.word() not in _OPENS and (ahead := self.peek(1)) is not None and self._opens(ahead):
                self.at += 1
            word, operator = self.word(), self.operator()
        if operator == "(":
            self.at += 1
            self.list_of_commands()
            self.close(")")
            self.redirects()
        elif operator or self.peek() is None or self.is_newline():
            self.refuse("a command is missing")
        elif word in _OPENS:
            self.compound(word)
        elif word in _ENDS:
            self.refuse("nothing that it belongs to was opened, or a command is missing before it")
        elif self.bash and self._is_test():
            self.double_brackets()
            self.at += 1
            self.redirects()
            if self.word() not in _ENDS:
                self.simple()
        else:
            self.simple()

    def _is_test(self) -> bool:
        token = self.peek()
        return token is not None and token.kind in ("test", "arithmetic")

    def double_brackets(self) -> None:
        token = self.peek()
        found = refused_words(self.text[token.start : token.end]) if token is not None else None
        if token is not None and found is not None:
            offset, words = found
            raise _ShellRefusesError(token.start + offset, words, "an operator with blanks around it is missing")

    def _opens(self, token: ShellToken) -> bool:
        return token.operator == "(" or self.text[token.start : token.end] in _OPENS

    def close(self, sign: str) -> None:
        if self.operator() != sign:
            self.refuse(f"a `{sign}` is missing")
        self.at += 1

    def redirects(self) -> None:
        while (token := self.peek()) is not None and token.kind == "redirect":
            self.redirect(token)

    def redirect(self, token: ShellToken) -> None:
        self.at += 1
        if token.target is not None and token.target[0] == token.target[1]:
            self.refuse("the file of a redirection is missing before it")

    def compound(self, word: str) -> None:
        self.at += 1
        if word == "if":
            self.condition()
        elif word in ("while", "until"):
            self.list_of_commands()
            self.do_group()
        elif word in ("for", "select"):
            self.loop()
        elif word == "case":
            self.case()
        elif word == "{":
            self.list_of_commands()
            self.expect("}", "a `}` is missing")
        else:
            self.function()
            return
        self.redirects()
        self.behind_compound()

    def behind_compound(self) -> None:
        token = self.peek()
        if token is None or token.kind in ("newline", "operator"):
            if self.operator() == "(":
                self.refuse("a `;` or the end of the line is missing before it")
            return
        if self.word() not in _ENDS:
            self.refuse("a `;` or the end of the line is missing before it")

    def condition(self) -> None:
        self.list_of_commands()
        self.expect("then", "the `then` of an `if` is missing")
        self.list_of_commands()
        if self.word() == "elif":
            self.at += 1
            self.condition()
            return
        if self.word() == "else":
            self.at += 1
            self.list_of_commands()
        self.expect("fi", "the `fi` of an `if` is missing")

    def do_group(self) -> None:
        self.expect("do", "the `do` of a loop is missing")
        self.list_of_commands()
        self.expect("done", "the `done` of a loop is missing")

    def loop(self) -> None:
        token = self.peek()
        if token is not None and token.kind == "arithmetic":
            self.at += 1
        else:
            if not self.word():
                self.refuse("the variable of a loop is missing")
            self.at += 1
            self.loop_words()
        if self.operator() == ";":
            self.at += 1
        self.newlines()
        if self.bash and self.word() == "{":
            self.compound("{")
            return
        self.do_group()

    def loop_words(self) -> None:
        self.newlines()
        if self.word() != "in":
            return
        self.at += 1
        while (token := self.peek()) is not None and token.kind == "word":
            self.at += 1
        if self.operator() != ";" and not self.is_newline():
            self.refuse("the words of a loop end with `;` or the line")

    def case(self) -> None:
        if not self.word():
            self.refuse("the word of a `case` is missing")
        self.at += 1
        self.newlines()
        self.expect("in", "the `in` of a `case` is missing")
        self.newlines()
        while self.word() != "esac":
            self.arm()
            self.newlines()
        self.at += 1

    def arm(self) -> None:
        if self.operator() == "(":
            self.at += 1
        while True:
            if not self.word():
                self.refuse("a pattern of a `case` is missing")
            self.at += 1
            if self.operator() != "|":
                break
            self.at += 1
        self.close(")")
        self.list_of_commands(empty=True)
        if self.operator() in _ARMS:
            self.at += 1
        elif self.word() != "esac":
            self.refuse("the `;;` or `esac` of a `case` is missing")

    def function(self) -> None:
        """Behind `function`."""
        if not self.word():
            self.refuse("the name of a function is missing")
        self.at += 1
        if self.operator() == "(":
            self.at += 1
            self.close(")")
        self.body()

    def body(self) -> None:
        self.newlines()
        token = self.peek()
        if token is None or not (token.operator == "(" or self._is_test() or self.word() in _OPENS):
            self.refuse("the body of a function is missing")
        self.command()

    def simple(self) -> None:
        first = self.at
        while (token := self.peek()) is not None and token.kind not in ("operator", "newline"):
            if token.kind == "redirect":
                self.redirect(token)
            else:
                self.at += 1
        if self.operator() != "(":
            return
        ahead = self.peek(1)
        named = self.at == first + 1 and self.tokens[first].kind == "word"
        if not named or ahead is None or ahead.operator != ")":
            self.refuse("`(` cannot stand behind a word")
        self.at += 2
        self.body()
