"""How a deal ends: closing statuses, the second key of a loss, dead deals, what comes after."""
