"""What answers over HTTP (`scn serve`)."""
