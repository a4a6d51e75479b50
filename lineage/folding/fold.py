"""Parent image + stage → image: the instructions of a stage applied in order, as BuildKit's dispatch does it.

Source: BuildKit frontend/dockerfile/dockerfile2llb/convert.go.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

from ..dockerfile.checks import accepted
from ..dockerfile.expand import expand, expand_raw
from ..dockerfile.instruction import Instruction
from ..dockerfile.operands import parse_arg, parse_copy, parse_env_pairs
from ..dockerfile.stages import Stage, Stages
from ..effects.model import MakeDirectory
from ..image.accounts import Account, Accounts
from ..image.image import SHELL_FORM, Ancestor, BuildStep, CommandLine, EffectiveImage
from ..image.script_files import ScriptFiles
from ..image.tree import Cloud, Tree
from ..late.dataclasses import dataclass, field, replace
from ..text.budget import spend
from ..text.errors import Unknown
from ..text.growing import Growing
from ..text.numbers import is_digits, natural
from ..text.paths import DEFAULT_PATH, normal
from ..text.places import Place, Sourced
from ..text.symbolic import Text
from .apply import apply
from .build_state import BuildState
from .context_files import ContextFiles
from .copy_instruction import copy_files

if TYPE_CHECKING:
    from .run import RunEffects

T = TypeVar("T")


class Images(Protocol):
    """Where the images that a stage is built on or copies from come from."""

    def stage(self, index: int) -> EffectiveImage:
        """An earlier stage of the same Dockerfile."""
        ...

    def image(self, reference: str) -> EffectiveImage:
        """Another image; one of which nothing is known, where it cannot be found."""
        ...


@dataclass(slots=True)
class _Config:
    """The image's settings while the stage is read."""

    env: dict[str, Sourced[str]]
    env_open: Unknown | None
    user: Sourced[str] | None
    workdir: Sourced[str] | None
    shell: Sourced[tuple[str, ...]] | None
    entrypoint: Sourced[CommandLine] | None
    cmd: Sourced[CommandLine] | None
    healthcheck: Sourced[str] | None
    stopsignal: Sourced[str] | None
    exposed: list[Sourced[str]]
    volumes: list[Sourced[str]]
    labels: dict[str, Sourced[str]]
    onbuild: list[Sourced[Instruction]] = field(default_factory=lambda: list[Sourced[Instruction]]())
    args: dict[str, str | None] = field(default_factory=lambda: dict[str, str | None]())
    """The ARGs that are declared; None for one without value, or where a later ENV hides it."""
    cmd_is_own: bool = False


def scratch() -> EffectiveImage:
    """The empty image that FROM scratch means: nothing in it, all of it known."""
    return EffectiveImage(
        id="scratch",
        name="scratch",
        dockerfile=None,
        target=None,
        chain=(),
        known="full",
    )


def unknown_image(name: str, reason: str, reference: str | None = None, tag: str | None = None) -> EffectiveImage:
    """An image of which nothing is known but its name; `reason` says why."""
    unknown = Unknown(reason, "parent")
    return EffectiveImage(
        id=name,
        name=name,
        dockerfile=None,
        target=None,
        chain=(Ancestor(name, "unknown", reference, tag, id=name),),
        known="partial",
        env_open=unknown,
        config_open=unknown,
        tree=Tree({}, (Cloud(reason, cause="parent"),)),
        accounts=Accounts({}, frozenset(), unknown),
    )


class StageFold:
    """Folds one stage. `shown` is the Dockerfile's path as the user knows it, `image` the id of the image it makes."""

    def __init__(
        self,
        stages: Stages,
        stage: Stage,
        parent: EffectiveImage,
        images: Images,
        context: ContextFiles,
        shown: str,
        image: str,
    ) -> None:
        self.stages = stages
        self.stage = stage
        self.parent = parent
        self.images = images
        self.context = context
        self.shown = shown
        self.image = image
        self.state = BuildState.of(parent.tree.edit(), parent.accounts, image)
        self.config = _Config(
            dict(parent.env),
            parent.env_open,
            parent.user,
            parent.workdir,
            parent.shell,
            parent.entrypoint,
            parent.cmd,
            parent.healthcheck,
            parent.stopsignal,
            list(parent.exposed),
            list(parent.volumes),
            dict(parent.labels),
            args=dict(parent.build_args) if stage.base.stage is not None else {},
        )
        if "PATH" not in self.config.env and parent.env_open is None:
            self.config.env["PATH"] = self.sourced(DEFAULT_PATH, Place(shown, stage.base.span))
        args = {name: value for name, value in self.config.args.items() if value is not None}
        self.seen = Growing({name: value.value for name, value in self.config.env.items()} | args)
        """What a word of the next instruction sees: ENV and ARG, the later of one name over the earlier."""
        self.only_args = Growing(dict.fromkeys(self.config.args.keys() - self.config.env.keys(), True))
        self.steps: list[BuildStep] = []
        self.sh = parent.sh
        self.after: Callable[[Instruction, Place], None] | None = None
        """Called after each instruction, for whoever looks on."""

    def fold(self, name: str, dockerfile: str, target: str | None, chain: tuple[Ancestor, ...]) -> EffectiveImage:
        """The image after the stage's last instruction (and its parent's ONBUILD before the first)."""
        for trigger in self.parent.onbuild:
            if accepted(trigger.value):
                self.apply(trigger.value, trigger.place, trigger.image)
        for instruction in self.stage.instructions:
            self.apply(instruction, Place(self.shown, instruction.span), None)
        config, tree = self.config, self.state.tree.build()
        return EffectiveImage(
            id=self.image,
            name=name,
            dockerfile=dockerfile,
            target=target,
            chain=chain,
            known=self.parent.known,
            env=config.env,
            env_open=config.env_open,
            user=config.user,
            workdir=config.workdir,
            shell=config.shell,
            entrypoint=config.entrypoint,
            cmd=config.cmd,
            config_open=self.parent.config_open,
            healthcheck=config.healthcheck,
            stopsignal=config.stopsignal,
            exposed=tuple(config.exposed),
            volumes=tuple(config.volumes),
            labels=config.labels,
            onbuild=tuple(config.onbuild),
            tree=tree,
            accounts=self.state.frozen_accounts(),
            steps=tuple(self.steps),
            sessions=self.parent.sessions,
            sh=self.what_sh_is(),
            build_args=config.args,
        )

    def what_sh_is(self) -> str | None:
        node = self.state.tree.nodes.get(self.state.tree.resolve("/bin/sh", last=False))
        if node is not None and node.kind == "link":
            for shell in ("bash", "dash", "busybox"):
                if node.target.endswith(shell):
                    return shell
        return self.parent.sh

    # Instructions

    def apply(self, instruction: Instruction, place: Place, from_parent: str | None) -> None:
        env = self.seen.view()
        step = BuildStep(
            instruction,
            place,
            env,
            self.only_args.view().keys(),
            self.config.env_open,
            self.config.user.value if self.config.user else "",
            self.config.workdir.value if self.config.workdir else "/",
            self.state.frozen_accounts(),
            from_parent=from_parent,
            shell=self.config.shell.value if self.config.shell else SHELL_FORM,
            sh=self.what_sh_is() if instruction.keyword == "RUN" else None,
        )
        handler = _HANDLERS.get(instruction.keyword)
        read = handler(self, instruction, place, env) if handler is not None else None
        if read is not None:
            step = replace(step, effects=read.effects, mentions=read.mentions)
        if self.state.clashes:
            step = replace(step, clashes=tuple(self.state.clashes))
            self.state.clashes.clear()
        if self.state.may_replace:
            step = replace(step, may_replace=dict(self.state.may_replace))
            self.state.may_replace.clear()
        self.steps.append(step)
        if self.after is not None:
            self.after(instruction, place)

    def account(self) -> str:
        """The account that USER names, without its group."""
        return (self.config.user.value if self.config.user else "").partition(":")[0] or "root"

    def expanded(self, word: str, env: Mapping[str, str]) -> str:
        return expand(word, env, self.stages.escape).text

    def sourced(self, value: T, place: Place) -> Sourced[T]:
        return Sourced(value, place, self.image)

    def env(self, instruction: Instruction, place: Place, env: Mapping[str, str]) -> None:
        for pair in parse_env_pairs(instruction):
            name = self.expanded(pair.name.text, env)
            value = self.expanded(pair.value.text, env)
            self.config.env[name] = self.sourced(value, Place(place.path, pair.name.span))
            self.seen[name] = value
            if name in self.config.args:
                self.config.args[name] = None
                self.only_args.pop(name, None)

    def label(self, instruction: Instruction, place: Place, env: Mapping[str, str]) -> None:
        for pair in parse_env_pairs(instruction):
            name = self.expanded(pair.name.text, env)
            self.config.labels[name] = self.sourced(self.expanded(pair.value.text, env), place)

    def arg(self, instruction: Instruction, place: Place, env: Mapping[str, str]) -> None:
        for declaration in parse_arg(instruction):
            name = declaration.name
            value = self.stages.arg_value(declaration, self.seen.view())
            if value is not None:
                self.config.args[name] = value.text
                self.seen[name] = value.text
            else:
                self.config.args.setdefault(name, None)
            if name not in self.config.env:
                self.only_args[name] = True

    def set_user(self, instruction: Instruction, place: Place, env: Mapping[str, str]) -> None:
        self.config.user = self.sourced(self.expanded(instruction.arguments[0], env), place)

    def set_workdir(self, instruction: Instruction, place: Place, env: Mapping[str, str]) -> None:
        base = self.config.workdir.value if self.config.workdir else "/"
        written = self.expanded(instruction.arguments[0], env) or base  # nothing leaves it as it is
        path = normal(written, base)
        spend(len(path) // 2)
        shown = path + "/" if written.endswith("/") and path != "/" else path
        self.config.workdir = self.sourced(shown, place)
        if self.state.tree.get(path) is None and path != "/":
            effect = MakeDirectory(place=place, user=Text.of(self.account()), path=Text.of(path), parents=True)
            apply(self.state, effect)

    def set_shell(self, instruction: Instruction, place: Place, env: Mapping[str, str]) -> None:
        self.config.shell = self.sourced(instruction.arguments, place)

    def command_line(self, instruction: Instruction) -> CommandLine:
        shell = self.config.shell.value if self.config.shell else SHELL_FORM
        words = instruction.arguments if instruction.form == "exec" else (" ".join(instruction.arguments),)
        return CommandLine(instruction.form, words, shell)

    def set_entrypoint(self, instruction: Instruction, place: Place, env: Mapping[str, str]) -> None:
        self.config.entrypoint = self.sourced(self.command_line(instruction), place)
        if not instruction.arguments or instruction.arguments == ("",):
            self.config.entrypoint = None
        if not self.config.cmd_is_own:
            self.config.cmd = None

    def set_cmd(self, instruction: Instruction, place: Place, env: Mapping[str, str]) -> None:
        self.config.cmd = self.sourced(self.command_line(instruction), place)
        self.config.cmd_is_own = True

    def healthcheck(self, instruction: Instruction, place: Place, env: Mapping[str, str]) -> None:
        self.config.healthcheck = self.sourced(instruction.body.text.strip(), place)

    def stopsignal(self, instruction: Instruction, place: Place, env: Mapping[str, str]) -> None:
        self.config.stopsignal = self.sourced(self.expanded(instruction.arguments[0], env), place)

    def expose(self, instruction: Instruction, place: Place, env: Mapping[str, str]) -> None:
        for argument in instruction.arguments:
            for port in expand(argument, env, self.stages.escape).words:
                ports = _single_ports(port)
                spend(len(ports))
                self.config.exposed.extend(self.sourced(one, place) for one in ports)

    def volume(self, instruction: Instruction, place: Place, env: Mapping[str, str]) -> None:
        for argument in instruction.arguments:
            self.config.volumes.append(self.sourced(self.expanded(argument, env), place))

    def onbuild(self, instruction: Instruction, place: Place, env: Mapping[str, str]) -> None:
        if instruction.onbuild is not None:
            self.config.onbuild.append(self.sourced(instruction.onbuild, place))

    def copy(self, instruction: Instruction, place: Place, env: Mapping[str, str]) -> None:
        if len(instruction.arguments) < 2:
            return
        copy = parse_copy(instruction)
        origin: Tree | Unknown | None = None
        accounts: Accounts | None = None
        if copy.origin is not None:
            origin, accounts = self.origin_of(copy.origin.text)
            if accounts is not None and any(self.expanded(one.text, env).rstrip("/.") == "" for one in copy.sources):
                self.state.packages |= accounts.packages  # the whole of the other image, with what its packages brought
        copy_files(
            self.state,
            copy,
            place,
            lambda word: self.expanded(word, env),
            lambda text: expand_raw(text, env).text,
            self.config.workdir.value if self.config.workdir else "/",
            self.context if copy.origin is None else origin,
            adds=instruction.keyword == "ADD",
            owners=lambda owner: self.owner_here(owner, accounts),
        )

    def owner_here(self, owner: str, accounts: Accounts | None) -> str:
        """Who owns here what an account of another image owns there: COPY keeps numbers, not names."""
        if owner in ("root", "") or is_digits(owner) or accounts is None:
            return owner
        there = accounts.get(owner)
        here = self.state.accounts.get(owner)
        if not isinstance(there, Account) or there.uid is None:
            return owner if here is not None and here == there else ""
        return owner if here is not None and here.uid == there.uid else str(there.uid)

    def origin_tree(self, name: str) -> Tree | Unknown:
        return self.origin_of(name)[0]

    def origin_of(self, name: str) -> tuple[Tree | Unknown, Accounts | None]:
        """The files and accounts of what `--from` names."""
        source = self.stages.source(name, self.stage)
        if source.kind == "stage" and source.stage is not None:
            image = self.images.stage(source.stage)
            return image.tree, image.accounts
        if source.kind == "image":
            image = self.images.image(source.text)
            return image.tree, image.accounts
        return Unknown(f"--from={name} names no earlier stage"), None

    def run(self, instruction: Instruction, place: Place, env: Mapping[str, str]) -> "RunEffects":
        from .run import apply_run, run_environment
        from .run_mounts import RunMounts

        account = self.account()
        opened = self.config.env_open is not None
        mounts = RunMounts(self.state, instruction, place, self.mounted, lambda word: self.expanded(word, env))
        self.make_working_directory(place)
        mounts.enter()
        self.state.hard_links.clear()
        read = apply_run(
            self.state,
            instruction,
            self.shown,
            run_environment(
                env,
                account,
                self.state.frozen_accounts(),
                open=opened,
                machine=self.stages.architecture(self.stage),
            ),
            ScriptFiles(self.state.tree, self.what_sh_is()),
            self.config.shell.value if self.config.shell else SHELL_FORM,
            Text.of(account),
            self.config.workdir.value if self.config.workdir else "/",
        )
        mounts.leave()
        self.doubt_what_unread_scripts_change(instruction)
        return read

    def doubt_what_unread_scripts_change(self, instruction: Instruction) -> None:
        """A script of the image that cannot be read, and that a RUN names, may have changed or removed anything."""
        nodes = self.state.tree.nodes
        unread = {path.rpartition("/")[2] for path in nodes.unread}
        if unread and any(name in instruction.original for name in unread):
            spend(len(nodes) // 64)
            self.state.tree.change(list(nodes), lambda node: replace(node, mode=None, sure=False))
            self.state.doubt_accounts(f"the RUN in line {instruction.start_line} runs a script that cannot be read")

    def make_working_directory(self, place: Place) -> None:
        """A working directory that is gone is made anew when a command runs in it (runc)."""
        path = self.config.workdir.value.rstrip("/") if self.config.workdir else ""
        if path and self.state.exists(path) is False:
            apply(self.state, MakeDirectory(place=place, user=Text.of("root"), path=Text.of(path), parents=True))

    def mounted(self, origin: str | None) -> ContextFiles | Tree | Unknown:
        return self.context if origin is None else self.origin_tree(origin)


def _single_ports(written: str) -> list[str]:
    """The ports that `8000-8002/tcp` names; a range that is none stays as it is."""
    ports, slash, protocol = written.partition("/")
    low, _, high = ports.partition("-")
    first, last = natural(low), natural(high)
    if first is None or last is None or not first <= last <= 65535:
        return [written]
    return [f"{port}{slash}{protocol}" for port in range(first, last + 1)]


_Handler: TypeAlias = "Callable[[StageFold, Instruction, Place, Mapping[str, str]], RunEffects | None]"
_HANDLERS: Mapping[str, _Handler] = {
    "ENV": StageFold.env,
    "LABEL": StageFold.label,
    "ARG": StageFold.arg,
    "USER": StageFold.set_user,
    "WORKDIR": StageFold.set_workdir,
    "SHELL": StageFold.set_shell,
    "ENTRYPOINT": StageFold.set_entrypoint,
    "CMD": StageFold.set_cmd,
    "HEALTHCHECK": StageFold.healthcheck,
    "STOPSIGNAL": StageFold.stopsignal,
    "EXPOSE": StageFold.expose,
    "VOLUME": StageFold.volume,
    "ONBUILD": StageFold.onbuild,
    "COPY": StageFold.copy,
    "ADD": StageFold.copy,
    "RUN": StageFold.run,
}
