package sqlite_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childPath); path != "" {
		begin := child
		if os.Getenv(childTable) != "" {
			begin = counting
		}
		if err := begin(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0) // as if it was killed: nothing is closed
	}
	goleak.VerifyTestMain(m)
}
