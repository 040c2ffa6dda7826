def test_unknown_path_is_a_problem(anonymous):
    response = anonymous.get("/nowhere")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
