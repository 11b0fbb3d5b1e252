"""`chat --url`: our own server, and servers that do what they should not."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from microgpt import checkpoint as checkpoints
from microgpt.errors import UserError
from microgpt.terminal.commands.chat.remote import Remote, RemoteDialogue
from program import call
from serving import program
from talker import talker


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    path = tmp_path_factory.mktemp("elsewhere") / "talker.safetensors"
    checkpoints.save(talker(), path)
    with program(path, "--quiet") as server:
        yield server


def test_it_answers_as_a_file_does(server, capsys):
    ask = ["chat", "--url", server.url, "--greedy", "--prompt"]
    assert call(capsys, *ask, "hi").out == "hello.\n"
    assert call(capsys, *ask, "sum", "--model", "talker").out == "it is 3.\n"
    (record,) = call(capsys, *ask, "hi", "--sure", "--json").records
    assert record["text"] == "hello." and record["reason"] == "stop"
    assert [token["text"] for token in record["tokens"]] == list("hello.")
    assert call(capsys, *ask, "long", "--max-tokens", "3").out == "abc\n"


def test_a_long_talk_leaves_the_oldest_turns_out(server):
    from microgpt.inference.sampling import Sampling

    greedy = Sampling(greedy=True)
    talk = RemoteDialogue(Remote(server.url), "talker", greedy, (), 64, None, "")
    for _ in range(7):
        assert "".join(said.text for said in talk.ask("hi")) == "hello."
    assert talk.left_out > 0 and len(talk.messages) == 14
    assert "".join(said.text for said in talk.retry()) == "hello." and len(talk.messages) == 14
    answer = talk.ask("hi")
    assert next(answer).text == "h"
    answer.close()  # as Ctrl-C does
    assert talk.messages[-1].text == "h" and talk.ended is None


class Odd(BaseHTTPRequestHandler):
    """Answers with what `given` says, by the address."""

    given = {
        "/v1/models": b'{"data": [{"id": "m"}]}',
        "/html/models": b"<html>",
        "/list/models": b"[]",
        "/part/models": b'{"data": [{"id": "m"}]}',
        "/part/chat/completions": b'data: {"choices": [{"delta": {"content": "a"}}]}\n\n'
        b'data: {"error": {"message": "It broke."}}\n\n',
        "/v1/chat/completions": b'data: {"choices": [{"delta": {"content": "b"},'
        b' "finish_reason": "stop"}]}\n\n',
    }
    seen = []

    def do_GET(self):
        body = self.given[self.path]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        size = int(self.headers["Content-Length"])
        self.seen.append((json.loads(self.rfile.read(size)), self.headers.get("Authorization")))
        self.do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def odd():
    with ThreadingHTTPServer(("127.0.0.1", 0), Odd) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_only_what_was_chosen_is_sent(odd, capsys, monkeypatch):
    monkeypatch.setenv("MICROGPT_TOKEN", "secret")
    assert call(capsys, "chat", "--url", odd, "--prompt", "hi", "--top-k", "3").out == "b\n"
    sent, token = Odd.seen[-1]
    assert token == "Bearer secret" and set(sent) == {
        *("model", "messages", "top_k", "max_tokens", "stream")
    }


@pytest.mark.parametrize(
    "url",
    ["notaurl", "notaurl/v1", "http://", "http://a b/v1", "http://h:port", "http://h:99999", "::1"],
)
def test_what_is_no_address_is_refused_before_the_network_is_asked(url, monkeypatch):
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: pytest.fail("asked the network"))
    with pytest.raises(UserError, match="no address of a server"):
        Remote(url).models()


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("localhost", "http://localhost/v1"),
        ("box:8000", "http://box:8000/v1"),
        ("10.0.0.1:8000/v1/", "http://10.0.0.1:8000/v1"),
        ("http://[::1]:8000", "http://[::1]:8000/v1"),
        ("https://example.org/api/chat/completions", "https://example.org/api"),
    ],
)
def test_what_is_an_address(given, url):
    assert Remote(given).url == url


def test_what_goes_wrong_is_one_sentence(odd, server, capsys):
    def sentence(*arguments):
        answer = call(capsys, "chat", "--prompt", "hi", *arguments)
        assert "Traceback" not in answer.err and answer.code
        return answer.err.splitlines()[-1]

    assert "as OpenAI's endpoint does" in sentence("--url", f"{odd}/html")
    assert "as OpenAI's endpoint does" in sentence("--url", f"{odd}/list")
    assert "refuses: It broke." in sentence("--url", f"{odd}/part")
    assert "cannot be reached" in sentence("--url", "http://127.0.0.1:9/v1")
    assert "no address" in sentence("--url", "ftp://x")
    assert "no model 'x'" in sentence("--url", server.url, "--model", "x")
    assert "FILE is missing" in sentence()
    assert "not both" in sentence("m", "--url", odd)
    assert "for a server" in sentence("m", "--model", "x")
