package desk

import (
	"encoding/json"
	"mime"
	"net/http"
)

// TicketHandler answers POST {"agent":"1001001"} with {"ticket":"…"}: one desk ticket for that agent, once allow has
// said that whoever asks may have it. allow's error is told to the browser as it is, with status 403; nil means that
// everybody may be everybody, which is for demonstrations only. Pages of other origins are refused before allow is
// asked.
func TicketHandler(tickets *Tickets, allow func(r *http.Request, agent string) error) http.Handler {
	office := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			refuse(w, http.StatusMethodNotAllowed, "ask for a ticket with POST")
			return
		}
		// A form of a foreign page cannot send this type without asking the server first.
		if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
			refuse(w, http.StatusUnsupportedMediaType, "the question must be application/json")
			return
		}
		var question struct {
			Agent string `json:"agent"`
		}
		body := http.MaxBytesReader(w, r.Body, 4<<10)
		if err := json.NewDecoder(body).Decode(&question); err != nil || question.Agent == "" || len(question.Agent) > 128 {
			refuse(w, http.StatusBadRequest, `the question must be {"agent":"…"}`)
			return
		}
		if allow != nil {
			if err := allow(r, question.Agent); err != nil {
				refuse(w, http.StatusForbidden, err.Error())
				return
			}
		}
		ticket, err := tickets.Issue(r.Context(), question.Agent)
		if err != nil {
			refuse(w, http.StatusServiceUnavailable, "no ticket can be kept right now")
			return
		}
		answer(w, http.StatusOK, map[string]string{"ticket": ticket})
	})
	return http.NewCrossOriginProtection().Handler(office)
}

func refuse(w http.ResponseWriter, status int, why string) {
	answer(w, status, map[string]string{"error": why})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) // the browser may be gone: nothing to do about it
}
