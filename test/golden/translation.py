#!/usr/bin/env python3
"""Reference answers for translation models (encoder, hand-over, attention, decoder), by PyTorch autograd in float64.

The layers are nn.RNN, nn.LSTM and nn.GRU on packed sequences, so that PyTorch itself ends each sequence where
it ends. Every case is a folder as those of reference.py:
  spec.rnn.json          `model` and `training`
  weights.safetensors    parameters, behind `encoder.` and `decoder.`
  input.safetensors      `source` [S,B], `sourceLengths` [B], `inputs` [T,B], `targets` [T,B] (-1: no loss), `lengths` [B], all I64
  expected.safetensors   loss, logits, attention, parameter gradients, and three updates on the same batch

Usage: python3 test/golden/translation.py test/golden/translation
"""
import json, math, os, sys
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from reference import save

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
CELLS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class Stack(nn.Module):
    def __init__(self, vocabulary, embedding, layers):
        super().__init__()
        self.vocabulary = vocabulary
        if embedding:
            self.embedding = nn.Embedding(vocabulary, embedding)
        self.layers = nn.ModuleList()
        size = embedding or vocabulary
        for layer in layers:
            self.layers.append(CELLS[layer["cell"]](size, layer["units"], bidirectional=layer.get("bidirectional", False)))
            size = layer["units"] * (2 if layer.get("bidirectional") else 1)
        self.size = size

    def forward(self, tokens, lengths, initial):
        """Outputs [T,B,O] and each layer's last (h, c), directions side by side."""
        x = self.embedding(tokens) if hasattr(self, "embedding") else nn.functional.one_hot(tokens, self.vocabulary).double()
        finals = []
        for layer, state in zip(self.layers, initial):
            packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
            y, final = layer(packed, state)
            x, _ = pad_packed_sequence(y, total_length=len(tokens))
            h, c = final if isinstance(final, tuple) else (final, None)
            wide = lambda s: None if s is None else torch.cat(list(s), dim=1)
            finals.append((wide(h), wide(c)))
        return x, finals


class Translation(nn.Module):
    def __init__(self, source, target, model):
        super().__init__()
        embedding = model.get("embedding", 0)
        self.encoder = Stack(source, embedding, model["encoder"]["layers"])
        self.decoder = Stack(target, embedding, model["decoder"]["layers"])
        self.attends = model["decoder"].get("attention") == "dot"
        self.decoder.output = nn.Linear(self.decoder.size + (self.encoder.size if self.attends else 0), target)

    def hand_over(self, finals):
        """The state each decoder layer starts from, by the rule of src/spec/encoder.ts."""
        states = []
        for l, layer in enumerate(self.decoder.layers):
            beside = l + max(0, len(finals) - len(self.decoder.layers))
            h, c = finals[beside] if beside < len(finals) else (None, None)
            B = finals[0][0].shape[0]
            if h is None or h.shape[1] != layer.hidden_size:
                h, c = torch.zeros(B, layer.hidden_size), None
            c = torch.zeros_like(h) if c is None else c
            states.append((h[None], c[None]) if isinstance(layer, nn.LSTM) else h[None])
        return states

    def forward(self, source, source_lengths, inputs, lengths):
        encoded, finals = self.encoder(source, source_lengths, [None] * len(self.encoder.layers))
        y, _ = self.decoder(inputs, lengths, self.hand_over(finals))
        weights = None
        if self.attends:
            scores = torch.einsum("tbo,sbo->tbs", y, encoded)
            padded = torch.arange(len(source))[:, None] >= source_lengths[None, :]
            weights = scores.masked_fill(padded.T[None], -math.inf).softmax(dim=2)
            y = torch.cat([y, torch.einsum("tbs,sbo->tbo", weights, encoded)], dim=2)
        return self.decoder.output(y), weights


def loss_of(logits, targets):
    return nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-1)


def case(folder, seed, model, source=7, target=6, source_lengths=(5, 3, 4), lengths=(3, 6, 1), clip=None):
    torch.manual_seed(seed)
    os.makedirs(folder, exist_ok=True)
    network = Translation(source, target, model)
    names = {name: p.detach().clone() for name, p in network.named_parameters()}
    S, T, B = max(source_lengths), max(lengths), len(lengths)
    sl, tl = torch.tensor(source_lengths), torch.tensor(lengths)
    read, inputs = torch.randint(source, (S, B)), torch.randint(target, (T, B))
    targets = torch.randint(target, (T, B))
    targets[torch.arange(T)[:, None] >= tl[None]] = -1
    training = {"optimizer": {"kind": "adam", "learningRate": 0.01}, **({"clip": clip} if clip else {})}
    task = {"kind": "translation", "data": "pairs.tsv", "source": "source", "target": "target", "tokens": "char"}
    with open(f"{folder}/spec.rnn.json", "w") as f:
        json.dump({"version": 1, "name": os.path.basename(folder), "task": task, "model": model, "training": training}, f, indent=2)
        f.write("\n")
    save(f"{folder}/weights.safetensors", names)
    save(f"{folder}/input.safetensors", {"source": read, "sourceLengths": sl, "inputs": inputs, "targets": targets, "lengths": tl})

    real = (torch.arange(T)[:, None] < tl[None]).double()[:, :, None]
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    expected, norms, losses = {}, [], []
    for update in range(3):
        optimizer.zero_grad()
        logits, weights = network(read, sl, inputs, tl)
        loss = loss_of(logits, targets)
        loss.backward()
        if update == 0:
            expected["loss"] = loss
            expected["output.logits"] = logits * real
            if weights is not None:
                expected["attention.weights"] = weights * real
            for name, p in network.named_parameters():
                expected[f"grad.param.{name}"] = torch.zeros_like(p) if p.grad is None else p.grad.clone()
        grads = [p.grad for p in network.parameters() if p.grad is not None]
        norm = torch.sqrt(sum((g * g).sum() for g in grads))
        # clip_grad_norm_ adds 1e-6 to the norm; threshold / norm is meant.
        if clip and norm > clip["threshold"]:
            for g in grads:
                g.mul_(clip["threshold"] / norm)
        norms.append(norm)
        losses.append(loss.detach())
        optimizer.step()
    for name, p in network.named_parameters():
        expected[f"updated.{name}"] = p
    expected["update.gradNorm"] = torch.stack(norms)
    expected["update.loss"] = torch.stack(losses)
    save(f"{folder}/expected.safetensors", expected)


def layer(cell, units, **more):
    return {"cell": cell, "units": units, **more}


def main(out):
    parts = lambda encoder, decoder, attention="none", embedding=4: {
        "embedding": embedding, "encoder": {"layers": encoder}, "decoder": {"layers": decoder, "attention": attention}}
    bi = layer("lstm", 5, bidirectional=True)
    cases = {
        "lstm": parts([layer("lstm", 6)], [layer("lstm", 6)]),
        "gru-one-hot": parts([layer("gru", 6)], [layer("gru", 6)], embedding=0),
        "bilstm-attention": parts([bi], [layer("lstm", 10)], "dot"),
        "mixed-stack-attention": parts([layer("gru", 4, bidirectional=True), layer("lstm", 9)], [layer("rnn", 8), layer("lstm", 9)], "dot"),
        "deep-encoder": parts([layer("rnn", 7), layer("lstm", 6), layer("gru", 5)], [layer("lstm", 6), layer("gru", 5)]),
        "deep-decoder-attention": parts([layer("lstm", 12)], [layer("lstm", 12), layer("gru", 12)], "dot"),
        "size-misfit-attention": parts([bi, layer("gru", 6)], [layer("lstm", 7), layer("gru", 6)], "dot"),
    }
    for seed, (name, model) in enumerate(cases.items()):
        case(f"{out}/{name}", seed + 1, model, clip={"kind": "norm", "threshold": 0.1} if name == "bilstm-attention" else None)


if __name__ == "__main__":
    main(sys.argv[1])
