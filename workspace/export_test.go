package workspace

// Orders are the commands that pages may give.
func Orders() (names []string) {
	for _, o := range orders {
		names = append(names, o.name)
	}
	return names
}

// Reasons are all that a refusal may say.
func Reasons() []string {
	var all []string
	for _, r := range []reason{
		malformed, unknownChannel, unknownTopic, unknownCommand, noCall, severalCalls, noConnection, severalConnections, refusedByPlatform, tooBusy, unavailable,
	} {
		all = append(all, string(r))
	}
	return all
}

// Channels are those that tell of calls.
func Channels() []string { return channels() }

// Parse reads a message of a page: what it would be answered as, and why it is refused, if it is.
var Parse = parse
