"""The settings of a model in llama.cpp's words, for the Llama and the GPT-2 family."""

import numpy as np

from ...errors import UserError
from ...gpt.config import GPTConfig
from ...gpt.positions import rope_frequencies

FAMILIES = ("llama", "gpt2")
SIZES = {  # ours: theirs
    "block_size": "context_length",
    "n_layer": "block_count",
    "n_embd": "embedding_length",
    "mlp_hidden": "feed_forward_length",
    "n_head": "attention.head_count",
    "n_kv_head": "attention.head_count_kv",
}
EPS = {"llama": "attention.layer_norm_rms_epsilon", "gpt2": "attention.layer_norm_epsilon"}
HEAD_SIZES = ("attention.key_length", "attention.value_length", "rope.dimension_count")
YARN = {"rope_low": "yarn_beta_slow", "rope_high": "yarn_beta_fast"}
# What would change the mathematics, and the values that do not.
NEUTRAL = {
    "expert_count": (0,),
    "expert_used_count": (0,),
    "attention.causal": (True,),
    "attention.sliding_window": (0,),
    "rope.scale_linear": (1,),
    "rope.scaling.attn_factor": (1,),
    "use_parallel_residual": (False,),
}
# Llama 3.1 slows the pairs of rope down each by its own factor. llama.cpp keeps the factors, as a
# tensor, and not what they follow from; where these keys are missing, that is as in Llama 3.1.
FACTORS = "rope_freqs.weight"
LLAMA3 = {"rope_original": "original", "rope_low": "low", "rope_high": "high"}
OURS = "microgpt.rope_scaling."


def read_config(fields, names, factors=None):
    """Our settings; `names` are those of the tensors, `factors` the numbers of FACTORS."""
    family = fields.word("general.architecture")
    if family not in FAMILIES:
        raise UserError(
            f"{fields.where}: models of the architecture {family[:60]!r} are not supported, only"
            f" {' and '.join(FAMILIES)}."
        )
    _refuse_unknown(fields, family)
    heads = fields.whole(f"{family}.attention.head_count")
    if heads < 1:
        raise UserError(f"{fields.where} says that it has {heads} heads; use another copy.")
    sizes = {
        ours: fields.whole(f"{family}.{theirs}", heads if ours == "n_kv_head" else None)
        for ours, theirs in SIZES.items()
    }
    common = {
        "vocab_size": fields.whole(f"{family}.vocab_size", _token_count(fields)),
        "norm_eps": fields.number(f"{family}.{EPS[family]}"),
        "tied_head": "output.weight" not in names,
        **{"norm_embedding": False, "norm_final": True, "init": "normal", "init_std": 0.02},
    }
    if family == "gpt2":
        kind = {"positions": "learned", "norm": "layer", "bias": True, "activation": "gelu-tanh"}
        return GPTConfig(**sizes, **common, **kind)
    head_size = fields.whole("llama.attention.key_length", sizes["n_embd"] // heads)
    for key in HEAD_SIZES:
        if (found := fields.whole(f"llama.{key}", head_size)) != head_size:
            raise UserError(
                f"{fields.where}: llama.{key} is {found}, where a head is {head_size} wide; it was"
                " not converted."
            )
    return GPTConfig(
        **sizes,
        **common,
        head_dim=head_size,
        positions="rope",
        norm="rms-gain",
        bias="blk.0.attn_q.bias" in names,
        activation="swiglu",
        **_rope(fields, head_size, factors),
    )


def _refuse_unknown(fields, family):
    neutral = {f"{family}.{key}": values for key, values in NEUTRAL.items()}
    known = [*SIZES.values(), EPS[family], "vocab_size"]
    if family == "llama":
        known += [*HEAD_SIZES, "rope.freq_base", "rope.scaling.type", "rope.scaling.factor"]
        known += ["rope.scaling.original_context_length", "rope.scaling.finetuned"]
        known += [f"rope.scaling.{key}" for key in YARN.values()]
    known = {*neutral, *(f"{family}.{key}" for key in known)}
    unknown = [key for key in fields.values if key.startswith(f"{family}.") and key not in known]
    if unknown:
        raise UserError(
            f"{fields.where}: there is no place here for {', '.join(unknown)[:200]}; it was not"
            " converted."
        )
    fields.refuse_unless(neutral)


def _token_count(fields):
    tokens = fields.values.get("tokenizer.ggml.tokens")
    return len(tokens) if isinstance(tokens, list) else None


def _rope(fields, head_size, factors):
    """Base and stretching."""
    base = {"rope_base": fields.number("llama.rope.freq_base", 10_000.0)}
    kind = fields.word("llama.rope.scaling.type", "none")
    factor = fields.number("llama.rope.scaling.factor", 1)
    if factors is not None:
        return base | _llama3(fields, base["rope_base"], head_size, factors)
    if kind == "none" or factor == 1:
        return base
    if kind not in ("linear", "yarn"):
        raise UserError(
            f"{fields.where}: llama.rope.scaling.type is {kind[:60]!r}, and only linear and yarn"
            " are supported; it was not converted."
        )
    stretched = base | {"rope_scaling": kind, "rope_factor": factor}
    if kind == "yarn":
        longest = fields.whole("llama.context_length")
        original = fields.whole("llama.rope.scaling.original_context_length", longest)
        stretched |= {"rope_original": original, "rope_low": 1.0, "rope_high": 32.0}
        for ours, theirs in YARN.items():
            stretched[ours] = fields.number(f"llama.rope.scaling.{theirs}", stretched[ours])
    return stretched


def _llama3(fields, base, head_size, factors):
    """What the factors follow from, which is held against them."""
    first = {"rope_original": 8192, "rope_low": 1.0, "rope_high": 4.0}
    found = {
        "rope_scaling": "llama3",
        "rope_factor": float(np.max(factors, initial=1)),
        "rope_original": fields.whole(OURS + "original", first["rope_original"]),
        "rope_low": fields.number(OURS + "low", first["rope_low"]),
        "rope_high": fields.number(OURS + "high", first["rope_high"]),
    }
    expected = _factors(_alone(base, head_size, **found))
    if factors.shape != expected.shape or not np.allclose(factors, expected, rtol=1e-5, atol=0):
        raise UserError(
            f"{fields.where}: the factors in {FACTORS} are not those of Llama 3.1's rope; it was"
            " not converted."
        )
    return found


def _alone(base, head_size, **rope):
    """Settings that say no more than how rope turns."""
    return GPTConfig(n_head=1, n_embd=head_size, positions="rope", rope_base=base, **rope)


def _factors(config):
    """By how much each pair turns more slowly than without stretching."""
    plain = rope_frequencies(_alone(config.rope_base, config.head_size))
    return (plain / rope_frequencies(config)).astype(np.float32)


# ---- writing


def family_of(config):
    return "gpt2" if config.norm == "layer" else "llama"


def write_config(config):
    """(their values, numbers of FACTORS or None)"""
    family, factors = family_of(config), None
    given = {ours: getattr(config, ours) for ours in SIZES}
    given |= {"n_kv_head": config.kv_heads, "mlp_hidden": config.hidden}
    values = {theirs: given[ours] for ours, theirs in SIZES.items()}
    values |= {"vocab_size": config.vocab_size, EPS[family]: float(config.norm_eps)}
    more = {}
    if family == "llama":
        values |= dict.fromkeys(HEAD_SIZES, config.head_size)
        values["rope.freq_base"] = float(config.rope_base)
        if config.rope_factor > 1 and config.rope_scaling == "llama3":
            factors = _factors(config)
            more = {OURS + theirs: getattr(config, ours) for ours, theirs in LLAMA3.items()}
        elif config.rope_factor > 1:
            values["rope.scaling.type"] = config.rope_scaling
            values["rope.scaling.factor"] = float(config.rope_factor)
        if config.rope_factor > 1 and config.rope_scaling == "yarn":
            values["rope.scaling.original_context_length"] = config.rope_original
            for ours, theirs in YARN.items():
                values[f"rope.scaling.{theirs}"] = float(getattr(config, ours))
    values = {f"{family}.{key}": value for key, value in values.items()} | more
    return {key: _as_kept(value) for key, value in values.items()}, factors


def _as_kept(value):
    """A number as it is after it has been a float32."""
    return float(str(np.float32(value))) if isinstance(value, float) else value
