"""Writes connections.json: by which way gradients arrive at the inputs of layers with connections.

Each connection reads the layer's input through a copy of its own (x + 0), so that autograd tells apart
what comes around the layer from what comes through the cell and the highway's gate. Run with PyTorch 2.
"""

import json
import pathlib

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
torch.manual_seed(5)
T, B, I, OUTPUTS = 5, 2, 3, 2

# Of each layer: cell, units, directions, connection, input size. The last output has 3 + 2 features.
LAYERS = [("lstm", 3, 1, "residual", 3), ("gru", 1, 2, "dense", 3), ("rnn", 5, 1, "highway", 5)]
kinds = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(kinds[cell](size, units, bidirectional=directions == 2) for cell, units, directions, _, size in LAYERS)
        self.connections = nn.ModuleList(nn.Linear(size, size) if connection == "highway" else nn.Identity() for *_, connection, size in LAYERS)
        self.output = nn.Linear(5, OUTPUTS)


net = Net()
inputs, targets = torch.randn(T, B, I), torch.randn(T, B, OUTPUTS)
ways = []
x = inputs
for layer, gate, (*_, connection, _) in zip(net.layers, net.connections, LAYERS):
    around, through = (x + 0).requires_grad_(True), (x + 0).requires_grad_(True)
    around.retain_grad(), through.retain_grad()
    ways.append({"identity": around, "transform": through})
    h = layer(through)[0]
    if connection == "residual":
        x = h + around
    elif connection == "dense":
        x = torch.cat([around, h], 2)
    else:
        g = torch.sigmoid(gate(through))
        x = g * h + (1 - g) * around
loss = nn.functional.mse_loss(net.output(x), targets)
loss.backward()

answers = {
    "layers": [dict(zip(("cell", "units", "directions", "connection"), layer)) for layer in LAYERS],
    "parameters": {name: {"shape": list(p.shape), "data": p.flatten().tolist()} for name, p in net.named_parameters()},
    "steps": T, "sequences": B, "features": I, "outputs": OUTPUTS,
    "inputs": inputs.flatten().tolist(),
    "targets": targets.flatten().tolist(),
    "loss": loss.item(),
    "norms": {f"layer{l}.connection.grad.{way}": x.grad.norm(dim=2).flatten().tolist() for l, each in enumerate(ways) for way, x in each.items()},
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(answers) + "\n")
