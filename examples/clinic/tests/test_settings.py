from clinic.settings import Settings


def test_a_laptop_needs_no_environment() -> None:
    assert Settings.from_environment({}).database_url == "sqlite:///data/clinic.db"


def test_origins_are_separated_by_commas() -> None:
    settings = Settings.from_environment({"CORS_ORIGINS": "https://a.example, https://b.example,"})
    assert settings.cors_origins == ("https://a.example", "https://b.example")
