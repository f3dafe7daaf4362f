"""Claims about errors: each fault has its class, and says what to do."""

from __future__ import annotations

import pickle
import socket
import ssl

import httpx
import pytest

from skyvern_tui import client
from skyvern_tui.client import errors
from tests.skyvern_tui.client.playground import BASE, KEY, RUN_ID, Answer, json_answer


def caught(it, method="get_run", *args):
    """The error that a call ends with."""
    with pytest.raises(errors.SkyvernError) as info:
        it.call(method, *(args or (RUN_ID,)), request_options={"max_retries": 0})
    return info.value


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"detail": "Invalid url: malformed."}, errors.BadRequestError),
        (401, {"detail": "Unauthorized"}, errors.AuthenticationError),
        (403, {"detail": "Invalid credentials"}, errors.AuthenticationError),
        (403, {"detail": "Could not validate credentials"}, errors.AuthenticationError),
        (403, {"detail": "Auth token is expired"}, errors.AuthenticationError),
        (403, {"detail": "Your plan does not include this engine"}, errors.ForbiddenError),
        (404, {"detail": f"Task run not found {RUN_ID}"}, errors.NotFoundError),
        (409, {"detail": "busy"}, errors.ConflictError),
        (410, {"detail": "gone"}, errors.ApiError),
        (422, {"detail": []}, errors.UnprocessableEntityError),
        (429, {"detail": "slow down"}, errors.RateLimitError),
        (500, {"error": "Unexpected error: KeyError"}, errors.ServerError),
        (503, {"detail": {"code": "x"}}, errors.ServerError),
        (418, {"message": "teapot"}, errors.ApiError),
        (302, None, errors.ApiError),
    ],
)
def test_each_status_has_its_class(face, status, body, kind):
    """The class tells what went wrong; the error carries everything known about it."""
    error = caught(face(json_answer(body, status, **{"x-request-id": "req-7"})))
    assert type(error) is kind
    assert error.status_code == status
    assert error.body == body
    assert error.request_id == "req-7"
    assert (error.method, error.url, error.run_id) == ("GET", f"{BASE}/v1/runs/{RUN_ID}", RUN_ID)
    assert str(status) in str(error)


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (httpx.ConnectError, errors.ConnectError),
        (httpx.ConnectTimeout, errors.ConnectError),
        (httpx.PoolTimeout, errors.ConnectError),
        (httpx.ProxyError, errors.ConnectError),
        (httpx.UnsupportedProtocol, errors.ConnectError),
        (httpx.ReadTimeout, errors.RequestTimeoutError),
        (httpx.WriteTimeout, errors.RequestTimeoutError),
        (httpx.ReadError, errors.ConnectionLostError),
        (httpx.WriteError, errors.ConnectionLostError),
        (httpx.RemoteProtocolError, errors.ConnectionLostError),
        (httpx.DecodingError, errors.ConnectionLostError),
    ],
)
def test_each_exception_of_httpx_has_its_class(face, problem, kind):
    """No exception of httpx gets through; it is the cause."""
    error = caught(face(Answer(error=problem)))
    assert type(error) is kind
    assert isinstance(error.__cause__, problem)
    assert error.hint


@pytest.mark.parametrize(
    ("body", "what"),
    [(b"", "empty body"), (b"<html>hi</html>", "no JSON"), (b'{"run_id": 1', "no JSON"), (b"{}", "another shape")],
)
def test_an_answer_that_cannot_be_read_says_what_it_was(face, body, what):
    """200 with the wrong content names the content and asks whether this is a Skyvern server."""
    error = caught(face(Answer(200, body)))
    assert type(error) is errors.ResponseParseError
    assert what in error.message
    assert BASE in error.hint
    assert error.status_code == 200
    assert error.is_json == (body == b"{}")


def test_every_error_class_is_in_the_tree():
    """The docstring's tree names every class, and every class is public."""
    classes = [
        value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, errors.SkyvernError)
    ]
    assert len(classes) == 21
    for kind in classes:
        assert kind.__name__ in errors.__doc__
        assert getattr(client, kind.__name__) is kind


@pytest.mark.parametrize("key", [None, ""])
def test_a_missing_key_says_where_one_comes_from(face, key):
    """403 without a key names the variable and, for the cloud, the page with keys."""
    error = caught(face(json_answer({"detail": "Invalid credentials"}, 403), api_key=key, base_url=None))
    assert "No key was sent" in error.hint
    assert "SKYVERN_API_KEY" in error.hint
    assert "https://app.skyvern.com/settings" in error.hint


def test_a_refused_key_is_recognisable_and_not_readable(face, monkeypatch):
    """403 with a key names its source, length and ending; never the key."""
    monkeypatch.setenv("SKYVERN_API_KEY", KEY)
    error = caught(face(json_answer({"detail": "Invalid credentials"}, 403), api_key=None))
    assert f"a key of {len(KEY)} characters, ending in 1234 from SKYVERN_API_KEY" in error.hint
    assert KEY not in str(error)


@pytest.mark.parametrize(
    ("key", "base_url", "says"),
    [
        ("Bearer " + KEY, BASE, "begins with 'Bearer '"),
        (f"'{KEY}'", BASE, "in quotes"),
        ("not-a-jwt-but-long-enough-to-be-one", "https://api.skyvern.com", "does not look like a key of the cloud"),
        (KEY, BASE, "was refused"),
    ],
)
def test_a_malformed_key_is_explained(face, key, base_url, says):
    """The usual ways to paste a key wrongly are named."""
    error = caught(face(json_answer({"detail": "Could not validate credentials"}, 403), api_key=key, base_url=base_url))
    assert says in error.hint


def test_an_expired_key_is_called_expired(face):
    """The hint repeats what matters of the server's words."""
    assert "has expired" in caught(face(json_answer({"detail": "Auth token is expired"}, 403))).hint


def test_a_422_names_its_fields(face):
    """Each faulty field is in problems, in the message and in the hint."""
    detail = [
        {"type": "missing", "loc": ["body", "prompt"], "msg": "Field required", "input": {}},
        {"type": "int_parsing", "loc": ["body", "max_steps"], "msg": "Input should be a valid integer", "input": "ten"},
    ]
    error = caught(face(json_answer({"detail": detail}, 422)))
    assert error.problems == {"body.prompt": "Field required", "body.max_steps": "Input should be a valid integer"}
    assert "body.max_steps: Input should be a valid integer" in error.message
    assert "prompt, max_steps" in error.hint


def test_a_422_about_the_engine_lists_the_wire_names(face):
    """The documentation's names of engines are not the wire's."""
    detail = [{"type": "enum", "loc": ["body", "engine"], "msg": "Input should be ...", "input": "skyvern_v9"}]
    assert "skyvern-2.0" in caught(face(json_answer({"detail": detail}, 422))).hint


def test_fields_wrapped_in_a_body_are_explained(face):
    """Whoever sends {"body": {...}} as the TypeScript pages write it is told so."""
    detail = [
        {"type": "missing", "loc": ["body", "prompt"], "msg": "Field required", "input": {"body": {"prompt": "x"}}}
    ]
    assert "top level" in caught(face(json_answer({"detail": detail}, 422))).hint


def test_a_path_that_does_not_exist_questions_the_address(face):
    """404 for the path itself means that this is not the root of a server."""
    assert "root of a Skyvern server" in caught(face(json_answer({"detail": "Not Found"}, 404))).hint
    assert "root of a Skyvern server" in caught(face(Answer(404, b"<html><title>nginx</title></html>"))).hint


def test_an_unknown_run_questions_server_and_key(face):
    """404 for a run names the server that was asked."""
    assert BASE in caught(face(json_answer({"detail": f"Task run not found {RUN_ID}"}, 404))).hint


def test_an_html_error_page_is_not_dumped(face):
    """Only the page's title gets into the message."""
    page = b"<html><head><title>502 Bad Gateway</title></head>" + b"<p>x</p>" * 10_000
    error = caught(face(Answer(502, page)))
    assert "502 Bad Gateway" in error.message
    assert len(str(error)) < 500


def test_an_empty_error_body_is_no_problem(face):
    """A 404 without any body still becomes a NotFoundError."""
    assert type(caught(face(Answer(404)))) is errors.NotFoundError


@pytest.mark.parametrize(
    ("below", "says", "hint"),
    [
        (ConnectionRefusedError(111, "refused"), "refused the connection", "skyvern-mock serve"),
        (socket.gaierror(-2, "Name or service not known"), "cannot be resolved", "typo"),
        (ssl.SSLCertVerificationError("self-signed"), "certificate", "SSL_CERT_FILE"),
        (ssl.SSLError("wrong version number"), "does not speak TLS", "http://"),
    ],
)
def test_the_reason_below_a_connect_error_is_found(face, below, says, hint):
    """Refused, DNS, certificate and TLS are told apart, however deep the reason lies."""

    def handler(request):
        try:
            try:
                raise below
            except OSError as error:
                raise ExceptionGroup("attempts", [error]) from None
        except ExceptionGroup as group:
            raise httpx.ConnectError("All connection attempts failed") from group

    error = caught(face(handler=handler, base_url="http://localhost:8000"))
    assert type(error) is errors.ConnectError
    assert says in error.message
    assert hint in error.hint


def test_a_real_refused_connection_says_so(face):
    """Nothing listens on port 1: class, words and hint are right with the real transport too."""
    it = face(base_url="http://127.0.0.1:1")
    it.transport = None
    error = caught(it)
    assert type(error) is errors.ConnectError
    assert "refused the connection" in error.message


def test_a_post_without_an_answer_warns_of_sending_it_again(face):
    """After a timeout of run_task the list of runs has to be looked at first."""
    assert "list of runs" in caught(face(Answer(error=httpx.ReadTimeout)), "run_task", "x").hint


def test_a_redirect_is_not_followed_with_the_key(face):
    """A server that points elsewhere gets no second request; the error names the place."""
    it = face(Answer(307, headers={"location": "https://elsewhere.example/v1"}))
    assert "https://elsewhere.example/v1" in caught(it).hint
    assert len(it.requests) == 1


def test_the_key_is_in_no_error(face):
    """A server that sends the key back gets it into no message, attribute or repr."""
    echo = {"detail": f"bad key {KEY}", "headers": {"x-api-key": KEY}}
    for answer in (json_answer(echo, 403, echo=KEY), json_answer(echo, 500), Answer(200, KEY.encode())):
        error = caught(face(answer))
        assert KEY not in repr(error) + str(error) + repr(vars(error)) + error.hint


def test_passwords_and_signatures_are_in_no_url_of_an_error(face):
    """What identifies or authorises in a URL is cut before it is shown."""
    it = face(Answer(404))
    error = caught(it, "get_file", "https://user:secret@files.example/a.png?X-Amz-Signature=abc&x=1")
    assert error.url == "https://files.example/a.png?[redacted]"
    assert "abc" not in str(error)
    assert "secret" not in str(error)


def test_errors_survive_pickling(face):
    """An error crosses process borders with all it carries."""
    error = caught(face(json_answer({"detail": "no"}, 404)))
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert vars(copy) == vars(error)
    assert str(copy) == str(error)
