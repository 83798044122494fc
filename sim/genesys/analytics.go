package genesys

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// The conversation details of analytics: what a client without a user context reads to find out which conversations a
// user is in.
func (s *Server) analyticsRoutes(api func(string, resource)) {
	api("POST /api/v2/analytics/conversations/details/query", s.queryDetails)
	api("GET /api/v2/analytics/conversations/{c}/details", s.onConversation(func(c *conversation, _ request) (int, any, *apiError) {
		return http.StatusOK, c.analysed(), nil
	}))
}

type detailQuery struct {
	Interval            string
	Order               string
	ConversationFilters []detailFilter
	SegmentFilters      []detailFilter
	Paging              struct{ PageSize, PageNumber int }
}

type detailFilter struct {
	Type       string // and, or
	Predicates []detailPredicate
	Clauses    []detailFilter
}

type detailPredicate struct {
	Dimension, Metric, Operator, Value string
}

// queryDetails answers the query over an interval of ISO 8601: conversations that touch it and fit all filters. Of
// dimensions it knows conversationId, conversationEnd, originatingDirection, userId, purpose, mediaType, queueId,
// outboundCampaignId and outboundContactId; others are refused, so that no filter is silently overlooked.
func (s *Server) queryDetails(r request) (int, any, *apiError) {
	var ask detailQuery
	if refused := decode(r, &ask); refused != nil {
		return 0, nil, refused
	}
	from, to, ok := interval(ask.Interval)
	if !ok {
		return 0, nil, badRequest("interval must be two ISO 8601 times with a slash between.")
	}
	size, number := or(ask.Paging.PageSize, 25), or(ask.Paging.PageNumber, 1)
	if size < 1 || size > 100 || number < 1 {
		return 0, nil, badRequest("The page size may be 100 at most.")
	}
	var found []*conversation
	for _, c := range s.calls {
		if c.start.After(to) || !c.end.IsZero() && c.end.Before(from) {
			continue
		}
		fits, refused := c.fits(ask)
		if refused != nil {
			return 0, nil, refused
		}
		if fits {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b *conversation) int { return a.start.Compare(b.start) })
	if ask.Order == "desc" {
		slices.Reverse(found)
	}
	start := min((number-1)*size, len(found))
	page := found[start:min(start+size, len(found))]
	out := map[string]any{"totalHits": len(found)}
	if len(page) > 0 { // an empty answer has no conversations
		list := make([]any, 0, len(page))
		for _, c := range page {
			list = append(list, c.analysed())
		}
		out["conversations"] = list
	}
	return http.StatusOK, out, nil
}

func interval(text string) (from, to time.Time, ok bool) {
	a, b, found := strings.Cut(text, "/")
	from, errA := time.Parse(time.RFC3339, a)
	to, errB := time.Parse(time.RFC3339, b)
	return from, to, found && errA == nil && errB == nil
}

func (c *conversation) fits(q detailQuery) (bool, *apiError) {
	for _, f := range q.ConversationFilters {
		if ok, refused := f.holds(func(p detailPredicate) (bool, *apiError) { return c.conversationFits(p) }); refused != nil || !ok {
			return false, refused
		}
	}
	if len(q.SegmentFilters) == 0 {
		return true, nil
	}
	for _, p := range c.parties { // all segment filters have to hold for one and the same segment
		for _, ss := range p.sessions {
			all := true
			for _, f := range q.SegmentFilters {
				ok, refused := f.holds(func(q detailPredicate) (bool, *apiError) { return c.segmentFits(p, ss, q) })
				if refused != nil {
					return false, refused
				}
				all = all && ok
			}
			if all {
				return true, nil
			}
		}
	}
	return false, nil
}

func (f detailFilter) holds(fits func(detailPredicate) (bool, *apiError)) (bool, *apiError) {
	any := strings.EqualFold(f.Type, "or")
	result := !any
	note := func(ok bool) {
		if any {
			result = result || ok
		} else {
			result = result && ok
		}
	}
	for _, p := range f.Predicates {
		ok, refused := fits(p)
		if refused != nil {
			return false, refused
		}
		note(ok)
	}
	for _, c := range f.Clauses {
		ok, refused := c.holds(fits)
		if refused != nil {
			return false, refused
		}
		note(ok)
	}
	return result, nil
}

func (c *conversation) conversationFits(p detailPredicate) (bool, *apiError) {
	switch p.Dimension {
	case "conversationId":
		return p.matches(c.id), nil
	case "conversationEnd":
		return p.matches(moment(c.end)), nil
	case "originatingDirection":
		return p.matches(c.direction), nil
	}
	return false, badRequest("The dimension %s is not known here.", p.Dimension)
}

func (c *conversation) segmentFits(party *party, ss *session, p detailPredicate) (bool, *apiError) {
	value := ""
	switch p.Dimension {
	case "userId":
		if party.user != nil {
			value = party.user.id
		}
	case "purpose":
		value = party.purpose
	case "mediaType":
		value = strings.ToLower(ss.media)
	case "queueId":
		if party.queue != nil {
			value = party.queue.id
		}
	case "outboundCampaignId":
		if c.campaign != nil {
			value = c.campaign.id
		}
	case "outboundContactId":
		if c.contact != nil {
			value = c.contact.id
		}
	case "segmentEnd":
		value = moment(ss.endedAt)
	default:
		return false, badRequest("The dimension %s is not known here.", p.Dimension)
	}
	return p.matches(value), nil
}

func (p detailPredicate) matches(value string) bool {
	switch p.Operator {
	case "exists":
		return value != ""
	case "notExists":
		return value == ""
	}
	return strings.EqualFold(value, p.Value)
}
