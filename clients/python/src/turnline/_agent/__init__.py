"""The parts of an agent: its sending thread, its runs, and what happens when its process ends."""
