import pytest
from fastapi.testclient import TestClient

NEW = {"name": "Patient New", "phone": "+998 90 111 2233", "born_on": "1990-04-17"}


def test_a_new_patient_is_found_by_telephone(client: TestClient) -> None:
    created = client.post("/patients", json=NEW)
    assert created.status_code == 201
    found = client.get("/patients", params={"phone": NEW["phone"]}).json()
    assert found == [created.json()]


@pytest.mark.parametrize("field", ["name", "phone", "born_on"])
def test_a_patient_without_a_field_is_refused(client: TestClient, field: str) -> None:
    assert client.post("/patients", json={**NEW, field: ""}).status_code == 422


def test_a_patient_without_history_can_be_removed(client: TestClient) -> None:
    patient = client.post("/patients", json=NEW).json()["id"]
    assert client.delete(f"/patients/{patient}").status_code == 204
    assert client.get(f"/patients/{patient}").status_code == 404


def test_an_unknown_patient_is_not_found(client: TestClient) -> None:
    assert client.get("/patients/999999").status_code == 404
    assert client.delete("/patients/999999").status_code == 404
