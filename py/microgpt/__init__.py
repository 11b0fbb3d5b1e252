"""microgpt: a GPT you can read, train and open up.

The rooms: `autograd` (tensors and their gradients), `gpt` (the model), `tokenizer`, `data`,
`training`, `inference`. `run` ties them together; `cli` and `session` are the two front doors,
one for the terminal and one for the browser.
"""

__version__ = "0.1.0"
