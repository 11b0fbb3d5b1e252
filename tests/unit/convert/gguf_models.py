"""Small models of every kind that goes into a GGUF file; how tests write and read them."""

import numpy as np
from foreign import GPT2, LLAMA, tiny
from gguf import GGUFReader
from microgpt import convert

LLAMA3 = {"rope_factor": 8.0, "rope_original": 16, "rope_low": 1.5}


YARN = {"rope_factor": 4.0, "rope_scaling": "yarn", "rope_original": 16, "rope_high": 32.0}


MODELS = {
    "gpt2": (GPT2, {}),
    "gpt2-untied": (GPT2, {"tied_head": False}),
    "llama": (LLAMA, {"n_kv_head": 2}),
    "llama-tied": (LLAMA, {"n_kv_head": 4, "tied_head": True, "head_dim": 24}),
    "llama-biases": (LLAMA, {"n_kv_head": 1, "bias": True}),
    "llama3": (LLAMA, {"n_kv_head": 2, **LLAMA3}),
    "linear": (LLAMA, {"n_kv_head": 2, "rope_factor": 4.0, "rope_scaling": "linear"}),
    "yarn": (LLAMA, {"n_kv_head": 2, **YARN}),
}


def model(name, **more):
    config, changes = MODELS[name]
    return tiny(config, **{**changes, **more})


def written(checkpoint, path):
    convert.save(checkpoint, path, "gguf")
    return GGUFReader(path)


def weights(checkpoint):
    return {name: np.asarray(checkpoint.tensors[name]) for name in checkpoint.shapes()}
