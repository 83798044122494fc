package sqlite

// walKeep is the size to which the write-ahead log is cut when it starts over.
const walKeep = 64 << 20
