"""What training and serving a model costs in electricity and carbon, with every assumption in sight."""
