"""Trains the network on rendered scenes. Usage: train.py TRAIN HELD OUT [--steps N] ...

The weights that are kept: the running mean of the weights, at the evaluation with the highest average
precision on the held-back scenes. The scenes grow with the steps by a fixed rule, so that training can
begin while they are rendered and still gives the same. The rate of learning stays until the last --decay
steps, then falls to zero along a cosine. SIGUSR1 makes the decay begin at once: how --steps was chosen."""

import argparse
import copy
import csv
import math
import os
import signal
import time

import numpy as np
import torch
from torch.nn import functional as F

import material
import network

SIDE = 160


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("train")
    parser.add_argument("held")
    parser.add_argument("out")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--decay", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--scenes", type=int, default=1500)
    parser.add_argument("--first-scenes", type=int, default=100)
    parser.add_argument("--scenes-by-step", type=int, default=3000,
                        help="the step from which on all scenes are used")
    parser.add_argument("--held-scenes", type=int, default=60)
    parser.add_argument("--every", type=int, default=250, help="steps between evaluations")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def batch_of(crops):
    inputs, target, weight = (np.stack(part) for part in zip(*crops))
    return [torch.from_numpy(np.ascontiguousarray(part)) for part in (inputs, target, weight)]


def held_back(folder, scenes):
    """A fixed set: three crops of every photo, four of those with striae."""
    rng = np.random.default_rng(7)
    held = material.Material(folder)
    held.grow(scenes)
    crops = []
    for index, (planes, _) in enumerate(held.marked):
        only = copy.copy(held)
        only.marked, only.places, only.plain = [held.marked[index]], [held.places[index]], []
        crops += [material.draw(only, SIDE, rng) for _ in range(2)]
    for photo in held.plain:
        only = copy.copy(held)
        only.plain = [photo]
        crops.append(material.draw(only, SIDE, rng, 1.0))
    made = [material.tensors(c[:3].astype(np.float32) / material.LEVELS, c[3]) for c in crops]
    return [batch_of(made[i:i + 16]) for i in range(0, len(made), 16)]


def loss_of(logits, target, weight):
    cross = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    p = torch.sigmoid(logits) * weight
    overlap, both = (p * target).sum(), p.sum() + target.sum()
    return (cross * weight).sum() / weight.sum() + 0.5 * (1 - (2 * overlap + 50) / (both + 50))


def evaluate(net, held):
    """Soft Dice and average precision over all held-back pixels in skin."""
    net.eval()
    overlap = both = 0.0
    positive, negative = np.zeros(1000), np.zeros(1000)
    with torch.no_grad():
        for inputs, target, weight in held:
            inputs = inputs.contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16):
                p = net(inputs)
            p = torch.sigmoid(p.float())
            overlap += float((p * target).sum())
            both += float((p * weight).sum() + target.sum())
            seen = weight > 0
            bins = (p[seen] * 999.999).long().numpy()
            truth = target[seen].numpy() > 0
            positive += np.bincount(bins[truth], minlength=1000)
            negative += np.bincount(bins[~truth], minlength=1000)
    hits, misses = positive[::-1].cumsum(), negative[::-1].cumsum()
    precision = hits / np.maximum(hits + misses, 1)
    return 2 * overlap / both, float((precision * positive[::-1]).sum() / max(hits[-1], 1))


def follow(mean, net, share):
    with torch.no_grad():
        for kept, now in zip(mean.state_dict().values(), net.state_dict().values()):
            if kept.dtype.is_floating_point:
                kept.lerp_(now, share)
            else:
                kept.copy_(now)


def save(net, folder):
    path = os.path.join(folder, "segment.model")
    with open(path + ".tmp", "wb") as file:
        file.write(network.file_bytes(net))
    os.replace(path + ".tmp", path)
    torch.save(net.state_dict(), os.path.join(folder, "segment.pt"))


def main():
    o = options()
    torch.set_num_threads(o.threads)
    torch.manual_seed(o.seed)
    rng = np.random.default_rng(o.seed)
    os.makedirs(o.out, exist_ok=True)
    net = network.Network().to(memory_format=torch.channels_last)
    mean = copy.deepcopy(net)
    print(sum(p.numel() for p in net.parameters()), "weights", flush=True)
    optimiser = torch.optim.AdamW(net.parameters(), o.rate, weight_decay=1e-3)
    scenes, held, best, start, losses = material.Material(o.train), None, -1.0, time.time(), []
    file = open(os.path.join(o.out, "log.csv"), "w", buffering=1)
    log = csv.writer(file, lineterminator="\n")
    log.writerow(["step", "scenes", "loss", "held_soft_dice", "held_average_precision", "seconds"])
    step, asked = 0, []
    signal.signal(signal.SIGUSR1, lambda *_: asked.append(True))
    while step < o.steps:
        step += 1
        if asked and step + o.decay < o.steps:
            o.steps = step + o.decay
            print("--steps", o.steps, flush=True)
        grown = o.first_scenes + (o.scenes - o.first_scenes) * min(1, step / o.scenes_by_step)
        scenes.grow(int(grown))
        warm = min(1, step / 100)
        fallen = max(0, 1 - (o.steps - step) / o.decay)
        rate = o.rate * warm * (0.5 + 0.5 * math.cos(math.pi * fallen)) + 1e-6
        for group in optimiser.param_groups:
            group["lr"] = rate
        crops = [material.tensors(*material.vary(material.draw(scenes, SIDE, rng), rng))
                 for _ in range(o.batch)]
        inputs, target, weight = batch_of(crops)
        inputs = inputs.contiguous(memory_format=torch.channels_last)
        net.train()
        with torch.autocast("cpu", torch.bfloat16):
            logits = net(inputs)
        loss = loss_of(logits.float(), target, weight)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimiser.step()
        follow(mean, net, max(0.005, 1 / (step + 1)))
        losses.append(loss.item())
        if step % 50 == 0:
            print(step, "%.4f" % np.mean(losses[-50:]), "%.0f s" % (time.time() - start), flush=True)
        if step % o.every == 0 or step == o.steps:
            held = held or held_back(o.held, o.held_scenes)
            dice, precision = evaluate(mean, held)
            row = [step, scenes.scenes, "%.4f" % np.mean(losses[-o.every:]), "%.4f" % dice,
                   "%.4f" % precision, "%.0f" % (time.time() - start)]
            print("held-back:", row, flush=True)
            log.writerow(row)
            if precision > best:
                best = precision
                save(mean, o.out)


main()
