"""The Llama family in Hugging Face's words: its settings and its tensors."""

from ...errors import UserError
from ...gpt.config import GPTConfig
from ..fields import Fields
from ..tensors import BY_TOKEN, plain

KINDS = ("llama", "mistral")  # which differ by the window alone
# What would change the mathematics, and the values that do not.
NEUTRAL = {
    "hidden_act": ("silu",),
    "sliding_window": (),
    "rope_interleaved": (False,),
    "partial_rotary_factor": (1,),
    "quantization_config": (),
    "attn_logit_softcapping": (),
    "final_logit_softcapping": (),
    "residual_multiplier": (1,),
    "embedding_multiplier": (1,),
    "attention_multiplier": (),
    "logits_scaling": (1,),
    "use_qk_norm": (False,),
    "no_rope_layers": ([],),
}
LAYER = {
    "norm1.gain": "input_layernorm.weight",
    "wq": "self_attn.q_proj.weight",
    "wk": "self_attn.k_proj.weight",
    "wv": "self_attn.v_proj.weight",
    "bq": "self_attn.q_proj.bias",
    "bk": "self_attn.k_proj.bias",
    "bv": "self_attn.v_proj.bias",
    "wo": "self_attn.o_proj.weight",
    "bo": "self_attn.o_proj.bias",
    "norm2.gain": "post_attention_layernorm.weight",
    "fc_gate": "mlp.gate_proj.weight",
    "fc1": "mlp.up_proj.weight",
    "fc2": "mlp.down_proj.weight",
    "b_gate": "mlp.gate_proj.bias",
    "b1": "mlp.up_proj.bias",
    "b2": "mlp.down_proj.bias",
}
BUFFERS = r"(model\.layers\.\d+\.self_attn\.)?rotary_emb\.inv_freq"  # computed from the settings
HEAD, EMBEDDING = "lm_head.weight", "model.embed_tokens.weight"
OTHERS = {
    "wte": EMBEDDING,
    "norm_final.gain": "model.norm.weight",
    "lm_head": HEAD,
}


def their_name(name):
    """
    >>> their_name("layer3.wq"), their_name("wte")
    ('model.layers.3.self_attn.q_proj.weight', 'model.embed_tokens.weight')
    """
    if name in OTHERS:
        return OTHERS[name]
    layer, _, kind = name.partition(".")
    return f"model.layers.{layer.removeprefix('layer')}.{LAYER[kind]}"


def read_config(fields):
    """Our settings of a model, with as many tokens as its matrices have rows."""
    fields.refuse_unless(NEUTRAL)
    kinds = set(fields.values.get("layer_types") or ()) - {"full_attention"}
    if kinds:
        raise UserError(
            f"{fields.where}: layers of the type {', '.join(map(str, kinds))[:60]} are not"
            " supported; it was not converted."
        )
    bias = fields.flag("attention_bias", False)
    if fields.flag("mlp_bias", False) != bias:
        raise UserError(
            f"{fields.where}: attention_bias and mlp_bias differ, and here all linear layers have"
            " a bias or none; it was not converted."
        )
    heads = fields.whole("num_attention_heads")
    return GPTConfig(
        vocab_size=fields.whole("vocab_size"),
        block_size=fields.whole("max_position_embeddings", 2048),
        n_layer=fields.whole("num_hidden_layers"),
        n_head=heads,
        n_kv_head=fields.whole("num_key_value_heads", heads),
        n_embd=fields.whole("hidden_size"),
        head_dim=fields.whole("head_dim", 0),
        mlp_hidden=fields.whole("intermediate_size"),
        positions="rope",
        norm="rms-gain",
        norm_eps=fields.number("rms_norm_eps", 1e-6),
        norm_embedding=False,
        norm_final=True,
        bias=bias,
        activation="swiglu",
        tied_head=fields.flag("tie_word_embeddings", False),
        init="normal",
        init_std=fields.number("initializer_range", 0.02),
        **_rope(fields),
    )


def _rope(fields):
    """Base and stretching; the newer files keep both in `rope_parameters`."""
    found = fields.values.get("rope_parameters") or fields.values.get("rope_scaling") or {}
    rope = Fields(found, f"{fields.where}, rope_scaling")
    base = rope.number("rope_theta", fields.number("rope_theta", 10_000.0))
    kind = rope.word("rope_type", rope.word("type", "default"))
    rope.refuse_unless({"partial_rotary_factor": (1,), "attention_factor": (), "mscale": ()})
    rope.refuse_unless({"mscale_all_dim": (), "truncate": (True,)})
    if kind == "default":
        return {"rope_base": base}
    if kind not in ("linear", "llama3", "yarn"):
        raise UserError(
            f"{fields.where}: rope of the type {kind[:60]!r} is not supported, only linear, llama3"
            " and yarn; it was not converted."
        )
    stretched = {"rope_base": base, "rope_scaling": kind, "rope_factor": rope.number("factor")}
    if kind != "linear":
        longest = fields.whole("max_position_embeddings", 2048)
        stretched["rope_original"] = rope.whole("original_max_position_embeddings", longest)
    if kind == "llama3":
        stretched["rope_low"] = rope.number("low_freq_factor")
        stretched["rope_high"] = rope.number("high_freq_factor")
    if kind == "yarn":
        stretched["rope_low"] = rope.number("beta_slow", 1)
        stretched["rope_high"] = rope.number("beta_fast", 32)
    return stretched


def write_config(config):
    """Their settings; what of ours has no word there is found by reading them again."""
    rope = {"rope_theta": config.rope_base, "rope_type": "default"}
    if config.rope_factor > 1:
        rope |= {"rope_type": config.rope_scaling, "factor": config.rope_factor}
        if config.rope_scaling != "linear":
            rope["original_max_position_embeddings"] = config.rope_original
        names = {
            "llama3": ("low_freq_factor", "high_freq_factor"),
            "yarn": ("beta_slow", "beta_fast"),
        }
        rope |= dict(zip(names.get(config.rope_scaling, ()), (config.rope_low, config.rope_high)))
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": config.vocab_size,
        "max_position_embeddings": config.block_size,
        "num_hidden_layers": config.n_layer,
        "num_attention_heads": config.n_head,
        "num_key_value_heads": config.kv_heads,
        "hidden_size": config.n_embd,
        "head_dim": config.head_size,
        "intermediate_size": config.hidden,
        "hidden_act": "silu",
        "rms_norm_eps": config.norm_eps,
        "initializer_range": config.init_std,
        "attention_bias": config.bias,
        "mlp_bias": config.bias,
        "tie_word_embeddings": config.tied_head,
        "rope_theta": config.rope_base,  # for older readers, which know no rope_parameters
        "rope_scaling": rope if config.rope_factor > 1 else None,
        "rope_parameters": rope,
    }


def read_tensors(stored, shapes):
    """{our name: tensor}, and the names of theirs that have their place here."""
    theirs = {name: their_name(name) for name in shapes}
    found = {
        ours: plain(stored[name], name, shapes[ours][0] if ours in BY_TOKEN else None)
        for ours, name in theirs.items()
        if name in stored
    }
    return found, set(theirs.values())


def write_tensors(tensors, config):
    return {their_name(name): array for name, array in tensors.items()}
