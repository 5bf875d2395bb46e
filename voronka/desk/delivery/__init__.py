"""How a notice reaches its member: channels, what each wishes to hear where and when, the log of deliveries."""
