"""Sign-up, sign-in, invitations."""
