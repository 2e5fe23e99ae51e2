"""Values as they come in: what the database cannot keep is refused before it is asked."""

from typing import Annotated

from fastapi import Path
from pydantic import Field

LARGEST = 2**31 - 1
TEXT = r"^[^\x00]*$"
"""PostgreSQL keeps no NUL."""
EMAIL = r"^[^@\s\x00]+@[^@\s\x00]+$"
Number = Annotated[int, Field(ge=1, le=LARGEST)]
NumberInPath = Annotated[int, Path(ge=1, le=LARGEST)]
