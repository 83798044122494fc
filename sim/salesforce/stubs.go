package salesforce

import (
	"net/http"
	"time"
)

type cursors struct{}

func (s *Server) SetIndexDelay(time.Duration)                      {}
func (s *Server) servePage(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }
func (s *Server) serveQuery(q *request) answer                     { return s.refuse(notFound()) }
func (s *Server) serveSOSL(q *request) answer                      { return s.refuse(notFound()) }
func (s *Server) serveParameterized(q *request) answer             { return s.refuse(notFound()) }
func (s *Server) serveComposite(q *request) answer                 { return s.refuse(notFound()) }
func (s *Server) serveGraph(q *request) answer                     { return s.refuse(notFound()) }
func (s *Server) serveTree(q *request) answer                      { return s.refuse(notFound()) }
