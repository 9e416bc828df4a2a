"""The counting, matching and regression of the R package mwa 0.5.0, convention by convention."""
