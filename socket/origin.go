package socket

import (
	"net/http"
	"net/url"
	"strings"
)

// Origins are pages beside the server's own that may open a socket: scheme://host[:port] as browsers write them.
type Origins []string

// ParseOrigins returns the usable ones of a configured list, as browsers write them, and the rest. A pattern is not
// usable: a list that says *.example also says evil.example.
func ParseOrigins(list []string) (good Origins, bad []string) {
	for _, text := range list {
		u, err := url.Parse(text)
		if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || strings.ContainsAny(u.Host, "*;, '\"") ||
			strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
			bad = append(bad, text)
			continue
		}
		good = append(good, strings.ToLower(u.Scheme+"://"+u.Host))
	}
	return good, bad
}

// Allow reports whether whoever sent r may open a socket: a page of the server's own, of an allowed origin, or a program,
// which sends no origin and has to have a ticket like everybody else. Origins are compared exactly.
func (o Origins) Allow(r *http.Request) bool {
	origin := strings.ToLower(r.Header.Get("Origin"))
	if origin == "" {
		return true
	}
	for _, allowed := range o {
		if origin == allowed {
			return true
		}
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}
