"""Models that transformers made, read by us: its logits, its greedy text; and ours read by it."""

import json
import random

import numpy as np
import pytest
from foreign import GPT2, LLAMA, tiny
from microgpt import convert
from microgpt.autograd import no_grad
from microgpt.inference.generate import generate
from microgpt.inference.sampling import Sampling
from program import call

ROPES = {
    "llama": None,
    "llama3": {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0},
    "linear": {"factor": 4.0},
    "yarn": {"factor": 4.0, "beta_fast": 8.0, "beta_slow": 1.0},
}
SHAPES = {
    **{name: {"rope": rope} for name, rope in ROPES.items()},
    "smollm": {"tie_word_embeddings": True, "num_key_value_heads": 1, "head_dim": 8},
    "biases": {"attention_bias": True, "mlp_bias": True, "num_key_value_heads": 4},
    "gpt2": {"n_inner": 80},
    "gpt2 untied, exact gelu": {"activation_function": "gelu", "tie_word_embeddings": False},
}


@pytest.fixture(scope="module", autouse=True)
def transformers():
    """It takes seconds to be imported: not where the tests are only collected."""
    return pytest.importorskip("transformers", reason="transformers is not installed (dev)")


def model_of(torch, name, vocab):
    """A small model of transformers, its weights far from the first ones."""
    import transformers

    more = dict(SHAPES[name])
    if name.startswith("gpt2"):
        config = transformers.GPT2Config(
            vocab_size=vocab, n_positions=48, n_embd=32, n_layer=2, n_head=4,
            bos_token_id=vocab - 1, eos_token_id=vocab - 1, **more,
        )  # fmt: skip
        model = transformers.GPT2LMHeadModel(config)
    else:
        rope = {
            "rope_type": name,
            "original_max_position_embeddings": 24,
            **(more.pop("rope", None) or {}),
        }
        if rope["rope_type"] not in ROPES or name == "llama":
            rope = {"rope_type": "default"}
        known = {"num_key_value_heads": 2, "head_dim": 16, **more}
        config = transformers.LlamaConfig(
            vocab_size=vocab, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
            num_attention_heads=4, max_position_embeddings=48,
            rope_parameters={"rope_theta": 5e5, **rope},
            bos_token_id=vocab - 1, eos_token_id=vocab - 1, **known,
        )  # fmt: skip
        model = transformers.LlamaForCausalLM(config)
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    return model.eval()


@pytest.fixture
def words(tmp_path):
    """The tokenizer's files, as a folder of ours has them."""
    convert.save(tiny(LLAMA), tmp_path / "words", "huggingface")
    return [tmp_path / "words" / name for name in ("tokenizer.json", "tokenizer_config.json")]


def folder_of(model, words, folder, **how):
    model.save_pretrained(folder, **how)
    for path in words:
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def scores(model, ids):
    with no_grad():
        return model.logits(ids).data


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize(("precision", "most"), [("float32", 1e-5), ("float64", 1e-10)])
def test_the_scores_are_those_of_transformers(
    torch, name, precision, most, words, tmp_path, monkeypatch
):
    vocab = tiny(LLAMA).model_config().vocab_size
    theirs = model_of(torch, name, vocab).to(getattr(torch, precision))
    ours = convert.load(folder_of(theirs, words, tmp_path / "model", max_shard_size="20KB")).model()
    assert (tmp_path / "model" / "model.safetensors.index.json").is_file()  # in several files
    assert ours.dtype == precision
    ids = np.random.default_rng(3).integers(0, vocab, (2, 40))
    if precision == "float64":
        as_exact(torch, theirs, ours, monkeypatch)
    with torch.no_grad():
        wanted = theirs(torch.tensor(ids)).logits.flatten(0, 1).numpy()
    assert np.abs(scores(ours, ids) - wanted).max() < most
    assert wanted.std() > 0.1


def as_exact(torch, theirs, ours, monkeypatch):
    """The norms of their Llama are float32 in every model, and so are the tables of its rope: the
    first are made exact, the others taken over.
    """
    if not hasattr(theirs.model if hasattr(theirs, "model") else None, "rotary_emb"):
        return
    norm = type(theirs.model.norm)

    def forward(self, x):
        return self.weight * x * torch.rsqrt(x.square().mean(-1, True) + self.variance_epsilon)

    monkeypatch.setattr(norm, "forward", forward)
    places = torch.arange(ours.config.block_size)[None]
    tables = theirs.model.rotary_emb(torch.zeros(1, dtype=torch.float64), places)
    half = ours.config.head_size // 2
    exact = ours._tables
    ours._tables = tuple(table[0, :, None, :half].double().numpy() for table in tables)
    for ours_table, table in zip(exact, ours._tables):
        assert np.abs(ours_table - table).max() < 1e-5  # rounded, not other ones


@pytest.mark.parametrize("name", ["smollm", "llama3", "gpt2 untied, exact gelu"])
def test_the_greedy_text_is_the_same(torch, name, words, tmp_path):
    known = tiny(LLAMA)
    theirs = model_of(torch, name, known.model_config().vocab_size)
    checkpoint = convert.load(folder_of(theirs, words, tmp_path / "model"))
    tokenizer, greedy = checkpoint.tokenizer(), Sampling(temperature=0)
    ours = generate(checkpoint.model(), tokenizer, random.Random(0), "hello the", greedy, 30)
    ours = [token.id for token in ours]
    start = [[tokenizer.bos, *tokenizer.encode("hello the")]]
    wanted = theirs.generate(
        torch.tensor(start), max_new_tokens=30, do_sample=False, pad_token_id=0
    )
    assert ours == wanted[0, len(start[0]) :].tolist() and len(set(ours)) > 2


@pytest.mark.parametrize(
    ("config", "changes"),
    [(LLAMA, {"n_kv_head": 2, "rope_factor": 8.0, "rope_original": 16}), (GPT2, {})],
    ids=["llama", "gpt2"],
)
def test_a_model_of_ours_is_read_by_transformers(torch, transformers, config, changes, tmp_path):
    known = tiny(config, **changes)
    convert.save(known, tmp_path / "m", "huggingface")
    theirs, said = transformers.AutoModelForCausalLM.from_pretrained(
        tmp_path / "m", output_loading_info=True
    )
    assert not said["missing_keys"] and not said["unexpected_keys"] and not said["mismatched_keys"]
    ids = np.random.default_rng(3).integers(0, 200, (1, 30))
    with torch.no_grad():
        wanted = theirs(torch.tensor(ids)).logits[0].numpy()
    assert np.abs(scores(known.model(), ids) - wanted).max() < 1e-5
    words = transformers.AutoTokenizer.from_pretrained(tmp_path / "m")
    assert words.bos_token == "<|bos|>" and words.eos_token == "<|bos|>"
    text = "hello the 12 cats"
    assert words(text, add_special_tokens=False)["input_ids"] == known.tokenizer().encode(text)


def test_a_chat_template_writes_what_we_write(transformers, tmp_path):
    from foreign import tokenizer
    from microgpt.data.conversations.messages import read_messages
    from microgpt.data.conversations.rendering import render_prompt

    words = tokenizer(chat=True)
    known = tiny(LLAMA, words)
    known.meta["data"]["split"] = "conversations"
    convert.save(known, tmp_path / "m", "huggingface")
    theirs = transformers.AutoTokenizer.from_pretrained(tmp_path / "m")
    assert theirs.eos_token == "<|assistant_end|>"
    talk = [
        {"role": "system", "content": "be hello"},
        {"role": "user", "content": "hello?"},
        {"role": "assistant", "content": " the"},
        {"role": "user", "content": "12 "},
    ]
    wanted = theirs.apply_chat_template(talk, add_generation_prompt=True)
    ids = wanted["input_ids"] if not isinstance(wanted, list) else wanted
    assert render_prompt(read_messages(talk), words) == list(ids)


def test_check_says_how_far_both_are_from_transformers(torch, words, tmp_path, capsys):
    theirs = model_of(torch, "smollm", tiny(LLAMA).model_config().vocab_size)
    folder = folder_of(theirs, words, tmp_path / "model")
    answer = call(capsys, "convert", folder, tmp_path / "a.safetensors", "--check")
    assert answer.code == 0, answer
    lines = [
        line for line in answer.err.splitlines() if "differ from those of transformers" in line
    ]
    assert len(lines) == 2 and all("by at most" in line for line in lines)
    settings = json.loads((folder / "config.json").read_text())
    assert settings["tie_word_embeddings"]
