from typing import Any, ClassVar

from kedro.io import AbstractDataset
from kedro.utils import load_obj
from kedro_datasets._utils import ConnectionMixin


class OnEngine(ConnectionMixin, AbstractDataset):  # type: ignore[misc]  # untyped
    """A table on the engine of the run, whose one connection all of them share.

    What was stored is held against its contract, for to check a question to the engine would be to
    answer it twice.
    """

    _CONNECTION_GROUP: ClassVar[str] = "ibis"

    def __init__(
        self,
        connection: dict[str, Any],
        contract: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        """Keep where the table lives and what it promises.

        Args:
            connection: ``engine`` of the environment.
            contract: The table's schema, by import path.
            metadata: For other tools; not used here.
        """
        self._connection_config = connection
        self._contract = contract
        self.metadata = metadata

    def _connect(self) -> Any:
        from oneclick.engines import connect

        return connect(self._connection_config)

    @property
    def connection(self) -> Any:
        """The Ibis connection that all tables of a run share."""
        return self._connection

    def _hold_against_contract(self) -> None:
        if self._contract is not None:
            load_obj(self._contract).validate(self.load())
