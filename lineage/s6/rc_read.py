"""One definition directory, read as s6-rc-compile reads it (src/s6-rc/s6-rc-compile.c, s6-rc 0.5.3.0 to 0.7.0.0)."""

from collections.abc import Iterator

from ..shell.execline import ExeclineScript, SyntaxProblem, parse
from ..text.errors import Unknown
from ..text.numbers import natural
from .rc_definition import Listing, Name, ServiceType, SourceDefinition, first_unknown
from .rc_problem import Code, DefinitionProblem
from .rc_source import RELOAD_FROM, S6_RC_0_5_3_2_FROM, TEMPLATE_FROM, Definition, SourceEntry

_TYPES: dict[bytes, ServiceType] = {b"longrun": "longrun", b"oneshot": "oneshot", b"bundle": "bundle"}
_TYPE_BYTES = 8
_TIMEOUT_BYTES = 63
_NUMBER_BYTES = 11
_NUMBER_LIMIT = 1 << 32
_LONGRUN_NUMBERS = ("notification-fd", "lock-fd", "timeout-kill", "timeout-finish", "max-death-tally")
_SCRIPT_ERRORS = {
    "unmatched-open": "this `{` has no `}` standing alone as a word",
    "unmatched-close": "this `}` has no `{` before it",
    "quote": "this double quote is never closed",
    "escape": "`\\0` must be followed by an octal number or by `x` and a hexadecimal one",
    "number": "an escaped character must be between 1 and 255",
    "backslash": "a backslash ends the file in the middle of a word",
    "brace-at-end": "a `{` ends the file",
}


def read_definition(definition: Definition, release: tuple[int, ...]) -> SourceDefinition:
    """Read every file that counts for the type of the definition; what is ignored there is not looked at."""
    reader = _DefinitionReader(definition, release)
    reader.read()
    return reader.source


class _DefinitionReader:
    def __init__(self, definition: Definition, release: tuple[int, ...]) -> None:
        self.definition = definition
        self.release = release
        self.source = SourceDefinition(definition, unknown=definition.open)

    def read(self) -> None:
        kind = self._type()
        self.source.kind = kind
        if kind is not None:
            for file, why, cure in self._passed_over():
                self._problem("file-ignored", file, f"`{file}` is not read in a {kind}. {why}", cure, fatal=False)
        self.source.essential = isinstance(self._child("flag-essential"), SourceEntry)
        if kind == "bundle":
            self._bundle()
        elif kind is not None:
            self._dependencies()
            for name in ("timeout-down", "timeout-up"):
                self._timeout(name)
            if kind == "oneshot":
                self._oneshot()
            else:
                self._longrun()
        elif self.source.broken:
            self.source.unknown = Unknown(f"{self.definition.path} has no valid type")
        else:
            self._perhaps_related()

    def _passed_over(self) -> Iterator[tuple[str, str, str]]:
        """Files that s6-rc-compile does not look at although they say something, each with why and what to do instead."""
        kind, child = self.source.kind, self._child
        for directory, file in (("dependencies.d", "dependencies"), ("contents.d", "contents")):
            if isinstance(child(directory), SourceEntry) and isinstance(child(file), SourceEntry):
                mine = kind == "bundle" if file == "contents" else kind != "bundle"
                if mine and self.definition.name not in ("user", "user2"):
                    yield file, f"`{directory}` hides it.", f"Make an empty file in `{directory}` for every name."
        if kind == "bundle":
            for name in ("dependencies.d", "dependencies"):
                if isinstance(child(name), SourceEntry):
                    yield name, "A bundle has no dependencies.", "Give them to the services in it."
        elif isinstance(child("log/run"), SourceEntry):
            yield "log/run", "Loggers are services of their own here.", "Use `producer-for` and `consumer-for`."
        down = child("down") if kind == "longrun" else None
        if isinstance(down, SourceEntry) and (down.data or b"").strip():
            yield "down", "A longrun is stopped by a signal.", "Do in `finish` what is to be done behind it."
        elif isinstance(down, SourceEntry):
            yield "down", "It keeps nothing from being started.", "Take the service out of the bundles that name it."
        for name in sorted({path.split("/", 1)[0] for path in self.definition.entries}):
            if name.endswith(".d") and name not in ("dependencies.d", "contents.d"):
                wanted = "contents.d" if kind == "bundle" else "dependencies.d"
                yield name, "No file of that name has a meaning.", f"Call it `{wanted}` if that is what it is."

    def _child(self, name: str) -> SourceEntry | Unknown | None:
        return self.definition.child(name)

    def _problem(
        self, code: Code, file: str, message: str, cure: str, line: int | None = None, *, fatal: bool = True
    ) -> None:
        path = f"{self.definition.path}/{file}" if file else self.definition.path
        self.source.problems.append(DefinitionProblem(code, self.definition.name, path, message, cure, line, fatal))

    def _content(self, name: str, code: Code) -> bytes | None:
        """The bytes of a file that must be readable where it exists; None where it is absent or unknown."""
        entry = self._child(name)
        if entry is None or isinstance(entry, Unknown):
            return None
        if entry.kind == "directory":
            self._problem(code, name, f"`{name}` is a directory, and must be a file.", "Put its text into a file.")
            return None
        return entry.data

    def _type(self) -> ServiceType | None:
        entry = self._child("type")
        name = self.definition.name
        if entry is None:
            self.source.broken = True
            self._problem("type-missing", "", f"`{name}` has no file `type`.", self._type_cure())
            return None
        data = self._content("type", "type-invalid")
        if data is None:
            self.source.broken = isinstance(entry, SourceEntry) and entry.kind == "directory"
            unread = Unknown(f"{self.definition.path}/type is not known")
            self.source.unknown = first_unknown(self.definition.open, unread)
            return None
        head = data[:_TYPE_BYTES]
        kind = _TYPES.get(head[:-1] if head.endswith(b"\n") else head)
        if kind is None:
            self.source.broken = True
            shown = data.decode("utf-8", "backslashreplace").encode("unicode_escape").decode()
            self._problem(
                "type-invalid",
                "type",
                f"`type` holds `{shown[:40]}`, and nothing but `longrun`, `oneshot` or `bundle`, ended by at most one"
                " newline, is taken.",
                _type_cure(data),
                1,
            )
        return kind

    def _type_cure(self) -> str:
        has = {name for name in ("run", "up", "contents.d", "contents") if isinstance(self._child(name), SourceEntry)}
        if self.definition.name == "user2":
            return "The overlay has a bundle `user2` from s6-overlay 3.1.1.1 on: list the services in `user`."
        if not self.definition.entries:
            return "Every directory here is taken for a definition: remove the empty directory."
        if not has:
            return "Every directory here is taken for a definition: add `type`, or move the directory elsewhere."
        if has == {"run"}:
            return "Add one that holds `longrun`, or `oneshot` and an `up`."
        kind = "oneshot" if "up" in has else "bundle"
        return f"Add one that holds `{kind}`."

    def _bundle(self) -> None:
        listing = self._either("contents.d", "contents")
        if not listing.present and listing.open is None:
            self._problem("contents-missing", "", "The bundle has no `contents.d`.", "Add the directory.")
        self.source.contents = listing

    def _dependencies(self) -> None:
        self.source.dependencies = self._either("dependencies.d", "dependencies")

    def _either(self, directory: str, file: str) -> Listing:
        """The names in the directory; only without it those in the file of the old format."""
        entry = self._child(directory)
        if entry is None:
            return self._file_list(file)
        if isinstance(entry, Unknown):
            return Listing(present=False, open=entry)
        if entry.kind in ("file", "other"):
            self._problem(
                "list-unreadable",
                directory,
                f"`{directory}` is a file, and must be a directory.",
                f"Make it a directory with one empty file per name, or call it `{file}`.",
            )
            return Listing(present=True, open=Unknown(f"{self.definition.path}/{directory} is no directory"))
        if entry.kind == "unknown":
            return Listing(present=True, open=Unknown(f"{self.definition.path}/{directory} is not known"))
        return Listing(tuple(self._names_in(directory)), True, self.definition.open)

    def _names_in(self, directory: str) -> Iterator[Name]:
        seen: set[str] = set()
        prefix = f"{directory}/"
        for path in self.definition.entries:
            name = path[len(prefix) :].split("/", 1)[0]
            if path.startswith(prefix) and name and not name.startswith(".") and name not in seen:
                seen.add(name)
                yield Name(name, f"{self.definition.path}/{directory}/{name}")

    def _file_list(self, file: str) -> Listing:
        entry = self._child(file)
        if entry is None:
            return Listing()
        data = self._content(file, "list-unreadable")
        if data is None:
            reason = entry if isinstance(entry, Unknown) else Unknown(f"{self.definition.path}/{file} is not known")
            return Listing(present=isinstance(entry, SourceEntry), open=reason)
        path = f"{self.definition.path}/{file}"
        names: dict[str, Name] = {}
        for number, line in enumerate(data.split(b"\n"), 1):
            text = line.split(b"\0", 1)[0].lstrip(b" \t").decode("utf-8", "surrogateescape")
            if text and not text.startswith("#"):
                names.setdefault(text, Name(text, path, number))
        return Listing(tuple(names.values()), True)

    def _timeout(self, file: str) -> None:
        data = self._content(file, "number-invalid")
        if data is None:
            return
        text = data[:_TIMEOUT_BYTES].rstrip(b"\n")
        if not data and self.release < S6_RC_0_5_3_2_FROM:
            return
        self._number(file, text, "milliseconds")

    def _number(self, file: str, text: bytes, unit: str) -> None:
        number = natural(text.lstrip(b"0") or text[:1])
        if number is not None and number < _NUMBER_LIMIT:
            self.source.numbers[file] = number
            return
        shown = text.decode("utf-8", "backslashreplace").encode("unicode_escape").decode()
        self._problem(
            "number-invalid",
            file,
            f"`{file}` holds `{shown}`, and must hold digits only ({unit}): no unit, no blank, no carriage return.",
            "Write the bare number.",
            1,
        )

    def _oneshot(self) -> None:
        if self._child("up") is None:
            others = " `run` does not stand in for it." if isinstance(self._child("run"), SourceEntry) else ""
            self._problem(
                "up-missing",
                "",
                f"The oneshot has no `up`.{others}",
                "Add one with the absolute path of the script to run.",
            )
        scripts = ("up", "down", "reload") if self.release >= RELOAD_FROM else ("up", "down")
        for name in scripts:
            self._script(name)

    def _script(self, file: str) -> None:
        data = self._content(file, "script-unreadable")
        if data is None:
            return
        parsed = parse(data)
        if isinstance(parsed, ExeclineScript):
            self.source.scripts[file] = parsed
        elif not self._accepted_then(parsed):
            self._problem(
                "script-syntax",
                file,
                f"`{file}` is one execline command line, and does not parse: {_SCRIPT_ERRORS[parsed.kind]}.",
                f"Put what is meant for a shell into a script, and only its absolute path into `{file}`.",
                parsed.line,
            )

    def _accepted_then(self, problem: SyntaxProblem) -> bool:
        """execline 2.8 took any number for a character."""
        return self.release < S6_RC_0_5_3_2_FROM and problem.kind == "number"

    def _longrun(self) -> None:
        run = self._child("run")
        if run is None:
            others = " `up` does not stand in for it." if isinstance(self._child("up"), SourceEntry) else ""
            self._problem(
                "run-missing", "", f"The longrun has no `run`.{others}", "Add the script that runs the daemon."
            )
        elif isinstance(run, SourceEntry) and run.kind in ("directory", "other"):
            self._problem("run-not-a-file", "run", "`run` must be a regular file.", "Replace it by the script.")
        self._pipeline()
        self._content("finish", "script-unreadable")
        for name in _LONGRUN_NUMBERS:
            data = self._content(name, "number-invalid")
            if data is not None:
                unit = "milliseconds" if name.startswith("timeout") else "a number"
                self._number(name, data[:_NUMBER_BYTES].split(b"\n", 1)[0], unit)
        self._descriptors()
        self._directories()

    def _pipeline(self) -> None:
        source = self.source
        source.producer_for = self._file_list("producer-for")
        source.consumer_for = self._file_list("consumer-for")
        if source.producer_for.present:
            self._one_name("producer-for", source.producer_for)
        listing = self._file_list("pipeline-name")
        unknown = first_unknown(source.producer_for.open, source.consumer_for.open)
        if unknown is not None:
            source.pipeline_name = Listing(open=unknown)
        elif source.consumer_for.names and not source.producer_for.present:
            source.pipeline_name = listing
            if listing.present:
                self._one_name("pipeline-name", listing)
        elif listing.present:
            self._problem(
                "file-ignored",
                "pipeline-name",
                "`pipeline-name` counts only in the last consumer of a pipeline, and is ignored here.",
                "Move it to the service that has `consumer-for` and no `producer-for`.",
                fatal=False,
            )

    def _one_name(self, file: str, listing: Listing) -> None:
        if listing.open is None and len(listing.names) != 1:
            self._problem(
                "pipeline-not-one-name",
                file,
                f"`{file}` must hold exactly one name, and holds {len(listing.names) or 'none'}.",
                "Leave one.",
            )

    def _descriptors(self) -> None:
        numbers = self.source.numbers
        notification, lock = numbers.get("notification-fd"), numbers.get("lock-fd")
        for file, value in (("notification-fd", notification), ("lock-fd", lock)):
            if value is not None and value < 3:
                self._problem(
                    "descriptor-low",
                    file,
                    f"`{file}` is {value}, a standard stream of the service: what it prints there is lost.",
                    "Use 3 or more.",
                    1,
                    fatal=False,
                )
        if notification is not None and notification == lock and notification >= 3:
            self._problem(
                "descriptor-clash",
                "lock-fd",
                f"`lock-fd` and `notification-fd` are both {lock}.",
                "Choose another number for `lock-fd`.",
                1,
            )

    def _directories(self) -> None:
        names = ("data", "env", "template") if self.release >= TEMPLATE_FROM else ("data", "env")
        for name in names:
            entry = self._child(name)
            if isinstance(entry, SourceEntry) and entry.kind in ("file", "other"):
                self._problem(
                    "not-a-directory", name, f"`{name}` must be a directory.", "Rename the file or move it in."
                )

    def _perhaps_related(self) -> None:
        """Where the type is unknown, the names it would list, whatever it is."""
        quiet = len(self.source.problems)
        self._dependencies()
        self.source.contents = self._either("contents.d", "contents")
        del self.source.problems[quiet:]


def _type_cure(data: bytes) -> str:
    word = data.strip().lower().removeprefix(b"\xef\xbb\xbf")
    if data.startswith(b"\xef\xbb\xbf"):
        return "Remove the byte-order mark."
    if b"\r" in data:
        return "Convert its line end from CRLF."
    if word in _TYPES:
        return "Remove the blanks around it." if data.strip() == word else "Write it in lower case."
    return "Write one of the three words."
