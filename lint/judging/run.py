"""What a run of the rules has gathered: each rule is handed the facts its signature asks for, what it yields is stamped."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from operator import attrgetter

from ...lineage.boot.plan import BootPlan
from ...lineage.effects.model import Opens
from ...lineage.folding.fold import unknown_image
from ...lineage.image.image import EffectiveImage
from ...lineage.late.dataclasses import dataclass, field, replace
from ...lineage.text.crash import Crash
from ...lineage.text.errors import InputError, Unknown, listening
from ...lineage.text.places import Place, Span
from ...lineage.workspace.deployments import Deployment, asked_for
from ...lineage.workspace.facts import Facts
from ...lineage.workspace.workspace import ImageSource, Workspace
from ...rules.base import Finding, Message, Related, Rule, Severity, Undecided
from ...rules.discover import all_rules
from ...rules.renamed import first_code
from ..output.report import DoubtfulRun, ImageSummary, Report, Skipped
from .doubts import ImageDoubts, open_under, unread_build_files, unread_files
from .families import Part
from .fingerprint import fingerprint
from .hearing import Assumption, ToldOfImage, bears, hear
from .summaries import shown_reference, summary_of

READ_ERROR = Rule(
    "CT001", "unreadable-input", Severity.ERROR, "Something that was asked for could not be read.", lambda: ()
)
CRASH = Rule("CT002", "rule-crashed", Severity.ERROR, "A rule of ctlint failed on an image.", lambda: ())
IGNORED = Rule(
    "CT003", "idle-ignore", Severity.WARNING, "An ignore comment that hides nothing, or is malformed.", lambda: ()
)
LOST = Rule(
    "CT004", "lost-by-change", Severity.WARNING, "A change takes from an image what it had at start.", lambda: ()
)
ENGINE_RULES = (IGNORED, LOST)
"""What the engine tells itself, and what may be selected and ignored as a rule may."""


@dataclass
class Run:
    """What a run has gathered so far."""

    rules: tuple[Rule, ...]
    workspace: Workspace
    inherited: bool = False
    severities: Mapping[str, Severity] = field(default_factory=lambda: dict[str, Severity]())
    found: dict[tuple[object, ...], Finding] = field(default_factory=lambda: dict[tuple[object, ...], Finding]())
    seen_in: dict[tuple[object, ...], set[str]] = field(default_factory=lambda: dict[tuple[object, ...], set[str]]())
    """The ids of the images in which each of `found` was seen."""
    skipped: set[Skipped] = field(default_factory=lambda: set[Skipped]())
    images: list[ImageSummary] = field(default_factory=lambda: list[ImageSummary]())
    files: set[str] = field(default_factory=lambda: set[str]())
    """The Dockerfiles, and the files of their repositories that the images take in."""
    failed: int = 0
    commented: set[str] = field(default_factory=lambda: set[str]())
    """Those of `files` that may hold comments for ctlint."""
    limits: dict[Place, str] = field(default_factory=lambda: dict[Place, str]())
    """Where scripts ask for more than is followed, and for what."""
    foreign: tuple[Rule, ...] = ()
    """The rules of another linter that has findings in the same report."""
    foreign_paths: frozenset[str] = frozenset()
    """The files that it looked at."""
    notes: dict[str, str] = field(default_factory=lambda: dict[str, str]())
    """Sentences for the user about former codes in comments and baselines, by the code: each is said once."""

    unread: dict[tuple[str | None, str], None] = field(default_factory=lambda: dict[tuple[str | None, str], None]())
    """What of images and build files cannot be read: (path, sentence)."""

    _rows: tuple[str, list[str]] | None = None
    """The lines of the file that the last finding stands in, by its path."""

    def image(self, source: ImageSource) -> None:
        """Lint one image: every rule, whatever happens to the others."""
        facts = Facts(self.workspace, source)
        try:
            image: EffectiveImage = facts.get(EffectiveImage)
        except Exception as crash:
            unfolded = unknown_image(source.name, "it could not be folded")
            self.crashed(CRASH, crash, replace(unfolded, id=source.id, dockerfile=source.shown))
            return
        if source.id in self.workspace.crashes:
            return
        self.images.append(summary_of(image))
        self.files.add(source.shown)
        taken = {node.source for _, node in image.own_nodes if node.source is not None}
        self.files |= taken
        self.commented.update(path for path in taken if _may_hold_comments(path))
        self.tell_limits(image, facts)
        rules = self.of_images
        unread = self._unread(source, image)
        told = self._heard_of(image, facts, unread)
        if unread is not None:
            self.skipped.update(Skipped.of(rule.code, image.name, unread) for rule in self.of_deployments)
        assumption = Assumption.of(self.workspace, source, image)
        for rule in rules:
            for message in told[rule.code].messages:
                cause = self._yields(rule, message, told, facts)
                if isinstance(cause, Unknown):
                    self.skipped.add(Skipped.of(rule.code, image.name, cause))
                elif not cause:
                    self.add(rule, message, image, assumption)

    def deployment(self, deployment: Deployment) -> None:
        """Judge one consumer against the image that it runs, by the rules that ask for a deployment."""
        path = deployment.consumer.place.path
        self.files.add(path)
        source = deployment.source
        seen = source.id if source is not None else f"{path} (consumer)"
        for rule in self.of_deployments:
            try:
                with listening() as doubts:
                    said = list(rule.check(**{name: deployment for name, _ in rule.needs}))
                for message in said:
                    if isinstance(message, Undecided):
                        self.skipped.add(Skipped.of(rule.code, deployment.image_name, message.unknown))
                        continue
                    self._keep(self._of_deployment(rule, message, deployment), (seen,))
                left = doubts[0] if doubts else open_under(deployment)
                if left is not None:
                    self.skipped.add(Skipped.of(rule.code, deployment.image_name, left))
            except Unknown as unknown:
                self.skipped.add(Skipped.of(rule.code, deployment.image_name, unknown))
            except Exception as crash:
                unknown_one = unknown_image(deployment.image_name, "it could not be judged")
                self.crashed(rule, crash, replace(unknown_one, id=seen, dockerfile=path))

    def _of_deployment(self, rule: Rule, message: Message, deployment: Deployment) -> Finding:
        """The finding of a consumer; what rests on an image that is only assumed says so, and is no error: another may do."""
        severity = message.severity or rule.severity
        rests = deployment.assumed is not None and bears(rule, message, deployment)
        if rests and severity is Severity.ERROR:
            severity = Severity.WARNING
        graded = replace(message, severity=self.severities.get(rule.code, severity))
        finding = self.stamped(rule, graded, deployment.image_name, None)
        if not rests:
            return finding
        told = Related(deployment.consumer.place, f"which image this is, is only assumed: {deployment.assumed}")
        return replace(finding, related=(*finding.related, told), rests_on=deployment.image_name)

    @cached_property
    def known(self) -> Mapping[str, Rule]:
        """All rules that there are, by code: one that was not selected may still tell the cause of what another says."""
        return {rule.code: rule for rule in (*all_rules(), *self.rules)}

    def _heard_of(self, image: EffectiveImage, facts: Facts, unread: Unknown | None) -> "dict[str, ToldOfImage]":
        """What each rule says of an image, by its code; `unread` says what of the image cannot be read."""
        told: dict[str, ToldOfImage] = {}
        doubts = ImageDoubts(facts, image)
        with listening() as heard:
            for rule in self.of_images:
                heard.clear()
                found = told[rule.code] = ToldOfImage()
                try:
                    hear(rule, facts, found)
                except Exception as crash:
                    self.crashed(rule, crash, image)
                    continue
                self._note_undecided(rule, image, found, heard, doubts, unread)
        return told

    def _note_undecided(
        self,
        rule: Rule,
        image: EffectiveImage,
        found: "ToldOfImage",
        heard: Sequence[Unknown],
        doubts: ImageDoubts,
        unread: Unknown | None,
    ) -> None:
        """Note what a rule could not decide of an image; `heard` are the answers with a cause that it got."""
        subjects: dict[str, dict[str, None]] = {}
        for undecided in found.undecided:
            named = (undecided.path,) if undecided.path else undecided.about
            subjects.setdefault(undecided.unknown.reason, {}).update(dict.fromkeys(named))
        for undecided in found.undecided:
            about = tuple(subjects[undecided.unknown.reason])
            self.skipped.add(Skipped.of(rule.code, image.name, undecided.unknown, about))
        if found.broken_off is not None:
            self.skipped.add(Skipped.of(rule.code, image.name, found.broken_off))
        elif not found.undecided:
            left = heard[0] if heard else doubts.open_to(rule)
            left = left if left is not None else unread
            if left is not None:
                self.skipped.add(Skipped.of(rule.code, image.name, left))

    def _unread(self, source: ImageSource, image: EffectiveImage) -> Unknown | None:
        """Note what cannot be read of an image's files and its repository's build files; the reason, if there is any."""
        errors = [InputError(f"It {node.blob.unread}.", node.home.path) for node in unread_files(image)]
        errors += unread_build_files(self.workspace, source.snapshot)
        self.unread.update(((error.path, str(error)), None) for error in errors)
        return Unknown(f"{errors[0].path} cannot be read", "unread") if errors else None

    def _yields(self, rule: Rule, message: Message, told: dict[str, "ToldOfImage"], facts: Facts) -> bool | Unknown:
        """Whether a rule that this one yields to speaks of the same thing, also where that rule was not selected.

        Unknown where it cannot tell whether it would.
        """
        if not rule.yields_to or not message.about:
            return False
        doubt: Unknown | None = None
        for code in rule.yields_to:
            if code not in told:
                told[code] = ToldOfImage()
                with suppress(Exception):
                    hear(self.known[code], facts, told[code])
            answer = told[code].speaks_of(message.about)
            if answer is True:
                return True
            doubt = answer if doubt is None and isinstance(answer, Unknown) else doubt
        return doubt if doubt is not None else False

    def tell_limits(self, image: EffectiveImage, facts: Facts) -> None:
        """Scripts of the repositories at hand that ask for more than is followed: they could not be read to their end."""
        effects = [effect for step in image.steps for effect in step.effects]
        with suppress(Unknown):
            effects += [effect for step in facts.get(BootPlan).steps for effect in step.effects]
        for effect in effects:
            if not isinstance(effect, Opens) or not effect.limit or effect.place in self.limits:
                continue
            if self.workspace.locate(effect.place.path) is not None:
                self.limits[effect.place] = effect.reason.partition(": ")[2]

    def begun(self) -> "Run":
        """A run of the same rules that has gathered nothing yet."""
        run = Run(self.rules, self.workspace, self.inherited, self.severities)
        run.of_images, run.of_deployments = self.of_images, self.of_deployments
        return run

    @cached_property
    def of_images(self) -> tuple[Rule, ...]:
        """The rules that judge an image alone."""
        return tuple(rule for rule in self.rules if not rule.of_deployments)

    @cached_property
    def of_deployments(self) -> tuple[Rule, ...]:
        """The rules that judge a consumer and the image that it runs."""
        return tuple(rule for rule in self.rules if rule.of_deployments)

    def part(self) -> Part:
        """What was gathered, for another run to take."""
        return Part(
            tuple((finding, tuple(self.seen_in.get(key, ()))) for key, finding in self.found.items()),
            tuple(self.skipped),
            tuple(self.images),
            tuple(self.files),
            tuple(self.commented),
            tuple(self.limits.items()),
            tuple(self.unread),
            self.failed,
        )

    def take(self, part: Part) -> None:
        """Take in what another run has gathered. What cannot be read is said once, whichever images ran into it."""
        for place, reason in part.limits:
            if place not in self.limits:
                self.limits[place] = reason
                self.unreadable(InputError(reason, place.path, place.line))
        for path, sentence in part.unread:
            if (path, sentence) not in self.unread:
                self.unread[path, sentence] = None
                self.unreadable(InputError(sentence, path))
        for finding, images in part.findings:
            self._keep(finding, images)
        self.skipped.update(part.skipped)
        self.images += part.images
        self.files.update(part.files)
        self.commented.update(part.commented)
        self.failed += part.failed

    def crash_of(self, source: ImageSource, crash: Crash) -> None:
        """Tell what the workspace could not make of an image, be it a parent alone."""
        unknown = unknown_image(source.name, crash.what)
        self.crashed(CRASH, crash.error, replace(unknown, id=source.id, dockerfile=source.shown))

    def crashed(self, rule: Rule, crash: Exception, image: EffectiveImage) -> None:
        self.failed += 1
        what = image.name if rule is CRASH else f"{rule.code} on {image.name}"
        message = Message(
            image.first_line,
            f"{Crash(f'{what} could not be checked', crash)}.",
            "This is a defect of ctlint; all other results are complete. Please report it with the Dockerfile.",
            subject=rule.code,
        )
        self.add(CRASH, message, image)

    def unreadable(self, error: InputError) -> None:
        self.failed += 1
        place = Place(error.path or "-", Span(error.line or 1))
        message = Message(place, str(error), "Everything else was still checked.", subject=str(error))
        self._keep(self.stamped(READ_ERROR, message, "", None))

    def add(self, rule: Rule, message: Message, image: EffectiveImage, assumption: "Assumption | None" = None) -> None:
        owner = message.owner or self.workspace.owner_of(message.place.path, image)
        inherited = owner is not None and owner != image.id
        if inherited and not self.inherited:
            return
        severity = self.severities.get(rule.code, message.severity or rule.severity)
        finding = self.stamped(
            rule,
            replace(message, severity=severity),
            image.name if message.image is None else message.image,
            image.name_of(owner) if inherited and owner else None,
        )
        if assumption is not None and assumption.bears(rule, message):
            finding = replace(finding, related=(*finding.related, assumption.told), rests_on=assumption.parent)
        self._keep(finding, (image.id,))

    def stamped(self, rule: Rule, message: Message, image: str, inherited_from: str | None) -> Finding:
        """The finding that a rule's message becomes."""
        path = self.workspace.lasting_path(message.place.path)
        return Finding(
            rule=rule.code,
            name=rule.name,
            severity=message.severity or rule.severity,
            message=message.message,
            help=message.help,
            place=message.place,
            image=image,
            fingerprint=fingerprint(first_code(rule.code), path, message.subject, self._line(message.place)),
            inherited_from=inherited_from,
            related=message.related,
            fix=message.fix,
        )

    def _keep(self, finding: Finding, images: Iterable[str] = ()) -> None:
        key = self.key(finding)
        if images:
            self.seen_in.setdefault(key, set()).update(images)
        known = self.found.get(key)
        if known is None or (known.inherited_from and not finding.inherited_from):
            self.found[key] = finding
        elif known.rests_on and not finding.rests_on and not finding.inherited_from:
            self.found[key] = finding  # of another image it is sure

    @staticmethod
    def key(finding: Finding) -> tuple[object, ...]:
        """What makes two findings the same one, in whatever images they are."""
        return finding.rule, finding.place, finding.message

    def _line(self, place: Place) -> str:
        if self._rows is None or self._rows[0] != place.path:
            self._rows = place.path, (self.workspace.text_of(place.path) or "").split("\n")
        rows = self._rows[1]
        return rows[place.line - 1] if place.line <= len(rows) else ""

    def findings(self) -> tuple[Finding, ...]:
        return tuple(sorted(self.found.values(), key=lambda finding: finding.sort_key))

    def report(self, findings: Iterable[Finding], suppressed: int = 0) -> Report:
        return Report(
            images=tuple(sorted(self.images, key=lambda image: image.id)),
            findings=tuple(findings),
            skipped=tuple(sorted(self.skipped, key=attrgetter("rule", "image", "reason"))),
            files=len(self.files),
            suppressed=suppressed,
            failed=self.failed,
            runs=tuple(self._doubtful_runs()) if self.of_deployments else (),
            lines=self.workspace.text_of,
            checks=self._checks(),
        )

    def _checks(self) -> int:
        """How many checks there were; what was left out before any rule saw it counts as one."""
        images = {image.image for image in self.images}
        runs = {each.image_name for each in asked_for(self.workspace)} if self.of_deployments else set[str]()
        alone = {rule.code for rule in self.of_images}
        counted = len(images) * len(alone) + len(runs) * len(self.of_deployments)
        left = {(each.rule, each.image) for each in self.skipped}
        return counted + sum(1 for rule, image in left if image not in (images if rule in alone else runs))

    def _doubtful_runs(self) -> Iterator[DoubtfulRun]:
        """What is run and not known; what a document shows is an example, and what a file it extends says is told there."""
        codes = {rule.code for rule in self.of_deployments}
        undecided = {skipped.image for skipped in self.skipped if skipped.rule in codes}
        seen: set[tuple[str, Place]] = set()
        for deployment in asked_for(self.workspace):
            consumer = deployment.consumer
            reference = shown_reference(consumer)
            if consumer.kind == "documentation" or (deployment.known and not deployment.assumed):
                continue
            if (reference, consumer.place) in seen:
                continue
            seen.add((reference, consumer.place))
            asked = deployment.image_name in undecided
            if deployment.assumed and deployment.known:
                yield DoubtfulRun(reference, "assumed", consumer.place, deployment.assumed, asked)
            else:
                if consumer.built is not None:
                    why = "no Dockerfile for what it builds is here"
                else:
                    why = "a variable or template names it" if consumer.name is None else "nothing is known of it"
                yield DoubtfulRun(reference, "unknown", consumer.place, why, asked)


def _may_hold_comments(path: str) -> bool:
    name = path.rpartition("/")[2]
    return "." not in name or name.endswith((".sh", ".desktop", ".bash"))
