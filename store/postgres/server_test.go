package postgres_test

import (
	"fmt"
	"os"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"cordboard/store/postgres/pgtest"
)

// shared is the server that tests use which do not stop it.
var shared struct {
	once sync.Once
	*pgtest.Server
	err error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.Server != nil {
		shared.Remove()
	}
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// running returns the shared server.
func running(t testing.TB) *pgtest.Server {
	t.Helper()
	shared.once.Do(func() { shared.Server, shared.err = pgtest.New() })
	pgtest.SkipOrFail(t, shared.err)
	return shared.Server
}
