"""What PyTorch gives for the cases of decayCases.ts: `python3 decay_torch.py [seeds]`. Only torch is needed."""

import math
import sys

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
T, H, FEATURES, B = 100, 64, 8, 4
SEEDS = int(sys.argv[1]) if len(sys.argv) > 1 else 12


def measure(make, seed):
    torch.manual_seed(seed)
    model, x = make(), torch.randn(T, B, FEATURES)
    h = torch.zeros(1, B, H, requires_grad=True)
    state, hidden = ((h, torch.zeros(1, B, H)) if isinstance(model, nn.LSTM) else h), []
    for t in range(T):
        _, state = model(x[t : t + 1], state)
        hidden.append(state[0] if isinstance(model, nn.LSTM) else state)
        hidden[-1].retain_grad()
    (hidden[-1] @ (2 * torch.rand(H, 1) - 1)).sum().backward()
    return math.log10(hidden[0].grad.norm() / hidden[-1].grad.norm())


def rnn(orthogonal=False):
    model = nn.RNN(FEATURES, H)
    if orthogonal:
        nn.init.orthogonal_(model.weight_hh_l0)
        nn.init.zeros_(model.bias_ih_l0), nn.init.zeros_(model.bias_hh_l0)
    return model


def lstm(forget_bias, zeros=True):
    model = nn.LSTM(FEATURES, H)
    if zeros:
        nn.init.zeros_(model.bias_ih_l0), nn.init.zeros_(model.bias_hh_l0)
    model.bias_ih_l0.data[H : 2 * H] += forget_bias
    return model


cases = {
    "tanh RNN": rnn,
    "tanh RNN, orthogonal": lambda: rnn(orthogonal=True),
    "LSTM, zero biases": lambda: lstm(0),
    "LSTM, forget bias 1": lambda: lstm(1),
    "LSTM, forget bias 3": lambda: lstm(3),
    "LSTM, uniform biases + 1": lambda: lstm(1, zeros=False),
    "LSTM, uniform biases + 3": lambda: lstm(3, zeros=False),
    "GRU": lambda: nn.GRU(FEATURES, H),
}
for name, make in cases.items():
    print(f"{name:28}{sum(measure(make, seed) for seed in range(SEEDS)) / SEEDS:12.2f}")
