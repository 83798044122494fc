package genesys

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// A trigger starts a workflow when an event comes that fits (Process automation triggers). What the workflow does with
// it is the administrator's work; here it posts the event to the target that names it.
type trigger struct {
	ID          string        `json:"id"`
	Name        string        `json:"name"`
	Topic       string        `json:"topicName"` // a template
	Enabled     bool          `json:"enabled"`
	Version     int           `json:"version"`
	Target      triggerTarget `json:"target"`
	Criteria    []matchRule   `json:"matchCriteria"`
	TTL         int           `json:"eventTTLSeconds,omitempty"`
	Delay       int           `json:"delayBySeconds,omitempty"`
	Description string        `json:"description,omitempty"`
	SelfURI     string        `json:"selfUri"`
}

type triggerTarget struct {
	Type     string          `json:"type"`
	ID       string          `json:"id"`
	Settings triggerSettings `json:"workflowTargetSettings"`
}

type triggerSettings struct {
	Format string `json:"dataFormat,omitempty"` // Json or TopLevelPrimitives
}

type matchRule struct {
	Path     string `json:"jsonPath"`
	Operator string `json:"operator"`
	Value    any    `json:"value,omitempty"`
	Values   []any  `json:"values,omitempty"`
}

const triggersPath = "/api/v2/processautomation/triggers"

func (s *Server) automationRoutes(api func(string, resource)) {
	api("GET "+triggersPath, func(request) (int, any, *apiError) {
		list := make([]trigger, 0, len(s.triggers))
		for _, t := range s.triggers {
			list = append(list, *t)
		}
		return http.StatusOK, map[string]any{"entities": list}, nil
	})
	api("POST "+triggersPath, s.addTrigger)
	api("GET "+triggersPath+"/topics", func(request) (int, any, *apiError) {
		list := []any{}
		for _, t := range s.catalog {
			if slices.Equal(t.transports, everywhere) {
				list = append(list, map[string]any{"topicName": t.template, "description": t.about,
					"topicSchema": map[string]string{"type": "object"}})
			}
		}
		return http.StatusOK, map[string]any{"entities": list}, nil
	})
	api("GET "+triggersPath+"/{trigger}", s.onTrigger(func(t *trigger, _ request) (int, any, *apiError) { return http.StatusOK, *t, nil }))
	api("PUT "+triggersPath+"/{trigger}", s.onTrigger(s.putTrigger))
	api("DELETE "+triggersPath+"/{trigger}", s.onTrigger(func(t *trigger, _ request) (int, any, *apiError) {
		s.triggers = slices.DeleteFunc(s.triggers, func(o *trigger) bool { return o == t })
		return http.StatusNoContent, nil, nil
	}))
}

func (s *Server) onTrigger(f func(*trigger, request) (int, any, *apiError)) resource {
	return func(r request) (int, any, *apiError) {
		for _, t := range s.triggers {
			if t.ID == r.PathValue("trigger") {
				return f(t, r)
			}
		}
		return 0, nil, notFound("the trigger")
	}
}

func (s *Server) addTrigger(r request) (int, any, *apiError) {
	t := &trigger{}
	if refused := s.readTrigger(r, t); refused != nil {
		return 0, nil, refused
	}
	t.ID, t.Version = newID(), 1
	t.SelfURI = triggersPath + "/" + t.ID
	s.triggers = append(s.triggers, t)
	return http.StatusOK, *t, nil
}

func (s *Server) putTrigger(t *trigger, r request) (int, any, *apiError) {
	changed := trigger{}
	if refused := s.readTrigger(r, &changed); refused != nil {
		return 0, nil, refused
	}
	if changed.Version != t.Version {
		return 0, nil, &apiError{status: http.StatusConflict, code: "general.conflict", message: "The version is not the current one."}
	}
	changed.ID, changed.Version, changed.SelfURI = t.ID, t.Version+1, t.SelfURI
	*t = changed
	return http.StatusOK, *t, nil
}

func (s *Server) readTrigger(r request, t *trigger) *apiError {
	if refused := decode(r, t); refused != nil {
		return refused
	}
	if t.Name == "" || t.Target.ID == "" || t.Target.Type != "Workflow" {
		return badRequest("A trigger needs a name and a target of type Workflow.")
	}
	if !slices.ContainsFunc(s.catalog, func(k topic) bool { return k.template == t.Topic && slices.Equal(k.transports, everywhere) }) {
		return badRequest("The topic %s does not exist for triggers.", t.Topic)
	}
	if t.Criteria == nil {
		t.Criteria = []matchRule{}
	}
	for _, rule := range t.Criteria {
		if !slices.Contains(operators, rule.Operator) {
			return badValue("operator", rule.Operator, operators...)
		}
	}
	return nil
}

// fire starts the workflows of the triggers that the event fits.
func (s *Server) fire(template, topic string, body *once) {
	if len(s.triggers) == 0 {
		return
	}
	var members map[string]any
	for _, t := range s.triggers {
		if !t.Enabled || t.Topic != template {
			continue
		}
		if members == nil {
			if json.Unmarshal(body.bytes(), &members) != nil {
				return
			}
		}
		if !t.fits(members) {
			continue
		}
		data := body.bytes()
		if t.Target.Settings.Format == "TopLevelPrimitives" {
			data = primitives(members)
		}
		s.life.Later(time.Duration(t.Delay)*time.Second, func() { s.startWorkflow(t.Target.ID, topic, data) })
	}
}

// primitives leaves the members out that are lists or objects.
func primitives(members map[string]any) []byte {
	flat := map[string]any{}
	for name, v := range members {
		switch v.(type) {
		case []any, map[string]any:
		default:
			flat[name] = v
		}
	}
	data, _ := json.Marshal(flat)
	return data
}

func (s *Server) startWorkflow(id, topic string, body []byte) {
	for _, t := range s.targets {
		if t.Workflow != id {
			continue
		}
		data := body
		if !t.Bare {
			data, _ = json.Marshal(detailOf(topic, body, time.Now()))
		}
		s.give(t, topic, data)
	}
}

func (t *trigger) fits(members map[string]any) bool {
	for _, rule := range t.Criteria {
		if !rule.holds(members) {
			return false
		}
	}
	return true
}
