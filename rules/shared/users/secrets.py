"""Which names and values mean a secret: a password, token or key that no image should carry."""

import itertools
import re
from collections.abc import Iterable, Iterator
from posixpath import basename

from ....lineage.boot.plan import BootPlan
from ....lineage.boot.script_reader import ScriptReader
from ....lineage.commands.model import Command
from ....lineage.effects.model import Copy, Effect, Write
from ....lineage.folding.run import reading_of
from ....lineage.image.image import BuildStep, EffectiveImage
from ....lineage.image.script_files import text_of
from ....lineage.image.tree import Node
from ....lineage.late.dataclasses import dataclass
from ....lineage.late.patterns import pattern
from ....lineage.text.places import Place, Span
from ....lineage.text.spelling import words_of
from ....lineage.text.symbolic import Text

_WORDS = frozenset(words_of("""password passwd passphrase pw pwd passwort secret token apikey"""))
_PASSWORDS = frozenset(words_of("""password passwd pw pwd pass"""))
_PASSED_TO = ("fpm", "fastcgi", "proxy", "uwsgi", "grpc", "scgi")
"""What a web server hands requests on by: `FPM_PASS` is the address it passes them to."""
_TYPE = pattern(
    r"(?i)(?:str|string|text|int|integer|float|bool|boolean|email|url|port|password)(?:\(.*\))?\??|(?:list|match)\(.*\)\??"
)
"""The type of an option, as in the schema of an app's options."""
_SPEAKS_OF_ONE = pattern(
    r"(?:[A-Z]+[-_]?)?(?:PASSWORD|SECRET|TOKEN|APIKEY)|(?:some|any|my|the)[-_]?(?:password|secret|token|key).*"
)
"""A word that says what is to stand there: `ALMSECRET`, `somepassword`."""
_KEYS = frozenset(words_of("""api access secret private encryption signing auth master account"""))
_NEUTRAL = frozenset(words_of("default value str string text plain cleartext base64"))
_PLACEHOLDER = pattern(
    r"(?i)\A(?:|.*(?:change|replace|insert|fill|set).?(?:me|this|it|in|at|by|here)\b.*"
    r"|x{3,}|\*+|\.{2,}|-+|_+|\?+|example|placeholder"
    r"|change.?(?:me|this|it).*|bogus"
    r"|replace|insecure|dummy|none|null|nil|undefined|unset|un-?used|not[-_ ]?used|empty|todo|tbd|n/?a|redacted|hidden"
    r"|pass|secret|token|password"
    r"|your[-_ ].*|my[-_].*|some[-_].*|some-?random.*"
    r"|.*(?:required|placeholder|your[-_]).*|true|false|yes|no|on|off|enabled?|disabled?|optional|auto|random|generated?|prompt"
    r"|bearer|basic|md5|sha\d+|bcrypt|scram-.*|read|write|(?:.*[-_ ])?(?:tests?|testing|fake|mock)(?:[-_ ].*)?"
    r"|test(?:user|pass|password|secret|token|key)\d*|(?:de?in|ihr|mein|votre|ton|mon|tu|su|seu|sua|tuo|jouw|twoje?)e?[-_ ].*)\Z"
)
_WORDY = pattern(r"(?i)[a-z_ -]*(?:token|secret|key)")
_TEMPLATE = pattern(r"[$<>%{}@#|]|\A__|\A!|://|\A[~./]|\A\[|\\\(|\s")
_MARKED = pattern(r"(\*\*|__|%%|@@).*\1")
_NUMBER = pattern(r"\A[-+]?\d[\d.]*[smhd]?\Z")
_FILES = pattern(r"\.(properties|conf|cfg|ini|env|cnf|yml|yaml|toml)\Z|\A\.env(\..+)?\Z", re.I)
_NOT_ITS_OWN = pattern(
    r"(?i)i18n|locale|lang|messages|translation|example|sample|template|/docs?/|\.dist\Z|\.default\Z"
    r"|\A/defaults/|(?:\A|[/.-])(?:compose|stack)[\w.-]*\.ya?ml\Z|/values[\w.-]*\.ya?ml\Z"
    r"|(?:\A|/)(?:tests?|testing|specs?|e2e|fixtures?|mocks?|dev|develop|development|devel|ci|benchmarks?)/"
    r"|[./_-](?:tests?|testing|dev|development|ci)\.(?:properties|conf|cfg|ini|env|ya?ml|toml)\Z|\.env\.(?:tests?|ci|dev|development|github|gitlab|circleci|travis|drone|jenkins|actions)\Z"
    r"|(?:\A|/)\.(?:github|gitlab|gitea|forgejo|circleci|buildkite|semaphore|woodpecker|azure|devcontainer|vscode|idea|travis)(?:/|\.)"
    r"|(?:\A|/)(?:\.gitlab-ci|\.drone|\.cirrus|\.pre-commit-config|appveyor|\.appveyor|azure-pipelines|bitbucket-pipelines|cloudbuild"
    r"|buildspec|docker-bake|mkdocs|skaffold|tox|setup|pytest|mypy|pyproject|cargo|netlify|fly|crowdin)[\w.-]*\.(?:ya?ml|toml|ini|cfg)\Z"
)
"""Files that configure another container, CI, tests, development or the project itself, and patterns to copy from."""
_SETTING = pattern(r"\A\s*(?:export\s+|-\s+)?[\"']?([A-Za-z_][\w.-]*)[\"']?\s*[:=]\s*(.*)")
_CODE = pattern(r"\(|\)|\A[a-z_]\w*(?:\.[a-z_]\w*)+\Z|\A[a-z_]\w*\[|;.")
"""An expression of a program: a call, a name in a name, an element."""
WELL_KNOWN = frozenset(words_of("password passwd pass secret"))
"""Words that stand for a password in documentation and are one where they are in force."""
_OPENS_HERE = frozenset(
    words_of("vnc novnc rdp xrdp ssh sshd root sudo user login admin desktop guac kasm web ui http basic auth")
)
_DATABASES = frozenset(
    words_of("postgres postgresql pg psql mysql mariadb sql db database mongo mongodb redis valkey rabbitmq influxdb")
)
_SOCKET_SECTIONS = ("[unix_http_server]", "[supervisorctl]")
_FOR_OTHERS = pattern(r"(?im)^[ \t]*[#;].*\b(?:replace|fill in|enter|put|change) [^\n]{0,200}\byours?\b")
"""A comment that tells the reader to put in values of their own."""
_SECTION = pattern(r"(?im)^[ \t]*\[")
_SHOWN = pattern(r"(?i)\b(?:demo\w*|samples?|examples?|tests?)\b")
"""Words of a section, or of its comment, that is there to show something."""
_KEY_OF_AN_APP = pattern(r"(?m)^ {0,8}\"?(slug|schema|options)\"? ?:")
_APP = frozenset(("slug", "schema", "options"))
"""What the configuration of an add-on of Home Assistant has: whoever installs it is asked for the options."""
_STANDS_THERE = pattern(r"(?i)\b(?:demo\w*|placeholders?|dummy|sample|example)\b")
"""Words of the comment at a file's head by which all of it stands there to be replaced."""
_TRIED = frozenset(words_of("test testing demo example sample dummy fake mock"))
_LONGEST = 1 << 18


@dataclass(frozen=True, slots=True)
class FileSecret:
    """A secret in a file that the image copies: which setting, where."""

    name: str
    place: Place
    path: str
    image: str


def is_secret_name(name: str) -> bool:
    """Whether a variable or setting of that name holds a secret itself (not the path, address or length of one)."""
    words = [word for word in _split(name) if word not in _NEUTRAL]
    if not words:
        return False
    last = words[-1].rstrip("0123456789")
    if last in ("pwd", "pw", "pass") and len(words) == 1:
        return False
    if last in _WORDS or last == "pass":
        return len(words) == 1 or words[-2] not in (
            "no",
            "public",
            "old",
            "require",
            "requires",
            "required",
            "random",
            "by",
            *(_PASSED_TO if last == "pass" else ()),
        )
    return last == "key" and len(words) > 1 and words[-2] in _KEYS


def _split(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return [word for word in re.split(r"[_.\-]+", spaced.lower()) if word]


def is_secret_value(value: str) -> bool:
    """Whether a value looks like a secret: not empty, no switch, number, path, address, placeholder or template."""
    if _MARKED.fullmatch(value):
        return False
    value = value.strip("*_")
    if not 4 <= len(value) <= 200 or _PLACEHOLDER.match(value) or _NUMBER.match(value):
        return False
    return not _TEMPLATE.search(value)


def names_itself(name: str, value: str) -> bool:
    """Whether the value of a token or key says in words what is to stand there: `drss_docker_token`, `secretAPIkey`."""
    words = _split(name)
    return words[-1:] != [] and words[-1] not in _PASSWORDS and _WORDY.fullmatch(value) is not None


def of_a_database(name: str) -> bool:
    """Whether a password of that name is one that a database asks for."""
    return not _DATABASES.isdisjoint(_split(name))


def opens_something_here(name: str) -> bool:
    """Whether a password of that name opens the container itself, not a database or another service elsewhere."""
    words = [word for word in _split(name) if word not in _NEUTRAL]
    return words[-1:] != [] and words[-1] in _PASSWORDS and (len(words) == 1 or words[-2] in _OPENS_HERE)


@dataclass(frozen=True, slots=True)
class GivenPassword:
    """A password that a command gives to an account."""

    account: str
    place: Place


def passwords_in(image: EffectiveImage, step: BuildStep) -> Iterator[GivenPassword]:
    """The passwords that a RUN gives in so many words: `echo NAME:WORD | chpasswd`, `echo WORD | passwd --stdin NAME`."""
    reading = reading_of(image, step)
    commands = reading.commands if reading is not None else ()
    for index, command in enumerate(commands):
        if command.name not in ("chpasswd", "passwd"):
            continue
        text = _input_of(commands, index)
        if text is None:
            continue
        if command.name == "passwd":
            names = [word.literal for word in command.arguments if word.literal and not word.literal.startswith("-")]
            if names and is_word(text.split("\n")[0]):
                yield GivenPassword(names[0], command.place)
            continue
        hashed = any((word.literal or "").startswith(("-e", "--encrypted")) for word in command.arguments)
        for row in text.split("\n"):
            account, colon, word = row.partition(":")
            if colon and is_word(word) and not hashed:
                yield GivenPassword(account, command.place)


def is_word(text: str) -> bool:
    """Whether a password is written there: something, and neither a variable nor what locks an account."""
    return bool(text.strip()) and not text.startswith(("*", "!")) and "\0" not in text


def _input_of(commands: tuple[Command, ...], index: int) -> str | None:
    """What a command reads, as far as it is written out: of the `echo` before it in the pipeline, or of a here-document."""
    command = commands[index]
    for redirect in command.redirects:
        if redirect.document is not None:
            return redirect.document.literal
    before = commands[index - 1] if index else None
    if before is None or command.pipe is None or before.pipe is None or before.pipe.number != command.pipe.number:
        return None
    if before.name not in ("echo", "printf"):
        return None
    words = [word for word in before.arguments if word.raw not in ("-n", "-e")]
    texts = [word.literal for word in words]
    if before.name == "printf" and texts and len(texts) > 1:
        texts = texts[1:]
    if any(text is None or word.variables for text, word in zip(texts, words[-len(texts) :], strict=True)):
        return None
    return " ".join(text or "" for text in texts).replace("\\n", "\n")


def secrets_in_files(image: EffectiveImage, boot: BootPlan) -> Iterator[FileSecret]:
    """The secrets in configuration files that the image's own build copies out of the repository.

    Those that a start script rewrites are left out.
    """
    seen: set[str] = set()
    for path, node in sorted(image.tree.sourced):
        if node.kind != "file" or node.source is None or not image.owns(node.image) or node.source in seen:
            continue
        seen.add(node.source)
        if _FILES.search(basename(path)) and not _NOT_ITS_OWN.search(path) and not _NOT_ITS_OWN.search(node.source):
            for secret in _in_file(path, node):
                if not _rewritten(image, boot, path, secret.name):
                    yield secret


def _rewritten(image: EffectiveImage, boot: BootPlan, path: str, name: str) -> bool:
    """Whether a start step, or a script of the image's own that others may call, writes the file anew or edits the setting."""
    for step in boot.steps:
        data = step.script.data if step.script is not None else None
        if _edits(step.effects, path, name) or _writes_anew(
            step.effects, path, name.encode("utf-8", "surrogateescape") in (data or b"")
        ):
            return True
    return any(_edits(effects, path, name) for effects in _of_scripts_that_speak_of(image, boot, path, name))


def _of_scripts_that_speak_of(
    image: EffectiveImage, boot: BootPlan, path: str, name: str
) -> Iterator[tuple[Effect, ...]]:
    """What the scripts of the repositories do that no start step is, and that have the file's name and the setting's."""
    told = {step.path for step in boot.steps}
    for place, node in image.tree.sourced:
        data = node.blob.data if node.kind == "file" and place not in told else None
        if (
            data is not None
            and data.startswith(b"#!")
            and basename(path).encode("utf-8", "surrogateescape") in data
            and name.encode("utf-8", "surrogateescape") in data
        ):
            script = ScriptReader(image).read(place, inherits=True)
            yield script.effects if script is not None else ()


def _writes_anew(effects: Iterable[Effect], path: str, speaks_of_it: bool) -> bool:
    return any(
        isinstance(one, Write) and one.path.literal == path and not one.append and (speaks_of_it or not one.keeps)
        for one in effects
    )


def _edits(effects: Iterable[Effect], path: str, name: str) -> bool:
    """Whether a command that names the setting edits the file, or a copy of it that was made before."""
    copies = {path}
    for effect in effects:
        words = effect.command.arguments if effect.command is not None else ()
        if isinstance(effect, Copy) and any(_is_one_of(source, copies) for source in effect.sources):
            target = effect.target.canonical
            copies |= {target, f"{target.rstrip('/')}/{basename(path)}"}
        elif isinstance(effect, Write) and not effect.append and any(name in word.text.canonical for word in words):
            edited = effect.keeps and _is_one_of(effect.path, copies)
            passed_on = effect.command is not None and effect.command.name == "sed"
            if edited or (passed_on and any(_is_one_of(word.text, copies) for word in words)):
                return True
    return False


def _is_one_of(text: Text, paths: set[str]) -> bool:
    """Whether a path is one of them; where its folder is not known, the name decides."""
    unknown = text.literal is None and basename(text.canonical) in map(basename, paths)
    return text.canonical in paths or unknown


def _behind_a_socket(text: str, lines: list[str]) -> frozenset[int]:
    """The lines that say how to speak to a supervisord which listens on a Unix socket alone: who can read that is root there."""
    if "[unix_http_server]" not in text or "[inet_http_server]" in text:
        return frozenset()
    found: set[int] = set()
    section = ""
    for number, line in enumerate(lines, 1):
        section = line.strip() if line.lstrip().startswith("[") else section
        if section.startswith(_SOCKET_SECTIONS):
            found.add(number)
    return frozenset(found)


def _demonstrated(text: str, lines: list[str]) -> frozenset[int]:
    """The lines of sections which say that they show something (`[insta] # CMP using the demo CA`); of a file whose head does,
    all."""
    head = itertools.takewhile(lambda line: not line.strip() or line.lstrip().startswith(("#", ";")), lines)
    if any(_STANDS_THERE.search(line) for line in head):
        return frozenset(range(1, len(lines) + 1))
    if _SECTION.search(text) is None:
        return frozenset()
    found: set[int] = set()
    shows = False
    for number, line in enumerate(lines, 1):
        shows = _SHOWN.search(line) is not None if _SECTION.match(line) else shows
        if shows:
            found.add(number)
    return frozenset(found)


def _in_file(path: str, node: Node) -> Iterator[FileSecret]:
    data = node.blob.data
    text = text_of(node) if data is not None and len(data) < _LONGEST else None
    if (
        text is None
        or node.source is None
        or _FOR_OTHERS.search(text.text)
        or set(_KEY_OF_AN_APP.findall(text.text)) >= _APP
    ):
        return
    lines = text.text.split("\n")
    harmless = _behind_a_socket(text.text, lines) | _demonstrated(text.text, lines)
    offset = 0
    for number, line in enumerate(lines, 1):
        start, offset = offset, offset + len(line) + 1
        match = _SETTING.match(line)
        if match is None or number in harmless or not is_secret_name(match.group(1)):
            continue
        if not _TRIED.isdisjoint(_split(match.group(1))[:1]):
            continue
        written = re.sub(r"(?<!\s)\s+[#;].*\Z", "", match.group(2).rstrip()).rstrip(", ")
        value = written.strip("\"', ")
        if _TYPE.fullmatch(value) or _SPEAKS_OF_ONE.fullmatch(value) or names_itself(match.group(1), value):
            continue
        if is_secret_value(value) and (written[:1] in "\"'" or not _CODE.search(value)):
            place = Place(node.home.path, Span(text.position(start)[0]))
            yield FileSecret(match.group(1), place, path, node.image)
