"""Helm values without the chart's templates: bjw-s' app-template, whose values say all, and images in any other values.

What another chart makes of its values is not known: of these only the image is read.
"""

from collections.abc import Iterator

from ..builds.yaml_nodes import Node, get, items, scalar, sequence
from ..late.dataclasses import replace
from ..text.budget import LimitError
from ..text.errors import Unknown
from .kubernetes import Pod, Volume, container, image_of, probe
from .model import Check, Consumer, ConsumerSetting, Mount, said_flag
from .reading import SourceText

MOST_NODES = 50_000
_PERSISTENCE = {
    "emptyDir": Volume("volume", "emptyDir"),
    "persistentVolumeClaim": Volume("volume", "persistentVolumeClaim"),
    "nfs": Volume("volume", "nfs"),
    "hostPath": Volume("bind", "hostPath"),
    "configMap": Volume("file", "configMap"),
    "secret": Volume("file", "secret"),
}


def values_consumers(source: SourceText, root: Node, project: str) -> Iterator[Consumer]:
    """The containers that values describe."""
    controllers = get(root, "controllers")
    if controllers is not None and any(get(node, "containers") is not None for _, node in items(controllers)):
        yield from _app_template(source, root, project)
    else:
        yield from _images(source, root)


def _app_template(source: SourceText, root: Node, project: str) -> Iterator[Consumer]:
    """The chart app-template of bjw-s, version 2 and later (values.schema.json of its library)."""
    for controller, node in items(get(root, "controllers")):
        for key in ("initContainers", "containers"):
            for name, one in items(get(node, key)):
                found = _container(source, root, controller, node, name, one, init=key == "initContainers")
                if found is not None:
                    passing = found.passing or scalar(get(node, "type")) in ("cronjob", "job")
                    yield replace(found, project=f"{project}:{controller}", passing=passing)


def _container(
    source: SourceText, root: Node, controller: str, pod_node: Node, name: str, node: Node, *, init: bool
) -> Consumer | None:
    own_pod, defaults = get(pod_node, "pod"), get(root, "defaultPodOptions")
    pod = Pod(source, own_pod or defaults or root, "Helm values", "", open=source.opened(node))
    found = container(pod, node, init=init)
    if found is None:
        return None
    security = (get(own_pod, "securityContext"), get(defaults, "securityContext"))
    user = found.user or _first_text(source, security, "runAsUser")
    group = _first_text(source, (get(node, "securityContext"), *security), "runAsGroup")
    if user is not None and user.known is not None and ":" not in user.known and group is not None and group.known:
        user = ConsumerSetting(f"{user.known}:{group.known}", user.place)
    return replace(
        found,
        title=name,
        user=user,
        non_root=found.non_root or _first_flag(source, security, "runAsNonRoot"),
        environment=dict(_environment(source, node)),
        mounts=tuple(_mounts(source, root, controller, name)),
        checks=tuple(_checks(source, node)),
    )


def _first_text(source: SourceText, nodes: tuple[Node | None, ...], key: str) -> ConsumerSetting[str] | None:
    return next((said for node in nodes if (said := source.text(get(node, key))) is not None), None)


def _first_flag(source: SourceText, nodes: tuple[Node | None, ...], key: str) -> ConsumerSetting[bool] | None:
    return next((said for node in nodes if (said := source.flag(get(node, key))) is not None), None)


def _environment(source: SourceText, node: Node) -> Iterator[tuple[str, ConsumerSetting[str]]]:
    env = get(node, "env")
    for name, value in items(env):
        said = source.text(value)
        outside: ConsumerSetting[str] = ConsumerSetting(
            Unknown("its value is taken from elsewhere"), source.place(value)
        )
        yield name, said if said is not None else outside
    for item in sequence(env):
        name_of = source.text(get(item, "name"))
        if name_of is not None and name_of.known is not None:
            said = source.text(get(item, "value"))
            value_of = said.value if said is not None else Unknown("its value is taken from elsewhere")
            yield name_of.known, ConsumerSetting(value_of, name_of.place)


def _mounts(source: SourceText, root: Node, controller: str, name: str) -> Iterator[Mount]:
    for key, node in items(get(root, "persistence")):
        enabled = source.flag(get(node, "enabled"))
        if enabled is not None and enabled.known is False:
            continue
        type_ = scalar(get(node, "type")) or "persistentVolumeClaim"
        volume = _PERSISTENCE.get(type_, Volume("unknown", type_))
        everywhere = get(node, "globalMounts")
        here = get(node, "advancedMounts", controller, name)
        places = [*sequence(everywhere), *sequence(here)]
        if everywhere is None and get(node, "advancedMounts") is None:
            yield _mount(source, volume, key, f"/{key}", node, False)
        for item in places:
            target = source.text(get(item, "path"))
            where = target.value if target is not None else f"/{key}"
            sub_path = get(item, "subPath") is not None and volume.kind == "file"
            yield _mount(source, volume, key, where, item, sub_path)


def _mount(
    source: SourceText, volume: Volume, name: str, target: str | Unknown, node: Node, single_file: bool
) -> Mount:
    return Mount(
        volume.kind,  # type: ignore[arg-type]
        name,
        target if isinstance(target, Unknown) else target.rstrip("/") or "/",
        source.place(node),
        said_flag(source.flag(get(node, "readOnly"))),
        options=(volume.type,),
        single_file=single_file,
    )


def _checks(source: SourceText, node: Node) -> Iterator[Check]:
    for key in ("liveness", "readiness", "startup"):
        one = get(node, "probes", key)
        enabled = source.flag(get(one, "enabled"))
        if enabled is None or enabled.known is True:
            yield from probe(source, get(one, "spec"), f"the {key} probe", {})


def _images(source: SourceText, root: Node) -> Iterator[Consumer]:
    """`image` of every mapping: a text with a slash, or a mapping with `repository`."""
    waiting: list[Node] = [root]
    seen: set[int] = set()
    while waiting:
        if len(seen) > MOST_NODES:
            raise LimitError(f"it has more than {MOST_NODES:,} values, so that it could not be read to its end")
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        pairs = list(items(node))
        waiting += [value for _, value in reversed(pairs)] or list(reversed(sequence(node)))
        image = dict(pairs).get("image")
        found = image_of(source, image, whole=False) if image is not None else None
        if found is not None:
            title = scalar(get(node, "name")) or ""
            unknown = Unknown("what the chart makes of these values is not known")
            yield replace(found, kind="Helm values", title=title, open=unknown)
