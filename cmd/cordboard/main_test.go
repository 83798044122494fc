package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// childEnv makes the test binary be the server: what is killed in these tests is a process of its own, and one that the
// race detector watches.
const childEnv = "CORDBOARD_TEST_CHILD"

func TestMain(m *testing.M) {
	if point := os.Getenv(pointEnv); point != "" {
		os.Exit(serveUntil(point))
	}
	if os.Getenv(childEnv) != "" {
		main()
	}
	goleak.VerifyTestMain(m)
}

// command runs a command as people do and returns its exit code and what it printed.
func command(t *testing.T, ctx context.Context, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(ctx, args, streams{strings.NewReader(stdin), &out, &errs})
	http.DefaultClient.CloseIdleConnections()
	return code, out.String(), errs.String()
}
