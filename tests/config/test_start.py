"""Reading a configuration starts quickly: it loads none of the heavy libraries."""

import subprocess
import sys

HEAVY = ("re2", "jinja2", "github", "docker", "sqlalchemy", "alembic", "markdown_it", "requests")


def test_reading_a_configuration_loads_no_heavy_library() -> None:
    code = (
        "import sys\n"
        "from readiness_gate.config.load import load_config\n"
        "load_config('version: 1')\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
