"""Size of the action's image over its base's own."""

from pathlib import Path

from benchmarks import told
from benchmarks.engine import answers, docker

ROOT = Path(__file__).parents[1]
TAG = "readiness-gate-bench:size"
BUDGET = 550
_MB = 1_000_000


def run() -> None:
    """Build the image, print both sizes, remove the image."""
    told.heading("Image: unpacked size over the base's own")
    if not answers():
        return
    (base,) = [
        line.split()[1]
        for line in (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
        if line.startswith("FROM ")
    ]
    docker("build", "--quiet", "--tag", TAG, str(ROOT))
    try:
        whole, under = _size(TAG), _size(base)
    finally:
        docker("image", "rm", TAG)
    told.figure(base, f"{under / _MB:.0f} MB", "the base")
    told.figure("the action's image", f"{whole / _MB:.0f} MB")
    over = (whole - under) / _MB
    told.figure("over its base", f"{over:.0f} MB", told.budget(over, BUDGET, "MB"))
    if (
        docker("image", "inspect", "--format", "{{json .Config.Labels}}", base).find("stand-in")
        >= 0
    ):
        told.note("the base is a stand-in of the test engine, not the official image")


def _size(name: str) -> int:
    return int(docker("image", "inspect", "--format", "{{.Size}}", name))
