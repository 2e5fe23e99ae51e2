"""What a checklist document says: its items, and everything around them that can be held to.

Data only; `markdown.read_document` fills it. Lines count from 1, sections are headings outermost
first and without icons, texts are plain words on one line. Most are named tuples: so many data
classes take longer to make than a checklist to read.
"""

from dataclasses import dataclass
from dataclasses import field as data_field
from enum import StrEnum
from typing import NamedTuple

from readiness_gate.model.outcome import Severity, Stage


class BoxForm(StrEnum):
    """How a line shows that it can be ticked."""

    LIST = "list"
    """`- [ ]`, `* [x]`, `1. [ ]`."""
    PLAIN = "plain"
    """`[ ]` at the start of a line, in prose or in a fence."""
    ICON = "icon"
    """`✅`, `❌`, `☑`, `⬜`, `🔲`."""
    CELL = "cell"
    """A box or an icon in a table's cell."""
    INPUT = "input"
    """`<input type=checkbox>`."""


class FieldKind(StrEnum):
    """What a labelled line under an item tells."""

    PROBLEM = "problem"
    RISK = "risk"
    FIX = "fix"
    VERIFICATION = "verification"
    STATUS = "status"
    OWNER = "owner"
    EVIDENCE = "evidence"
    FILES = "files"
    NOTE = "note"
    OTHER = "other"


class Box(NamedTuple):
    """Where the tick of an item stands in the file, to change nothing but it."""

    form: BoxForm
    start: int
    """Offset of the first byte of `mark` in the file as it was read, from 0."""
    mark: str
    """`[ ]`, `[x]`, an icon, an `<input …>` as it stands in the file, damaged or not."""


class Threshold(NamedTuple):
    """A number with a unit, as somebody promised it."""

    relation: str
    """`<`, `<=`, `>`, `>=`, `==` where no relation is written, `~` for about."""
    value: float
    unit: str
    """`ms s m h d`, `B kB MB GB TB KiB MiB GiB TiB`, `%`, `USD`, else a word such as `users`; may
    end in a period, `/day`; empty for a bare number behind a relation."""
    text: str
    """As written: `< 200ms`."""
    percentile: str | None = None
    """`p95`, where the words beside it say so."""
    until: float | None = None
    """The other end of a range such as `$5-20/month`."""


class Command(NamedTuple):
    """A line for a shell that a document shows."""

    text: str
    line: int
    comment: str = ""
    """What the `#` above or behind it says."""
    language: str = ""
    """The fence's info word, such as `bash`; empty for code in a sentence."""


class Field(NamedTuple):
    """A labelled line under an item, such as `**Fix:** …`."""

    kind: FieldKind
    label: str
    text: str
    line: int
    values: tuple[str, ...] = ()
    """Plain bullets below it."""


@dataclass(frozen=True)
class Item:
    """One line that somebody can tick, and what stands under it."""

    id: str
    text: str
    """Plain words, without markup and tags."""
    ticked: bool
    path: str
    line: int
    section: tuple[str, ...]
    severity: Severity | None = None
    """Of its own tag, else of the nearest heading that states one."""
    phase: str | None = None
    pinned: bool = False
    """Whether the id was written beside the line, `<!-- id: … -->`."""
    category: str = ""
    """The heading that the item is counted under: not a severity, phase or cadence."""
    own_severity: bool = False
    own_phase: bool = False
    stage: Stage | None = None
    """What its headings say: post-deploy, scheduled, pre-deploy; a binding may know better."""
    cadence: str | None = None
    """`daily`, `weekly`, `first-hour`, `week-1`, … of its own words, else of a heading."""
    condition: str | None = None
    """`if applicable`, `optional`, `if using`, …: somebody has to decide whether it applies."""
    thresholds: tuple[Threshold, ...] = ()
    commands: tuple[Command, ...] = ()
    """Commands under it, else in its fields, else its own text where that is one."""
    fields: tuple[Field, ...] = ()
    options: tuple[str, ...] = ()
    """Plain bullets under it."""
    pull_requests: tuple[int, ...] = ()
    """Numbers of pull requests that its text names."""
    parent: str | None = None
    """Id of the item that it is nested in."""
    same_as: str | None = None
    """Id of the first item with the same words."""
    box: Box | None = data_field(default=None, compare=False)

    def field(self, kind: FieldKind) -> str:
        """Return the text of the first field of a kind, empty without one."""
        return next((one.text for one in self.fields if one.kind is kind), "")


class Step(NamedTuple):
    """One pull request in a sequence of merges."""

    number: int | None
    """`None` where a placeholder stands, as in `<THIS_PR_NUMBER>`."""
    line: int
    title: str = ""
    after: tuple[int, ...] = ()
    """Numbers that it says it depends on."""
    placeholder: str = ""


class Sequence(NamedTuple):
    """An order in which pull requests have to be merged."""

    line: int
    section: tuple[str, ...]
    steps: tuple[Step, ...]


class Dependency(NamedTuple):
    """A statement such as `PR #17 depends on #14`, also of the steps of sequences."""

    number: int
    after: tuple[int, ...]
    line: int


class SignOff(NamedTuple):
    """A role that has to sign, and what stands beside it."""

    role: str
    line: int
    section: tuple[str, ...]
    name: str = ""
    date: str = ""
    signed: bool = False
    """Whether something stands where the signature goes; who wrote it is not known."""


class Share(NamedTuple):
    """A percentage that a document declares for a phase."""

    phase: str
    percent: float
    text: str
    """As written: `99%+`."""


class DeclaredShares(NamedTuple):
    """A heading with percentages, `Security ✅ MVP 60% → Phase 1 100%`, or a row of a matrix."""

    category: str
    shares: tuple[Share, ...]
    line: int
    section: tuple[str, ...]
    overall: bool = False
    """Whether it is a matrix's last row, over all categories."""


class Matrix(NamedTuple):
    """A table of percentages: a row per category, a column per phase."""

    line: int
    section: tuple[str, ...]
    phases: tuple[str, ...]
    rows: tuple[DeclaredShares, ...]


class Decision(NamedTuple):
    """A line on which somebody decides, `DECISION: [ ] GO or [ ] NO-GO`."""

    line: int
    section: tuple[str, ...]
    options: tuple[str, ...]
    chosen: str | None
    text: str


class Statistic(NamedTuple):
    """A figure that a document states, `FK constraints: 99`, to hold against a measured one."""

    label: str
    value: float
    relation: str
    """`==`, `~` for about, `>=` for `84+`."""
    unit: str
    line: int
    section: tuple[str, ...]
    text: str
    item: str | None = None
    """Id of the item whose words hold it."""


class ClaimKind(StrEnum):
    """Which words outside of items claim that something is done."""

    HEADING = "heading"
    """A ticked heading, `## ✅ Completed steps`."""
    STEP = "step"
    """A ticked line of a numbered list."""
    STATUS = "status"
    """A line such as `**Status**: Ready for Use`."""


class Claim(NamedTuple):
    """Words outside of items that claim something."""

    kind: ClaimKind
    text: str
    line: int
    section: tuple[str, ...]
    """For a heading: with itself as the last."""


class Placeholder(NamedTuple):
    """Words that somebody still has to replace, `[Contact info]`, `<THIS_PR_NUMBER>`, `TBD`."""

    text: str
    line: int
    section: tuple[str, ...]


class Notice(NamedTuple):
    """Something odd about the document that does not stop its reading."""

    line: int
    """0 where it is about the whole file."""
    message: str


class Document(NamedTuple):
    """Everything that one file says, in its order."""

    path: str
    items: tuple[Item, ...]
    phases: tuple[str, ...] = ()
    """Phases in the order of the matrix, then of first appearance."""
    sequences: tuple[Sequence, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    sign_offs: tuple[SignOff, ...] = ()
    headings: tuple[DeclaredShares, ...] = ()
    """Headings that declare percentages."""
    matrices: tuple[Matrix, ...] = ()
    decisions: tuple[Decision, ...] = ()
    statistics: tuple[Statistic, ...] = ()
    claims: tuple[Claim, ...] = ()
    placeholders: tuple[Placeholder, ...] = ()
    commands: tuple[tuple[tuple[str, ...], Command], ...] = ()
    """Commands of fences that belong to no item, each with its section."""
    notices: tuple[Notice, ...] = ()


class Checklist(NamedTuple):
    """Every line of all checklist files, in their order."""

    lines: tuple[Item, ...] = ()
    phases: tuple[str, ...] = ()
    """Phases in the order of the sign-off matrix, then of first appearance."""
    warnings: tuple[str, ...] = ()
    documents: tuple[Document, ...] = ()
    """The files one by one."""
