"""Why a digit was read as it was."""
