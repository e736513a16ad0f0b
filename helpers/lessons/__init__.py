"""Props of single lessons: what one lesson needs and no service of the learner's does."""
