"""The n-gram encoder and its train step in plain PyTorch: what `training.py` compares ours with.

The same parameters, losses, dropout, clipping, schedule and optimizer family as
`lvmh_jax/models/ngram.py` and `lvmh_jax/train/`, written as a PyTorch user would write them: an
eager loop over the steps, no compiler. Plain, phrases and
contexts are padded tensors; packed, it is given the trick of our step, which lists the words that
are there. Its first loss equals ours to 1e-4 with dropout off, and so do its later ones under the
same optimizer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lvmh_jax.config import Settings, TrainSettings
from lvmh_jax.train.optimizers import EPSILON

DENSE, BAG, SPARSE = "gathered rows", "EmbeddingBag", "EmbeddingBag, sparse"
NORM_EPSILON = 1e-6  # of flax.linen.LayerNorm; PyTorch's own is 1e-5


@dataclass(frozen=True)
class Variant:
    """A way to write the loop: `kind` of look-up with its optimizer, padded or packed words."""

    kind: str
    is_packed: bool

    @property
    def name(self) -> str:
        """As the table of results says it.

        >>> Variant(BAG, True).name
        'EmbeddingBag, packed'
        """
        return f"{self.kind}, packed" if self.is_packed else self.kind


VARIANTS = tuple(Variant(kind, packed) for packed in (False, True) for kind in (DENSE, BAG, SPARSE))


class Twin(nn.Module):
    """The encoder, and the loss of a batch.

    Attributes:
      variant: how words are listed, and rows of the table read.
      material: integer and float tensors by the names of `lvmh_jax.train.step.Material`.
    """

    def __init__(
        self,
        params: Mapping[str, Any],
        material: Mapping[str, np.ndarray],
        settings: Settings,
        variant: Variant,
    ) -> None:
        super().__init__()
        self.settings, self.variant = settings, variant
        self.material = {name: _to_tensor(array) for name, array in material.items()}
        table_VD = np.array(params["table"], np.float32)
        # Row 0 is padding: ours masks it, PyTorch's way is a row of zeros without a gradient.
        table_VD[0] = 0.0
        self.table = nn.Parameter(torch.from_numpy(table_VD))
        self.gate, self.up, self.down = (_dense(params[name]) for name in ("gate", "up", "down"))
        self.context_up, self.context_down = (
            _dense(params[name]) for name in ("context_up", "context_down")
        )
        self.norm = nn.LayerNorm(table_VD.shape[1], eps=NORM_EPSILON)
        with torch.no_grad():
            self.norm.weight.copy_(_to_tensor(params["norm"]["scale"]))
            self.norm.bias.copy_(_to_tensor(params["norm"]["bias"]))
        self.classes, self.scale, self.bias = (
            nn.Parameter(_to_tensor(params[name])) for name in ("classes", "scale", "bias")
        )

    def sum_rows(self, rows_NF: Tensor) -> Tensor:
        """Sums of rows of the table, padding left out; float32 sums_ND."""
        if self.variant.kind == DENSE:
            return F.embedding(rows_NF, self.table, padding_idx=0).sum(-2)
        is_sparse = self.variant.kind == SPARSE
        return F.embedding_bag(rows_NF, self.table, mode="sum", sparse=is_sparse, padding_idx=0)

    def embed_tokens(self, grams_NF: Tensor, rarity_N: Tensor) -> Tensor:
        """Token vectors, gated by rarity and by what they say; float32 tokens_ND."""
        count_N1 = (grams_NF > 0).sum(-1, keepdim=True).clamp(min=1)
        tokens_ND = self.sum_rows(grams_NF) * count_N1.rsqrt()
        return tokens_ND * (2.0 * torch.sigmoid(self.gate(tokens_ND))) * rarity_N[:, None]

    def sum_words(
        self, phrases_NT: Tensor, pairs_NT: Tensor, around_MR: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Sums of the vectors of phrases and of contexts; float32."""
        sum_all = self._sum_packed if self.variant.is_packed else self._sum_padded
        return sum_all(phrases_NT, pairs_NT, around_MR)

    def _sum_padded(
        self, phrases_NT: Tensor, pairs_NT: Tensor, around_MR: Tensor
    ) -> tuple[Tensor, Tensor]:
        own, weight = self.material, self.settings.model.pair_weight
        is_several_N1 = (phrases_NT > 0).sum(1, keepdim=True) > 1
        grams_LF, pairs_L = drop_grams(
            own["grams_VF"][phrases_NT.flatten()],
            pairs_NT.flatten(),
            is_several_N1.expand_as(phrases_NT).flatten(),
            self.settings.train.gram_dropout,
        )
        tokens_LD = self.embed_tokens(grams_LF, own["rarity_V"][phrases_NT].flatten())
        sums_ND = tokens_LD.unflatten(0, phrases_NT.shape).sum(1)
        sums_ND = sums_ND + weight * self.sum_rows(pairs_L.view_as(pairs_NT))
        around_W = around_MR.flatten()
        around_WD = self.embed_tokens(own["grams_VF"][around_W], own["rarity_V"][around_W])
        return sums_ND, around_WD.unflatten(0, around_MR.shape).sum(1)

    def _sum_packed(
        self, phrases_NT: Tensor, pairs_NT: Tensor, around_MR: Tensor
    ) -> tuple[Tensor, Tensor]:
        own, train = self.material, self.settings.train
        row_L, place_L = (phrases_NT > 0).nonzero(as_tuple=True)
        around_row_W, around_place_W = (around_MR > 0).nonzero(as_tuple=True)
        tokens_L = phrases_NT[row_L, place_L]
        is_several_L = (phrases_NT > 0).sum(1)[row_L] > 1
        grams_LF, pairs_L = drop_grams(
            own["grams_VF"][tokens_L], pairs_NT[row_L, place_L], is_several_L, train.gram_dropout
        )
        around_W = around_MR[around_row_W, around_place_W]
        # One look at the table for phrases and contexts.
        grams_WF = torch.cat([grams_LF, own["grams_VF"][around_W]])
        tokens_WD = self.embed_tokens(grams_WF, own["rarity_V"][torch.cat([tokens_L, around_W])])
        pairs_LD = self.settings.model.pair_weight * self.sum_rows(pairs_L[:, None])
        words, width = len(tokens_L), tokens_WD.shape[1]
        sums_ND = tokens_WD.new_zeros(len(phrases_NT), width)
        sums_ND = sums_ND.index_add(0, row_L, tokens_WD[:words] + pairs_LD)
        sums_MD = tokens_WD.new_zeros(len(around_MR), width)
        return sums_ND, sums_MD.index_add(0, around_row_W, tokens_WD[words:])

    def project(self, sums_ND: Tensor) -> Tensor:
        """Unit vectors of phrases from the sums of their words; float32 vectors_ND."""
        hidden_NH, open_NH = self.up(self.norm(sums_ND)).chunk(2, dim=-1)
        mixed_ND = _unit(sums_ND) + self.down(hidden_NH * F.silu(open_NH))
        spoken_N1 = (sums_ND**2).sum(-1, keepdim=True) > 0
        return torch.where(spoken_N1, _unit(mixed_ND), 0.0)

    def score(self, vectors_ND: Tensor) -> Tensor:
        """Logits over concepts and, last, "no known concept"; float32 logits_NC."""
        return torch.addmm(self.bias, self.scale * vectors_ND, _unit(self.classes).T)

    def score_context(self, sums_MD: Tensor) -> Tensor:
        """Logits of the words around masked mentions; float32 logits_MC."""
        logits_MC = self.context_down(F.silu(self.context_up(_unit(sums_MD))))
        return self.score(logits_MC) if self.settings.model.tied_contexts else logits_MC

    def forward(
        self, alias_BK: Tensor, weight_BK: Tensor, unlabelled_BD: Tensor, context_BD: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The loss of a batch, and what our step counts: loss, rows, right aliases, aliases."""
        own, train = self.material, self.settings.train
        alias_L, unlabelled_L = alias_BK.flatten(), unlabelled_BD.flatten()
        tokens_NT = torch.cat([own["alias_AT"][alias_L], own["unlabelled_UT"][unlabelled_L]])
        pairs_NT = torch.cat(
            [own["alias_pairs_AT"][alias_L], own["unlabelled_pairs_UT"][unlabelled_L]]
        )
        context_L = context_BD.flatten()
        sums_ND, sums_MD = self.sum_words(tokens_NT, pairs_NT, own["context_MR"][context_L])
        logits_NC = self.score(self.project(sums_ND))
        known_LC, nothing_MC = logits_NC[: len(alias_L)], logits_NC[len(alias_L) :]
        label_L = own["concept_A"][alias_L]
        loss_BK = F.cross_entropy(known_LC, label_L, reduction="none").view_as(weight_BK)
        alias_B = (loss_BK * weight_BK).mean(1)
        nothing_M = torch.full((len(nothing_MC),), logits_NC.shape[1] - 1)
        nil = F.cross_entropy(nothing_MC, nothing_M)
        context_LC = self.score_context(sums_MD)
        context = F.cross_entropy(context_LC, own["concept_M"][context_L])
        total = alias_B.mean() + train.nil_weight * own["has_unlabelled"] * nil
        total = total + train.context_weight * own["has_contexts"] * context
        with torch.no_grad():
            right_L = known_LC[:, :-1].argmax(-1) == label_L
            right = (right_L * weight_BK.flatten()).sum()
            shown = weight_BK.sum()
            counts = torch.stack([alias_B.sum(), shown / weight_BK.shape[1], right, shown])
        return total, counts


class RowwiseAdagrad(torch.optim.Optimizer):
    """Adagrad with one accumulator per row, like `lvmh_jax.train.optimizers.rowwise_adagrad`."""

    def __init__(self, params: Iterable[Tensor], lr: float) -> None:
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:
        """Moves the rows against their gradients."""
        del closure
        for group in self.param_groups:
            for param in group["params"]:
                state = self.state[param]
                if not state:
                    state["sums"] = torch.full((len(param), 1), EPSILON)
                sums_V1 = state["sums"].add_(param.grad.square().mean(-1, keepdim=True))
                param.addcdiv_(param.grad, sums_V1.sqrt(), value=-group["lr"])


def _build_rowwise(table: Tensor, train: TrainSettings) -> torch.optim.Optimizer:
    return RowwiseAdagrad([table], train.learning_rate * train.table_rate)


def _build_sparse_adam(table: Tensor, train: TrainSettings) -> torch.optim.Optimizer:
    # Adam's steps are as long as its rate, whatever the gradient: 200 times it would be absurd.
    return torch.optim.SparseAdam([table], train.learning_rate)


class Loop:
    """Steps of a twin: loss, gradients, clipping, two optimizers, schedule."""

    def __init__(self, twin: Twin, schedule: Callable[[int], float]) -> None:
        train = twin.settings.train
        self.twin, self.train = twin, train
        rest = [param for name, param in twin.named_parameters() if name != "table"]
        is_sparse = twin.variant.kind == SPARSE
        build = _build_sparse_adam if is_sparse else _build_rowwise
        self.optimizers = [build(twin.table, train), _build_adam(rest, train)]
        self.schedulers = [
            torch.optim.lr_scheduler.LambdaLR(optimizer, schedule) for optimizer in self.optimizers
        ]

    def run(self, batches: Sequence[tuple[Tensor, ...]]) -> np.ndarray:
        """Trains a step a batch; float32 counts_S4, read once at the end."""
        counts = []
        for batch in batches:
            for optimizer in self.optimizers:
                optimizer.zero_grad(set_to_none=True)
            loss, counts_4 = self.twin(*batch)
            loss.backward()
            clip_gradients(list(self.twin.parameters()), self.train.clip_norm)
            for optimizer, scheduler in zip(self.optimizers, self.schedulers, strict=True):
                optimizer.step()
                scheduler.step()
            counts.append(counts_4)
        return torch.stack(counts).numpy()


def _build_adam(params: list[Tensor], train: TrainSettings) -> torch.optim.Optimizer:
    # Fused: the fastest that PyTorch has on CPU.
    return torch.optim.AdamW(
        params, train.learning_rate, weight_decay=train.weight_decay, fused=True
    )


@torch.no_grad()
def clip_gradients(params: list[Tensor], most: float) -> None:
    """Clips all gradients, including sparse ones, to a global norm of at most `most`.

    `nn.utils.clip_grad_norm_` cannot do this: a row that was read twice has two entries until they
    are summed.
    """
    values = []
    for param in params:
        if param.grad is None:
            continue
        if param.grad.is_sparse:
            param.grad = param.grad.coalesce()
        values.append(param.grad.values() if param.grad.is_sparse else param.grad)
    lengths = torch.stack([torch.linalg.vector_norm(value) for value in values])
    factor = (most / torch.linalg.vector_norm(lengths)).clamp(max=1.0)
    for value in values:
        value.mul_(factor)


def drop_grams(
    grams_LF: Tensor, pairs_L: Tensor, is_several_L: Tensor, rate: float
) -> tuple[Tensor, Tensor]:
    """Random dropout of grams, pairs and whole words, like `lvmh_jax.train.losses.drop_grams`."""
    grams = grams_LF.shape[-1]
    drawn_LF = torch.rand(len(grams_LF), grams + 2)
    only_gram_L1 = (grams_LF > 0).sum(-1, keepdim=True) == 1
    keep_LF = (drawn_LF[:, :grams] >= rate) | only_gram_L1
    keep_L = (drawn_LF[:, grams] >= rate / 3) | ~is_several_L
    keep_pairs_L = keep_L & (drawn_LF[:, grams + 1] >= rate)
    return grams_LF * (keep_LF & keep_L[:, None]), pairs_L * keep_pairs_L


def to_batches(plan: tuple[np.ndarray, ...]) -> list[tuple[Tensor, ...]]:
    """Converts a plan (`lvmh_jax.train.fit.plan_batches`) to batches, one tuple of tensors each."""
    return list(zip(*(_to_tensor(each).unbind(0) for each in plan), strict=True))


def _to_tensor(array: Any) -> Tensor:
    """A copy; indices as int64, which is what PyTorch indexes with."""
    own = np.array(array)
    return torch.from_numpy(own.astype(np.int64) if own.dtype.kind == "i" else own)


def _dense(params: Mapping[str, Any]) -> nn.Linear:
    kernel = _to_tensor(params["kernel"])
    layer = nn.Linear(*kernel.shape)
    with torch.no_grad():
        layer.weight.copy_(kernel.T)
        layer.bias.copy_(_to_tensor(params["bias"]))
    return layer


def _unit(x_ND: Tensor) -> Tensor:
    return x_ND * torch.rsqrt((x_ND**2).sum(-1, keepdim=True) + 1e-12)
