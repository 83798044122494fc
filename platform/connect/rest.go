package connect

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"cordboard/platform"
)

// api is the REST API of the instance and of its campaigns. The answers are needed as they come, for the decoder and for
// traces, so the requests are ours, signed by Amazon's signer.
type api struct {
	*Connector
	signer *v4.Signer
}

func newAPI(c *Connector) *api { return &api{Connector: c, signer: v4.NewSigner()} }

// get asks about one thing.
func (a *api) get(ctx context.Context, op, about string) ([]byte, error) {
	q, err := a.cfg.question(op, url.PathEscape(about))
	if err != nil {
		return nil, err
	}
	if op == currentUserData {
		q, _ = a.cfg.question(op, about) // in the body
	}
	answer, err := a.send(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	return answer, nil
}

// users asks for a page of the instance's users.
func (a *api) users(ctx context.Context, next string) ([]byte, error) {
	path := "/users-summary/" + a.cfg.instanceID() + "?maxResults=1000"
	if next != "" {
		path += "&nextToken=" + url.QueryEscape(next)
	}
	answer, err := a.send(ctx, question{"GET", "connect", path, nil})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", listUsers, err)
	}
	return answer, nil
}

// send signs and sends one request. Errors repeat neither ids nor bodies.
func (a *api) send(ctx context.Context, q question) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, questionTime)
	defer cancel()
	var body []byte
	if q.body != nil {
		var err error
		if body, err = json.Marshal(q.body); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, q.method, a.cfg.endpoint(q.service, "")+q.path, bytes.NewReader(body))
	if err != nil {
		return nil, platform.Bare(err)
	}
	req.Header.Set("Content-Type", "application/json")
	key, err := a.aws.credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("credentials: %w", deepest(err))
	}
	hash := sha256.Sum256(body)
	if err := a.signer.SignHTTP(ctx, key, req, hex.EncodeToString(hash[:]), q.service, a.cfg.region(), time.Now()); err != nil {
		return nil, err
	}
	resp, err := a.aws.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBusy, platform.Bare(err))
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxMessage))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBusy, err)
	}
	return answer, judgedAnswer(resp)
}

// judgedAnswer is what the status and the type of error of an answer mean.
func judgedAnswer(resp *http.Response) error {
	if resp.StatusCode < 300 {
		return nil
	}
	kind, _, _ := strings.Cut(resp.Header.Get("X-Amzn-Errortype"), ":")
	switch {
	case resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500:
		return fmt.Errorf("status %d: %w", resp.StatusCode, errBusy)
	case kind == "ResourceNotFoundException":
		return errors.New("not found")
	case resp.StatusCode == http.StatusForbidden || resp.StatusCode == http.StatusUnauthorized || slices.Contains(refusals, kind):
		return fmt.Errorf("status %d: %w", resp.StatusCode, platform.ErrRefused)
	}
	return fmt.Errorf("status %d", resp.StatusCode)
}
