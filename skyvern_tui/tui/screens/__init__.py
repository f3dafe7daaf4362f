"""The screens: runs, new task, run, help. Loaded when first shown, so that starting stays quick."""
