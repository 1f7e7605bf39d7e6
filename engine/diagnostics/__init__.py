"""What is left when something fails: reports of crashes, and an archive that can be sent to others."""
