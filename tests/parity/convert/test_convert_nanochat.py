"""nanochat's files as PyTorch and tiktoken make them, read by us; and ours read by them."""

import json
import pickle

import numpy as np
import pytest
from foreign import NANOCHAT, assert_same, tiny, tokenizer
from microgpt import convert
from microgpt.autograd import no_grad
from microgpt.convert.nanochat import FIRST, their_name, write_config
from microgpt.convert.torch_files import read_pt
from microgpt.errors import UserError

PRECISIONS = [("float32", 1e-5), ("float64", 1e-10)]


@pytest.fixture
def known():
    words = tokenizer("nanochat", chat=True)
    exact = {"window_tile": 128, "mlp_hidden": 0, "norm_eps": 1.1920929e-07, "n_kv_head": 2}
    return tiny(NANOCHAT, words, np.float64, n_layer=3, **exact)


def as_nanochat(torch, known, folder, precision="float32", compiled=True):
    """The model as nanochat saves it: padded, by PyTorch, with tiktoken's tokenizer in a pickle."""
    import tiktoken

    state = {}
    for name in known.shapes():
        tensor = torch.tensor(np.asarray(known.tensors[name])).to(getattr(torch, precision))
        if len(tensor) == known.tokenizer().vocab_size:
            tensor = torch.cat([tensor, torch.full((50, tensor.shape[1]), 9.0).to(tensor)])
        state["_orig_mod." * compiled + their_name(name)] = torch.nn.Parameter(tensor)
    folder.mkdir()
    torch.save(state, folder / "model_000123.pt")
    meta = {"step": 123, "model_config": write_config(known.model_config())}
    (folder / "meta_000123.json").write_text(json.dumps(meta))
    words = known.tokenizer()
    encoding = tiktoken.Encoding(
        "rustbpe",
        pat_str=words.splitter.source,
        mergeable_ranks=words.ids,
        special_tokens=words.specials,
    )
    (folder / "tokenizer.pkl").write_bytes(pickle.dumps(encoding))
    return encoding


@pytest.mark.parametrize(("precision", "most"), PRECISIONS)
def test_the_scores_are_those_of_pytorch(torch, known, precision, most, tmp_path):
    from torch_family import nanochat

    as_nanochat(torch, known, tmp_path / "d3", precision)
    found = convert.load(tmp_path / "d3")
    assert found.dtype == precision
    model, config = found.model(), found.model_config()
    ids = np.random.default_rng(1).integers(0, config.vocab_size, (2, 30))
    weights = {name: torch.tensor(array) for name, array in model.kept().items()}
    with torch.no_grad(), no_grad():
        theirs = nanochat(weights, config, torch.tensor(ids)).flatten(0, 1).numpy()
        assert np.abs(model.logits(ids).data - theirs).max() < most
    if precision == "float64":
        assert_same(known, found)


def test_sixteen_bits_and_every_protocol_of_the_tokenizer(torch, known, tmp_path):
    encoding = as_nanochat(torch, known, tmp_path / "d3", "bfloat16", compiled=False)
    for protocol in (2, 3, 4, 5):
        data = pickle.dumps(encoding, protocol=protocol)
        (tmp_path / "d3" / "tokenizer.pkl").write_bytes(data)
        found = convert.load(tmp_path / "d3")
        assert found.tokenizer().encode("hello the 12") == encoding.encode_ordinary("hello the 12")
        assert found.tokenizer().specials == known.tokenizer().specials
    exact = torch.tensor(np.asarray(known.tensors["layer1.wq"])).bfloat16().float().numpy()
    assert np.array_equal(np.asarray(found.tensors["layer1.wq"]), exact)


def test_what_pytorch_can_save_besides_weights_is_refused(torch, tmp_path):
    weight = torch.arange(12.0).reshape(3, 4)
    path = tmp_path / "a.pt"
    torch.save({"a": weight.T}, path)
    with pytest.raises(UserError, match="do not lie in a row"):
        read_pt(path)
    torch.save({"a": weight, "b": weight[1:]}, path)
    found = read_pt(path)
    assert np.array_equal(found["b"], weight[1:].numpy())
    torch.save(torch.nn.Linear(2, 2), path)
    with pytest.raises(UserError, match="wants to call 'torch.nn.modules.linear Linear'"):
        read_pt(path)
    torch.save({"a": weight, "step": 3}, path)
    with pytest.raises(UserError, match="something else than weights by name"):
        read_pt(path)
    torch.save({"a": weight}, path, _use_new_zipfile_serialization=False)
    with pytest.raises(UserError, match="no zip of torch.save"):
        read_pt(path)


def test_what_we_write_is_read_by_them(torch, known, tmp_path):
    convert.save(known, tmp_path, "nanochat")
    state = torch.load(tmp_path / FIRST, weights_only=True)
    for name in known.shapes():
        tensor, ours = state.pop(their_name(name)), np.asarray(known.tensors[name])
        assert np.array_equal(tensor[: len(ours)].numpy(), ours) and not tensor[len(ours) :].any()
        padded = (
            -(-len(ours) // 64) * 64 if len(ours) == known.tokenizer().vocab_size else len(ours)
        )
        assert len(tensor) == padded
    assert not state
    encoding = pickle.loads((tmp_path / "tokenizer.pkl").read_bytes())
    assert encoding.encode_ordinary("hello the") == known.tokenizer().encode("hello the")
    assert encoding.n_vocab == known.tokenizer().vocab_size
