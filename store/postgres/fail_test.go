package postgres

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"pgregory.net/rapid"

	"cordboard/engine"
)

// What an error of the server means for the engine. Inside the package: no test can make a server's disk fail.
func TestJudge(t *testing.T) {
	for _, test := range []struct {
		code string
		want error // one of the four, or nil: tried again
	}{
		{"23505", engine.ErrStale}, {"40001", engine.ErrStale}, {"40P01", engine.ErrStale}, {codeStale, engine.ErrStale},
		{codeFenced, engine.ErrFenced}, {"53100", ErrFull}, {"58030", engine.ErrBroken}, {"XX001", engine.ErrBroken}, {"XX002", engine.ErrBroken},
		{"57P01", nil}, {"57P02", nil}, {"57P03", nil}, {"25006", nil}, {"53300", nil}, {"08006", nil}, {"23502", nil},
	} {
		s := &Store{log: slog.New(slog.DiscardHandler)}
		err := s.judge("commit", fmt.Errorf("wrapped: %w", &pgconn.PgError{Code: test.code, Severity: "ERROR"}))
		for _, known := range []error{engine.ErrStale, engine.ErrFenced, engine.ErrBroken, ErrFull} {
			if errors.Is(err, known) != (known == test.want) {
				t.Errorf("%s: %v, want %v", test.code, err, test.want)
			}
		}
		if broken := s.usable() != nil; broken != (test.want == engine.ErrBroken) {
			t.Errorf("%s: afterwards broken is %v", test.code, broken)
		}
	}
}

// While the database is away it is tried again; its answers are not.
func TestAway(t *testing.T) {
	for _, test := range []struct {
		err  error
		want bool
	}{
		{io.ErrUnexpectedEOF, true},
		{&pgconn.PgError{Code: "57P01"}, true}, {&pgconn.PgError{Code: "57P03"}, true}, {&pgconn.PgError{Code: "53300"}, true}, {&pgconn.PgError{Code: "08006"}, true},
		{&pgconn.PgError{Code: "23505"}, false}, {&pgconn.PgError{Code: codeFenced}, false}, {&pgconn.PgError{Code: "53100"}, false},
		{engine.ErrBroken, false}, {ErrRefused, false},
	} {
		if got := away(fmt.Errorf("wrapped: %w", test.err)); got != test.want {
			t.Errorf("%v: away %v, want %v", test.err, got, test.want)
		}
	}
}

// Only a refused statement proves that nothing was stored.
func TestCertain(t *testing.T) {
	for _, test := range []struct {
		err  error
		want bool
	}{
		{&pgconn.PgError{Code: "23505", SeverityUnlocalized: "ERROR"}, true},
		{&pgconn.PgError{Code: "57P01", SeverityUnlocalized: "FATAL"}, false},
		{&pgconn.PgError{Code: "57P02", SeverityUnlocalized: "WARNING"}, false},
		{io.ErrUnexpectedEOF, false},
		{errors.New("the server rolled back"), false},
	} {
		if got := certain(fmt.Errorf("wrapped: %w", test.err)); got != test.want {
			t.Errorf("%v: certain %v, want %v", test.err, got, test.want)
		}
	}
}

func TestEscape(t *testing.T) {
	seen := map[string]string{}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune{'\\', '0', 0, 'a', 'é', '\x1f'})).Draw(t, "s")
		e := escape(s)
		if unescape(e) != s {
			t.Fatalf("%q comes back as %q", s, unescape(e))
		}
		if other, ok := seen[e]; ok && other != s {
			t.Fatalf("%q and %q are stored as one", s, other)
		}
		seen[e] = s
	})
}
