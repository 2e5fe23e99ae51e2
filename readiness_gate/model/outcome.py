"""The words of a verdict, from one item up to the whole gate (DESIGN 1.1 and 1.2)."""

from enum import StrEnum


class Outcome(StrEnum):
    """What became of one item."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    PENDING = "pending"
    WAIVED = "waived"
    SKIPPED = "skipped"


class ErrorClass(StrEnum):
    """Why an item that is an `error` could not be decided."""

    INFRASTRUCTURE = "infrastructure"
    INCONCLUSIVE = "inconclusive"
    CONFIGURATION = "configuration"
    INTERNAL = "internal"
    PREREQUISITE = "prerequisite"


class SkippedBy(StrEnum):
    """What took a skipped item out of this run."""

    CHECK = "check"
    WHEN = "when"
    STAGE = "stage"
    PHASE = "phase"
    ONLY = "only"


class Half(StrEnum):
    """The two halves of a verdict: facts on GitHub alone, and does it work."""

    MERGE = "merge"
    CHECKS = "checks"


class Conclusion(StrEnum):
    """The state of a half, in the words of GitHub's commit statuses."""

    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"
    PENDING = "pending"


class Verdict(StrEnum):
    """The answer of the gate over both halves."""

    READY = "ready"
    BLOCKED = "blocked"
    WAITING = "waiting"
    ERROR = "error"


class Severity(StrEnum):
    """How much an item weighs, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Stage(StrEnum):
    """The moment at which an item can first be true."""

    PRE_MERGE = "pre-merge"
    PRE_DEPLOY = "pre-deploy"
    POST_DEPLOY = "post-deploy"
    SCHEDULED = "scheduled"


class CheckClass(StrEnum):
    """What a check does to the system under test; decides what may run beside it."""

    READ = "read"
    EXERCISE = "exercise"
    MEASURE = "measure"
    DISRUPT = "disrupt"


class Need(StrEnum):
    """What has to be there before a check can run."""

    WORKSPACE = "workspace"
    GIT = "git"
    GITHUB = "github"
    IMAGES = "images"
    STACK = "stack"
    DATABASE = "database"


class Family(StrEnum):
    """The rooms of the catalogue."""

    MERGE = "merge"
    REPOSITORY = "repository"
    ARTIFACTS = "artifacts"
    STACK = "stack"
    NETWORK = "network"
    DATABASE = "database"
