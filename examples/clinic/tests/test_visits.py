from fastapi.testclient import TestClient

WHEN = "2026-03-02T09:30:00"


def test_a_visit_is_planned_and_billed(client: TestClient) -> None:
    new = {"patient_id": 5, "doctor_id": 3, "starts_at": WHEN}
    visit = client.post("/visits", json=new).json()
    assert (visit["status"], visit["starts_at"]) == ("planned", WHEN)
    assert client.get(f"/visits/{visit['id']}").json() == visit
    payment = client.post(f"/visits/{visit['id']}/payments", json={"amount_cents": 5000}).json()
    assert (payment["visit_id"], payment["status"]) == (visit["id"], "open")


def test_a_visit_needs_a_known_patient_and_doctor(client: TestClient) -> None:
    for patient, doctor in ((999999, 3), (5, 999999)):
        new = {"patient_id": patient, "doctor_id": doctor, "starts_at": WHEN}
        assert client.post("/visits", json=new).status_code == 422


def test_nothing_is_billed_for_an_unknown_visit(client: TestClient) -> None:
    assert client.get("/visits/999999").status_code == 404
    assert client.post("/visits/999999/payments", json={"amount_cents": 1}).status_code == 404


def test_a_bill_is_for_more_than_nothing(client: TestClient) -> None:
    assert client.post("/visits/1/payments", json={"amount_cents": 0}).status_code == 422
