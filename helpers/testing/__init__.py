"""What runs and tests notebooks: pytest plugins, and the runner that refreshes stored outputs."""
