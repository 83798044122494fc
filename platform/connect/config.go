package connect

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"cordboard/call"
	"cordboard/config"
	"cordboard/platform"
)

// Config is one connection to one Amazon Connect instance.
type Config struct {
	// Name is the connection's name; it is set by the server and not part of the file's section.
	Name string `yaml:"-"`
	// Platform is connect-hvoc, or connect-tethered for the calls of a tethered site that do not pass its dialer; it is set by
	// the server, too.
	Platform call.Platform `yaml:"-"`
	// Instance is the instance's ARN, such as arn:aws:connect:eu-central-1:111122223333:instance/….
	Instance string `yaml:"instance" config:"required"`
	// AccessKeyID and SecretAccessKey sign requests. Without them Amazon's own ways count: environment, shared files, the role
	// of the machine or container.
	AccessKeyID     string        `yaml:"access_key_id"`
	SecretAccessKey config.Secret `yaml:"secret_access_key"`
	// Stream is the Kinesis data stream of agent events, by its name or ARN.
	Stream string `yaml:"stream"`
	// Queue is the address of the SQS queue to which an EventBridge rule sends contact events.
	Queue string `yaml:"queue"`
	// ReceiveKey is what an API destination of EventBridge sends along in the header ReceiveHeader, "X-Cordboard-Key" by
	// default, so that contact events are taken at /in/NAME/. Without a key none are.
	ReceiveKey    config.Secret `yaml:"receive_key"`
	ReceiveHeader string        `yaml:"receive_header"`
	// Browsers says that agents' browsers are the only source, or may be.
	Browsers bool `yaml:"browsers"`
	// Campaigns says in which mode a campaign dials, by its id: direct-preview, progressive or predictive. Campaigns that do
	// not stand here are asked for.
	Campaigns map[string]call.Mode `yaml:"campaigns"`
	// Variables says which contact attributes hold what Cordboard has a name for.
	Variables Variables `yaml:"variables"`
	// NoAPI leaves the REST API of the instance alone: numbers, attributes and campaigns are then known only as far as
	// browsers tell them.
	NoAPI bool `yaml:"no_api"`
	// RequestsPerSecond is how much of the quota of each operation of the REST API this connection may use; 2 by default,
	// which is the whole of Amazon's default quota.
	RequestsPerSecond float64 `yaml:"requests_per_second"`
	// Endpoint replaces the addresses of all services, such as with that of a VPC endpoint or of a simulator;
	// StreamEndpoint those of Kinesis alone.
	Endpoint       string `yaml:"endpoint"`
	StreamEndpoint string `yaml:"stream_endpoint"`
	// CAFile is a PEM file of certificates to trust besides the system's.
	CAFile string `yaml:"ca_file"`

	// Browser reaches agents' browsers, for orders; nil takes none.
	Browser Browser `yaml:"-"`
	// Tap sees every raw message before it is decoded; it must be quick and safe for concurrent use.
	Tap func(platform.Message) `yaml:"-"`
}

// instanceARN is the form of an instance's name; its parts are the region and the id.
var instanceARN = regexp.MustCompile(`^arn:aws[a-z-]*:connect:([a-z0-9-]+):[0-9]{12}:instance/([0-9A-Za-z-]+)$`)

// Check reports everything that is wrong, each with the name of its field.
func (c *Config) Check() error {
	var errs []error
	bad := func(field, format string, a ...any) {
		errs = append(errs, config.At(field, fmt.Errorf(field+": "+format, a...)))
	}
	if !instanceARN.MatchString(c.Instance) {
		bad("instance", "wants the instance's ARN, such as arn:aws:connect:eu-central-1:111122223333:instance/0a1b…")
	}
	if (c.AccessKeyID == "") != c.SecretAccessKey.IsZero() {
		bad("access_key_id", "access_key_id and secret_access_key belong together")
	}
	if c.Stream == "" && c.Queue == "" && c.ReceiveKey.IsZero() && !c.Browsers {
		bad("stream", "nothing could be heard: give a stream, a queue, a receive_key, or set browsers")
	}
	for _, x := range []struct{ field, s string }{{"queue", c.Queue}, {"endpoint", c.Endpoint}, {"stream_endpoint", c.StreamEndpoint}} {
		u, err := url.Parse(x.s)
		if x.s != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil) {
			bad(x.field, "wants an address that begins with https://")
		}
	}
	if key := c.ReceiveKey.Reveal(); key != "" && len(key) < 16 {
		bad("receive_key", "wants 16 characters or more")
	}
	if !platform.ValidHeader(c.header()) {
		bad("receive_header", "is no name of a header")
	}
	if c.RequestsPerSecond < 0 {
		bad("requests_per_second", "is negative")
	}
	for id, mode := range c.Campaigns {
		if !slices.Contains([]call.Mode{call.DirectPreview, call.Progressive, call.Predictive}, mode) {
			bad("campaigns", "%s: wants direct-preview, progressive or predictive, not %q", id, mode)
		}
	}
	return errors.Join(errs...)
}

func (c *Config) region() string     { return instanceARN.FindStringSubmatch(c.Instance)[1] }
func (c *Config) instanceID() string { return instanceARN.FindStringSubmatch(c.Instance)[2] }

// header is the name of the header that carries the key of what is sent to us.
func (c *Config) header() string { return cmp.Or(c.ReceiveHeader, platform.DefaultHeader) }

// endpoint is the address of a service.
func (c *Config) endpoint(service, own string) string {
	if at := cmp.Or(own, c.Endpoint); at != "" {
		return strings.TrimRight(at, "/")
	}
	domain := "amazonaws.com"
	if strings.HasPrefix(c.Instance, "arn:aws-cn:") {
		domain = "amazonaws.com.cn"
	}
	return "https://" + service + "." + c.region() + "." + domain
}
