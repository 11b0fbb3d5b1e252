"""Parts switched off and patched, against the same done by hand in PyTorch, in all families."""

import numpy as np
import pytest
from family import DEEP, new_model
from microgpt.microscope.activations import activations
from microgpt.microscope.interventions import Intervention, find_part, next_chances, surprise

TEXT, OTHER = np.array([[10, 0, 3, 1, 7, 2]]), np.array([[10, 5, 5, 8, 0, 4]])


def twin(name, config, model, torch):
    """The family in PyTorch with the same weights: a function of ids and of an edit."""
    import torch_family

    w = torch_family.leaves(model.weights.named())
    return lambda ids, edit=torch_family.as_it_is: getattr(torch_family, name)(
        w, config, torch.from_numpy(ids), edit
    ).detach()[0]


def by_hand(part, config):
    """(where, which columns) of a part, written down once more."""
    layer, _, kind = part.partition(".")
    if kind.startswith("head"):
        size = config.head_dim or config.n_embd // config.n_head
        head = int(kind[4:])
        return f"{layer}.heads", slice(size * head, size * head + size)
    if kind.startswith("unit"):
        unit = int(kind[4:])
        return f"{layer}.units", slice(unit, unit + 1)
    return f"{layer}.{kind}", slice(None)


@pytest.mark.parametrize("part", ["layer0.head1", "layer2.head3", "layer1.mlp", "layer0.unit2"])
@pytest.mark.parametrize("name", DEEP)
def test_off_and_patched(name, part, torch):
    config = DEEP[name]
    model = new_model(config)
    theirs, (site, columns) = twin(name, config, model, torch), by_hand(part, config)
    found = find_part(part, config)

    def off(where, x):
        if where == site:
            x = x.clone()
            x[:, :, columns] = 0
        return x

    scores = theirs(TEXT, off)
    chances = next_chances(model, TEXT, Intervention([found]))
    assert np.abs(chances - torch.softmax(scores[-1], -1).numpy()).max() <= 1e-10
    lost = torch.nn.functional.cross_entropy(
        scores[:-1], torch.from_numpy(TEXT[0, 1:]), reduction="none"
    )
    assert np.abs(surprise(model, TEXT, Intervention([found])) - lost.numpy()).max() <= 1e-10

    given = {}
    theirs(OTHER, lambda where, x: given.setdefault(where, x))
    seen = activations(model, OTHER)
    for rows in (slice(None), [-1]):

        def patched(where, x, rows=rows):
            if where == site:
                x = x.clone()
                x[0, rows, columns] = given[site][0, rows, columns]
            return x

        scores = theirs(TEXT, patched)
        watch = Intervention(patched=[found], other=seen, rows=rows)
        chances = next_chances(model, TEXT, watch)
        assert np.abs(chances - torch.softmax(scores[-1], -1).numpy()).max() <= 1e-10
    assert np.abs(chances - next_chances(model, TEXT)).max() > 1e-6, "the patch does something"


@pytest.mark.parametrize("name", DEEP)
def test_a_layer_off_adds_nothing(name, torch):
    """By hand: all that the layer adds to the line is multiplied by zero."""
    config = DEEP[name]
    model = new_model(config)
    chances = next_chances(model, TEXT, Intervention([find_part("layer1", config)]))
    named = model.weights.named()
    for weight in ("wo", "fc2", "bo", "b2"):
        if f"layer1.{weight}" in named:
            named[f"layer1.{weight}"][...] = 0
    expected = torch.softmax(twin(name, config, model, torch)(TEXT)[-1], -1).numpy()
    assert np.abs(chances - expected).max() <= 1e-10
