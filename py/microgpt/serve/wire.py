"""Answers in OpenAI's words: whole ones, chunks of streams, usage, log-probabilities."""

import base64
import json
import secrets
import time

import numpy as np

DONE = b"data: [DONE]\n\n"


def new_id(kind):
    return f"{kind}-{secrets.token_hex(12)}"


# Made once: json.dumps makes one at every call that does not want its usual spaces.
_json = json.JSONEncoder(separators=(",", ":")).encode


def event(found):
    return b"data: " + _json(found).encode() + b"\n\n"


def usage(choices):
    """What a request took; the prompt of several choices counts once."""
    prompts = {id(choice.order.ids): choice for choice in choices}.values()
    prompt = sum(len(choice.order.ids) for choice in prompts)
    written = sum(choice.tokens for choice in choices)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": written,
        "total_tokens": prompt + written,
        "prompt_tokens_details": {"cached_tokens": sum(choice.recalled for choice in prompts)},
    }


class ChatFormat:
    """What /v1/chat/completions answers."""

    kind, whole, chunk = "chatcmpl", "chat.completion", "chat.completion.chunk"

    def __init__(self, served, values):
        self.id, self.created = new_id(self.kind), int(time.time())
        self._served, self._wants_logs = served, bool(values.get("logprobs"))
        tell = {"created": self.created, "model": served.name}
        self._head = {"id": self.id, "object": None, **tell}
        self._head["system_fingerprint"] = served.fingerprint
        self._with_usage = values.get("stream_options", {}).get("include_usage", False)
        # What all chunks have in common is written once.
        self._begin = event({**self._head, "object": self.chunk}).removesuffix(b"}\n\n")
        self._rest = b',"usage":null' if self._with_usage else b""

    def answer(self, choices, usage):
        """A whole answer; `choices` are lists of pieces."""
        told = [self._choice(i, pieces) for i, pieces in enumerate(choices)]
        return {**self._head, "object": self.whole, "choices": told, "usage": usage}

    def _choice(self, index, pieces):
        text, last = "".join(piece.text for piece in pieces), pieces[-1]
        logs = [log for piece in pieces for log in piece.logs]
        message = {"role": "assistant", "content": text, "refusal": None}
        if last.call:
            message |= {"content": text or None, "tool_calls": [_call(last.call)]}
        return self._of(index, "message", message, logs, last.reason)

    def _of(self, index, name, said, logs, reason):
        logs = self.logs(index, logs) if self._wants_logs else None
        return {"index": index, name: said, "logprobs": logs, "finish_reason": reason}

    def begin(self, count):
        """The first chunks of a stream: who speaks."""
        role = {"role": "assistant", "content": ""}
        return b"".join(self._event(self._of(i, "delta", role, [], None)) for i in range(count))

    def piece(self, piece):
        """The chunks of a piece."""
        parts = []
        if piece.text or piece.logs:
            delta = {"content": piece.text}
            parts.append(self._of(piece.index, "delta", delta, piece.logs, None))
        if piece.call:
            delta = {"tool_calls": [{"index": 0, **_call(piece.call)}]}
            parts.append(self._of(piece.index, "delta", delta, [], None))
        if piece.reason:
            parts.append(self._of(piece.index, "delta", {}, [], piece.reason))
        return b"".join(map(self._event, parts))

    def end(self, usage):
        last = {**self._head, "object": self.chunk, "choices": [], "usage": usage}
        return (event(last) if self._with_usage else b"") + DONE

    def _event(self, choice):
        return b'%s,"choices":[%s]%s}\n\n' % (self._begin, _json(choice).encode(), self._rest)

    def logs(self, index, logs):
        tokenizer = self._served.tokenizer

        def told(id, value):
            data = tokenizer.bytes_of(id)
            text = data.decode("utf-8", "replace") if data else tokenizer.token_text(id)
            return {"token": text, "logprob": value, "bytes": list(data) or None}

        content = [
            {**told(id, own), "top_logprobs": [told(*top) for top in tops]}
            for id, own, tops in logs
        ]
        return {"content": content, "refusal": None}


class CompletionFormat(ChatFormat):
    """What /v1/completions answers."""

    kind, whole, chunk = "cmpl", "text_completion", "text_completion"

    def __init__(self, served, values):
        super().__init__(served, values)
        self._wants_logs = values.get("logprobs") is not None
        self._offsets = {}  # of the next token in its text, by choice

    def _choice(self, index, pieces):
        logs = [log for piece in pieces for log in piece.logs]
        text = "".join(piece.text for piece in pieces)
        return self._of(index, "text", text, logs, pieces[-1].reason)

    def begin(self, count):
        return b""

    def piece(self, piece):
        return self._event(self._of(piece.index, "text", piece.text, piece.logs, piece.reason))

    def logs(self, index, logs):
        """The older form: lists side by side."""
        tokenizer = self._served.tokenizer

        def text_of(id):
            data = tokenizer.bytes_of(id)
            return data.decode("utf-8", "replace") if data else tokenizer.token_text(id)

        tokens, at, offsets = [text_of(id) for id, *_ in logs], self._offsets.get(index, 0), []
        for token in tokens:
            offsets.append(at)
            at += len(token)
        self._offsets[index] = at
        return {
            "tokens": tokens,
            "token_logprobs": [own for _, own, _ in logs],
            "top_logprobs": [{text_of(id): value for id, value in tops} for *_, tops in logs],
            "text_offset": offsets,
        }


def _call(call):
    """A call as the client is to carry it out."""
    arguments = json.dumps({call.argument: call.expression})
    function = {"name": call.name, "arguments": arguments}
    return {"id": new_id("call"), "type": "function", "function": function}


def embeddings(served, texts, means, as_base64):
    """What /v1/embeddings answers."""

    def told(mean):
        mean = np.asarray(mean, "<f4")
        return base64.b64encode(mean.tobytes()).decode() if as_base64 else mean.tolist()

    data = [{"object": "embedding", "index": i, "embedding": told(m)} for i, m in enumerate(means)]
    count = sum(map(len, texts))
    used = {"prompt_tokens": count, "total_tokens": count}
    return {"object": "list", "data": data, "model": served.name, "usage": used}
