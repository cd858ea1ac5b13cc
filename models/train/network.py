"""The network, and its file. src/segment/net.c computes the same."""

import hashlib
import struct

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

INPUTS = 4  # three channels and skin
WIDTHS = (24, 40, 64, 96)


def block(inputs, outputs):
    layers = []
    for count in (inputs, outputs):
        layers += [nn.Conv2d(count, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs),
                   nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


class Network(nn.Module):
    """U-Net whose finest level works on blocks of 2 x 2 pixels: a quarter of the cost."""

    def __init__(self):
        super().__init__()
        inputs = (4 * INPUTS,) + WIDTHS[:-1]
        self.down = nn.ModuleList(block(i, o) for i, o in zip(inputs, WIDTHS))
        self.up = nn.ModuleList(block(WIDTHS[k + 1] + WIDTHS[k], WIDTHS[k])
                                for k in range(len(WIDTHS) - 1))
        self.last = nn.Conv2d(WIDTHS[0], 4, 1)

    def forward(self, x):
        """[n, 4, height, width] (multiples of 16) -> logits [n, height, width]."""
        x = F.pixel_unshuffle(x, 2)
        kept = []
        for k, down in enumerate(self.down):
            x = down(F.max_pool2d(x, 2) if k else x)
            kept.append(x)
        for k in reversed(range(len(self.up))):
            x = torch.cat([F.interpolate(x, scale_factor=2, mode="nearest"), kept[k]], 1)
            x = self.up[k](x)
        return F.pixel_shuffle(self.last(x), 2)[:, 0]


def folded(network):
    """Weights and biases of every convolution in the file's order, batch norm folded in."""
    parts = []
    for sequence in list(network.down) + [network.up[k] for k in reversed(range(len(network.up)))]:
        for conv, norm in ((sequence[0], sequence[1]), (sequence[3], sequence[4])):
            scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
            parts.append((conv.weight * scale[:, None, None, None],
                          norm.bias - norm.running_mean * scale))
    parts.append((network.last.weight, network.last.bias))
    return [(w.detach().float().numpy(), b.detach().float().numpy()) for w, b in parts]


def file_bytes(network):
    """segment.model: "STRIAENN", then little-endian uint32: version, inputs, block, levels, their
    widths, number of weights; the weights as float16 (per convolution: [out][in][3][3], biases);
    SHA-256 of all before."""
    numbers = np.concatenate([np.concatenate([w.ravel(), b]) for w, b in folded(network)])
    head = b"STRIAENN" + struct.pack("<4I", 1, INPUTS, 2, len(WIDTHS))
    head += struct.pack(f"<{len(WIDTHS)}I", *WIDTHS) + struct.pack("<I", len(numbers))
    body = head + numbers.astype("<f2").tobytes()
    return body + hashlib.sha256(body).digest()
