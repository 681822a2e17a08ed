#!/usr/bin/env python3
"""The loss of each of the first 300 steps of three models on Moby Dick, trained by PyTorch in float32.

One-hot characters, one layer of 64 units (LSTM, GRU, vanilla tanh RNN), batch 25, window 50, state carried
from window to window, Adam 2e-3, gradient norm clipped at 5; the last tenth of the text is held out. The
initial weights come from a formula (`weights` below), so that another program can begin with the same.

Only `torch` is needed (Debian: python3-torch). After `npm run build` has put the text together:
  python3 test/golden/moby_curve.py media/templates/data/moby-dick.txt > test/golden/moby/curves.json
"""
import json, math, sys
import torch

UNITS, BATCH, WINDOW, STEPS = 64, 25, 50, 300
MASK = 0xFFFFFFFF


def scramble(h):
    """MurmurHash3's finaliser on 32 bits."""
    h ^= h >> 16
    h = h * 0x85EBCA6B & MASK
    h ^= h >> 13
    h = h * 0xC2B2AE35 & MASK
    return h ^ h >> 16


def weights(parameters):
    """Fills the parameters in file order: number n (from 1, over all of them) becomes ±1/√64 · uniform."""
    n = 0
    with torch.no_grad():
        for p in parameters:
            values = []
            for _ in range(p.numel()):
                n += 1
                values.append((scramble(n) / 2**31 - 1) / math.sqrt(UNITS))
            p.copy_(torch.tensor(values, dtype=torch.float64).reshape(p.shape))


def train(kind, tokens, vocabulary):
    layer = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}[kind](vocabulary, UNITS)
    head = torch.nn.Linear(UNITS, vocabulary)
    parameters = [layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0, layer.bias_hh_l0, head.weight, head.bias]
    weights(parameters)
    optimizer = torch.optim.Adam(parameters, lr=2e-3)
    stream = (len(tokens) - 1) // BATCH  # each of the 25 parallel streams is this long
    inputs = tokens[: BATCH * stream].reshape(BATCH, stream).T
    targets = tokens[1 : BATCH * stream + 1].reshape(BATCH, stream).T
    state, losses, norms = None, [], []
    for step in range(STEPS):
        window = slice(step * WINDOW, (step + 1) * WINDOW)
        x = torch.nn.functional.one_hot(inputs[window], vocabulary).float()
        y, state = layer(x, state)
        state = tuple(s.detach() for s in state) if kind == "lstm" else state.detach()
        loss = torch.nn.functional.cross_entropy(head(y).flatten(0, 1), targets[window].flatten())
        optimizer.zero_grad()
        loss.backward()
        norms.append(round(torch.nn.utils.clip_grad_norm_(parameters, 5.0).item(), 7))
        optimizer.step()
        losses.append(round(loss.item(), 7))
    return {"loss": losses, "gradNorm": norms}


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8", newline="") as file:
        text = file.read()
    kinds = sorted(set(text))
    number = {c: i for i, c in enumerate(kinds)}
    training = torch.tensor([number[c] for c in text[: int(len(text) * (1 - 0.1))]])
    assert (STEPS + 1) * WINDOW < len(training) // BATCH
    curves = {kind: train(kind, training, len(kinds)) for kind in ("lstm", "gru", "rnn")}
    print(json.dumps({"torch": torch.__version__, "characters": len(text), "kinds": len(kinds), **curves}))
