#!/usr/bin/env python3
"""Reference answers for recurrent models, computed by PyTorch autograd in float64.

Every case is a folder:
  spec.rnn.json          the model under test (only `model` and `training` matter here)
  weights.safetensors    its parameters, F64, in PyTorch's names, shapes and gate order
  input.safetensors      `inputs` (I64 [T,B] tokens, or F64 [T,B,I]) and `targets`
  expected.safetensors   what a trace of that batch must contain, under the names
                         that src/engine/reference/trace.ts gives them

Only `torch` is needed (Debian: python3-torch).  Usage:
  python3 test/golden/reference.py test/golden/cases
"""
import argparse, json, math, os, struct, sys
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

# ---------------------------------------------------------------- safetensors
_DT = {torch.float64: "F64", torch.float32: "F32", torch.int64: "I64"}
_ST = {"F64": torch.float64, "F32": torch.float32, "I64": torch.int64}


def save(path, tensors):
    header, blobs, off = {}, [], 0
    for name, t in tensors.items():
        t = t.detach().contiguous()
        raw = t.numpy().tobytes()
        header[name] = {"dtype": _DT[t.dtype], "shape": list(t.shape), "data_offsets": [off, off + len(raw)]}
        blobs.append(raw)
        off += len(raw)
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(head)) + head + b"".join(blobs))


def load(path):
    with open(path, "rb") as f:
        n = struct.unpack("<Q", f.read(8))[0]
        header, data = json.loads(f.read(n)), f.read()
    out = {}
    for name, h in header.items():
        if name == "__metadata__":
            continue
        a, b = h["data_offsets"]
        out[name] = torch.frombuffer(bytearray(data[a:b]), dtype=_ST[h["dtype"]]).reshape(h["shape"]).clone()
    return out


# ---------------------------------------------------------------------- model
GATES = {"rnn": 1, "lstm": 4, "gru": 3}


def layer_sizes(model, in_size):
    """[(layer, input size, output size of the cell, output size after the connection)]"""
    out = []
    for layer in model["layers"]:
        cell_out = layer["units"] * (2 if layer.get("bidirectional") else 1)
        c = layer.get("connection", "none")
        full = in_size + cell_out if c == "dense" else cell_out
        if c in ("residual", "highway"):
            assert in_size == cell_out, "residual and highway need equal sizes"
        out.append((layer, in_size, cell_out, full))
        in_size = full
    return out


def make_weights(model, vocab, in_features, n_out, gen):
    w = {}

    def u(*shape, k):
        return (torch.rand(*shape, generator=gen) * 2 - 1) * k

    size = in_features
    if vocab:
        if model.get("embedding"):
            w["embedding.weight"] = u(vocab, model["embedding"], k=1.0)
            size = model["embedding"]
        else:
            size = vocab
    for l, (layer, i, cell_out, full) in enumerate(layer_sizes(model, size)):
        H, G = layer["units"], GATES[layer["cell"]]
        k = layer.get("_scale", 1.5) / math.sqrt(H)
        for sfx in [""] + (["_reverse"] if layer.get("bidirectional") else []):
            w[f"layers.{l}.weight_ih_l0{sfx}"] = u(G * H, i, k=k)
            w[f"layers.{l}.weight_hh_l0{sfx}"] = u(G * H, H, k=k)
            w[f"layers.{l}.bias_ih_l0{sfx}"] = u(G * H, k=k)
            w[f"layers.{l}.bias_hh_l0{sfx}"] = u(G * H, k=k)
        if layer.get("connection") == "highway":
            w[f"connections.{l}.weight"] = u(cell_out, i, k=1 / math.sqrt(i))
            w[f"connections.{l}.bias"] = u(cell_out, k=1.0) - 1.0
        size = full
    w["output.weight"] = u(n_out, size, k=1 / math.sqrt(size))
    w["output.bias"] = u(n_out, k=1 / math.sqrt(size))
    return w


def run_cell(layer, w, l, sfx, xs, keep):
    """xs: list of [B,I] in processing order; returns the list of h in the same order."""
    H, B = layer["units"], xs[0].shape[0]
    Wi, Wh = w[f"layers.{l}.weight_ih_l0{sfx}"], w[f"layers.{l}.weight_hh_l0{sfx}"]
    bi, bh = w[f"layers.{l}.bias_ih_l0{sfx}"], w[f"layers.{l}.bias_hh_l0{sfx}"]
    h, c, hs = torch.zeros(B, H), torch.zeros(B, H), []
    for x in xs:
        a, r = x @ Wi.T + bi, h @ Wh.T + bh
        step = {}
        if layer["cell"] == "rnn":
            f = torch.relu if layer.get("activation") == "relu" else torch.tanh
            h = f(a + r)
        elif layer["cell"] == "lstm":
            i, f, g, o = (a + r).chunk(4, 1)
            i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
            c = f * c + i * g
            h = o * torch.tanh(c)
            step = {"gate.input": i, "gate.forget": f, "gate.cell": g, "gate.output": o, "c": c}
        else:
            ar, az, an = a.chunk(3, 1)
            rr, rz, rn = r.chunk(3, 1)
            rg, z = torch.sigmoid(ar + rr), torch.sigmoid(az + rz)
            if layer.get("resetAfter", True):
                n = torch.tanh(an + rg * rn)
            else:
                n = torch.tanh(an + (rg * h) @ Wh[2 * H:].T + bh[2 * H:])
            h = (1 - z) * n + z * h
            step = {"gate.reset": rg, "gate.update": z, "gate.new": n}
        step["h"] = h
        step["above"] = h.clone()      # what the next layer and the loss read: its gradient is the partial one
        hs.append(step["above"])
        keep.append(step)
    return hs


def forward(spec, w, inputs, vocab):
    model = spec["model"]
    if vocab:
        x = w["embedding.weight"][inputs] if model.get("embedding") else torch.nn.functional.one_hot(inputs, vocab).to(torch.float64)
    else:
        x = inputs
    xs, seen = list(x.unbind(0)), {}
    T = len(xs)
    for l, layer in enumerate(model["layers"]):
        kf = []
        hf = run_cell(layer, w, l, "", xs, kf)
        seen[l, "forward"] = kf
        out = hf
        if layer.get("bidirectional"):
            kr = []
            hr = run_cell(layer, w, l, "_reverse", xs[::-1], kr)
            kr.reverse()
            seen[l, "reverse"] = kr
            out = [torch.cat(p, 1) for p in zip(hf, hr[::-1])]
        c = layer.get("connection", "none")
        if c == "residual":
            out = [h + x for h, x in zip(out, xs)]
        elif c == "dense":
            out = [torch.cat([x, h], 1) for h, x in zip(out, xs)]
        elif c == "highway":
            W, b = w[f"connections.{l}.weight"], w[f"connections.{l}.bias"]
            gs = [torch.sigmoid(x @ W.T + b) for x in xs]
            seen[l, "connection"] = [{"gate": g} for g in gs]
            out = [g * h + (1 - g) * x for g, h, x in zip(gs, out, xs)]
        xs = out
    return torch.stack(xs), seen


def losses(spec, w, y, targets, kind):
    """per-position loss [T',B] (no averaging); kind is 'tokens', 'values' or 'class'"""
    if kind == "class":
        last = spec["model"]["layers"][-1]
        if last.get("bidirectional") and last.get("connection", "none") == "none":
            H = last["units"]
            y = torch.cat([y[-1, :, :H], y[0, :, H:]], 1)[None]
        else:
            y = y[-1:]
        logits = y @ w["output.weight"].T + w["output.bias"]
        return logits, torch.nn.functional.cross_entropy(logits[0], targets, reduction="none")[None]
    logits = y @ w["output.weight"].T + w["output.bias"]
    if kind == "tokens":
        T, B, V = logits.shape
        return logits, torch.nn.functional.cross_entropy(logits.reshape(T * B, V), targets.reshape(-1), reduction="none").reshape(T, B)
    return logits, ((logits - targets) ** 2).mean(2)


def trace(spec, w, inputs, targets, vocab, kind):
    w = {k: v.clone().requires_grad_(True) for k, v in w.items()}
    y, seen = forward(spec, w, inputs, vocab)
    for steps in seen.values():
        for s in steps:
            for t in s.values():
                if t.requires_grad:
                    t.retain_grad()
    logits, per = losses(spec, w, y, targets, kind)
    loss = per.mean()
    T, B = inputs.shape[0], inputs.shape[1]
    out = {"output.logits": logits, "loss": loss, "loss.position": per.mean(1)}
    # gradient flow: mean over sequences of |d loss_t,b / d h_k,b|, one backward pass per position
    for (l, d), steps in seen.items():
        if d == "connection":
            continue
        hs = [s["h"] for s in steps]
        flow = torch.zeros(per.shape[0], T)
        for t in range(per.shape[0]):
            gs = torch.autograd.grad(per[t].sum(), hs, retain_graph=True, allow_unused=True)
            for k, g in enumerate(gs):
                if g is not None:
                    flow[t, k] = g.norm(dim=1).mean()
        out[f"layer{l}.{d}.flow"] = flow
    # autograd.grad has left each position's gradient in the .grad of the retained tensors it passed
    # (and of which ones depends on the version of PyTorch): only the mean loss may count below
    for steps in seen.values():
        for s in steps:
            for t in s.values():
                t.grad = None
    loss.backward()
    for (l, d), steps in seen.items():
        if d == "connection":
            out[f"layer{l}.connection.gate"] = torch.stack([s["gate"] for s in steps])
            continue
        for name in steps[0]:
            if name != "above":
                out[f"layer{l}.{d}.{name}"] = torch.stack([s[name] for s in steps])
        for name, key in [("h", "grad.h"), ("c", "grad.c"), ("above", "grad.h.partial")]:
            if name in steps[0]:
                out[f"layer{l}.{d}.{key}"] = torch.stack(
                    [s[name].grad if s[name].grad is not None else torch.zeros_like(s[name]) for s in steps])
    for k, v in w.items():
        out[f"grad.param.{k}"] = v.grad if v.grad is not None else torch.zeros_like(v)
    return {k: v.detach() for k, v in out.items()}


def make_optimizer(cfg, params):
    k, lr = cfg["kind"], cfg["learningRate"]
    wd = cfg.get("weightDecay", 0.0)
    if k == "sgd":
        return torch.optim.SGD(params, lr=lr, momentum=cfg.get("momentum", 0.0), nesterov=cfg.get("nesterov", False), weight_decay=wd)
    if k == "adam":
        return torch.optim.Adam(params, lr=lr, betas=tuple(cfg.get("betas", (0.9, 0.999))), eps=cfg.get("epsilon", 1e-8), weight_decay=wd)
    if k == "adamw":
        return torch.optim.AdamW(params, lr=lr, betas=tuple(cfg.get("betas", (0.9, 0.999))), eps=cfg.get("epsilon", 1e-8), weight_decay=cfg.get("weightDecay", 0.01))
    if k == "rmsprop":
        return torch.optim.RMSprop(params, lr=lr, alpha=cfg.get("decay", 0.99), eps=cfg.get("epsilon", 1e-8), momentum=cfg.get("momentum", 0.0))
    if k == "adagrad":
        return torch.optim.Adagrad(params, lr=lr, eps=cfg.get("epsilon", 1e-10))
    raise ValueError(k)


def updates(spec, w, inputs, targets, vocab, kind, steps):
    """Repeat `steps` updates on the same batch: clip, then the optimizer's step."""
    names = list(w)
    ps = [w[n].clone().requires_grad_(True) for n in names]
    opt, clip = make_optimizer(spec["training"]["optimizer"], ps), spec["training"].get("clip")
    norms, ls = [], []
    for _ in range(steps):
        opt.zero_grad()
        y, _ = forward(spec, dict(zip(names, ps)), inputs, vocab)
        _, per = losses(spec, dict(zip(names, ps)), y, targets, kind)
        loss = per.mean()
        loss.backward()
        for p in ps:
            if p.grad is None:
                p.grad = torch.zeros_like(p)
        total = torch.sqrt(sum((p.grad ** 2).sum() for p in ps))
        norms.append(total)
        ls.append(loss.detach())
        if clip and clip["kind"] == "norm":
            if total > clip["threshold"]:           # g <- threshold * g / |g|  (Pascanu et al. 2013)
                for p in ps:
                    p.grad.mul_(clip["threshold"] / total)
        elif clip and clip["kind"] == "value":
            for p in ps:
                p.grad.clamp_(-clip["threshold"], clip["threshold"])
        opt.step()
    out = {f"updated.{n}": p.detach() for n, p in zip(names, ps)}
    out["update.gradNorm"] = torch.stack(norms)
    out["update.loss"] = torch.stack(ls)
    return out


# ---------------------------------------------------------------------- cases
def L(cell, units, **kw):
    return dict(cell=cell, units=units, **kw)


SGD = {"optimizer": {"kind": "sgd", "learningRate": 0.5}, "clip": {"kind": "norm", "threshold": 0.5}}


def case(name, layers, T=7, B=3, vocab=11, embedding=5, kind="tokens", features=4, outputs=3, training=SGD, seed=0):
    return dict(name=name, layers=layers, T=T, B=B, vocab=vocab if kind != "values" else 0, embedding=embedding,
                kind=kind, features=features, outputs=outputs, training=training, seed=seed)


VISIBLE = [
    case("rnn-tanh", [L("rnn", 6)], seed=1),
    case("rnn-relu-one-hot", [L("rnn", 5, activation="relu")], embedding=0, seed=2),
    case("lstm", [L("lstm", 6)], seed=3),
    case("gru", [L("gru", 6)], seed=4),
    case("gru-reset-before", [L("gru", 6, resetAfter=False)], seed=5),
    case("lstm-2-layers-values", [L("lstm", 5), L("lstm", 4)], kind="values", seed=6),
    case("gru-bidirectional-class", [L("gru", 4, bidirectional=True)], kind="class", seed=7),
    case("lstm-residual-4", [L("lstm", 5), *[L("lstm", 5, connection="residual")] * 3], seed=8,
         training={"optimizer": {"kind": "adam", "learningRate": 0.05}, "clip": {"kind": "norm", "threshold": 1.0}}),
    case("gru-dense-3", [L("gru", 4, connection="dense")] * 3, seed=9,
         training={"optimizer": {"kind": "rmsprop", "learningRate": 0.02}, "clip": {"kind": "value", "threshold": 0.02}}),
    case("rnn-highway-3", [L("rnn", 5), *[L("rnn", 5, connection="highway")] * 2], seed=10,
         training={"optimizer": {"kind": "sgd", "learningRate": 0.1, "momentum": 0.9}}),
    case("rnn-exploding", [L("rnn", 8, _scale=6.0)], T=20, seed=11,
         training={"optimizer": {"kind": "sgd", "learningRate": 0.1}, "clip": {"kind": "norm", "threshold": 0.25}}),
    case("mixed-bidirectional-stack", [L("lstm", 4, bidirectional=True), L("gru", 6), L("rnn", 6, connection="residual")], kind="values", seed=12,
         training={"optimizer": {"kind": "adamw", "learningRate": 0.03}}),
]


def public(layer):
    return {k: v for k, v in layer.items() if not k.startswith("_")}


def write_case(out, c):
    gen = torch.Generator().manual_seed(1000 + c["seed"])
    T, B, V, kind = c["T"], c["B"], c["vocab"], c["kind"]
    model = {"embedding": c["embedding"] if V else 0, "layers": c["layers"]}
    spec = {"version": 1, "name": c["name"], "model": model, "training": c["training"]}
    n_out = V if kind == "tokens" else c["outputs"]
    w = make_weights(model, V, c["features"], n_out, gen)
    if V:
        inputs = torch.randint(0, V, (T, B), generator=gen)
    else:
        inputs = torch.rand(T, B, c["features"], generator=gen) * 2 - 1
    if kind == "tokens":
        targets = torch.randint(0, V, (T, B), generator=gen)
    elif kind == "class":
        targets = torch.randint(0, n_out, (B,), generator=gen)
    else:
        targets = torch.rand(T, B, n_out, generator=gen)
    exp = trace(spec, w, inputs, targets, V, kind)
    exp.update(updates(spec, w, inputs, targets, V, kind, 3))
    d = os.path.join(out, c["name"])
    os.makedirs(d, exist_ok=True)
    spec["model"]["layers"] = [public(l) for l in c["layers"]]
    # the task's shape, so that the case needs no data file
    spec["task"] = {"kind": "batch", "loss": kind, "vocabulary": V, "features": 0 if V else c["features"], "outputs": n_out}
    with open(os.path.join(d, "spec.rnn.json"), "w") as f:
        json.dump(spec, f, indent=2)
        f.write("\n")
    save(os.path.join(d, "weights.safetensors"), w)
    save(os.path.join(d, "input.safetensors"), {"inputs": inputs, "targets": targets})
    save(os.path.join(d, "expected.safetensors"), exp)


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("out")
    a = ap.parse_args()
    for c in VISIBLE:
        write_case(a.out, c)
    print(f"{len(VISIBLE)} cases in {a.out}")
