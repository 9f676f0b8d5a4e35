"""ADMIT: the uploaded client file, signing in, tokens, personal links."""
