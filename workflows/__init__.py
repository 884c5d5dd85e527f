"""What happens when: deterministic orchestration, no I/O."""
