"""Chat templates: how another program writes a conversation down, in Jinja.

Ours is the one of nanochat, a special token before and after what each says. A folder that we write
has it as a template; one with another template is no chat model here, and its template is named.
"""

from ..tokenizer.special import has_chat_tokens

TEMPLATE = (
    "{{- bos_token }}"
    "{%- set ns = namespace(system='') %}"
    "{%- for message in messages %}"
    "{%- if message['role'] == 'system' %}{%- set ns.system = message['content'] + '\\n\\n' %}"
    "{%- elif message['role'] == 'user' %}"
    "{{- '<|user_start|>' + ns.system + message['content'] + '<|user_end|>' }}"
    "{%- set ns.system = '' %}"
    "{%- else %}{{- '<|assistant_start|>' + message['content'] + '<|assistant_end|>' }}"
    "{%- endif %}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|assistant_start|>' }}{%- endif %}"
)
KNOWN = {  # what a template of others has in it: what it is called
    "<|im_start|>": "ChatML",
    "<|start_header_id|>": "Llama 3's",
    "[INST]": "Llama 2's",
    "<start_of_turn>": "Gemma's",
}


def template_problem(template, tokenizer):
    """Why a conversation cannot be written down as this template has it, or None."""
    if template == TEMPLATE and has_chat_tokens(tokenizer):
        return None
    name = next((name for mark, name in KNOWN.items() if mark in template), "an unknown one")
    return f"its chat template ({name}) cannot be written in our special tokens"
