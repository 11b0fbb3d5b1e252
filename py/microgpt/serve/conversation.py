"""Messages and tools as OpenAI's requests have them, read strictly."""

from ..data.conversations.messages import Wrong, read_messages
from ..data.conversations.rendering import render_prompt
from ..errors import UserError
from ..inference.tools import TOOLS
from . import fields
from .refusals import Refused

ARGUMENT = "expression"  # what a tool's one argument is called, unless the request names it
OTHER_TOOLS = (  # as chat pages offer them unasked
    ", the tools of this server; a program that offers tools of its own has a switch for them"
)
KEYS = {
    "system": ("role", "content"),
    "developer": ("role", "content"),
    "user": ("role", "content"),
    "assistant": ("role", "content", "tool_calls"),
    "tool": ("role", "content", "tool_call_id"),
}
# Clients send answers back as they came: with what is not there as null, or empty.
EMPTY = ("refusal", "annotations", "audio", "function_call", "name", "tool_calls", "reasoning")


def read_prompt(found, tokenizer, most):
    """The ids of a conversation up to where the assistant is to speak."""
    if type(found) is not list or not found:
        raise fields.wrong("messages", "a list with at least one message")
    if len(found) > most:
        raise Refused(f"There are {len(found):,} messages; at most {most:,} are read.", "messages")
    try:
        read = [_message(each, f"messages[{i}]") for i, each in enumerate(found)]
        messages = read_messages(read, joined=True)
    except Wrong as error:
        raise Refused(f"The conversation {error}.", "messages") from None
    last = messages[-1]
    if last.role == "system" or (last.role == "assistant" and found[-1]["role"] != "tool"):
        raise Refused("The last message must be the user's or a tool's result.", "messages")
    try:
        return render_prompt(messages, tokenizer)
    except UserError as error:
        raise Refused(str(error), "messages") from None


def _message(found, name):
    """One message with what is known of it; all else is refused by name."""
    fields.table(found, name)
    role = fields.word(*KEYS)(found.get("role"), f"{name}.role")
    kept = {k: v for k, v in found.items() if not (k in EMPTY and v in (None, []))}
    fields.only(kept, name, KEYS[role])
    calls = kept.get("tool_calls")
    if not calls:
        fields.only(kept, name, KEYS[role], ("content",))
    elif type(calls) is not list:
        raise fields.wrong(f"{name}.tool_calls", "a list")
    for i, call in enumerate(calls or ()):
        _call(call, f"{name}.tool_calls[{i}]")
    if "tool_call_id" in kept:
        fields.text(kept["tool_call_id"], f"{name}.tool_call_id")
    if not (calls and kept.get("content") is None):
        kept["content"] = _content(kept["content"], f"{name}.content")
    return kept


def _content(found, name):
    """The text of a message, given as one or in parts."""
    if type(found) is str:
        return found
    if type(found) is not list or not found:
        raise fields.wrong(name, "a text, or a list of parts of type text")
    for i, part in enumerate(found):
        fields.only(part, f"{name}[{i}]", ("type", "text"), ("type", "text"))
        fields.word("text")(part["type"], f"{name}[{i}].type")
        fields.text(part["text"], f"{name}[{i}].text")
    return "".join(part["text"] for part in found)


def _call(found, name):
    fields.only(found, name, ("id", "type", "function"), ("id", "function"))
    fields.text(found["id"], f"{name}.id")
    fields.word("function")(found.get("type", "function"), f"{name}.type")
    function = f"{name}.function"
    fields.only(found["function"], function, ("name", "arguments"), ("name", "arguments"))
    fields.word(*TOOLS)(found["function"]["name"], f"{function}.name")
    fields.text(found["function"]["arguments"], f"{function}.arguments")


def read_tools(found):
    """{name: (tool, what its argument is called)} of the tools that a request offers."""
    if type(found) is not list or not found:
        raise fields.wrong("tools", "a list with at least one tool")
    tools = {}
    for i, each in enumerate(found):
        name = f"tools[{i}]"
        fields.only(each, name, ("type", "function"), ("type", "function"))
        fields.word("function")(each["type"], f"{name}.type")
        function, known = each["function"], ("name", "description", "parameters", "strict")
        fields.only(function, f"{name}.function", known, ("name",))
        fields.word(*TOOLS, hint=OTHER_TOOLS)(function["name"], f"{name}.function.name")
        for key, reader in (("description", fields.text), ("strict", fields.switch)):
            if function.get(key) is not None:
                reader(function[key], f"{name}.function.{key}")
        argument = _argument(function.get("parameters"), f"{name}.function.parameters")
        tools[function["name"]] = TOOLS[function["name"]], argument
    return tools


def _argument(schema, name):
    """What a tool's one argument, a text, is called."""
    if schema is None or schema == {}:
        return ARGUMENT
    fields.table(schema, name)
    properties = schema.get("properties")
    if type(properties) is not dict or len(properties) != 1:
        raise fields.wrong(name, "a schema of one text: these tools take one expression")
    ((argument, kind),) = properties.items()
    if type(kind) is not dict or kind.get("type") != "string":
        raise fields.wrong(f"{name}.properties.{argument}", 'of type "string"')
    return argument
