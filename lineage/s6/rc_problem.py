"""What can be wrong with a database of s6-rc services, kind by kind."""

from typing import Literal, TypeAlias

from ..late.dataclasses import dataclass

CompileCode: TypeAlias = Literal[
    "type-missing",
    "type-invalid",
    "run-missing",
    "run-not-a-file",
    "up-missing",
    "script-unreadable",
    "script-syntax",
    "contents-missing",
    "list-unreadable",
    "name-undefined",
    "name-reserved",
    "name-taken",
    "name-newline",
    "entry-dangling",
    "dependency-cycle",
    "bundle-cycle",
    "pipeline-not-answered",
    "pipeline-not-longrun",
    "pipeline-not-one-name",
    "pipeline-loop",
    "number-invalid",
    "descriptor-clash",
    "not-a-directory",
]
IgnoredCode: TypeAlias = Literal["file-ignored", "descriptor-low"]
UpCode: TypeAlias = Literal[
    "up-shell-operator",
    "up-several-commands",
    "up-shell-word",
    "up-execline-usage",
    "up-single-quotes",
    "up-relative-path",
    "up-variable",
]
StartCode: TypeAlias = Literal["never-started"]
OrderCode: TypeAlias = Literal["before-cont-init", "beside-services-d"]
PlaceCode: TypeAlias = Literal[
    "place-user-in-rc-d",
    "place-user2-alone",
    "place-bundles-not-read",
    "place-bundles-hidden",
    "place-old-contents",
]
Code: TypeAlias = CompileCode | IgnoredCode | UpCode | StartCode | OrderCode | PlaceCode

Aspect: TypeAlias = Literal["compile", "ignored", "up", "start", "order", "place"]


@dataclass(frozen=True, slots=True)
class DefinitionProblem:
    """One thing that is wrong.

    `path` is absolute in the image and names the file, or the directory where a file is missing. `line` starts at 1.
    `message` is whole sentences on what is wrong, `cure` a sentence on what to do. `fatal`: s6-rc-compile refuses the
    database, so that no service and no CMD starts. `related` are paths in the image of the other files that take part.
    """

    code: Code
    service: str
    path: str
    message: str
    cure: str
    line: int | None = None
    fatal: bool = False
    related: tuple[str, ...] = ()

    @property
    def aspect(self) -> Aspect:
        """What kind of question the problem answers; each rule takes those of one aspect.

        `compile`: s6-rc-compile refuses it. `ignored`: it warns, or passes a file over without a word. `up`: a oneshot
        does something else than its text says. `start`: nothing starts it. `order`: it starts earlier than other parts
        of the boot. `place`: user and user2 stand where the release does not take them from.
        """
        head = self.code.split("-", 1)[0]
        if head in ("up", "place") and self.code != "up-missing":
            return "up" if head == "up" else "place"
        if self.code in ("before-cont-init", "beside-services-d"):
            return "order"
        if self.code == "never-started":
            return "start"
        return "ignored" if self.code in ("file-ignored", "descriptor-low") else "compile"
