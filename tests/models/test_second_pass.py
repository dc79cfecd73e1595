"""Saliency maps, hash codes and the stages. Runs where PyTorch is installed; skipped elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipes need PyTorch; the product does not")

from models.training import dermoscopy, familiarity, losses, saliency  # noqa: E402
from models.training.augment import Strength, artefacts, augment  # noqa: E402
from models.training.codes import Codes  # noqa: E402
from models.training.data import SIDE, fold_of  # noqa: E402
from models.training.dermoscopy import Workshop  # noqa: E402
from models.training.graph import Graph, check_agreement, write_graph  # noqa: E402
from models.training.network import Encoder, HashHead  # noqa: E402
from models.training.passes import Passes, join_codes  # noqa: E402
from models.training.whitening import Whitening  # noqa: E402
from tests.models.archives import write_archives  # noqa: E402
from tests.models.tiny_stages import tiny_stages  # noqa: E402


def test_a_guided_encoder_starts_as_the_rgb_one_whatever_the_map() -> None:
    torch.manual_seed(0)
    plain = Encoder("lite0", 7).eval()
    guided = Encoder("lite0", 7, bits=(16,), guided=True).eval()
    guided.start_from(plain.state_dict())
    pixels = torch.rand(2, 3, 64, 64) * 255
    expected = plain(pixels).embedding
    assert torch.allclose(guided(pixels).embedding, expected, atol=1e-5)
    assert torch.allclose(guided(pixels, torch.rand(2, 1, 64, 64)).embedding, expected, atol=1e-5)


def test_a_map_reaches_the_embedding_once_its_weights_are_not_zero() -> None:
    torch.manual_seed(0)
    guided = Encoder("lite0", 7, guided=True).eval()
    pixels, some = torch.rand(2, 3, 64, 64) * 255, torch.rand(2, 1, 64, 64)
    assert not torch.allclose(guided(pixels).embedding, guided(pixels, some).embedding, atol=1e-3)
    blank = torch.zeros(2, 1, 64, 64)
    assert torch.allclose(guided(pixels).embedding, guided(pixels, blank).embedding)


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(ValueError, match="another network"):
        Encoder("lite0", 7).start_from({"backbone.nonsense": torch.zeros(1)})


def test_the_map_turns_with_its_picture() -> None:
    """A bright square in the picture and in the map, which has fewer cells, stays on top of it."""
    pixels = torch.zeros(8, 3, 112, 112, dtype=torch.uint8)
    maps = torch.zeros(8, 1, 28, 28, dtype=torch.uint8)
    pixels[:, :, 16:48, 60:92], maps[:, :, 4:12, 15:23] = 255, 255
    still = Strength(light=0, colour=0, blur=0, hair=0, erase=0)
    torch.manual_seed(3)
    x, moved = augment(pixels, 112, still, artefacts(0, pixels.device), maps)
    assert moved is not None and moved.shape == (8, 1, 112, 112)
    bright, marked = x[:, 0] > 128, moved[:, 0] > 0.5
    assert (bright & marked).sum() > 0.85 * (bright | marked).sum()
    assert (bright[0] ^ bright[1]).any(), "they were all moved alike"


def test_the_loss_of_codes_wants_decided_balanced_and_telling_bits() -> None:
    prior, labels = torch.tensor([0.5, 0.5]), torch.tensor([0, 1, 0, 1])
    telling = torch.tensor([[10.0, -10], [-10, 10], [10, -10], [-10, 10]])
    good = torch.tensor([[1.0, -1], [-1, 1], [1, -1], [-1, 1]])
    best = losses.hashing(good, telling, labels, prior)
    assert losses.hashing(0.3 * good, telling, labels, prior) > best, "undecided"
    assert losses.hashing(good.abs(), telling, labels, prior) > best, "always the same bit"
    assert losses.hashing(good, -telling, labels, prior) > best, "wrong"


def test_codes_learn_to_tell_classes() -> None:
    torch.manual_seed(0)
    directions = torch.nn.functional.normalize(torch.randn(3, 256), dim=1)
    labels = torch.arange(96) % 3
    embedding = torch.nn.functional.normalize(directions[labels] + 0.03 * torch.randn(96, 256))
    head = HashHead(16, 3)
    optimiser = torch.optim.Adam(head.parameters(), 1e-2)
    for _ in range(100):
        code = head(embedding)
        loss = losses.hashing(code, head.logits(code), labels, torch.full((3,), 1 / 3))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    bits = (head(embedding) > 0).float()
    apart = torch.cdist(bits, bits, p=1)
    same = labels[:, None] == labels[None]
    assert 4 * apart[same].mean() < apart[~same].mean()


def test_the_likeliest_map_peaks_at_one() -> None:
    torch.manual_seed(0)
    encoder = Encoder("lite0", 7).eval()
    described = encoder(torch.rand(3, 3, 96, 96) * 255)
    one = saliency.likeliest_map(encoder.class_terms(described), described.logits)
    assert one.shape == (3, 1, 3, 3)
    assert one.min() >= 0 and one.amax((1, 2, 3)).tolist() == pytest.approx([1, 1, 1])


def passes(*, guided: bool = True, joined: bool = False) -> Passes:
    """Small networks with random weights."""
    torch.manual_seed(0)
    first = Encoder("lite0", 7, side=96)
    second = Encoder("lite0", 7, bits=(16, 64), guided=guided, side=96)
    return Passes([second, first] if joined else [second], first if guided else None)


@torch.no_grad()
def test_the_first_pass_decides_the_map_of_the_second() -> None:
    both = passes()
    assert both.first is not None
    pixels = torch.rand(2, 3, 96, 96) * 255
    seen = both(pixels)
    first = both.first(pixels)
    guide = saliency.likeliest_map(both.first.class_terms(first), first.logits)
    assert torch.equal(seen.saliency, guide[:, 0])
    by_hand = both.joined[0](pixels, saliency.enlarged(guide, 96))
    assert torch.allclose(seen.embedding, by_hand.embedding, atol=1e-5)
    assert not torch.allclose(seen.embedding, both.joined[0](pixels).embedding, atol=1e-3)


@torch.no_grad()
def test_the_map_goes_the_way_of_the_training_maps() -> None:
    """By way of the kept grid: what `maps_of` writes and `describe` enlarges, but for rounding."""
    torch.manual_seed(0)
    first = Encoder("lite0", 7).eval()
    picture = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    kept = saliency.maps_of(first, [picture], 64)
    described = first(torch.from_numpy(picture).permute(2, 0, 1)[None].float())
    guide = saliency.likeliest_map(first.class_terms(described), described.logits)
    theirs = torch.nn.functional.interpolate(
        torch.from_numpy(kept)[:, None].float() / 255, (96, 96), mode="bilinear"
    )
    assert torch.allclose(saliency.enlarged(guide, 96), theirs, atol=0.5 / 255 + 1e-5)


def test_a_first_network_looks_only_where_it_guides() -> None:
    plain, guided = Encoder("lite0", 7), Encoder("lite0", 7, guided=True)
    for encoder, first in ((plain, plain), (guided, None)):
        with pytest.raises(ValueError, match="looks first"):
            Passes([encoder], first)


@pytest.mark.parametrize("guided", [True, False])
@torch.no_grad()
def test_joined_networks_weigh_the_same(guided: bool) -> None:
    both = passes(guided=guided, joined=True)
    second, first = both.joined
    pixels = torch.rand(3, 3, 96, 96) * 255
    seen = both(pixels)
    assert seen.embedding.shape == (3, 512) and (seen.saliency is not None) == guided
    alone = first(pixels)
    assert torch.allclose(seen.embedding[:, 256:] * 2**0.5, alone.embedding, atol=1e-5)
    other = Passes([second], first if guided else None)(pixels)
    assert torch.allclose(seen.logits, (alone.logits + other.logits) / 2, atol=1e-5)
    # Both stay sums over positions.
    assert torch.allclose(seen.terms.mean((2, 3)), seen.logits, atol=1e-4)
    assert torch.allclose(seen.feature_map.mean((2, 3)), seen.embedding, atol=1e-5)


def test_codes_take_equal_shares_of_the_networks_that_have_any() -> None:
    one, other = ({bits: torch.full((2, bits), v) for bits in (16, 32)} for v in (1.0, 2.0))
    joined = join_codes([one, {}, other])
    assert torch.equal(joined[16], one[16]), "no network has a head of 8 bits"
    assert joined[32].tolist() == [[1.0] * 16 + [2.0] * 16] * 2
    assert join_codes([{}, {}]) == {}


@pytest.mark.parametrize(
    ("guided", "joined", "fitted"),
    [(True, True, True), (True, False, False), (False, False, True)],
)
@pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning")
@torch.no_grad()
def test_the_graph_is_the_networks(
    guided: bool, joined: bool, fitted: bool, tmp_path: Path
) -> None:
    both = passes(guided=guided, joined=joined)
    pixels = np.random.default_rng(1).integers(0, 256, (6, 64, 64, 3), dtype=np.uint8)
    seen = both(torch.from_numpy(pixels).permute(0, 3, 1, 2).float())
    many = seen.embedding.repeat(100, 1)
    many = many + 0.1 * torch.randn(many.shape)
    early = familiarity.statistics(seen.early).repeat(100, 1)
    score = familiarity.Unfamiliarity(early + torch.randn(early.shape), many, ["a"] * 600)
    whitening = Whitening(many, 0.5, 256)
    codes = None
    if fitted:
        labels = torch.arange(len(many)) % 3
        codes = Codes(whitening.embed(many), labels, both.bits)
    graph = Graph(both, whitening, score, codes)
    assert ("saliency" in graph.output_names) == guided
    write_graph(graph, 64, tmp_path / "graph.onnx")
    assert check_agreement(graph, tmp_path / "graph.onnx", pixels) < 1e-4
    packed = graph(torch.from_numpy(pixels))[graph.output_names.index("code")].numpy()
    relaxed = graph.relaxed(seen, whitening.embed(seen.embedding))
    assert packed.shape == (6, 10)
    assert (np.unpackbits(packed, axis=1) == (relaxed > 0).numpy()).all()
    own = torch.cat([seen.codes[16], seen.codes[64]], 1)
    assert torch.equal(relaxed, own) != fitted


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """A workshop with nine tiny pictures, whose stages last one step or two."""
    stages = tiny_stages(batch=2)
    guided = stages["guided"]
    config = replace(guided.config, outline=0.5, mix=0.5)
    stages["outlined"] = replace(guided, config=config)
    monkeypatch.setattr(dermoscopy, "STAGES", stages)
    return Workshop(write_archives(tmp_path / "data", 8), tmp_path / "out")


def test_stages_build_on_one_another_and_are_run_once(
    workshop: Workshop, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in dermoscopy.STAGES:
        workshop.run(name)
    capsys.readouterr()
    workshop.run("guided")
    assert capsys.readouterr().out == "", "a finished stage was run again"
    encoder = workshop.encoder("guided")
    assert encoder.guided and set(encoder.hashes) == {"16", "32", "64", "128"}
    plane = encoder.backbone._conv_stem.weight[:, 3]
    assert plane.abs().max() > 0, "nothing was learned from the map"


def test_before_a_second_pass_come_the_first_its_halves_and_what_it_starts_from() -> None:
    assert dermoscopy.leading_to(["guided"]) == [
        "first", "first-without-0", "first-without-1", "large", "guided",
    ]  # fmt: skip
    assert dermoscopy.leading_to(["rgb", "second"]) == ["large", "second", "rgb"]
    assert dermoscopy.leading_to(["blank"]) == ["large", "blank"]


def test_a_finished_stage_needs_nothing_before_it() -> None:
    assert dermoscopy.leading_to(["guided", "second"], ["guided"]) == ["second", "guided"]
    assert dermoscopy.leading_to(["guided"], ["large"])[-2:] == ["large", "guided"]


def test_training_maps_come_from_networks_that_never_saw_the_lesion(workshop: Workshop) -> None:
    n = len(workshop.pictures.records)
    for value, name in enumerate(("first", "first-without-0", "first-without-1"), start=1):
        (workshop.out / name).mkdir(parents=True)
        np.save(
            workshop.out / name / f"maps-{dermoscopy.GUIDED.side}.npy",
            np.full((n, 28, 28), value, np.uint8),
        )
    maps = workshop.maps("map")
    for record, one in zip(workshop.pictures.records, maps, strict=True):
        expected = 2 + fold_of(record.group) if record.split == "train" else 1
        assert (one == expected).all()
    assert (workshop.maps("map", in_product=True) == 1).all()


def test_masks_lie_where_the_lesion_is(workshop: Workshop) -> None:
    masks = workshop.maps("mask")
    for record, mask in zip(workshop.pictures.records, masks, strict=True):
        assert mask[4:10, 4:10].min() == (255 if record.source == "ham10000" else 0)
        assert mask[20:].max() == 0
    assert workshop.pictures.pixels.shape[1] == SIDE
