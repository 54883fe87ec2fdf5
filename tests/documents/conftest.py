"""A cloud of its own for the walk through the documents."""

from tests.systems.conftest import estate as estate
