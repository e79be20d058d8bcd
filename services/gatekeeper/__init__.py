"""The gatekeeper: decides both gates and is the only one that writes to the forge."""
