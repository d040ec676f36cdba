"""Putting a secret into a store, or taking it out. Its value is in no preview and no journal."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from wizard.change import Data, Doors, Stale, kept_for_undo
from wizard.secret import MASK, Secret, SecretStore, StoreGone


@dataclass(frozen=True, slots=True)
class KeepSecret:
    """Entry `service` of `store` gets `value`, or what the entry `source` holds, or (neither) is forgotten."""

    store: str
    service: str
    value: Secret | None = None
    source: str = ""
    replaces: bool = False
    """Whether an entry is there already: it is kept under `backup` so that undo can bring it back."""
    backup: str = ""
    store_title: str = ""
    kind: str = field(default="keep-secret", init=False)

    @property
    def title(self) -> str:
        name = self.service.rpartition("/")[2]
        where = self.store_title or self.store
        return f"keep {name} in {where}" if self.value or self.source else f"forget {name} in {where}"

    @property
    def about(self) -> str:
        return self.service

    @property
    def reversible(self) -> bool:
        return True

    def preview(self) -> str:
        value = MASK if self.value or self.source else "(nothing)"
        return f"{self.service} = {value}  →  {self.store_title or self.store}\n"

    def bind(self, plan: str, number: int) -> KeepSecret:
        return replace(self, backup=self.backup or (kept_for_undo(plan, number) if self.replaces else ""))

    def apply(self, doors: Doors) -> KeepSecret:
        try:
            self._apply(doors.store(self.store))
        except StoreGone:
            if self.value or self.source:
                raise
        return self.inverse()

    def _apply(self, store: SecretStore) -> None:
        value = self.value or (store.get(self.source) if self.source else None)
        if self.source and value is None:
            raise Stale(f"{self.title}: what was kept for undo is not in the store, so the entry was left as it is.")
        if self.backup and self.replaces and (old := store.get(self.service)):
            store.put(self.backup, old)
        if value:
            store.put(self.service, value)
        else:
            store.delete(self.service)

    def inverse(self) -> KeepSecret:
        source = self.backup if self.replaces else ""
        return KeepSecret(self.store, self.service, source=source, replaces=True, store_title=self.store_title)

    def data(self) -> Data:
        return {
            "kind": self.kind,
            "store": self.store,
            "service": self.service,
            "source": self.source,
            "replaces": self.replaces,
            "backup": self.backup,
            "store_title": self.store_title,
        }

    @classmethod
    def from_data(cls, data: Data) -> KeepSecret:
        """Back from a journal: without the value, which no journal has."""
        return cls(
            data["store"], data["service"], None, data["source"], data["replaces"], data["backup"], data["store_title"]
        )
