package lambdatest

// ReplayFile replays one recording and returns what Replay would fail the test with.
func ReplayFile(h any, file string, opts ...Option) error { return replay(h, file, opts) }
