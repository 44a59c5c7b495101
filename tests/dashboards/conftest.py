from tests.rollout.conftest import march, upgrade  # noqa: F401
