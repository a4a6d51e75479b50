"""The mounts of a RUN: what is there for its commands, and is not in the image afterwards (BuildKit, RUN --mount)."""

from collections.abc import Callable

from ..dockerfile.instruction import Instruction
from ..dockerfile.operands import RunMount, parse_mounts
from ..image.tree import Cloud, Node, Tree
from ..late.dataclasses import replace
from ..text.errors import Unknown
from ..text.paths import normal, within
from ..text.places import Place
from .build_state import BuildState
from .context_files import ContextFiles, take_from_tree

Origin = ContextFiles | Tree | Unknown


class RunMounts:
    """Lays the mounts of a RUN over the tree, and takes them off again with all that was written into them."""

    def __init__(
        self,
        state: BuildState,
        instruction: Instruction,
        place: Place,
        origin: Callable[[str | None], Origin],
        expand: Callable[[str], str],
    ) -> None:
        self.state = state
        self.place = place
        self.origin = origin
        self.expand = expand
        self.mounts = parse_mounts(instruction)
        self.before: dict[str, Node] = {}
        self.clouds: dict[Cloud, None] = {}
        self.targets: list[str] = []
        self.made: list[str] = []

    def enter(self) -> None:
        if not self.mounts:
            return
        self.before = dict(self.state.tree.nodes)
        self.clouds = dict(self.state.tree.clouds)
        for mount in self.mounts:
            target = self.target(mount)
            if target is not None and target != "/":
                self.lay(mount, target)

    def target(self, mount: RunMount) -> str | None:
        if mount.target:
            return self.state.tree.resolve(normal(self.expand(mount.target)))
        if mount.kind == "secret":
            return normal(f"/run/secrets/{mount.options.get('id', 'secret')}")
        return None

    def lay(self, mount: RunMount, target: str) -> None:
        tree = self.state.tree
        above = target.rpartition("/")[0]
        while above and above not in tree.nodes:
            self.made.append(above)
            above = above.rpartition("/")[0]
        self.targets.append(target)
        tree.remove(target)
        if mount.kind in ("secret", "ssh"):
            tree.put(target, Node("file", self.place, self.state.image, mode=0o400, sure=False))
            return
        directory = Node("directory", self.place, self.state.image, mode=0o755)
        if mount.kind == "bind":
            self.bind(mount, target)
        elif mount.kind == "cache":
            tree.put(target, directory)
            tree.open(Cloud(f"{self.place} mounts a cache there", (target,)))
        else:
            tree.put(target, directory)

    def bind(self, mount: RunMount, target: str) -> None:
        tree = self.state.tree
        origin = self.origin(mount.origin)
        source = self.expand(mount.source or "/")
        taken = origin
        if isinstance(origin, ContextFiles):
            found = origin.take(source, self.place)
        elif isinstance(origin, Tree):
            found = take_from_tree(origin, source, self.place, self.state.image)
        else:
            found = origin
        if isinstance(found, Unknown) or not found:
            reason = found.reason if isinstance(found, Unknown) else f"{self.place} mounts what is not known"
            tree.open(Cloud(reason, (target,)))
            return
        (one, *_) = found
        if not one.directory:
            for _, node in one.files:
                tree.put(target, node)
            return
        mode = None if isinstance(taken, Tree) else 0o755
        tree.put(target, Node("directory", self.place, self.state.image, mode=mode))
        for below, node in sorted(one.files, key=lambda pair: pair[0]):
            tree.put(f"{target}/{below}", replace(node))
        for cloud in one.clouds_at(target):
            tree.open(cloud)

    def leave(self) -> None:
        """Below the mounts all is as it was before; what was made to mount on is gone where it is still empty."""
        if not self.targets:
            return
        tree = self.state.tree
        for target in self.targets:
            for path in [path for path in tree.nodes if within(path, target)]:
                del tree.nodes[path]
            for path, node in self.before.items():
                if within(path, target):
                    tree.nodes[path] = node
        for path in sorted(self.made, key=len, reverse=True):
            if path in tree.nodes and path not in self.before and not tree.below(path):
                del tree.nodes[path]
        tree.clouds = {
            cloud: None
            for cloud in tree.clouds
            if cloud in self.clouds or not all(any(within(base, one) for one in self.targets) for base in cloud.below)
        }
        for cloud in self.clouds:
            if any(cloud.covers(target) for target in self.targets):
                tree.clouds.setdefault(cloud)
