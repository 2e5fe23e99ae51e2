from fastapi.testclient import TestClient


def test_the_process_answers(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok"}


def test_the_database_answers(client: TestClient) -> None:
    assert client.get("/ready").json() == {"status": "ready", "database": "ok"}


def test_other_origins_get_no_cors_header(client: TestClient) -> None:
    answer = client.get("/health", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_the_front_end_gets_its_cors_header(client: TestClient) -> None:
    answer = client.get("/health", headers={"Origin": "https://clinic.example"})
    assert answer.headers["access-control-allow-origin"] == "https://clinic.example"
