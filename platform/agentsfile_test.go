package platform_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cordboard/platform"
)

func TestReadAgents(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agents.csv")
	if err := os.WriteFile(path, []byte("# id,password,extension\n\n 1001 , a b , 2001\r\n  # left\n1002,x,y,z\n1003"), 0o600); err != nil {
		t.Fatal(err)
	}
	var got [][]string
	if err := platform.ReadAgents(path, 3, func(cells []string) error { got = append(got, cells); return nil }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"1001", "a b", "2001"}, {"1002", "x", "y,z"}, {"1003"}}, got); diff != "" {
		t.Error(diff)
	}
	wrong := errors.New("wrong")
	err := platform.ReadAgents(path, 3, func(cells []string) error {
		if cells[0] == "1002" {
			return wrong
		}
		return nil
	})
	if !errors.Is(err, wrong) || !strings.HasSuffix(err.Error(), "agents.csv:5: wrong") {
		t.Errorf("%v", err)
	}
	if err := platform.ReadAgents(path+"x", 1, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
