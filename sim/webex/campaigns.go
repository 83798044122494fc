package webex

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// campaignTypes are the words of the campaign API for our modes.
var campaignTypes = map[string]string{modePreview: "preview_standard", modeDirect: "preview_direct",
	modeProgressive: "progressive", modePredictive: "predictive"}

// campaignOf is the campaign that a mode's calls belong to unless they say.
var campaignOf = map[string]string{modePreview: "SpringRenewals", modeDirect: "WinbackDirect",
	modeProgressive: "AutumnOffers", modePredictive: "WinterSurvey"}

// campaign is a campaign as it is started: the members of "Start Campaign
// Request" that the simulator has a use for, and the others as they came.
type campaign struct {
	ID            string   `json:"id"`
	Name          string   `json:"campaignName,omitempty"`
	Type          string   `json:"campaignType"`
	VendorVersion string   `json:"vendorVersion,omitempty"`
	DialingRate   float64  `json:"dialingRate,omitempty"`
	EntryPoint    string   `json:"entryPointId,omitempty"`
	FetchURL      string   `json:"dialingListFetchURL,omitempty"`
	ANI           string   `json:"outdialANI,omitempty"`
	RecordCount   int      `json:"recordCount,omitempty"`
	OfferTimeout  int      `json:"previewOfferTimeout,omitempty"` // seconds
	AutoAction    string   `json:"previewOfferTimeoutAutoAction,omitempty"`
	Disabled      []string `json:"previewActionsDisabled,omitempty"`
}

func defaultCampaigns() map[string]campaign {
	all := map[string]campaign{}
	for mode, name := range campaignOf {
		all[name] = campaign{ID: name, Type: campaignTypes[mode], VendorVersion: "simulated", DialingRate: 1, EntryPoint: entryPointID,
			FetchURL: "campaignMgr/v1/" + name + "/dialinglist/", ANI: ownNumber, RecordCount: 50}
	}
	return all
}

func campaignNames(all map[string]campaign) []string { return slices.Sorted(maps.Keys(all)) }

func (c campaign) offerTimeout() time.Duration {
	return time.Duration(cmp.Or(c.OfferTimeout, 30)) * time.Second
}

func (c campaign) autoAction() string { return strings.ToUpper(cmp.Or(c.AutoAction, "SKIP")) }

// disabled says that agents may not do this with a preview.
func (c campaign) disabled(action string) bool {
	return slices.ContainsFunc(c.Disabled, func(a string) bool { return strings.EqualFold(a, action) })
}
