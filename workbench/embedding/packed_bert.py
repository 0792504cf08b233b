"""A BERT's forward pass over texts of unlike lengths, laid end to end: no padding, so no mask, and no work on nothing.

Layers of numbers and norms see one row a token; only attention is done apart for each length. The sums are those of
transformers' BertModel (Devlin et al. 2019) with the mean of the last layer as a text's vector; on one thread, that vector
is the same to the last bit whatever else is in the batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor, dtype

TOKENS = 4096
"""Tokens of a batch, of whatever lengths. From 1,024 to 16,384 the time is the same within a twentieth; memory grows."""


@dataclass(frozen=True)
class _Linear:
    weight: Tensor
    """(out, in), in oneDNN's own layout where `packed`."""
    bias: Tensor
    """(out,)"""
    packed: bool
    """Whether the layer runs in oneDNN with what follows it (GELU, the sum with the residual) in one pass over memory."""

    def apply(self, rows: Tensor, gelu: bool = False) -> Tensor:
        """The layer's output, through GELU where asked."""
        import torch

        if self.packed:
            then, how = ("gelu", "none") if gelu else ("none", "")
            result: Tensor = torch.ops.mkldnn._linear_pointwise(rows, self.weight, self.bias, then, [], how)
            return result
        rows = torch.nn.functional.linear(rows, self.weight, self.bias)
        return torch.nn.functional.gelu(rows) if gelu else rows

    def apply_and_add(self, rows: Tensor, residual: Tensor) -> Tensor:
        """The layer's output and the residual, summed."""
        import torch

        if self.packed:
            result: Tensor = torch.ops.mkldnn._linear_pointwise.binary(rows, residual, self.weight, self.bias, "add")
            return result
        return torch.nn.functional.linear(rows, self.weight, self.bias) + residual


@dataclass(frozen=True)
class _Norm:
    weight: Tensor
    """(width,)"""
    bias: Tensor
    """(width,)"""
    epsilon: float
    """Added to the variance."""

    def apply(self, rows: Tensor) -> Tensor:
        import torch

        return torch.nn.functional.layer_norm(rows, self.weight.shape, self.weight, self.bias, self.epsilon)


@dataclass(frozen=True)
class _Layer:
    attention: _Linear
    """Queries, keys and values as one: (3 × width, width)."""
    mixed: _Linear
    """What attention gathered, back into the residual."""
    mixed_norm: _Norm
    """The norm after it."""
    widened: _Linear
    """The first half of the feed-forward net."""
    narrowed: _Linear
    """Its second half."""
    norm: _Norm
    """The norm after it."""


class PackedBert:
    """The weights of a BERT in a precision, ready for batches without padding.

    `weights` are those of transformers' BertModel by their names in its files; `heads` and `epsilon` stand in its config.
    `fused` lets oneDNN do GELU and residual sums with the layers before them: a quarter to a fifth less time in float32, a
    tenth in bfloat16, but through operators that torch keeps for its own compiler; RuntimeError or AttributeError where this
    build of torch or this processor has them not.
    """

    def __init__(self, weights: Mapping[str, Tensor], heads: int, epsilon: float, precision: str, fused: bool) -> None:
        import torch

        self._precision: dtype = getattr(torch, precision)
        self._fused, self._heads, self._epsilon = fused, heads, epsilon
        with torch.inference_mode():
            self._words = self._weight(weights["embeddings.word_embeddings.weight"])
            # All tokens are of the first segment: its row is part of every place's.
            places = weights["embeddings.position_embeddings.weight"]
            self._places = self._weight(places + weights["embeddings.token_type_embeddings.weight"][0])
            self._norm = self._norm_of(weights, "embeddings.LayerNorm")
            layers = {name.split(".")[2] for name in weights if name.startswith("encoder.layer.")}
            self._layers = [self._layer(weights, f"encoder.layer.{number}.") for number in range(len(layers))]

    @classmethod
    def of(cls, bert: Any, precision: str, fused: bool) -> PackedBert:
        """Of a loaded transformers model for which `fits` holds."""
        config = bert.config
        return cls(bert.state_dict(), config.num_attention_heads, config.layer_norm_eps, precision, fused)

    @staticmethod
    def fits(bert: Any) -> bool:
        """Whether a transformers model is a plain BERT: an encoder with absolute places and exact GELU."""
        if type(bert).__name__ != "BertModel":
            return False
        config = bert.config
        return (
            config.hidden_act == "gelu"
            and getattr(config, "position_embedding_type", "absolute") == "absolute"
            and not getattr(config, "is_decoder", False)
        )

    @property
    def width(self) -> int:
        """The numbers of a vector."""
        return int(self._words.shape[1])

    @property
    def longest(self) -> int:
        """The tokens of the longest text that it has places for."""
        return int(self._places.shape[0])

    def vectors(self, batch: Sequence[Sequence[int]]) -> Tensor:
        """The mean of the last layer over each text's tokens: (texts, width) float32, not of unit length.

        `batch` holds the token ids of each text, with those that the model's tokenizer puts around it; texts of one length
        must follow each other.
        """
        import torch

        with torch.inference_mode():
            lengths = torch.tensor([len(ids) for ids in batch])
            ids = torch.tensor([token for ids in batch for token in ids])
            places = torch.cat([torch.arange(length) for length in lengths.tolist()])
            rows = self._norm.apply(self._words[ids] + self._places[places])
            groups = _groups(lengths)
            for layer in self._layers:
                mixed = self._attention(layer.attention.apply(rows), groups)
                rows = layer.mixed_norm.apply(layer.mixed.apply_and_add(mixed, rows))
                rows = layer.norm.apply(layer.narrowed.apply_and_add(layer.widened.apply(rows, gelu=True), rows))
            width = rows.shape[1]
            return torch.cat([rows[begin:end].view(-1, length, width).float().mean(1) for begin, end, length in groups])

    def _attention(self, rows: Tensor, groups: Sequence[tuple[int, int, int]]) -> Tensor:
        """Each token's values of its own text (Vaswani et al. 2017): (tokens, width) from (tokens, 3 × width)."""
        import torch

        width = rows.shape[1] // 3
        mixed = []
        for begin, end, length in groups:
            by_head = rows[begin:end].view(-1, length, 3, self._heads, width // self._heads).permute(2, 0, 3, 1, 4)
            values = torch.nn.functional.scaled_dot_product_attention(by_head[0], by_head[1], by_head[2])
            mixed.append(values.transpose(1, 2).reshape(end - begin, width))
        return torch.cat(mixed)

    def _layer(self, weights: Mapping[str, Tensor], layer: str) -> _Layer:
        import torch

        own = [f"{layer}attention.self.{name}" for name in ("query", "key", "value")]
        return _Layer(
            self._linear(
                torch.cat([weights[f"{name}.weight"] for name in own]),
                torch.cat([weights[f"{name}.bias"] for name in own]),
            ),
            self._linear_of(weights, f"{layer}attention.output.dense"),
            self._norm_of(weights, f"{layer}attention.output.LayerNorm"),
            self._linear_of(weights, f"{layer}intermediate.dense"),
            self._linear_of(weights, f"{layer}output.dense"),
            self._norm_of(weights, f"{layer}output.LayerNorm"),
        )

    def _linear_of(self, weights: Mapping[str, Tensor], name: str) -> _Linear:
        return self._linear(weights[f"{name}.weight"], weights[f"{name}.bias"])

    def _linear(self, weight: Tensor, bias: Tensor) -> _Linear:
        import torch

        weight = self._weight(weight)
        if self._fused:
            weight = torch.ops.mkldnn._reorder_linear_weight(weight, None)
        return _Linear(weight, self._weight(bias), self._fused)

    def _norm_of(self, weights: Mapping[str, Tensor], name: str) -> _Norm:
        return _Norm(self._weight(weights[f"{name}.weight"]), self._weight(weights[f"{name}.bias"]), self._epsilon)

    def _weight(self, weight: Tensor) -> Tensor:
        return weight.detach().to(self._precision).contiguous()


def _groups(lengths: Tensor) -> list[tuple[int, int, int]]:
    """Where the rows of the texts of each length begin and end, and that length."""
    import torch

    groups, begin = [], 0
    for length, count in zip(*torch.unique_consecutive(lengths, return_counts=True), strict=True):
        end = begin + int(length) * int(count)
        groups.append((begin, end, int(length)))
        begin = end
    return groups


def batches(lengths: Sequence[int], tokens: int = TOKENS) -> list[list[int]]:
    """The numbers of texts of these token counts, in batches of like counts and at most `tokens`, the longest first.

    A text that is longer than that is a batch of its own.
    """
    made: list[list[int]] = []
    room = 0
    for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
        if not made or lengths[row] > room:
            made.append([])
            room = tokens
        made[-1].append(row)
        room -= lengths[row]
    return made
