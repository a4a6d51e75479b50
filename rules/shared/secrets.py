"""Which names and values mean a secret: a password, token or key that no image should carry."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import basename

from ...lineage.image.image import EffectiveImage
from ...lineage.image.script_files import text_of
from ...lineage.image.tree import Node
from ...lineage.text.places import Place, Span
from ...lineage.text.spelling import words_of

_WORDS = frozenset(words_of("""password passwd passphrase pw pwd passwort secret token apikey"""))
_KEYS = frozenset(words_of("""api access secret private encryption signing auth master account"""))
_NEUTRAL = frozenset(words_of("default value str string text plain cleartext base64"))
_PLACEHOLDER = re.compile(
    r"(?i)\A(?:|.*(?:change|replace|insert|fill|set).?(?:me|this|it|in|at|by|here)\b.*"
    r"|x{3,}|\*+|\.{2,}|-+|_+|\?+|example|placeholder"
    r"|dummy|none|null|nil|undefined|unset|empty|todo|tbd|n/?a|redacted|hidden|pass|secret|token|password"
    r"|your[-_ ].*|my[-_].*|some[-_].*|some-?random.*"
    r"|.*(?:required|placeholder|your[-_]).*|true|false|yes|no|on|off|enabled?|disabled?|optional|auto|random|generated?|prompt"
    r"|bearer|basic|md5|sha\d+|bcrypt|scram-.*)\Z"
)
_TEMPLATE = re.compile(r"[$<>%{}@#|]|\A__|\A!|://|\A[~./]|\A\[|\\\(|\s")
_NUMBER = re.compile(r"\A[-+]?\d[\d.]*[smhd]?\Z")
_FILES = re.compile(r"\.(properties|conf|cfg|ini|env|cnf|yml|yaml|toml)\Z|\A\.env(\..+)?\Z", re.I)
_NOT_ITS_OWN = re.compile(
    r"(?i)i18n|locale|lang|messages|translation|/tests?/|example|sample|template|/docs?/|\.dist\Z|\.default\Z"
    r"|\A/defaults/|/(?:docker-)?compose[\w.-]*\.ya?ml\Z|/values[\w.-]*\.ya?ml\Z"
)
_SETTING = re.compile(r"\A\s*(?:export\s+|-\s+)?[\"']?([A-Za-z_][\w.-]*)[\"']?\s*[:=]\s*(.*?)\s*\Z")
_SOCKET_SECTIONS = ("[unix_http_server]", "[supervisorctl]")
_FOR_OTHERS = re.compile(r"(?im)^\s*[#;].*\b(?:replace|fill in|enter|put|change) .*\byours?\b")
"""A comment that tells the reader to put in values of their own."""
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
        )
    return last == "key" and len(words) > 1 and words[-2] in _KEYS


def _split(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return [word for word in re.split(r"[_.\-]+", spaced.lower()) if word]


def is_secret_value(value: str) -> bool:
    """Whether a value looks like a secret: not empty, no switch, number, path, address, placeholder or template."""
    value = value.strip("*_")
    if not 4 <= len(value) <= 200 or _PLACEHOLDER.match(value) or _NUMBER.match(value):
        return False
    return not _TEMPLATE.search(value)


def secrets_in_files(image: EffectiveImage) -> Iterator[FileSecret]:
    """The secrets in configuration files that the image's own build copies out of the repository."""
    seen: set[str] = set()
    for path, node in sorted(image.tree.nodes.items()):
        if node.kind != "file" or node.source is None or not image.owns(node.image) or node.source in seen:
            continue
        seen.add(node.source)
        if _FILES.search(basename(path)) and not _NOT_ITS_OWN.search(path) and not _NOT_ITS_OWN.search(node.source):
            yield from _in_file(path, node)


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


def _in_file(path: str, node: Node) -> Iterator[FileSecret]:
    data = node.blob.data
    text = text_of(node) if data is not None and len(data) < _LONGEST else None
    if text is None or node.source is None or _FOR_OTHERS.search(text.text):
        return
    lines = text.text.split("\n")
    harmless = _behind_a_socket(text.text, lines)
    for number, line in enumerate(lines, 1):
        match = _SETTING.match(line)
        if match is None or number in harmless or not is_secret_name(match.group(1)):
            continue
        value = re.sub(r"\s+[#;].*\Z", "", match.group(2)).strip("\"', ")
        if is_secret_value(value):
            yield FileSecret(match.group(1), Place(node.source, Span(number)), path, node.image)
