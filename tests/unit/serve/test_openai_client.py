"""The official client, sync and async, against a server in a process of its own."""

import asyncio
import base64
import json
import math

import numpy as np
import pytest
from microgpt import checkpoint as checkpoints
from microgpt.autograd import no_grad
from serving import program, run
from talker import talker

ASK = [{"role": "user", "content": "hi"}]
LONG = [{"role": "user", "content": "long"}]
SUM = [{"role": "user", "content": "sum"}]
SURE = {"model": "talker", "temperature": 0}
CALCULATOR = {"type": "function", "function": {"name": "calculator"}}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    path = tmp_path_factory.mktemp("serve") / "talker.safetensors"
    checkpoints.save(talker(), path)
    with program(path) as server:
        yield server


@pytest.fixture(scope="module")
def client(server):
    with server.client() as client:
        yield client


def said(client, messages=ASK, **fields):
    return client.chat.completions.create(messages=messages, **{**SURE, **fields})


def streamed(client, messages=ASK, **fields):
    """(texts by choice, reasons by choice, all chunks)."""
    texts, reasons, chunks = {}, {}, []
    for chunk in said(client, messages, stream=True, **fields):
        chunks.append(chunk)
        for choice in chunk.choices:
            texts[choice.index] = texts.get(choice.index, "") + (choice.delta.content or "")
            if choice.finish_reason:
                assert choice.index not in reasons
                reasons[choice.index] = choice.finish_reason
    return texts, reasons, chunks


def test_an_answer_with_its_usage(client):
    answer = said(client)
    (choice,) = answer.choices
    assert choice.message.content == "hello." and choice.message.role == "assistant"
    assert choice.finish_reason == "stop" and answer.model == "talker"
    # bos, user_start, h, i, user_end, assistant_start; six letters and the end
    assert answer.usage.prompt_tokens == 6 and answer.usage.completion_tokens == 7
    assert answer.usage.total_tokens == 13
    assert answer.system_fingerprint.startswith("fp_") and answer._request_id


def test_a_stream_says_the_same(client):
    texts, reasons, chunks = streamed(client, stream_options={"include_usage": True})
    assert texts == {0: "hello."} and reasons == {0: "stop"}
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.usage for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens == 7
    assert len({chunk.id for chunk in chunks}) == 1
    assert streamed(client)[2][-1].usage is None


def test_many_at_once_with_the_async_client(server):
    import openai

    async def ask():
        async with openai.AsyncOpenAI(base_url=server.url, api_key="x", max_retries=0) as client:
            asked = [
                client.chat.completions.create(messages=[{"role": "user", "content": each}], **SURE)
                for each in ("hi", "long", "sum") * 8
            ]
            answers = [answer.choices[0].message.content for answer in await asyncio.gather(*asked)]
            stream = await client.chat.completions.create(messages=ASK, stream=True, **SURE)
            parts = [chunk.choices[0].delta.content or "" async for chunk in stream]
            return answers, "".join(parts)

    answers, stream = run(ask())
    assert answers == ["hello.", "abcdefghijklmnopqrstuvwxyz", "it is 3."] * 8
    assert stream == "hello."


def test_messages_in_parts_and_earlier_turns(client):
    parts = [{"type": "text", "text": "h"}, {"type": "text", "text": "i"}]
    assert said(client, [{"role": "user", "content": parts}]).choices[0].message.content == "hello."
    first = said(client)
    back = first.choices[0].message.model_dump()  # as clients send it back
    answer = said(client, [*ASK, back, {"role": "user", "content": "sum"}])
    assert answer.choices[0].message.content == "it is 3."
    assert answer.usage.prompt_tokens_details.cached_tokens >= 12  # all of the first turn


def test_lengths(client):
    for field in ("max_tokens", "max_completion_tokens"):
        answer = said(client, LONG, **{field: 3})
        assert answer.choices[0].message.content == "abc"
        assert answer.choices[0].finish_reason == "length"
        assert answer.usage.completion_tokens == 3


@pytest.mark.parametrize("stop", ["fgh", ["x", "fgh"], ["zzz", "ghi", "fgh"]])
def test_stops_across_tokens(client, stop):
    answer = said(client, LONG, stop=stop)
    assert answer.choices[0].message.content == "abcde"
    assert answer.choices[0].finish_reason == "stop"
    texts, reasons, _ = streamed(client, LONG, stop=stop)
    assert texts == {0: "abcde"} and reasons == {0: "stop"}


def test_a_choice_is_a_request_with_a_later_seed(client):
    hot = {"temperature": 2, "max_tokens": 12, "seed": 5}
    together = said(client, n=3, **hot)
    texts = [choice.message.content for choice in together.choices]
    alone = [said(client, **{**hot, "seed": 5 + i}).choices[0].message.content for i in range(3)]
    assert texts == alone and len(set(texts)) == 3
    assert streamed(client, n=3, **hot)[0] == dict(enumerate(texts))
    assert together.usage.completion_tokens <= 36 and together.usage.prompt_tokens == 6


@pytest.mark.parametrize(
    "cut",
    [{"top_p": 0.01}, {"extra_body": {"top_k": 1}}, {"extra_body": {"min_p": 1}}, {"top_p": 0}],
)
def test_cuts_leave_the_likeliest(client, cut):
    assert said(client, temperature=2, **cut).choices[0].message.content == "hello."


def test_log_probabilities(client):
    (choice,) = said(client, logprobs=True, top_logprobs=3).choices
    tokens = choice.logprobs.content
    assert "".join(token.token for token in tokens) == "hello."
    for token in tokens:
        assert len(token.top_logprobs) == 3 and token.bytes == list(token.token.encode())
        assert token.top_logprobs[0].token == token.token
        assert token.top_logprobs[0].logprob == token.logprob <= 0
        assert sum(math.exp(top.logprob) for top in token.top_logprobs) <= 1 + 1e-9
    _, _, chunks = streamed(client, logprobs=True, top_logprobs=3)
    parts = [c.choices[0].logprobs.content for c in chunks if c.choices and c.choices[0].logprobs]
    assert [token.token for part in parts for token in part] == list("hello.")
    (choice,) = said(client, LONG, logprobs=True, stop="fgh").choices
    assert "".join(token.token for token in choice.logprobs.content) == "abcde"


def test_bias_and_penalties(client):
    letter = {each: str(i) for i, each in enumerate(talker().tokenizer().chars)}
    banned = said(client, logit_bias={letter["h"]: -100}, max_tokens=4).choices[0].message.content
    assert "h" not in banned
    wanted = said(client, logit_bias={letter["z"]: 100}, max_tokens=4).choices[0].message.content
    assert wanted == "zzzz"
    for penalty in ("presence_penalty", "frequency_penalty"):
        pushed = {"logit_bias": {letter["z"]: 100, letter["q"]: 99}, "max_tokens": 2}
        text = said(client, **pushed, **{penalty: 2}).choices[0].message.content
        assert set(text) == {"z", "q"}  # the second time the other one


def test_calls_are_handed_over_and_gone_on_with(client):
    answer = said(client, SUM, tools=[CALCULATOR])
    (choice,) = answer.choices
    (call,) = choice.message.tool_calls
    assert choice.finish_reason == "tool_calls" and choice.message.content is None
    assert call.function.name == "calculator"
    assert json.loads(call.function.arguments) == {"expression": "1+2"}
    result = {"role": "tool", "tool_call_id": call.id, "content": "3"}
    after = said(client, [*SUM, choice.message.model_dump(), result], tools=[CALCULATOR])
    assert after.choices[0].message.content == "it is 3."
    assert after.choices[0].finish_reason == "stop"
    _, reasons, chunks = streamed(client, SUM, tools=[CALCULATOR])
    calls = [c.choices[0].delta.tool_calls for c in chunks if c.choices[0].delta.tool_calls]
    assert reasons == {0: "tool_calls"} and calls[0][0].function.name == "calculator"


def test_what_a_tools_argument_is_called(client):
    schema = {"type": "object", "properties": {"sum": {"type": "string"}}}
    tool = {"type": "function", "function": {"name": "calculator", "parameters": schema}}
    (call,) = said(client, SUM, tools=[tool]).choices[0].message.tool_calls
    assert json.loads(call.function.arguments) == {"sum": "1+2"}


def test_the_server_runs_its_tools_unless_they_are_asked_for(client):
    answer = said(client, SUM)
    assert answer.choices[0].message.content == "it is 3."
    assert answer.choices[0].message.tool_calls is None
    none = said(client, SUM, tools=[CALCULATOR], tool_choice="none", max_tokens=5)
    assert none.choices[0].finish_reason in ("stop", "length")
    assert none.choices[0].message.tool_calls is None


def test_what_has_no_effect_is_accepted(client):
    answer = said(
        client, user="me", metadata={"a": "b"}, store=False, service_tier="auto",
        safety_identifier="x", response_format={"type": "text"},
    )  # fmt: skip
    assert answer.choices[0].message.content == "hello."


def test_completions_of_texts_and_of_ids(client):
    ask = {**SURE, "max_tokens": 5}
    tokenizer = talker().tokenizer()
    text = client.completions.create(prompt="one", **ask)
    ids = client.completions.create(prompt=[tokenizer.bos, *tokenizer.encode("one")], **ask)
    both = client.completions.create(prompt=["one", "two"], n=2, **ask)
    assert text.object == "text_completion" and text.choices[0].text == ids.choices[0].text
    assert [choice.index for choice in both.choices] == [0, 1, 2, 3]
    assert both.choices[0].text == both.choices[1].text == text.choices[0].text
    parts = client.completions.create(prompt="one", stream=True, **ask)
    assert "".join(chunk.choices[0].text for chunk in parts) == text.choices[0].text
    logs = client.completions.create(prompt="one", logprobs=2, **ask).choices[0].logprobs
    assert "".join(logs.tokens) == text.choices[0].text
    assert logs.text_offset == list(range(len(logs.tokens)))
    assert all(len(tops) == 2 for tops in logs.top_logprobs)


def test_embeddings_are_means_of_hidden_states(client):
    found = client.embeddings.create(model="talker", input=["one", "two"], encoding_format="float")
    checkpoint = talker()
    model, tokenizer = checkpoint.model(), checkpoint.tokenizer()
    for each, text in zip(found.data, ("one", "two")):
        ids = np.array([[tokenizer.bos, *tokenizer.encode(text)]])
        with no_grad():
            expected = model.hidden(ids).data[1:].mean(0)
        np.testing.assert_allclose(each.embedding, expected, atol=1e-6)
    assert found.usage.prompt_tokens == 6
    raw = client.embeddings.with_raw_response.create(
        model="talker", input="one", encoding_format="base64"
    )
    data = base64.b64decode(json.loads(raw.content)["data"][0]["embedding"])
    np.testing.assert_allclose(np.frombuffer(data, "<f4"), found.data[0].embedding, atol=1e-6)


def test_models(client):
    import openai

    assert [model.id for model in client.models.list()] == ["talker"]
    assert client.models.retrieve("talker").owned_by == "microgpt"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("other")


def test_errors_have_their_classes(client):
    import openai

    with pytest.raises(openai.NotFoundError) as error:
        said(client, model="other")
    assert error.value.param == "model" and error.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError) as error:
        said(client, [{"role": "user", "content": "a" * 70}])
    assert error.value.code == "context_length_exceeded" and error.value.param == "messages"
    with pytest.raises(openai.BadRequestError) as error:
        said(client, extra_body={"best_of": 2})
    assert error.value.param == "best_of" and error.value.type == "invalid_request_error"
    with pytest.raises(openai.APIStatusError) as error:
        said(client, [{"role": "user", "content": "a" * 1_100_000}])
    assert error.value.status_code == 413
