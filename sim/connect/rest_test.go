package connect_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	connectapi "github.com/aws/aws-sdk-go-v2/service/connect"
	"github.com/aws/aws-sdk-go-v2/service/connect/types"
	"github.com/aws/smithy-go"

	"cordboard/sim/connect"
	"cordboard/sim/stage/stagetest"
)

// api is the AWS SDK for Go against the instance; it does not try again by itself.
func api(s *connect.Server) (c *connectapi.Client, instance *string) {
	return connectapi.New(connectapi.Options{Region: "us-west-2", BaseEndpoint: aws.String(s.Ready()["url"].(string)), Credentials: keys(s), Retryer: aws.NopRetryer{}}),
		aws.String(s.Ready()["instance_id"].(string))
}

// TestDescribeContact: everything that the events leave out, and the moments as the SDK reads them.
func TestDescribeContact(t *testing.T) {
	s := start(t, connect.Config{Agents: 2, RequestsPerSecond: -1})
	c, instance := api(s)
	ids := play(t, s, "direct_preview_warm_transfer", connect.Call{Agents: []string{anna, ben}, Customer: "+15555550123", Attributes: map[string]string{"case": "500"}})
	out, err := c.DescribeContact(stagetest.Within(t), &connectapi.DescribeContactInput{InstanceId: instance, ContactId: &ids.Contact})
	if err != nil {
		t.Fatal(err)
	}
	n := out.Contact
	if *n.CustomerEndpoint.Address != "+15555550123" || n.Attributes["case"] != "500" || n.InitiationMethod != "CAMPAIGN_PREVIEW" ||
		*n.Campaign.CampaignId != s.Ready()["campaigns"].(map[string]string)["direct-preview"] || n.OutboundStrategy.Type != types.OutboundStrategyTypeAgentFirst {
		t.Errorf("%+v", n)
	}
	a := n.AgentInfo
	for i, pair := range [][2]*time.Time{{a.AcceptedByAgentTimestamp, a.PreviewEndTimestamp}, {a.PreviewEndTimestamp, n.ConnectedToSystemTimestamp},
		{n.ConnectedToSystemTimestamp, n.DisconnectTimestamp}, {n.DisconnectTimestamp, a.AfterContactWorkEndTimestamp}} {
		if pair[0] == nil || pair[1] == nil || !pair[0].Before(*pair[1]) {
			t.Errorf("moments %d: %v, %v", i, pair[0], pair[1])
		}
	}
	second, err := c.DescribeContact(stagetest.Within(t), &connectapi.DescribeContactInput{InstanceId: instance, ContactId: &ids.Second})
	if err != nil || *second.Contact.PreviousContactId != ids.Contact || *second.Contact.InitialContactId != ids.Contact || second.Contact.InitiationMethod != types.ContactInitiationMethodTransfer {
		t.Errorf("%+v %v", second, err)
	}
	var gone *types.ResourceNotFoundException
	if _, err := c.DescribeContact(stagetest.Within(t), &connectapi.DescribeContactInput{InstanceId: instance, ContactId: aws.String("nobody")}); !errors.As(err, &gone) {
		t.Errorf("an unknown contact: %v", err)
	}
	if _, err := c.DescribeContact(stagetest.Within(t), &connectapi.DescribeContactInput{InstanceId: aws.String("other"), ContactId: &ids.Contact}); !errors.As(err, &gone) {
		t.Errorf("another instance: %v", err)
	}
}

// TestQuota: a burst of five, 429 for the rest; each operation has a quota of its own.
func TestQuota(t *testing.T) {
	s := start(t, connect.Config{Agents: 1, RequestsPerSecond: 1e-6})
	c, instance := api(s)
	ids := play(t, s, "inbound", connect.Call{})
	for range 5 {
		if _, err := c.DescribeContact(stagetest.Within(t), &connectapi.DescribeContactInput{InstanceId: instance, ContactId: &ids.Contact}); err != nil {
			t.Fatal(err)
		}
	}
	refused := 0
	for range 10 {
		_, err := c.DescribeContact(stagetest.Within(t), &connectapi.DescribeContactInput{InstanceId: instance, ContactId: &ids.Contact})
		var why smithy.APIError
		var answer interface{ HTTPStatusCode() int }
		if errors.As(err, &why) && why.ErrorCode() == "TooManyRequestsException" && errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusTooManyRequests {
			refused++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if refused != 10 || s.Throttled() != 10 {
		t.Errorf("%d refused, %d counted, want 10", refused, s.Throttled())
	}
	if _, err := c.ListUsers(stagetest.Within(t), &connectapi.ListUsersInput{InstanceId: instance}); err != nil {
		t.Errorf("another operation: %v", err)
	}
}

// TestBucket: the quota in virtual time.
func TestBucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := connect.NewBucket(2)
		burst := 0
		for b.Take(time.Now()) {
			burst++
		}
		if burst != 5 {
			t.Errorf("a burst of %d", burst)
		}
		time.Sleep(time.Second)
		taken := []bool{b.Take(time.Now()), b.Take(time.Now()), b.Take(time.Now())}
		if !slices.Equal(taken, []bool{true, true, false}) {
			t.Errorf("not two a second: %v", taken)
		}
		time.Sleep(time.Hour)
		for burst = 0; b.Take(time.Now()); burst++ {
		}
		if burst != 5 {
			t.Errorf("a burst of %d after an hour", burst)
		}
	})
}

// TestUsers: how an agent's ARN becomes a user name, page by page.
func TestUsers(t *testing.T) {
	s := start(t, connect.Config{Agents: 7, RequestsPerSecond: -1})
	c, instance := api(s)
	names := map[string]string{}
	pages := connectapi.NewListUsersPaginator(c, &connectapi.ListUsersInput{InstanceId: instance, MaxResults: aws.Int32(3)})
	count := 0
	for ; pages.HasMorePages(); count++ {
		out, err := pages.NextPage(stagetest.Within(t))
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range out.UserSummaryList {
			names[*u.Arn] = *u.Username
		}
	}
	if count != 3 || len(names) != 7 || names[s.Ready()["agents"].(map[string]any)["first_arn"].(string)] != anna {
		t.Errorf("%d pages, %v", count, names)
	}
	for arn := range names {
		out, err := c.DescribeUser(stagetest.Within(t), &connectapi.DescribeUserInput{InstanceId: instance, UserId: &arn})
		if err != nil || *out.User.Username != names[arn] || *out.User.IdentityInfo.FirstName != "Agent" {
			t.Errorf("%+v %v", out, err)
		}
		break
	}
}

// TestCurrentUserData: what agents have at the moment, also on hold, where the moment of the state stays.
func TestCurrentUserData(t *testing.T) {
	s := start(t, connect.Config{Agents: 3, RequestsPerSecond: -1})
	c, instance := api(s)
	if err := s.SetStatus("agent1003", "Offline"); err != nil {
		t.Fatal(err)
	}
	ids, err := steps(t, s, connect.Call{Agents: []string{ben}}, stepOf("", "offer", "mode", "inbound"), stepOf("", "answer"))
	if err != nil {
		t.Fatal(err)
	}
	ask := func(f types.UserDataFilters) []types.UserData {
		t.Helper()
		out, err := c.GetCurrentUserData(stagetest.Within(t), &connectapi.GetCurrentUserDataInput{InstanceId: instance, Filters: &f})
		if err != nil {
			t.Fatal(err)
		}
		return out.UserDataList
	}
	all := ask(types.UserDataFilters{Queues: []string{"q"}})
	if len(all) != 2 || len(all[0].Contacts) != 0 || *all[0].Status.StatusName != "Available" {
		t.Errorf("%+v", all)
	}
	mine := ask(types.UserDataFilters{Agents: []string{*all[1].User.Id}})
	if len(mine) != 1 || *mine[0].Contacts[0].ContactId != ids.Contact || mine[0].Contacts[0].AgentContactState != types.ContactStateConnected {
		t.Fatalf("%+v", mine)
	}
	was := *mine[0].Contacts[0].StateStartTimestamp
	url := s.Ready()["ccp_url"].(string)
	holdCustomer(t, url, ben, ids.Contact)
	held := ask(types.UserDataFilters{Queues: []string{"q"}, ContactFilter: &types.ContactFilter{ContactStates: []types.ContactState{types.ContactStateConnectedOnhold}}})
	if len(held) != 1 || !held[0].Contacts[0].StateStartTimestamp.Equal(was) {
		t.Errorf("on hold: %+v", held)
	}
	if _, err := c.GetCurrentUserData(stagetest.Within(t), &connectapi.GetCurrentUserDataInput{InstanceId: instance, Filters: &types.UserDataFilters{}}); err == nil {
		t.Error("no filter at all")
	}
}

// TestOrders: what a server can order, and what it cannot.
func TestOrders(t *testing.T) {
	s := start(t, connect.Config{Agents: 1, RequestsPerSecond: -1, FarEnd: time.Millisecond})
	c, instance := api(s)
	user := aws.String(s.Ready()["agents"].(map[string]any)["first_arn"].(string))
	in := &connectapi.StartOutboundVoiceContactInput{InstanceId: instance, ContactFlowId: aws.String("f"), DestinationPhoneNumber: aws.String("+15555550166"),
		ClientToken: aws.String("once"), Attributes: map[string]string{"a": "1"}}
	first, err := c.StartOutboundVoiceContact(stagetest.Within(t), in)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := c.StartOutboundVoiceContact(stagetest.Within(t), in); err != nil || *again.ContactId != *first.ContactId {
		t.Errorf("the same token: %v %v", again, err)
	}
	if id, err := s.AwaitContact(stagetest.Within(t), anna, "connecting"); err != nil || id != *first.ContactId {
		t.Fatal(id, err)
	}
	if _, err := c.UpdateContactAttributes(stagetest.Within(t), &connectapi.UpdateContactAttributesInput{InstanceId: instance, InitialContactId: first.ContactId, Attributes: map[string]string{"b": "2"}}); err != nil {
		t.Error(err)
	}
	if out, err := c.GetContactAttributes(stagetest.Within(t), &connectapi.GetContactAttributesInput{InstanceId: instance, InitialContactId: first.ContactId}); err != nil || out.Attributes["a"]+out.Attributes["b"] != "12" {
		t.Errorf("%+v %v", out, err)
	}
	if _, err := c.DismissUserContact(stagetest.Within(t), &connectapi.DismissUserContactInput{InstanceId: instance, UserId: user, ContactId: first.ContactId}); err == nil {
		t.Error("a contact that rings is dismissed")
	}
	if _, err := c.PutUserStatus(stagetest.Within(t), &connectapi.PutUserStatusInput{InstanceId: instance, UserId: user, AgentStatusId: aws.String("57a70000-0000-4000-8000-000000000003")}); err != nil {
		t.Error(err)
	}
	if _, err := c.StopContact(stagetest.Within(t), &connectapi.StopContactInput{InstanceId: instance, ContactId: first.ContactId}); err != nil {
		t.Error(err)
	}
	if _, err := c.StopContact(stagetest.Within(t), &connectapi.StopContactInput{InstanceId: instance, ContactId: first.ContactId}); err == nil {
		t.Error("a contact is stopped twice")
	}
	if _, err := c.DismissUserContact(stagetest.Within(t), &connectapi.DismissUserContactInput{InstanceId: instance, UserId: user, ContactId: first.ContactId}); err != nil {
		t.Error(err)
	}
	if err := s.AwaitIdle(stagetest.Within(t), anna); err != nil {
		t.Error(err)
	}
	if o := s.Orders(); len(o) != 6 || o[0].What != "StartOutboundVoiceContact" || o[5].What != "DismissUserContact" || o[5].Agent != anna {
		t.Errorf("orders: %+v", o)
	}
}

// TestForgets: finished contacts are forgotten after a while, those that somebody has are not.
func TestForgets(t *testing.T) {
	s := start(t, connect.Config{Agents: 2, Keep: 10, RequestsPerSecond: -1})
	c, instance := api(s)
	up, err := steps(t, s, connect.Call{Agents: []string{ben}}, stepOf("", "offer", "mode", "inbound"), stepOf("", "answer"))
	if err != nil {
		t.Fatal(err)
	}
	first := play(t, s, "inbound", connect.Call{Agents: []string{anna}})
	for range 20 {
		play(t, s, "inbound", connect.Call{Agents: []string{anna}})
	}
	if _, err := c.DescribeContact(stagetest.Within(t), &connectapi.DescribeContactInput{InstanceId: instance, ContactId: &first.Contact}); err == nil {
		t.Error("the oldest finished contact is still known")
	}
	if _, err := c.DescribeContact(stagetest.Within(t), &connectapi.DescribeContactInput{InstanceId: instance, ContactId: &up.Contact}); err != nil {
		t.Errorf("a contact that is up: %v", err)
	}
}
