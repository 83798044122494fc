package connect

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

	"cordboard/platform"
)

// services are the clients of Amazon's services. Requests are tried once: those who send them know when to try again.
type services struct {
	http        *http.Client
	credentials aws.CredentialsProvider
	kinesis     *kinesis.Client
	sqs         *sqs.Client
}

// openServices finds the credentials; nothing is sent before they are used.
func openServices(ctx context.Context, cfg *Config) (*services, error) {
	tlsCfg, err := platform.TLSConfig(cfg.CAFile)
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig, transport.MaxIdleConnsPerHost = tlsCfg, 64
	s := &services{http: &http.Client{Transport: transport, Timeout: 40 * time.Second}}
	if cfg.AccessKeyID != "" {
		s.credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: cfg.AccessKeyID, SecretAccessKey: cfg.SecretAccessKey.Reveal(), Source: "cordboard.yaml"}, nil
		})
	} else {
		found, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(cfg.region()))
		if err != nil {
			return nil, fmt.Errorf("credentials: %w", err)
		}
		s.credentials = found.Credentials
	}
	base := func(own string) *string {
		if own == "" && cfg.Endpoint == "" {
			return nil
		}
		return aws.String(cfg.endpoint("", own))
	}
	s.kinesis = kinesis.New(kinesis.Options{Region: cfg.region(), Credentials: s.credentials, HTTPClient: s.http, Retryer: aws.NopRetryer{}, BaseEndpoint: base(cfg.StreamEndpoint)})
	s.sqs = sqs.New(sqs.Options{Region: cfg.region(), Credentials: s.credentials, HTTPClient: s.http, Retryer: aws.NopRetryer{}, BaseEndpoint: base("")})
	return s, nil
}

// refusals are the services' words for a request that will not be taken before somebody has changed something: "Common
// Error Types" of the services' API references.
var refusals = []string{
	"AccessDenied", "AccessDeniedException", "AuthFailure", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "IncompleteSignatureException",
	"InvalidClientTokenId", "InvalidSignatureException", "MissingAuthenticationToken", "MissingAuthenticationTokenException", "NotAuthorized", "OptInRequired",
	"SignatureDoesNotMatch", "UnrecognizedClientException", "ResourceNotFoundException", "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue",
}

// judged is an error of a service with its meaning: platform.ErrRefused for what is no use to try again soon. It names the
// operation and the service's word for the error, and leaves out the rest, which may hold ids.
func judged(doing string, err error) error {
	if err == nil {
		return nil
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		if slices.Contains(refusals, api.ErrorCode()) {
			return fmt.Errorf("%s: %w: %s", doing, platform.ErrRefused, api.ErrorCode())
		}
		return fmt.Errorf("%s: %w", doing, &fault{api.ErrorCode()})
	}
	return fmt.Errorf("%s: %w", doing, platform.Bare(deepest(err)))
}

// fault is a service's own word for an error.
type fault struct{ code string }

func (f *fault) Error() string { return f.code }

// faulty reports whether an error is a service's, with one of the codes.
func faulty(err error, codes ...string) bool {
	f, ok := errors.AsType[*fault](err)
	return ok && slices.Contains(codes, f.code)
}

// deepest is the error under the layers of the SDK, which name addresses and request ids.
func deepest(err error) error {
	if op, ok := errors.AsType[*smithy.OperationError](err); ok {
		err = op.Err
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
