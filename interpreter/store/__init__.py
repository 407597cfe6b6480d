"""Where the state is kept. The only room that knows SQL."""
