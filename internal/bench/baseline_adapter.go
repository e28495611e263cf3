package main

// baseline is the adapter of another commit, which only --compare has: it builds this
// program with testdata/baseline/adapter.go in place of this file.
var baseline *side
