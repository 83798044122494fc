package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"cordboard/calling"
)

// A list of many numbers is stored, stored again without a change, and read, in a time that is logged. CORDBOARD_NUMBERS says how
// many.
func TestManyNumbers(t *testing.T) {
	n := 20_000
	if text := os.Getenv("CORDBOARD_NUMBERS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, filepath.Join(t.TempDir(), "journal.db"))
	list := make([]calling.Wish, n)
	for i := range list {
		list[i] = calling.Wish{Number: fmt.Sprintf("+1212%07d", i*7919%10_000_000), What: calling.NoCalls, At: time.Unix(1_800_000_000, 0), Who: "import", Why: "asked"}
	}
	for round, want := range []int{n, 0} {
		begun := time.Now()
		if got, err := s.Wish(t.Context(), list); err != nil || got != want {
			t.Fatalf("%d changed, want %d (%v)", got, want, err)
		}
		t.Logf("round %d: %d numbers in %v", round, n, time.Since(begun))
	}
	begun, read := time.Now(), 0
	for after := ""; ; {
		page, err := s.Listed(t.Context(), after, 2000)
		if err != nil {
			t.Fatal(err)
		}
		if read += len(page); len(page) < 2000 {
			break
		}
		after = page[len(page)-1].Number
	}
	if read != n {
		t.Errorf("%d read, want %d", read, n)
	}
	t.Logf("read %d in %v", read, time.Since(begun))
}
