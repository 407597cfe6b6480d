"""Tests in the language (`language.md` §4): read, run in virtual time, compared with what was expected, and told."""
