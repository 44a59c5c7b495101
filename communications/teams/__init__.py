"""A channel in Teams: the address of its Workflow, the card, and one post. No models, no rows."""
