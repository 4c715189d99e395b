"""What an agent consists of: its sending thread, its runs, the end of its process."""
