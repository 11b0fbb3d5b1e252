"""Looking inside: attention maps, PCA and t-SNE, against what they are by definition."""

import numpy as np
import pytest
from family import FAMILIES, FEW, configuration, new_model
from microgpt.errors import UserError
from microgpt.inference.inspect import attention_maps, nearest, neighbour_chances, pca, tsne
from microgpt.tokenizer import CharTokenizer

LETTERS = CharTokenizer("abcdefghij")


def clouds(count=3, size=20, width=8, seed=0):
    """Points around centres far apart, and which centre each belongs to."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(0, 10, (count, width))
    kinds = np.repeat(np.arange(count), size)
    return centres[kinds] + rng.normal(0, 0.3, (count * size, width)), kinds


def distances(x):
    return np.sqrt(((x[:, None] - x[None]) ** 2).sum(-1))


# ---- attention


@pytest.mark.parametrize("name", FEW)
def test_attention_maps(name):
    config = configuration(name)
    model = new_model(config)
    tokens, layers = attention_maps(model, LETTERS, "abcabca")
    assert tokens == ["<edge>", *"abcabca"] and len(layers) == config.n_layer
    for number, layer in enumerate(layers):
        assert layer.shape == (config.n_head, 8, 8)
        assert layer.sum(-1) == pytest.approx(1)
        assert not np.triu(layer, 1).any(), "nobody looks ahead"
        window = config.window_of(number)
        allowed = np.tri(8) if window is None else np.tri(8) - np.tri(8, k=-window - 1)
        assert (layer > 0).all(0).astype(int).tolist() == allowed.astype(int).tolist()


def test_the_maps_are_what_attention_does():
    """With values that name their position, the output of a head is its map."""
    from microgpt.autograd import Tensor
    from microgpt.autograd.attention import attend, attention_weights
    from microgpt.gpt.positions import causal_mask

    rng = np.random.default_rng(0)
    q, k = rng.normal(size=(1, 5, 4, 6)), rng.normal(size=(1, 5, 2, 6))
    v = np.zeros((1, 5, 2, 6))
    v[0, np.arange(5), :, np.arange(5)] = 1
    mask = causal_mask(0, 5, 2, np.dtype("f8"))
    out = attend(Tensor(q), Tensor(k), Tensor(v), mask).data.reshape(5, 4, 6)
    maps = attention_weights(q, k, mask)[0]
    assert np.abs(out[:, :, :5].swapaxes(0, 1) - maps).max() <= 1e-12


def test_a_prompt_that_is_too_long():
    with pytest.raises(
        UserError, match="This model sees 8 tokens at a time, and the text has 9, the start"
    ):
        attention_maps(new_model(FAMILIES["llama"]), LETTERS, "abcabcab")


# ---- PCA


def test_pca_is_the_best_plane():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(40, 7)) * [9, 5, 1, 1, 0.5, 0.5, 0.1] + 100
    points, share = pca(x)
    centred = x - x.mean(0)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    assert share == pytest.approx(values[::-1][:2] / values.sum())
    expected = centred @ vectors[:, ::-1][:, :2]
    assert np.abs(points) == pytest.approx(np.abs(expected))
    assert (points**2).sum(0) == pytest.approx(values[::-1][:2])
    assert abs(points[:, 0] @ points[:, 1]) < 1e-9


def test_pca_of_a_plane_keeps_all_distances_and_has_one_answer():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(15, 2)) @ rng.normal(size=(2, 30))
    points, share = pca(x)
    assert share.sum() == pytest.approx(1)
    assert np.abs(distances(points) - distances(x)).max() < 1e-9
    turned = np.linalg.qr(rng.normal(size=(30, 30)))[0]
    assert pca(x @ turned)[0] == pytest.approx(points, abs=1e-9)


def test_pca_of_what_is_all_the_same():
    points, share = pca(np.ones((5, 3)))
    assert not points.any() and not share.any()


# ---- t-SNE


@pytest.mark.parametrize("perplexity", [5, 15])
def test_tsne_keeps_clouds_apart(perplexity):
    x, kinds = clouds()
    y = tsne(x, perplexity, steps=400)
    d = distances(y) + np.diag(np.full(len(y), np.inf))
    assert (kinds[d.argmin(1)] == kinds).all()
    same = kinds[:, None] == kinds
    assert np.median(d[~same]) > 3 * np.median(d[same & np.isfinite(d)])


def test_tsne_is_better_than_pca_where_a_plane_is_not_enough():
    x, kinds = clouds(count=6, size=12, width=6)
    x = x / np.linalg.norm(x, axis=1, keepdims=True)

    def right(points):
        d = distances(points) + np.diag(np.full(len(points), np.inf))
        return (kinds[np.argsort(d, axis=1)[:, :5]] == kinds[:, None]).mean()

    assert right(tsne(x, 10, steps=400)) > 0.98
    assert right(pca(x)[0]) <= right(tsne(x, 10, steps=400))


def test_the_same_seed_is_the_same_picture():
    x, _ = clouds(size=6)
    one, same, other = (tsne(x, 4, steps=60, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one, same) and not np.allclose(one, other)
    assert np.abs(one.mean(0)).max() < 1e-9


@pytest.mark.parametrize("perplexity", [2, 5, 12.5])
def test_every_point_has_as_many_neighbours_as_asked(perplexity):
    x, _ = clouds(size=10)
    x[7] += 1000  # one far from all
    p = neighbour_chances(x, perplexity)
    assert p.sum(1) == pytest.approx(1) and not np.diag(p).any()
    entropy = -(p * np.log(np.maximum(p, 1e-300))).sum(1)
    assert np.exp(entropy) == pytest.approx(perplexity, rel=1e-5)


def test_points_in_one_place():
    assert np.isfinite(tsne(np.ones((9, 4)), 3, steps=50)).all()
    x, _ = clouds(size=5)
    x[1:4] = x[0]
    assert np.isfinite(tsne(x, 3, steps=50)).all()


@pytest.mark.parametrize(
    ("count", "perplexity", "sentence"),
    [(3, 1, "at least four points"), (9, 9, "below the number of points, 9; 2 would do"),
     (9, 0.5, "at least 1"), (9, float("nan"), "at least 1")],
)  # fmt: skip
def test_what_tsne_refuses(count, perplexity, sentence):
    with pytest.raises(UserError, match=sentence):
        tsne(np.random.default_rng(0).normal(size=(count, 3)), perplexity)


# ---- who is alike


def test_the_nearest_point_the_same_way():
    x = np.array([[1, 0], [10, 1], [0, 1], [0.1, 5], [-1, 0]])
    assert nearest(x, 1)[:, 0].tolist() == [1, 0, 3, 2, 2]
    assert nearest(x, 9).shape == (5, 4)
    many = np.random.default_rng(0).normal(size=(1100, 5))  # more than one piece
    unit = many / np.linalg.norm(many, axis=1, keepdims=True)
    likeness = unit @ unit.T - 2 * np.eye(1100)
    assert (nearest(many, 2) == np.argsort(-likeness, axis=1)[:, :2]).mean() > 0.999
