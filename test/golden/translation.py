#!/usr/bin/env python3
"""Reference answers for translation models (encoder, hand-over, attention, decoder), by PyTorch autograd in float64.

The layers are nn.RNN, nn.LSTM and nn.GRU on packed sequences, so that PyTorch itself ends each sequence where
it ends: from them come logits, parameter gradients and updates. What happens inside, which these modules do not
show, comes from the same parameters timestep by timestep, and must lead to the same logits.
Every case is a folder as those of reference.py:
  spec.rnn.json          `model` and `training`
  weights.safetensors    parameters, behind `encoder.` and `decoder.`
  input.safetensors      `source` [S,B], `sourceLengths` [B], `inputs` [T,B], `targets` [T,B] (-1: no loss), `lengths` [B], all I64
  expected.safetensors   what a trace holds (but for the order of the cells), and three updates on the same batch

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
            size = layer["units"] * (2 if layer.get("bidirectional") else 1) + (size if layer.get("connection") == "dense" else 0)
        self.kinds = [layer.get("connection", "none") for layer in layers]
        self.connections = nn.ModuleDict({str(l): nn.Linear(layer.input_size, layer.input_size) for l, (kind, layer) in enumerate(zip(self.kinds, self.layers)) if kind == "highway"})
        self.size = size

    def read(self, tokens):
        return self.embedding(tokens) if hasattr(self, "embedding") else nn.functional.one_hot(tokens, self.vocabulary).double()

    def forward(self, tokens, lengths, initial):
        """Outputs [T,B,O] and each layer's last (h, c), directions side by side."""
        x = self.read(tokens)
        finals = []
        for l, (layer, state) in enumerate(zip(self.layers, initial)):
            packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
            y, final = layer(packed, state)
            y, _ = pad_packed_sequence(y, total_length=len(tokens))
            x, _ = self.connect(l, y, x, x)
            h, c = final if isinstance(final, tuple) else (final, None)
            wide = lambda s: None if s is None else torch.cat(list(s), dim=1)
            finals.append((wide(h), wide(c)))
        return x, finals

    def connect(self, l, h, x, around):
        """The layer's output, and the highway's gate; `around` is x where no weight reads it."""
        kind = self.kinds[l]
        if kind == "highway":
            g = torch.sigmoid(self.connections[str(l)](x))
            return g * h + (1 - g) * around, g
        if kind == "dense":
            return torch.cat([around, h], dim=-1), None
        return (h + around if kind == "residual" else h), None

    def walk(self, tokens, lengths, initial):
        """As `forward`, timestep by timestep: outputs, final states, and all that happened on the way, by the names of the trace."""
        x, finals, seen = self.read(tokens), [], {}
        steps = range(len(tokens))
        real = [(t < lengths).double()[:, None] for t in steps]
        for l, layer in enumerate(self.layers):
            # Two copies of each x, so that what arrives by either way can be told apart.
            transform, around = [[keep(x[t].clone()) for t in steps] for _ in range(2)]
            hidden, ends = [], []
            for direction, suffix in [("forward", ""), ("reverse", "_reverse")][: 2 if layer.bidirectional else 1]:
                w = [getattr(layer, f"{name}_l0{suffix}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
                # Only forward directions start from a state that was handed over.
                h, c = [torch.zeros(len(lengths), layer.hidden_size)] * 2 if initial[l] is None else initial[l]
                found = [None] * len(tokens)
                for t in steps if direction == "forward" else reversed(steps):
                    step = run_cell(layer, w, transform[t], h, c)
                    step["above"] = step["h"].clone()  # what the connection and the next layer read: its gradient is the partial one
                    found[t] = {name: keep(value) for name, value in step.items()}
                    h = torch.where(real[t] > 0, step["h"], h)
                    c = torch.where(real[t] > 0, step["c"], c) if "c" in step else c
                seen[f"layer{l}.{direction}"] = found
                hidden.append([found[t]["above"] * real[t] for t in steps])
                ends.append((h, c))
            out = [self.connect(l, torch.cat(parts, dim=1), transform[t], around[t]) for t, parts in enumerate(zip(*hidden))]
            if self.kinds[l] != "none":
                seen[f"layer{l}.connection"] = [{**({} if out[t][1] is None else {"gate": out[t][1]}), "grad.identity": around[t], "grad.transform": transform[t]} for t in steps]
            x = torch.stack([y for y, _ in out])
            wide = [torch.cat(parts, dim=1) for parts in zip(*ends)]
            finals.append((wide[0], wide[1] if isinstance(layer, nn.LSTM) else None))
        return x, finals, seen


def keep(tensor):
    if tensor.requires_grad:
        tensor.retain_grad()
    return tensor


def run_cell(layer, w, x, h, c):
    a, r = x @ w[0].T + w[2], h @ w[1].T + w[3]
    if isinstance(layer, nn.LSTM):
        i, f, g, o = (a + r).chunk(4, 1)
        i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
        c = f * c + i * g
        return {"gate.input": i, "gate.forget": f, "gate.cell": g, "gate.output": o, "c": c, "h": o * torch.tanh(c)}
    if isinstance(layer, nn.GRU):
        (ar, az, an), (rr, rz, rn) = a.chunk(3, 1), r.chunk(3, 1)
        reset, z = torch.sigmoid(ar + rr), torch.sigmoid(az + rz)
        n = torch.tanh(an + reset * rn)
        return {"gate.reset": reset, "gate.update": z, "gate.new": n, "h": (1 - z) * n + z * h}
    return {"h": torch.tanh(a + r)}


class Translation(nn.Module):
    def __init__(self, source, target, model):
        super().__init__()
        embedding = model.get("embedding", 0)
        self.encoder = Stack(source, embedding, model["encoder"]["layers"])
        self.decoder = Stack(target, embedding, model["decoder"]["layers"])
        self.attends = model["decoder"].get("attention") == "dot"
        self.decoder.output = nn.Linear(self.decoder.size + (self.encoder.size if self.attends else 0), target)

    def hand_over(self, finals):
        """The state (h, c) each decoder layer starts from, by the rule of src/spec/encoder.ts."""
        states = []
        for l, layer in enumerate(self.decoder.layers):
            beside = l + max(0, len(finals) - len(self.decoder.layers))
            h, c = finals[beside] if beside < len(finals) else (None, None)
            B = finals[0][0].shape[0]
            if h is None or h.shape[1] != layer.hidden_size:
                h, c = torch.zeros(B, layer.hidden_size), None
            c = torch.zeros_like(h) if c is None else c
            states.append((h, c))
        return states

    def packed(self, states):
        return [(h[None], c[None]) if isinstance(layer, nn.LSTM) else h[None] for layer, (h, c) in zip(self.decoder.layers, states)]

    def forward(self, source, source_lengths, inputs, lengths):
        encoded, finals = self.encoder(source, source_lengths, [None] * len(self.encoder.layers))
        y, _ = self.decoder(inputs, lengths, self.packed(self.hand_over(finals)))
        return self.answer(y, encoded, source_lengths)

    def walk(self, source, source_lengths, inputs, lengths):
        """As `forward`, and what happened in both stacks."""
        encoded, finals, read = self.encoder.walk(source, source_lengths, [None] * len(self.encoder.layers))
        y, _, written = self.decoder.walk(inputs, lengths, self.hand_over(finals))
        logits, _ = self.answer(y, encoded, source_lengths)
        return logits, {"encoder": (source_lengths, read), "decoder": (lengths, written)}

    def answer(self, y, encoded, source_lengths):
        """Logits, and what attention weighed."""
        weights = None
        if self.attends:
            scores = torch.einsum("tbo,sbo->tbs", y, encoded)
            padded = torch.arange(len(encoded))[:, None] >= source_lengths[None, :]
            weights = scores.masked_fill(padded.T[None], -math.inf).softmax(dim=2)
            y = torch.cat([y, torch.einsum("tbs,sbo->tbo", weights, encoded)], dim=2)
        return self.decoder.output(y), weights


def loss_of(logits, targets, reduction="mean"):
    return nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-1, reduction=reduction)


def trace(network, batch, targets, logits):
    """States, gates and derivatives of both stacks; `logits` are those of the modules."""
    walked, stacks = network.walk(*batch)
    assert torch.allclose(walked, logits, rtol=0, atol=1e-13)
    per, counts = loss_of(walked, targets, "none").view(targets.shape), (targets >= 0).double()
    found = {"loss.position": per.sum(1) / counts.sum(1).clamp(min=1)}
    # 1. Flow: of each position's own losses, one way back a position.
    for prefix, (_, seen) in stacks.items():
        for place, steps in seen.items():
            if place.endswith("connection"):
                continue
            flow = torch.zeros(len(targets), len(steps))
            for t in range(len(targets)):
                gradients = torch.autograd.grad(per[t].sum(), [step["h"] for step in steps], retain_graph=True, allow_unused=True)
                for k, g in enumerate(gradients):
                    if g is not None and counts[t].sum() > 0:
                        flow[t, k] = (g.norm(dim=1) * counts[t]).sum() / counts[t].sum()
            found[f"{prefix}.{place}.flow"] = flow
    # 2. The mean loss. What autograd.grad left in the .grad of retained tensors may not count with it.
    kept = [tensor for _, seen in stacks.values() for steps in seen.values() for step in steps for tensor in step.values()]
    for tensor in kept:
        tensor.grad = None
    (per.sum() / counts.sum()).backward()
    for prefix, (lengths, seen) in stacks.items():
        for place, steps in seen.items():
            real = (torch.arange(len(steps))[:, None] < lengths[None]).double()
            put = lambda name, values: found.__setitem__(f"{prefix}.{place}.{name}", torch.stack(values).detach() * (real if values[0].dim() == 1 else real[:, :, None]))
            gradient = lambda tensor: torch.zeros_like(tensor) if tensor.grad is None else tensor.grad
            for name in steps[0]:
                if name.startswith("grad."):
                    put(name, [gradient(step[name]).norm(dim=1) for step in steps])
                elif name != "above":
                    put(name, [step[name] for step in steps])
            for name, key in [("h", "grad.h"), ("c", "grad.c"), ("above", "grad.h.partial")]:
                if name in steps[0]:
                    put(key, [gradient(step[name]) for step in steps])
    return found


def case(folder, seed, model, source=7, target=6, source_lengths=(5, 3, 4), lengths=(3, 6, 1), clip=None, lossless=()):
    torch.manual_seed(seed)
    os.makedirs(folder, exist_ok=True)
    network = Translation(source, target, model)
    names = {name: p.detach().clone() for name, p in network.named_parameters()}
    S, T, B = max(source_lengths), max(lengths), len(lengths)
    sl, tl = torch.tensor(source_lengths), torch.tensor(lengths)
    read, inputs = torch.randint(source, (S, B)), torch.randint(target, (T, B))
    targets = torch.randint(target, (T, B))
    targets[torch.arange(T)[:, None] >= tl[None]] = -1
    targets[list(lossless)] = -1
    training = {"optimizer": {"kind": "adam", "learningRate": 0.01}, **({"clip": clip} if clip else {})}
    task = {"kind": "translation", "data": "pairs.tsv", "source": "source", "target": "target", "tokens": "char"}
    with open(f"{folder}/spec.rnn.json", "w") as f:
        json.dump({"version": 1, "name": os.path.basename(folder), "task": task, "model": model, "training": training}, f, indent=2)
        f.write("\n")
    save(f"{folder}/weights.safetensors", names)
    save(f"{folder}/input.safetensors", {"source": read, "sourceLengths": sl, "inputs": inputs, "targets": targets, "lengths": tl})

    real = (torch.arange(T)[:, None] < tl[None]).double()[:, :, None]
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    logits, _ = network(read, sl, inputs, tl)
    expected, norms, losses = trace(network, (read, sl, inputs, tl), targets, logits), [], []
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
        "connections-attention": parts(
            [layer("lstm", 2, bidirectional=True, connection="residual"), layer("gru", 4, connection="highway"), layer("lstm", 4, connection="dense")],
            [layer("gru", 4, connection="residual"), layer("lstm", 4, connection="highway"), layer("rnn", 4, connection="dense")], "dot"),
    }
    more = {"bilstm-attention": {"clip": {"kind": "norm", "threshold": 0.1}}, "connections-attention": {"lossless": (0, 4)}}
    for seed, (name, model) in enumerate(cases.items()):
        case(f"{out}/{name}", seed + 1, model, **more.get(name, {}))


if __name__ == "__main__":
    main(sys.argv[1])
