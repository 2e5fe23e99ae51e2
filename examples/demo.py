"""`make demo`: the clinic before and after its repair, without Docker and without a network.

Works on a copy, so that the example stays as it is; what the gate writes is kept in build/demo.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
KEPT = HERE.parent / "build" / "demo"
BLOCKED, READY = 1, 0
_LEFT_OUT = shutil.ignore_patterns(
    "*.db", "*.db-*", ".venv", "repaired", "readiness-report", "__pycache__", ".*_cache"
)


def main() -> int:
    """Run the gate twice; return 0 when it said blocked first and ready then."""
    with tempfile.TemporaryDirectory(prefix="clinic-") as folder:
        clinic = Path(folder, "clinic")
        shutil.copytree(HERE / "clinic", clinic, ignore=_LEFT_OUT)
        environment = clinic / ".venv"
        environment.symlink_to(sys.prefix)
        created(clinic)
        shown("The clinic as it is: every box of its past ticked")
        before = gate(clinic, keep="blocked")
        shown("The same clinic after its repair")
        shutil.copytree(HERE / "clinic" / "repaired", clinic, dirs_exist_ok=True)
        after = gate(clinic, keep="ready")
    print(f"\nThe comment and the report of both runs are in {KEPT.relative_to(HERE.parent)}/.")
    if (before, after) != (BLOCKED, READY):
        print(f"expected blocked (1) and ready (0), got {before} and {after}", file=sys.stderr)
        return 1
    return 0


def created(clinic: Path) -> None:
    """Bring the clinic's database to where three years of work have left it."""
    for command in (["-m", "alembic", "upgrade", "head"], ["create_data.py"]):
        subprocess.run(
            [sys.executable, *command], cwd=clinic, check=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip


def gate(clinic: Path, *, keep: str) -> int:
    """Return the exit code of `readiness-gate run` in a folder; keep what it wrote."""
    command = [sys.executable, "-m", "readiness_gate", "run", "--snapshot", "snapshot.json"]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    for name in [name for name in environment if name.startswith("GITHUB_")]:
        del environment[name]
    code = subprocess.run(command, cwd=clinic, env=environment, check=False).returncode
    report = clinic / "readiness-report"
    if report.is_dir():
        shutil.copytree(report, KEPT / keep, dirs_exist_ok=True)
    return code


def shown(title: str) -> None:
    """Print a heading."""
    print(f"\n── {title} {'─' * max(2, 90 - len(title))}\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
