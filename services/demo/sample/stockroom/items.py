"""What is on the shelves."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Item:
    """One kind of thing that is sold. The price is in cents."""

    sku: str
    name: str
    price: int
    reorder_at: int = 5


@dataclass
class Stock:
    """How many of each item there are."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, sku: str, count: int) -> None:
        """Put `count` of an item on the shelf."""
        if count < 1:
            raise ValueError(f"{sku}: cannot add {count}")
        self.counts[sku] = self.counts.get(sku, 0) + count

    def take(self, sku: str, count: int) -> None:
        """Take `count` of an item off the shelf."""
        # TODO: reserve items of an open order, so that two orders cannot take the same
        if self.counts.get(sku, 0) < count:
            raise ValueError(f"{sku}: only {self.counts.get(sku, 0)} left")
        self.counts[sku] -= count
