"""What history says to the sales book: chances of stages, and which stage decides."""
