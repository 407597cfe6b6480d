"""Reading a statement, and the words for where that stopped."""
