package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"cordboard/crm/salesforce"
	"cordboard/workflow"
)

// InspectOrg looks whether the org of a configuration is ready for the workflows that it names. The error says why nobody
// could look: there is no org, or the workflows have mistakes.
func InspectOrg(ctx context.Context, cfg Config, log *slog.Logger) ([]salesforce.Finding, error) {
	if cfg.Salesforce == nil {
		return nil, errors.New("there is no section salesforce")
	}
	rules, _, err := LoadWorkflows(cfg.Workflows, cfg.path)
	if err != nil {
		return nil, fmt.Errorf("%w: cordboard check names them", err)
	}
	client, err := salesforce.New(*cfg.Salesforce, log)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	return client.Inspect(ctx, OrgNeeds(rules)...), nil
}

// OrgNeeds returns what workflows need of the org, one entry for each object, in the order of their names.
func OrgNeeds(set *workflow.Set) []salesforce.Need {
	needs := map[string]*salesforce.Need{}
	for _, w := range set.Workflows() {
		for _, use := range w.Uses() {
			for _, object := range use.Objects {
				n := needs[object]
				if n == nil {
					n = &salesforce.Need{Object: object}
					needs[object] = n
				}
				switch use.Kind {
				case "create":
					n.Write, n.Create = true, merged(n.Create, use.Fields)
				case "update":
					n.Write, n.Update = true, merged(n.Update, use.Fields)
				case "pop":
					n.Find = true
				}
			}
		}
	}
	var all []salesforce.Need
	for _, object := range slices.Sorted(maps.Keys(needs)) {
		all = append(all, *needs[object])
	}
	return all
}

func merged(names, more []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(names, more))))
}
