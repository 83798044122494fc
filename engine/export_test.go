package engine

// NewMemory makes the journal of the tests in this package.
func NewMemory() Journal { return newMemory() }
