"""Kubernetes: every pod of a manifest, list, template or custom resource, and images that are named elsewhere in it.

Implements the core/v1 API's PodSpec, Container and SecurityContext as far as it concerns how an image is run; what the
container's own security context says outweighs the pod's.
"""

from collections.abc import Iterator, Mapping

from ..builds.yaml_nodes import Node, get, items, scalar, sequence
from ..late.dataclasses import dataclass, field, replace
from ..text.budget import spend
from ..text.errors import Unknown
from ..text.numbers import is_digits
from .model import Check, Consumer, ConsumerSetting, Kind, Mount, Port, first_reason, said_flag
from .names import read_image
from .ports_and_mounts import number
from .reading import SourceText

_PROBES = (("livenessProbe", "the liveness probe"), ("startupProbe", "the startup probe"))
_VOLUME_KINDS = {
    "emptyDir": "volume",
    "persistentVolumeClaim": "volume",
    "nfs": "volume",
    "csi": "volume",
    "iscsi": "volume",
    "ephemeral": "volume",
    "hostPath": "bind",
    "configMap": "file",
    "secret": "file",
    "projected": "file",
    "downwardAPI": "file",
}


@dataclass(frozen=True)
class Volume:
    """A volume of a pod: `kind` as of a Mount, `type` the key that says it (`emptyDir`)."""

    kind: str
    type: str


@dataclass(frozen=True)
class Pod:
    """What the pod says for all of its containers."""

    source: SourceText
    node: Node
    kind: Kind
    project: str
    passing: bool = False
    open: Unknown | None = None
    volumes: Mapping[str, Volume] = field(default_factory=lambda: dict[str, Volume]())

    def __post_init__(self) -> None:
        volumes = {scalar(get(item, "name")) or "": _volume(item) for item in sequence(get(self.node, "volumes"))}
        object.__setattr__(self, "volumes", volumes)


def pods(source: SourceText, root: Node, kind: Kind) -> Iterator[Consumer]:
    """The containers below a document, and the images that stand in it outside of any pod, in order of appearance.

    What another object owns (the pods and replica sets of a deployment) is left out: it is made by that one."""
    seen: set[int] = set()
    waiting: list[tuple[Node, bool]] = [(root, False)]
    while waiting:
        spend(4)
        node, passing = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        pairs = list(items(node))
        values = dict(pairs)
        passing = passing or scalar(values.get("kind")) in ("Job", "CronJob")
        if sequence(get(values.get("metadata"), "ownerReferences")) and "kind" in values:
            continue  # an export of the cluster: its owner, which makes it, says the same
        if sequence(values.get("containers")):
            yield from _containers(Pod(source, node, kind, _project(source, root), passing))
            pairs = [(k, v) for k, v in pairs if k not in ("containers", "initContainers", "ephemeralContainers")]
        elif "image" in values:
            yield from _bare(source, node, values["image"], kind)
        waiting += [(value, passing) for _, value in reversed(pairs)]
        waiting += [(value, passing) for value in reversed(sequence(node))]


def _project(source: SourceText, root: Node) -> str:
    namespace = scalar(get(root, "metadata", "namespace"))
    name = scalar(get(root, "metadata", "name"))
    return f"{source.shown}:{namespace or ''}/{name or ''}"


def _bare(source: SourceText, node: Node, image: Node, kind: Kind) -> Iterator[Consumer]:
    """An image of a custom resource: who runs it, and how, is not known."""
    title = scalar(get(node, "name")) or ""
    unknown = Unknown("how the platform runs it is not known")
    found = image_of(source, image, kind == "Kubernetes")
    if found is not None:
        yield replace(found, kind=kind, title=title, open=unknown)


def image_of(source: SourceText, image: Node, whole: bool = True) -> Consumer | None:
    """An `image`: a text (`whole`: also without a slash), or a mapping with `repository` and `tag`; else None."""
    written = scalar(image)
    place = source.place(image)
    if written and (whole or "/" in written):
        return Consumer("Kubernetes", "", source.written(image), *read_image(written), place)
    repository = get(image, "repository") or get(image, "name")
    base = scalar(repository)
    if repository is None or not base or (get(image, "repository") is None and get(image, "tag") is None):
        return None
    registry, tag = scalar(get(image, "registry")), scalar(get(image, "tag"))
    text = f"{registry + '/' if registry else ''}{base}{':' + tag if tag else ''}"
    shown = "".join(
        (
            f"{source.written(get(image, 'registry'))}/" if registry else "",
            source.written(repository),
            f":{source.written(get(image, 'tag'))}" if tag else "",
        )
    )
    return Consumer("Kubernetes", "", shown, *read_image(text), source.begins(repository))


def _containers(pod: Pod) -> Iterator[Consumer]:
    for key in ("initContainers", "containers"):
        for node in sequence(get(pod.node, key)):
            found = container(pod, node, init=key == "initContainers")
            if found is not None:
                yield found


def container(pod: Pod, node: Node, *, init: bool = False) -> Consumer | None:
    """One container of a pod; None where it names no image."""
    source = pod.source
    image = get(node, "image")
    found = image_of(source, image) if image is not None else None
    if found is None:
        return None
    own, shared = get(node, "securityContext"), get(pod.node, "securityContext")
    sidecar = init and scalar(get(node, "restartPolicy")) == "Always"
    environment = dict(_environment(source, node))
    share, host = source.flag(get(pod.node, "shareProcessNamespace")), source.flag(get(pod.node, "hostPID"))
    escalation = source.flag(get(own, "allowPrivilegeEscalation"))
    host_network = source.flag(get(pod.node, "hostNetwork"))
    return replace(
        found,
        kind=pod.kind,
        title=scalar(get(node, "name")) or "",
        user=_user(source, own, shared),
        non_root=source.flag(get(own, "runAsNonRoot")) or source.flag(get(shared, "runAsNonRoot")),
        entrypoint=source.words(get(node, "command")),
        command=source.words(get(node, "args")),
        environment=environment,
        environment_open=Unknown("`envFrom` takes variables from elsewhere") if get(node, "envFrom") else None,
        mounts=tuple(_mounts(pod, node)),
        ports=tuple(_ports(source, node)),
        read_only=source.flag(get(own, "readOnlyRootFilesystem")),
        pid=namespace(share, "pod") or namespace(host, "host"),
        cap_add=_listed(source, get(own, "capabilities", "add")),
        cap_drop=_listed(source, get(own, "capabilities", "drop")),
        privileged=source.flag(get(own, "privileged")),
        no_new_privileges=_inverted(escalation),
        seccomp=_seccomp(source, get(own, "seccompProfile")) or _seccomp(source, get(shared, "seccompProfile")),
        workdir=source.text(get(node, "workingDir")),
        checks=tuple(_checks(source, node)),
        checks_disabled=True,  # Kubernetes ignores HEALTHCHECK
        network="host" if host_network is not None and host_network.known else "pod",
        project=pod.project,
        passing=pod.passing or (init and not sidecar),
        open=first_reason(pod.open, source.opened(node), _opened(pod)),
    )


def _opened(pod: Pod) -> Unknown | None:
    """Why the pod may say more of its containers: a template computes its security context or volumes."""
    for key in ("securityContext", "volumes"):
        node = get(pod.node, key)
        opened = pod.source.opened(node) if node is not None else None
        if opened is not None:
            return opened
    return pod.source.opened(pod.node)


def _user(source: SourceText, own: Node | None, shared: Node | None) -> ConsumerSetting[str] | None:
    user = source.text(get(own, "runAsUser")) or source.text(get(shared, "runAsUser"))
    group = source.text(get(own, "runAsGroup")) or source.text(get(shared, "runAsGroup"))
    if user is None or isinstance(user.value, Unknown):
        return user
    known = group.known if group is not None else None
    return ConsumerSetting(f"{user.value}:{known}" if known is not None else user.value, user.place)


def namespace(flag: ConsumerSetting[bool] | None, name: str) -> ConsumerSetting[str] | None:
    """The process namespace `name` where a flag asks for it; None where the container has its own."""
    if flag is None or flag.known is False:
        return None
    return ConsumerSetting(name if flag.known is True else Unknown("a template computes it"), flag.place)


def _seccomp(source: SourceText, node: Node | None) -> ConsumerSetting[str] | None:
    """The file of a `Localhost` profile, which lies on the node; else the profile's type."""
    return source.text(get(node, "localhostProfile")) or source.text(get(node, "type"))


def _inverted(flag: ConsumerSetting[bool] | None) -> ConsumerSetting[bool] | None:
    if flag is None:
        return None
    return ConsumerSetting(flag.value if isinstance(flag.value, Unknown) else not flag.value, flag.place)


def _listed(source: SourceText, node: Node | None) -> tuple[ConsumerSetting[str], ...]:
    said = (source.text(item) for item in sequence(node))
    return tuple(one for one in said if one is not None)


def _environment(source: SourceText, node: Node) -> Iterator[tuple[str, ConsumerSetting[str]]]:
    for item in sequence(get(node, "env")):
        name = source.text(get(item, "name"))
        if name is None or name.known is None:
            continue
        value = get(item, "value")
        said = source.text(value)
        if value is not None and said is None:
            yield name.known, ConsumerSetting("", name.place)
        elif said is not None:
            dependent = said.known is not None and "$(" in said.known
            yield (
                name.known,
                ConsumerSetting(Unknown("it depends on other variables") if dependent else said.value, name.place),
            )
        else:
            yield name.known, ConsumerSetting(Unknown("its value is taken from elsewhere"), name.place)


def _volume(item: Node) -> Volume:
    type_ = next((key for key, _ in items(item) if key in _VOLUME_KINDS), "")
    return Volume(_VOLUME_KINDS.get(type_, "unknown"), type_)


def _mounts(pod: Pod, node: Node) -> Iterator[Mount]:
    source = pod.source
    for item in sequence(get(node, "volumeMounts")):
        target, name = source.text(get(item, "mountPath")), source.text(get(item, "name"))
        if target is None:
            continue
        volume = pod.volumes.get(name.known or "" if name is not None else "", Volume("unknown", ""))
        sub_path = get(item, "subPath") is not None or get(item, "subPathExpr") is not None
        yield Mount(
            volume.kind,  # type: ignore[arg-type]
            name.known if name is not None else None,
            target.value if isinstance(target.value, Unknown) else f"/{target.value.strip('/')}",
            target.place,
            said_flag(source.flag(get(item, "readOnly"))),
            single_file=sub_path and volume.kind == "file",
            options=(volume.type,) if volume.type else (),
        )


def _ports(source: SourceText, node: Node) -> Iterator[Port]:
    for item in sequence(get(node, "ports")):
        said, host = source.text(get(item, "containerPort")), source.text(get(item, "hostPort"))
        protocol = source.text(get(item, "protocol"))
        if said is not None:
            yield Port(
                number(said.known),
                number(host.known if host is not None else None),
                ((protocol.known if protocol is not None else None) or "tcp").lower(),
                said.place,
            )


def _checks(source: SourceText, node: Node) -> Iterator[Check]:
    named = {
        name: number(scalar(get(item, "containerPort")))
        for item in sequence(get(node, "ports"))
        if (name := scalar(get(item, "name")))
    }
    for key, by in (*_PROBES, ("readinessProbe", "the readiness probe")):
        yield from probe(source, get(node, key), by, named)


def probe(source: SourceText, node: Node | None, by: str, named: Mapping[str, int | None]) -> Iterator[Check]:
    """What a probe runs or asks; `named` are the ports that have names."""
    words = source.words(get(node, "exec", "command"))
    if words is not None and words.value != ():
        yield Check(words.value, words.place, by=by)
    for kind in ("httpGet", "tcpSocket"):
        asked = source.text(get(node, kind, "port"))
        if asked is not None and asked.known is not None and get(node, kind, "host") is None:
            port = named.get(asked.known) if not is_digits(asked.known) else number(asked.known)
            if port is not None:
                yield Check((), asked.place, port=port, by=by)
