from tests.client.test_life import pages as pages  # noqa: PLC0414 - a fixture for this folder
