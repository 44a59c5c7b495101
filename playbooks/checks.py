"""System checks on start-up: every playbook can be read."""
