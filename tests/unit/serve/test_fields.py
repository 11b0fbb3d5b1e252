"""Every field is honoured or refused by name; a stream is the whole answer, under load as well."""

import asyncio
import json
import random

import httpx2
import pytest
from microgpt import checkpoint as checkpoints
from microgpt.serve import fields
from serving import Within, run
from talker import base, talker

ASK = {"model": "talker", "messages": [{"role": "user", "content": "hi"}]}
GO_ON = {"model": "talker", "prompt": "one"}
READ = {"model": "talker", "input": "one"}
PATHS = {"chat/completions": ASK, "completions": GO_ON, "embeddings": READ}
KNOWN = {
    "chat/completions": fields.CHAT,
    "completions": fields.COMPLETIONS,
    "embeddings": fields.EMBEDDINGS,
}


@pytest.fixture(scope="module")
def within(tmp_path_factory):
    path = tmp_path_factory.mktemp("fields") / "talker.safetensors"
    checkpoints.save(talker(), path)
    server = Within(path, slots=8, max_choices=4)
    return server


@pytest.fixture(scope="module")
def exact(tmp_path_factory):
    """A model in float64 that knows nothing by heart: what it writes depends on every number."""
    path = tmp_path_factory.mktemp("exact") / "talker.safetensors"
    checkpoints.save(base(), path)
    server = Within(path, slots=6)
    assert server.served.model.dtype == "float64"
    return server


async def post(within, path, *bodies, kind="application/json", **headers):
    """The answers to raw bodies."""
    transport = httpx2.ASGITransport(within.app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        headers = {"content-type": kind, **headers}
        return [await client.post(f"/v1/{path}", content=b, headers=headers) for b in bodies]


def refusals(within, path, *bodies):
    """The error objects of requests that are not done."""
    answers = run(post(within, path, *map(json.dumps, bodies)))
    assert [(answer.status_code, body) for answer, body in zip(answers, bodies)] == [
        (400, body) for body in bodies
    ]
    return [answer.json()["error"] for answer in answers]


def refusal(within, path, body):
    return refusals(within, path, body)[0]


WRONG = {
    "messages": [[], "hi", 3, [3], [{}], [{"role": "user"}], [{"role": "robot", "content": "hi"}]],
    "prompt": [3, [], [[]], ["a", 3], [99], [-1], {"a": 1}, "é", [True], "a" * 64],
    "input": [3, [], [[]], ["a", [1]], [99], "", "a" * 64, {}],
    "model": [3, ["talker"], True],
    "temperature": [-0.1, 2.1, "1", True, [], 1e999, -1e999],
    "top_p": [-0.1, 1.1, "1", False],
    "top_k": [-1, 1.5, "1", True, 1 << 30],
    "min_p": [-0.1, 1.1, "1"],
    "max_tokens": [0, -1, 1.5, "1", True, 10**30],
    "max_completion_tokens": [0, -1, 1.5, "1", True],
    "stop": ["", [], ["a"] * 5, [3], 3, {}, "a" * 300],
    "seed": [1.5, "1", True, 2**63, -(2**63) - 1],
    "n": [0, -1, 1.5, "1", 5, True, 10**9],
    "stream": ["true", 1, 0, []],
    "stream_options": [3, {"include_usage": 1}, {"other": True}, []],
    "presence_penalty": [-2.1, 2.1, "1", True],
    "frequency_penalty": [-2.1, 2.1, "1", True],
    "logit_bias": [[], {"a": 1}, {"-1": 1}, {"1": 101}, {"1": "1"}, {"99999": 1}, {"²": 1}],
    "logprobs": {"chat/completions": [1, "true"], "completions": [21, -1, True, "1"]},
    "top_logprobs": [21, -1, 1.5, True],
    "tools": [
        *([], {}, 3, [3], [{}], [{"type": "function"}]),
        [{"type": "function", "function": {"name": "weather"}}],
        [{"type": "function", "function": {"name": "count", "other": 1}}],
        [{"type": "function", "function": {"name": "count", "parameters": {"properties": {}}}}],
    ],
    "tool_choice": ["auto", "required", 3, {"type": "function"}],
    "response_format": [3, {}, {"type": "json_object"}, {"type": "text", "schema": {}}],
    "encoding_format": ["hex", 3],
    "dimensions": [3, 0, "32"],
    **{name: [[], 3] for name in ("user", "service_tier", "safety_identifier")},
    **{"metadata": [3, "a"], "store": [1, "true"]},
}
CASES = [
    (path, name, value)
    for path, known in KNOWN.items()
    for name in known
    for values in [WRONG[name]]
    for value in (values[path] if isinstance(values, dict) else values)
]


def test_every_wrong_value_is_refused_by_name(within):
    for path, body in PATHS.items():
        cases = [(name, value) for each, name, value in CASES if each == path]
        errors = refusals(within, path, *({**body, name: value} for name, value in cases))
        for error, (name, _) in zip(errors, cases):
            check_names(error, name)


def check_names(error, name):
    assert error["param"] and error["param"].partition("[")[0].partition(".")[0] == name, error
    assert error["type"] == "invalid_request_error" and error["message"].endswith(".")


UNKNOWN = ["functions", "best_of", "echo", "suffix", "audio", "web_search_options", "topp", "", "é"]


def test_every_unknown_field_is_refused_by_name(within):
    for path, body in PATHS.items():
        for name in UNKNOWN:
            error = refusal(within, path, {**body, name: None})
            assert error["param"] == name and error["code"] == "unknown_parameter"
        error = refusal(within, path, {"model": "talker"})
        assert error["code"] == "missing_required_parameter" and error["param"] in body


@pytest.mark.parametrize(
    ("message", "param"),
    [
        ({"role": "user", "content": "hi", "name": "me"}, "messages[0].name"),
        ({"role": "user", "content": [{"type": "image_url"}]}, "messages[0].content[0].text"),
        (
            {"role": "user", "content": [{"type": "audio", "text": ""}]},
            "messages[0].content[0].type",
        ),
        ({"role": "user", "content": 3}, "messages[0].content"),
        ({"role": "assistant", "content": "hi"}, "messages"),
        ({"role": "tool", "content": "3", "tool_call_id": "x"}, "messages"),
        ({"role": "system", "content": "hi"}, "messages"),
        ({"role": "user", "content": "Ä"}, "messages"),
    ],
)
def test_messages_are_read_strictly(within, message, param):
    assert refusal(within, "chat/completions", {**ASK, "messages": [message]})["param"] == param


def test_what_the_user_says_twice_in_a_row_is_read_as_one_message(within):
    """So it comes from a chat page whose last answer did not."""
    said = [{"role": "user", "content": text} for text in ("hi", "you", "hi\n\nyou")]
    sure = {**ASK, "temperature": 0, "max_tokens": 5}
    bodies = [{**sure, "messages": messages} for messages in (said[:2], said[2:], said[:1])]
    answers = run(post(within, "chat/completions", *map(json.dumps, bodies)))
    assert all(answer.status_code == 200 for answer in answers)
    both, one, other = (answer.json()["usage"]["prompt_tokens"] for answer in answers)
    assert both == one > other
    assert answers[0].json()["choices"] == answers[1].json()["choices"]


def test_a_tool_of_another_program_is_refused_with_what_to_do(within):
    tools = [{"type": "function", "function": {"name": "search_notes"}}]
    error = refusal(within, "chat/completions", {**ASK, "tools": tools})
    assert error["param"] == "tools[0].function.name"
    assert '"calculator" or "count"' in error["message"] and "has a switch" in error["message"]


def test_fields_that_do_not_fit_each_other(within):
    for more, param in (
        ({"max_tokens": 3, "max_completion_tokens": 4}, "max_tokens"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"top_logprobs": 2}, "top_logprobs"),
    ):
        assert refusal(within, "chat/completions", {**ASK, **more})["param"] == param


def test_bodies_that_are_no_requests(within):
    for body, status in (
        (b"", 400), (b"{", 400), (b"[]", 400), (b"\xff", 400), (b"[" * 100_000, 400),
        (b'{"model": "talker", "model": "x"}', 400), (b"1" * 5000, 400), (b" " * 1_100_000, 413),
    ):  # fmt: skip
        (answer,) = run(post(within, "chat/completions", body))
        assert answer.status_code == status, body[:20]
        assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
    # A page from anywhere could send this without being asked whether it may.
    for status, more in ((415, {"kind": "text/plain"}), (403, {"host": "evil.example"})):
        (answer,) = run(post(within, "chat/completions", json.dumps(ASK), **more))
        assert answer.status_code == status


def some_fields(rng):
    """Fields of a request that is right."""
    choices = {
        "temperature": [0, 0.7, 1, 2], "top_p": [0, 0.5, 1], "top_k": [0, 3], "min_p": [0, 0.1],
        "max_tokens": [1, 4, 9, 30, 5000], "stop": ["a", ["ab", "e"], "é"], "seed": [0, -7, 2**40],
        "n": [1, 2, 3], "presence_penalty": [-2, 0.5, 2], "frequency_penalty": [-1, 1],
        "logit_bias": [{"3": 5, "4": -100}, {}], "user": ["x"],
    }  # fmt: skip
    names = rng.sample(sorted(choices), rng.randint(0, 6))
    return {"seed": rng.randrange(1000)} | {name: rng.choice(choices[name]) for name in names}


def some_body(rng, can_chat):
    letters = "abcdefghijklmnopqrstuvwxyz .!?"
    text = "".join(rng.choice(letters) for _ in range(rng.randint(1, 30)))
    if can_chat and rng.random() < 0.5:
        more = {"logprobs": True, "top_logprobs": 2} if rng.random() < 0.3 else {}
        messages = [{"role": "user", "content": text}]
        return "chat/completions", {"model": "talker", "messages": messages} | more | some_fields(
            rng
        )
    more = {"logprobs": 2} if rng.random() < 0.3 else {}
    return "completions", {"model": "talker", "prompt": text} | more | some_fields(rng)


async def whole(client, path, body):
    """[(text, reason, log-probabilities)] of the choices, and the usage."""
    answer = await client.post(f"/{path}", body=body, cast_to=object)
    usage = answer["usage"]
    usage.pop("prompt_tokens_details")
    choices = []
    for choice in answer["choices"]:
        text = choice["message"]["content"] if path != "completions" else choice["text"]
        choices.append((text, choice["finish_reason"], logs_of([choice])))
    return choices, usage


async def joined(client, path, body):
    """The same from a stream."""
    import openai

    body = {**body, "stream": True, "stream_options": {"include_usage": True}}
    stream = await client.post(
        f"/{path}", body=body, cast_to=object, stream=True,
        stream_cls=openai.AsyncStream[object],
    )  # fmt: skip
    parts, usage = {}, None
    async for chunk in stream:
        usage = chunk["usage"] or usage
        for choice in chunk["choices"]:
            parts.setdefault(choice["index"], []).append(choice)
    choices = []
    for _, chunks in sorted(parts.items()):
        texts = [
            c["text"] if path == "completions" else c["delta"].get("content", "") for c in chunks
        ]
        reasons = [c["finish_reason"] for c in chunks if c["finish_reason"]]
        assert len(reasons) == 1 and chunks[-1]["finish_reason"]
        choices.append(("".join(texts), *reasons, logs_of(chunks)))
    usage.pop("prompt_tokens_details")
    return choices, usage


def logs_of(choices):
    found = []
    for choice in choices:
        logs = choice["logprobs"] or {}
        found += [(each["token"], each["logprob"]) for each in logs.get("content", ())]
        found += list(zip(logs.get("tokens", ()), logs.get("token_logprobs", ())))
    return [(token, round(value, 4)) for token, value in found]


@pytest.mark.parametrize("seed", range(3))
def test_a_joined_stream_is_the_whole_answer(within, seed):
    async def both(client):
        rng = random.Random(seed)
        for _ in range(6):
            path, body = some_body(rng, True)
            assert await joined(client, path, body) == await whole(client, path, body), body

    within.run(both)


@pytest.mark.parametrize("seed", range(2))
def test_answers_under_load_are_the_answers_alone(exact, seed):
    rng = random.Random(seed)
    asked = [some_body(rng, False) for _ in range(12)]

    async def one_by_one(client):
        return [await whole(client, path, body) for path, body in asked]

    async def at_once(client):
        return await asyncio.gather(
            *(rng.choice((whole, joined))(client, path, body) for path, body in asked)
        )

    assert exact.run(at_once) == exact.run(one_by_one)


def test_a_model_that_was_not_taught_to_answer_says_so(exact):
    error = refusal(exact, "chat/completions", ASK)
    assert error["param"] == "model" and "taught" in error["message"]


def test_a_fault_is_answered_and_the_next_request_is_too(within, monkeypatch, capsys):
    import openai

    async def ask(client):
        return await whole(client, "chat/completions", {**ASK, "temperature": 0})

    def broken(*_):
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(within.served.batcher._engine, "step", broken)
        with pytest.raises(openai.InternalServerError) as error:
            within.run(ask)
    assert error.value.body["type"] == "server_error" and "ZeroDivision" not in str(error.value)
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert within.run(ask)[0][0][:2] == ("hello.", "stop")


def test_damaged_weights_are_told(within):
    import openai

    model = within.served.model
    kept = model.flat.copy()

    async def ask(client):
        stream = await client.chat.completions.create(**ASK, stream=True, max_tokens=2)
        return [chunk async for chunk in stream]

    try:
        model.flat[...] = float("nan")
        within.served.batcher._prefixes.__init__(1 << 20)
        with pytest.raises(openai.APIError) as error:
            within.run(ask)
        assert "not numbers" in str(error.value)
    finally:
        model.flat[...] = kept
        within.served.batcher._prefixes.__init__(1 << 20)
