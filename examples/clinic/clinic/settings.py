"""What the environment tells the application."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one process."""

    database_url: str
    secret_key: str
    cors_origins: tuple[str, ...]
    auto_backup_enabled: bool
    backup_retention_days: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings; everything has a value that is fine on a laptop."""
        values = os.environ if environment is None else environment
        origins = values.get("CORS_ORIGINS", "https://clinic.example")
        return cls(
            database_url=values.get("DATABASE_URL", "sqlite:///data/clinic.db"),
            secret_key=values.get("SECRET_KEY", "laptop-only-laptop-only-laptop-only"),
            cors_origins=tuple(origin.strip() for origin in origins.split(",") if origin.strip()),
            auto_backup_enabled=values.get("AUTO_BACKUP_ENABLED", "false") == "true",
            backup_retention_days=int(values.get("BACKUP_RETENTION_DAYS", "30")),
        )
