"""Sales in any cut: results, intake and reasons by any attribute of a deal or of its client."""
