"""Conversations in files: three ways to write them, what is refused, and memory."""

import json
import re
import tracemalloc

import pytest
from microgpt.data import chat
from microgpt.data.conversations.corpus import MadeUp, conversation_corpus, made_up_corpus
from microgpt.data.conversations.messages import ConversationFile, Message, Wrong, read_messages
from microgpt.errors import UserError

PARTS = (("text", "Let me see. "), ("python", "3+4"), ("python_output", "7"), ("text", "It is 7."))
EXPECTED = [
    Message("system", (("text", "Be brief."),)),
    Message("user", (("text", "What is 3+4?"),)),
    Message("assistant", PARTS),
]


def openai_call(identity, arguments):
    function = {"name": "calculator", "arguments": arguments}
    return {"id": identity, "type": "function", "function": function}


OURS = {
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What is 3+4?"},
        {"role": "assistant", "content": [{"type": k, "text": t} for k, t in PARTS]},
    ]
}
OPENAI = {
    "messages": [
        {"role": "developer", "content": [{"type": "text", "text": "Be brief."}]},
        {
            "role": "user",
            "content": [{"type": "text", "text": "What is "}, {"type": "text", "text": "3+4?"}],
        },
        {
            "role": "assistant",
            "content": "Let me see. ",
            "tool_calls": [openai_call("a", '{"expression": "3+4"}')],
        },
        {"role": "tool", "tool_call_id": "a", "content": "7"},
        {"role": "assistant", "content": "It is 7."},
    ],
    "tools": [],
}


def test_three_ways_to_write_a_conversation():
    assert read_messages(OURS) == EXPECTED
    assert read_messages(OURS["messages"]) == EXPECTED  # the list alone, as nanochat's files
    assert read_messages(OPENAI) == EXPECTED
    sharegpt = {
        "id": 3,
        "conversations": [
            {"from": "system", "value": "Be brief."},
            {"from": "human", "value": "Hi"},
            {"from": "gpt", "value": "Hello."},
            {"from": "human", "value": "Bye"},
        ],
    }
    found = read_messages(sharegpt)
    assert [(m.role, m.text) for m in found] == [
        *(("system", "Be brief."), ("user", "Hi"), ("assistant", "Hello."), ("user", "Bye"))
    ]


def test_several_tool_calls_find_their_results():
    messages = [
        {"role": "user", "content": "?"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [openai_call("a", '{"e": "1+1"}'), openai_call("b", "2+2")],
        },
        {"role": "tool", "tool_call_id": "b", "content": "4"},
        {"role": "tool", "tool_call_id": "a", "content": "2"},
        {"role": "assistant", "content": None, "tool_calls": [openai_call("c", '{"n": 9}')]},
        {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "9"}]},
        {"role": "assistant", "content": "2, 4 and 9."},
    ]
    assert read_messages(messages)[1].parts == (
        *(("python", "1+1"), ("python_output", "2"), ("python", "2+2"), ("python_output", "4")),
        *(("python", "9"), ("python_output", "9"), ("text", "2, 4 and 9.")),
    )


def test_a_message_with_weight_0_is_not_learned():
    messages = [
        {"role": "user", "content": "?"},
        {"role": "assistant", "content": "no", "weight": 0},
        {"role": "user", "content": "?"},
        {"role": "assistant", "content": "yes", "weight": 1},
    ]
    assert [message.learned for message in read_messages(messages)] == [True, False, True, True]


def user(content="?"):
    return {"role": "user", "content": content}


def assistant(content="!", **more):
    return {"role": "assistant", "content": content, **more}


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (3, "has no list of messages"),
        ({}, "has no key messages"),
        ({"messages": []}, "has no list of messages"),
        ({"messages": {"role": "user"}}, "has no list of messages"),
        ([user(), "hello"], "number 2, that is no object"),
        ([user(), {"role": "robot", "content": ""}], "number 2, that has the role 'robot'"),
        ([{"content": "hi"}], "has the role None"),
        ([user(), user()], "number 2, that is of the user, where the assistant is due"),
        ([assistant()], "number 1, that is of the assistant, where the system or user is due"),
        ([user(), assistant(), assistant()], "where the user is due"),
        ([user(), assistant(), {"role": "system", "content": "x"}], "of the system, where"),
        ([user(3)], "has no content"),
        ([user([])], "has no content"),
        ([user([{"type": "image_url", "image_url": {}}])], "has content that is no text"),
        ([user([{"type": "text"}])], "has a part without text"),
        ([user(), assistant(None)], "has no content"),
        ([user(), assistant([{"type": "image", "text": "a"}])], "no text, python or python_output"),
        ([user(), assistant([{"type": "python_output", "text": "a"}])], "no call stands before"),
        ([user(), assistant(weight=2)], "has the weight 2"),
        ([user(), {"role": "tool", "content": "3"}], "a tool that was not called"),
        ([user(), assistant(tool_calls=[{}])], "without function and arguments"),
        ([user(), assistant(tool_calls=[openai_call("a", '{"a": 1, "b": 2}')])], "one argument"),
        ([user(), assistant(tool_calls=[openai_call("a", "1")])], "without its result"),
        ([user(), assistant(tool_calls=[openai_call("a", "1")]), user()], "before the result"),
        ([{**user(), "tool_calls": [openai_call("a", "1")]}], "is a tool call by the user"),
        (
            [
                user(),
                assistant(tool_calls=[openai_call("a", "1")]),
                {"role": "tool", "tool_call_id": "b", "content": "1"},
            ],
            "the result of 'b', which was not called",
        ),
    ],
)
def test_what_is_refused(found, problem):
    with pytest.raises(Wrong, match=re.escape(problem)):
        read_messages(found)


# ---- files


def write(path, *lines):
    path.write_bytes(b"".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    return path


def test_a_file_is_read_line_by_line(tmp_path):
    lines = [json.dumps(chat.conversation(n)) for n in range(20)]
    path = write(tmp_path / "talks.jsonl", b"\xef\xbb\xbf", "\r\n\n".join(lines))
    file = ConversationFile(path)
    assert len(file) == 20
    for n in (3, 19, 0):
        assert file[n] == read_messages(chat.conversation(n)) == MadeUp(20)[n]
    again = write(tmp_path / "again.jsonl", path.read_bytes())
    assert ConversationFile(again).digest == file.digest
    assert ConversationFile(write(again, lines[0])).digest != file.digest


def test_progress_is_told_in_bytes(tmp_path):
    path = write(tmp_path / "talks.jsonl", *chat.json_lines(5))
    seen = []
    ConversationFile(path, seen.append)
    assert sum(seen) == path.stat().st_size


GOOD = json.dumps(OURS) + "\n"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "line 3: the conversation is not JSON (Expecting property name"),
        ("[" * 100_000, "line 3: the conversation is nested too deeply"),
        (b'{"messages": "\xff"}', "line 3: the conversation is not valid UTF-8 (byte 14"),
        ('{"text": "hi"}', "line 3: the conversation has no key messages"),
        ('[{"role": "user", "content": "hi"}]', "line 3: the conversation has nothing that the"),
        ('[{"role": "user"}]', "line 3: the conversation has a message, number 1, that has no"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, problem):
    path = write(tmp_path / "talks.jsonl", GOOD, "\n", line, "\n", GOOD)
    with pytest.raises(UserError, match=re.escape(f"{path}, {problem}")):
        ConversationFile(path)


def test_files_that_are_none(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        ConversationFile(tmp_path / "nothing.jsonl")
    with pytest.raises(UserError, match="no conversations in it"):
        ConversationFile(write(tmp_path / "a", "\n \n"))
    with pytest.raises(UserError, match="looks like a gzip archive"):
        ConversationFile(write(tmp_path / "b", b"\x1f\x8b..."))


def test_a_line_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("microgpt.data.conversations.messages.LONGEST_LINE", 1000)
    path = write(tmp_path / "talks.jsonl", GOOD, '"' + "x" * 5000)
    with pytest.raises(UserError, match="line 2: the conversation is longer than 1,000 bytes"):
        ConversationFile(path)


def test_a_file_that_was_changed_is_noticed(tmp_path):
    path = write(tmp_path / "talks.jsonl", GOOD, GOOD)
    file = ConversationFile(path)
    write(path, GOOD[5:], GOOD)
    with pytest.raises(UserError, match="at byte 0: the conversation is not JSON"):
        file[0]
    path.unlink()
    with pytest.raises(UserError, match="cannot be read"):
        file[1]


def test_memory_does_not_grow_with_the_conversations(tmp_path):
    peaks = []
    for text in (100, 10_000):
        line = json.dumps([user("?" * text), assistant("!" * text)]) + "\n"
        path = write(tmp_path / "talks.jsonl", *[line] * 500)
        tracemalloc.start()
        file = ConversationFile(path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert len(file) == 500
    assert peaks[1] < peaks[0] + 300_000  # of 10 MB


# ---- corpora


def test_the_corpus_of_a_file(tmp_path):
    path = write(tmp_path / "talks.jsonl", *chat.json_lines(50))
    corpus = conversation_corpus(path)
    assert corpus.name == "talks.jsonl" and corpus.size == "50 conversations"
    assert corpus.source == f"your file {path}" and corpus.digest == ConversationFile(path).digest


def test_the_corpus_that_is_made_up():
    corpus = conversation_corpus("chat")
    assert corpus.name == "chat" and corpus.size == "40,000 conversations"
    assert corpus.digest == made_up_corpus().digest != made_up_corpus(seed=1).digest
    assert made_up_corpus(count=10).digest != made_up_corpus(count=11).digest
    assert corpus.held_out[0] != corpus.trained[0]
