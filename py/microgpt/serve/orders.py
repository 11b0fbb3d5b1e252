"""From the fields of a request to what is to be written: prompts, settings, limits."""

import random

from ..errors import UserError
from ..inference.prompt import fit_prompt
from ..inference.sampling import Sampling
from . import fields
from .conversation import read_prompt, read_tools
from .refusals import Refused, too_long
from .writing import Order, without_tools

COMPLETION = 16  # tokens, unless the request says otherwise: as in OpenAI's endpoint
MOST_TEXTS = 256  # in a request for embeddings


def chat_orders(values, served, options):
    """The orders of a chat request, one a choice; its fields are read."""
    if not served.can_chat:
        raise Refused(
            f"The model {served.name} only goes on with a text; nobody has taught it to answer."
            " Ask /v1/completions.",
            "model",
        )
    ids = read_prompt(values["messages"], served.tokenizer, options.max_messages)
    if len(ids) >= served.block:
        raise too_long("messages", len(ids), served.block - 1)
    tools = read_tools(values["tools"]) if "tools" in values else None
    if "tool_choice" in values and not tools:
        raise Refused("The field tool_choice needs tools.", "tool_choice")
    bias = {}
    if values.get("tool_choice") == "none":
        bias, tools = without_tools(served.tokenizer), None
    most = values.get("max_completion_tokens", values.get("max_tokens"))
    tops = values.get("top_logprobs", 0) if values.get("logprobs") else None
    return _orders([ids], values, served, options, most, tops, bias, tools, True)


def completion_orders(values, served, options):
    """The orders of a request to go on with texts: every prompt n times."""
    prompts = read_texts(values["prompt"], "prompt", served, options.max_choices)
    bos = served.tokenizer.bos
    prompts = [ids if is_ids else [bos, *ids] for ids, is_ids in prompts]
    for ids in prompts:
        if len(ids) >= served.block:
            raise too_long("prompt", len(ids), served.block - 1)
    most, tops = values.get("max_tokens", COMPLETION), values.get("logprobs")
    return _orders(prompts, values, served, options, most, tops, {}, None, False)


def _orders(prompts, values, served, options, most, tops, bias, tools, is_chat):
    n = values.get("n", 1)
    if n * len(prompts) > options.max_choices:
        raise Refused(f"At most {options.max_choices} choices are written at a time.", "n")
    bias = {**values.get("logit_bias", {}), **bias}
    for id in bias:
        if id >= served.tokenizer.vocab_size:
            last = served.tokenizer.vocab_size - 1
            raise Refused(f"There is no token {id}; the last one is {last}.", "logit_bias")
    seed = values["seed"] if "seed" in values else random.SystemRandom().getrandbits(62)
    sampling = Sampling(**{name: values[name] for name in fields.SAMPLING if name in values})
    rest = {
        "is_chat": is_chat,
        "sampling": sampling,
        "max_tokens": most,
        "stops": values.get("stop", ()),
        "tops": tops,
        "bias": bias,
        "presence": values.get("presence_penalty", 0.0),
        "frequency": values.get("frequency_penalty", 0.0),
        "tools": tools,
    }
    return [Order(ids, seed=seed + i, **rest) for ids in prompts for i in range(n)]


def read_texts(found, name, served, most):
    """[(ids, whether they were given as ids)] of a text, of ids, or of a list of one kind."""
    several = found if type(found) is list and found and type(found[0]) in (str, list) else [found]
    if len(several) > most:
        raise Refused(f"At most {most} texts are read at a time.", name)
    kind = type(several[0])
    texts = []
    for each in several:
        if type(each) is not kind:
            raise fields.wrong(name, "texts only, or lists of token ids only")
        if kind is str:
            texts.append((_encode(each, name, served), False))
        else:
            texts.append((_ids(each, name, served), True))
    return texts


def _encode(text, name, served):
    try:
        text, _ = fit_prompt(served.tokenizer, text)
        return served.tokenizer.encode_ordinary(text)
    except UserError as error:
        raise Refused(str(error), name) from None


def _ids(found, name, served):
    last = served.tokenizer.vocab_size - 1
    good = type(found) is list and found and all(type(i) is int and 0 <= i <= last for i in found)
    if not good:
        raise fields.wrong(name, f"a text, token ids from 0 to {last:,}, or a list of such")
    return found


def embedding_texts(values, served):
    """The ids of the texts whose embeddings are wanted."""
    width = served.model.config.n_embd
    if values.get("dimensions", width) != width:
        raise Refused(f"The embeddings of this model have {width} dimensions.", "dimensions")
    texts = [ids for ids, _ in read_texts(values["input"], "input", served, MOST_TEXTS)]
    for ids in texts:
        if not ids:
            raise fields.wrong("input", "a text with something in it")
        if len(ids) >= served.block:
            raise too_long("input", len(ids), served.block - 1)
    return texts
