"""The git side of the forge: bare repositories, facts about them, and git over smart HTTP."""
