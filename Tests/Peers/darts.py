"""The supernet of DARTS for CIFAR, as `toponas search --space darts --no-simplify` builds it."""
import torch
import torch.nn as nn
import torch.nn.functional as F

from layers import ConvNorm, average_pool, mixture, search_norm, total

CANDIDATES = ("none", "max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3",
              "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5")
EDGES = [(source, target) for target in range(2, 6) for source in range(target)]


def depthwise(channels, kernel, stride=1, dilation=1):
    padding = dilation * (kernel // 2)
    return nn.Conv2d(
        channels, channels, kernel, stride, padding, dilation, groups=channels, bias=False)


def pointwise(channels):
    return nn.Conv2d(channels, channels, 1, bias=False)


class PooledNorm(nn.Module):
    def __init__(self, channels, pool):
        super().__init__()
        self.pool = pool
        self.bn = search_norm(channels)

    def forward(self, x):
        return self.bn(self.pool(x))


class Separable(nn.Module):
    """ReLU, depthwise, pointwise, batch norm, twice; the stride is in the first half."""

    def __init__(self, channels, kernel, stride, norm=search_norm):
        super().__init__()
        self.dw1, self.pw1 = depthwise(channels, kernel, stride), pointwise(channels)
        self.bn1 = norm(channels)
        self.dw2, self.pw2 = depthwise(channels, kernel), pointwise(channels)
        self.bn2 = norm(channels)

    def forward(self, x):
        x = self.bn1(self.pw1(self.dw1(F.relu(x))))
        return self.bn2(self.pw2(self.dw2(F.relu(x))))


class Dilated(nn.Module):
    """ReLU, depthwise of dilation 2, pointwise, batch norm."""

    def __init__(self, channels, kernel, stride, norm=search_norm):
        super().__init__()
        self.dw, self.pw = depthwise(channels, kernel, stride, dilation=2), pointwise(channels)
        self.bn = norm(channels)

    def forward(self, x):
        return self.bn(self.pw(self.dw(F.relu(x))))


def halving_kernels(inputs, outputs):
    """Two 1x1 convolutions of stride 2, to half of the channels each."""
    return (nn.Conv2d(inputs, width, 1, stride=2, bias=False)
            for width in (outputs // 2, outputs - outputs // 2))


def halved(x, even, odd):
    """Every second pixel through `even`, those one down and right of them through `odd`."""
    return torch.cat([even(x), odd(x[:, :, 1:, 1:])], dim=1)


class HalvingSkip(nn.Module):
    """The skip connection where the image is halved."""

    def __init__(self, channels, norm=search_norm):
        super().__init__()
        even, odd = halving_kernels(channels, channels)
        self.fr = nn.ModuleDict({"even": even, "odd": odd})
        self.bn = norm(channels)

    def forward(self, x):
        return self.bn(halved(F.relu(x), **self.fr))


class MixedEdge(nn.Module):
    """All candidates, weighted."""

    def __init__(self, channels, stride):
        super().__init__()
        self.max_pool_3x3 = PooledNorm(channels, nn.MaxPool2d(3, stride, 1))
        self.avg_pool_3x3 = PooledNorm(channels, lambda x: average_pool(x, stride))
        self.skip_connect = nn.Identity() if stride == 1 else HalvingSkip(channels)
        self.sep_conv_3x3 = Separable(channels, 3, stride)
        self.sep_conv_5x5 = Separable(channels, 5, stride)
        self.dil_conv_3x3 = Dilated(channels, 3, stride)
        self.dil_conv_5x5 = Dilated(channels, 5, stride)

    def forward(self, x, weights):
        candidates = [getattr(self, name) for name in CANDIDATES[1:]]
        return mixture(weights, enumerate(candidates, start=1), x)


class Preprocessing(nn.Module):
    """ReLU, a 1x1 convolution (behind a reduction cell two that halve the image), batch norm."""

    def __init__(self, inputs, outputs, halving, norm=search_norm):
        super().__init__()
        self.kernels = nn.ModuleList(
            halving_kernels(inputs, outputs) if halving
            else [nn.Conv2d(inputs, outputs, 1, bias=False)])
        self.bn = norm(outputs)

    def forward(self, x):
        x = F.relu(x)
        return self.bn(halved(x, *self.kernels) if len(self.kernels) == 2 else self.kernels[0](x))


class Cell(nn.Module):
    """Two inputs, four nodes, their concatenation; a reduction cell halves what its inputs give."""

    def __init__(self, inputs, channels, is_reduction, follows_reduction):
        super().__init__()
        self.is_reduction = is_reduction
        self.input0 = Preprocessing(inputs[0], channels, halving=follows_reduction)
        self.input1 = Preprocessing(inputs[1], channels, halving=False)
        for source, target in EDGES:
            stride = 2 if is_reduction and source < 2 else 1
            self.add_module(f"edge{source}to{target}", MixedEdge(channels, stride))

    def forward(self, before_last, last, weights):
        nodes = [self.input0(before_last), self.input1(last)]
        for target in range(2, 6):
            nodes.append(total(
                getattr(self, f"edge{source}to{target}")(nodes[source], weights[row])
                for row, (source, end) in enumerate(EDGES) if end == target))
        return torch.cat(nodes[2:], dim=1)


class Supernet(nn.Module):
    """Class scores [N, classes] of images [N, 3, 32, 32]."""

    def __init__(self, channels=16, cells=8, classes=10):
        super().__init__()
        self.alpha = nn.ParameterDict({
            kind: nn.Parameter(1e-3 * torch.randn(len(EDGES), len(CANDIDATES)))
            for kind in ("normal", "reduction")})
        self.stem = ConvNorm(3, 3 * channels, 3)
        self.cells = nn.ModuleList()
        widths, follows_reduction = [3 * channels, 3 * channels], False
        for index in range(cells):
            is_reduction = index in (cells // 3, 2 * cells // 3)
            channels *= 2 if is_reduction else 1
            self.cells.append(Cell(widths[-2:], channels, is_reduction, follows_reduction))
            widths.append(4 * channels)
            follows_reduction = is_reduction
        self.classifier = nn.Linear(widths[-1], classes)

    def architecture_parameters(self):
        return [self.alpha["normal"], self.alpha["reduction"]]

    def forward(self, images):
        normal, reduction = (F.softmax(a, dim=-1) for a in self.architecture_parameters())
        before_last = last = self.stem(images)
        for cell in self.cells:
            weights = reduction if cell.is_reduction else normal
            before_last, last = last, cell(before_last, last, weights)
        return self.classifier(last.mean((2, 3)))
