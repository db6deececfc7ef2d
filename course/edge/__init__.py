"""Edge AI: models made small and fast enough for a phone, a camera, a heart monitor."""
