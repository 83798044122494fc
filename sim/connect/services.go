package connect

import (
	"net/http"

	"cordboard/sim/connect/awsjson"
)

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	s.control(mux)
	s.serveCCP(mux)
	s.serveREST(mux)
	mux.HandleFunc("POST /{$}", s.services)
	return mux
}

// services are those whose operations all have one address.
func (s *Server) services(w http.ResponseWriter, r *http.Request) {
	for name, service := range map[string]*awsjson.Service{"kinesis": s.records.api, "sqs": s.queueAPI} {
		if service == nil || !service.Speaks(r) {
			continue
		}
		if why := s.unsigned(r, name); why != nil {
			service.Refuse(w, why)
			return
		}
		service.ServeHTTP(w, r)
		return
	}
	http.NotFound(w, r)
}

const queueName = "contact-events"

// queueURL names the queue as clients do: an address of the service that says account and queue, wherever it is served.
func (s *Server) queueURL() string {
	return "https://sqs." + s.cfg.Region + ".amazonaws.com/" + s.cfg.Account + "/" + queueName
}
