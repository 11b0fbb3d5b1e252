"""The server as a process: its end, its reload, its workers, and clients who misbehave."""

import asyncio
import contextlib
import json
import os
import select
import shutil
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import httpx2
import pytest
from microgpt import checkpoint as checkpoints
from microgpt.serve import start
from microgpt.serve.batcher import FairQueue
from microgpt.serve.http import listen
from microgpt.serve.options import Options
from microgpt.serve.refusals import Refused
from program import call
from serving import Within, program, run
from talker import base, talker

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and forks as Unix has")

ASK = [{"role": "user", "content": "hi"}]
LONG = {
    "model": "story-chat", "prompt": "Once", "n": 4, "max_tokens": 240, "stream": True,
    "logit_bias": {"511": -100},  # the mark between two texts
}  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("process") / "talker.safetensors"
    checkpoints.save(talker(), path)
    return path


@pytest.fixture(scope="module")
def server(path, tmp_path_factory):
    """Two workers, who want a token and have little patience."""
    file = tmp_path_factory.mktemp("tokens") / "tokens"
    file.write_text("secret-1\nsecret-2\n")
    flags = ["--workers", "2", "--tokens", file, "--patience", "1.5", "--json"]
    with program("story-chat", path, *flags, "--cors", "https://example.org") as server:
        yield server


def get(server, path, **headers):
    address = f"http://{server.host}{path}"
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as answer:
        return answer.read().decode()


def post(server, path, body, **headers):
    headers = {"content-type": "application/json", **headers}
    request = urllib.request.Request(f"{server.url}/{path}", json.dumps(body).encode(), headers)
    return urllib.request.urlopen(request)


def say_hi(server):
    body = {"model": "talker", "messages": ASK, "temperature": 0}
    with post(server, "chat/completions", body, Authorization="Bearer secret-1") as answer:
        return json.load(answer)


def write_long(server):
    """An answer that takes a while; its first line has come."""
    answer = post(server, "completions", LONG)
    assert answer.readline().startswith(b"data: ")
    return answer


def is_whole(answer):
    with answer:
        rest = answer.read()
    return rest.count(b'"finish_reason":"length"') == LONG["n"] and rest.endswith(b"[DONE]\n\n")


def stats(server):
    return json.loads(get(server, "/stats", Authorization="Bearer secret-1"))


def test_only_who_has_a_token_comes_in(server):
    import openai

    with server.client("secret-3") as client, pytest.raises(openai.AuthenticationError):
        client.models.list()
    for key in ("Bearer secret-1secret-2", "Basic secret-1", "secret-1", "Bearer ", ""):
        with pytest.raises(urllib.error.HTTPError) as error:
            get(server, "/v1/models", Authorization=key)
        assert error.value.code == 401
        error.value.close()
    for key in ("secret-1", "secret-2"):
        models = json.loads(get(server, "/v1/models", Authorization=f"Bearer {key}"))["data"]
        assert {model["id"] for model in models} == {"story-chat", "talker"}
    assert json.loads(get(server, "/health"))["status"] == "ok"


def test_other_sites_may_ask_where_they_are_named(server):
    ask = {"access-control-request-method": "POST", "access-control-request-headers": "x-a"}
    with httpx2.Client(base_url=f"http://{server.host}") as client:
        for origin, status in (("https://example.org", 200), ("https://other.org", 400)):
            headers = {**ask, "origin": origin}
            answer = client.options("/v1/chat/completions", headers=headers)
            assert answer.status_code == status
            allowed = answer.headers.get("access-control-allow-origin")
            assert allowed == (origin if status == 200 else None)
        answer = client.get("/v1/models", headers={"origin": "https://example.org"})
        assert answer.status_code == 401  # and the page there may read that
        assert answer.headers["access-control-allow-origin"] == "https://example.org"
        assert "Retry-After" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_stream_arrives_whole_by_either_version(server, version):
    """Chunks that go past the library are chunks where the client knows such, and plain if not."""
    body = json.dumps({**LONG, "n": 1, "seed": 3, "max_tokens": 40}).encode()
    head = f"POST /v1/completions HTTP/{version}\r\nHost: localhost\r\nConnection: close\r\n"
    head += "Authorization: Bearer secret-1\r\nContent-Type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        parts = []
        while part := client.recv(65536):
            parts.append(part)
    whole = b"".join(parts)
    headers, _, rest = whole.partition(b"\r\n\r\n")
    if version == "1.1":
        assert b"chunked" in headers
        plain = b""
        while (size := int(rest[: rest.index(b"\r\n")], 16)) > 0:
            start = rest.index(b"\r\n") + 2
            plain, rest = plain + rest[start : start + size], rest[start + size + 2 :]
        rest = plain
    events = [json.loads(line[6:]) for line in rest.split(b"\n\n") if line[6:7] == b"{"]
    text = "".join(event["choices"][0]["text"] for event in events)
    request = {**LONG, "n": 1, "seed": 3, "max_tokens": 40, "stream": False}
    with post(server, "completions", request, Authorization="Bearer secret-1") as answer:
        assert text == json.load(answer)["choices"][0]["text"]
    assert rest.endswith(b"[DONE]\n\n") and len(events) > 30


def test_silent_clients_are_let_go(server):
    begun, began = (
        (b"", b"POST /v1/models HTTP/1.1\r\nHost: localho", b"nonsense\r\n\r\n"),
        time.monotonic(),
    )
    connections = [socket.create_connection(("127.0.0.1", server.port), 20) for _ in begun]
    for connection, first in zip(connections, begun):
        connection.sendall(first)
    for connection in connections:
        with connection, contextlib.suppress(ConnectionResetError):
            while connection.recv(1000):
                pass
    assert time.monotonic() - began < 15
    head = b"POST /v1/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    head += b"Authorization: Bearer secret-1\r\nContent-Length: 100\r\n\r\n{"
    with socket.create_connection(("127.0.0.1", server.port), 20) as connection:
        connection.sendall(head)
        answer = connection.recv(1000)
        assert b" 408 " in answer or not answer
    with socket.create_connection(("127.0.0.1", server.port), 20) as connection:
        connection.sendall(head)  # and goes away: when the server ends, no traceback is in its log


def test_counts_of_all_workers_are_summed(server):
    before = stats(server)
    assert before["workers"] == 2 and before["limits_per_worker"]["slots"] == 32
    for _ in range(12):  # each comes by a connection of its own: both workers have some
        say_hi(server)
    after = stats(server)
    assert after["completion_tokens"] - before["completion_tokens"] == 12 * 7
    assert after["prompt_tokens"] - before["prompt_tokens"] == 12 * 6
    assert after["first_token_seconds"]["count"] - before["first_token_seconds"]["count"] == 12
    text = get(server, "/metrics", Authorization="Bearer secret-1")
    assert f"microgpt_completion_tokens_total {after['completion_tokens']}\n" in text
    values = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(float(line.rpartition(" ")[2]) >= 0 for line in values)


def children(server):
    task = f"/proc/{server.process.pid}/task/{server.process.pid}/children"
    return [int(pid) for pid in Path(task).read_text().split()]


@pytest.mark.skipif(not os.path.exists("/proc/self/smaps_rollup"), reason="memory as Linux counts")
def test_a_lost_worker_is_replaced_and_signals_are_the_parents(server):
    first, second = children(server)
    os.kill(first, signal.SIGINT), os.kill(first, signal.SIGHUP)  # it does not hear these
    os.kill(second, signal.SIGKILL)
    server.read_until("A worker was lost")
    end = time.monotonic() + 20
    while len(now := children(server)) < 2 or stats(server)["workers_lost"] < 1:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert first in now and second not in now


def test_the_log_has_a_line_of_json_for_each_answer(server):
    say_hi(server)
    line = server.read_until('"completion_tokens": 7')
    noted = json.loads(line)
    assert noted["status"] == 200 and noted["model"] == "talker" and noted["ms"] > 0


def test_too_many_are_refused_and_what_is_written_is_finished_before_the_end():
    import openai

    flags = ("--slots", "1", "--queue", "8")
    with program("story-chat", *flags) as server, server.client() as client:
        answers = [write_long(server)]
        with pytest.raises(openai.RateLimitError) as error:
            for _ in range(8):
                client.completions.create(**LONG)
        assert int(error.value.response.headers["retry-after"]) >= 1
        assert error.value.code == "queue_full"
        server.process.send_signal(signal.SIGTERM)
        server.read_until("Ending")
        assert is_whole(answers[0])
        assert server.process.wait(20) == 0
        with pytest.raises(openai.APIConnectionError):
            client.models.list()


def test_a_hangup_loads_the_files_again_and_loses_nobody(path, tmp_path):
    import openai

    mine = tmp_path / "mine.safetensors"
    shutil.copy(path, mine)
    with program("story-chat", mine, "--quiet") as server, server.client() as client:
        ask = {"model": "mine", "messages": ASK, "temperature": 0}
        before = client.chat.completions.create(**ask).system_fingerprint
        answer = write_long(server)
        mine.write_bytes(b"damaged")
        server.process.send_signal(signal.SIGHUP)
        assert "Not reloaded" in server.read_until("eloaded")
        checkpoints.save(base(), mine)
        server.process.send_signal(signal.SIGHUP)
        # It was accepted by a former worker, who answers it though it ends.
        with socket.create_connection(("127.0.0.1", server.port), 20) as early:
            server.read_until("Reloaded.")
            early.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert early.recv(1000).startswith(b"HTTP/1.1 200 ")
        with server.client() as fresh:
            assert json.loads(fresh.models.with_raw_response.list().content)
            with pytest.raises(openai.BadRequestError) as error:  # the base cannot chat
                fresh.chat.completions.create(**ask)
            assert "taught" in str(error.value) and before.startswith("fp_")
        assert is_whole(answer)
        assert server.end()[0] == 0


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="children as Linux lists them")
def test_reloaded_is_said_when_no_former_worker_takes_a_connection(path):
    with program(path, "--quiet") as server:
        (former,) = children(server)
        os.kill(former, signal.SIGSTOP)  # it does not hear that it is to end
        server.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 20
        while len(children(server)) < 2:
            assert time.monotonic() < end
            time.sleep(0.02)
        assert not select.select([server.process.stderr], [], [], 0.5)[0]
        os.kill(former, signal.SIGCONT)
        server.read_until("Reloaded.")


def test_clients_take_turns_and_nobody_fills_the_queue():
    queue = FairQueue(12)
    for number in range(6):
        queue.check("a", 1, 1.0)
        queue.add("a", f"a{number}")
    with pytest.raises(Refused) as error:
        queue.check("a", 1, 2.0)
    assert error.value.status == 429 and error.value.headers == {"Retry-After": "12"}
    for number in range(3):
        queue.check("b", 1, 1.0)
        queue.add("b", f"b{number}")
    assert [queue.take() for _ in range(4)] == ["a0", "b0", "a1", "b1"]
    queue.drop("a", lambda item: item != "a3")
    assert [queue.take() for _ in range(len(queue))] == ["b2", "a3"] and len(queue) == 0


def test_the_built_page_is_handed_out(path, tmp_path):
    (tmp_path / "index.html").write_text('<!doctype html><html lang="en">the page')
    within = Within(path, page=str(tmp_path))

    async def ask():
        transport = httpx2.ASGITransport(within.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return [await client.get(name) for name in ("/", "/no", "/v1/models", "/v1/nothing")]

    page, missing, models, nothing = run(ask())
    assert page.text == '<!doctype html><html data-served lang="en">the page'
    assert missing.status_code == nothing.status_code == 404
    assert models.json()["data"][0]["id"] == "talker" and "error" in nothing.json()


def test_small_pieces_are_sent_at_once():
    async def accepted():
        found = asyncio.get_running_loop().create_future()
        listener = listen("127.0.0.1", 0)
        server = await asyncio.start_server(
            lambda _, writer: found.set_result(writer), sock=listener
        )
        _, own = await asyncio.open_connection(*listener.getsockname())
        writer = await found
        socket_there = writer.get_extra_info("socket")
        delays = not socket_there.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        writer.close(), own.close(), server.close()
        return delays

    assert not run(accepted())


def test_mistakes_are_one_sentence(path, tmp_path, capsys, monkeypatch):
    def sentence(*arguments):
        return call(capsys, "serve", *arguments).sentence()

    assert "Name at least one" in sentence()
    assert "no checkpoint" in sentence(tmp_path / "none")
    assert "Two of these are called talker" in sentence(path, path)
    assert "origin" in sentence(path, "--cors", "example.org")
    assert "cannot be read" in sentence(path, "--tokens", tmp_path / "none")
    assert "no index.html" in sentence(path, "--page", tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "--port" in sentence(path, "--port", taken.getsockname()[1])
    assert "messages" in call(capsys, "serve", "--fields").out
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "pip install" in sentence(path)
    assert start.__doc__ and Options().is_local and not Options(host="0.0.0.0").is_local


def test_a_warning_where_others_can_reach_it(capsys):
    answer = call(capsys, "serve", "no-such-file", "--host", "0.0.0.0")
    assert "can be reached by others" in answer.err and answer.code == 1
