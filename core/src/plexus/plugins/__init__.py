"""Discovery, loading and scaffolding of plugins."""
