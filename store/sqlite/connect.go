package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"modernc.org/sqlite"
)

// oldest is the first SQLite in which a checkpoint beside a commit cannot corrupt the file or lose the commit
// ("The WAL-Reset Bug" of SQLite's page "Write-Ahead Logging").
var oldest = [3]int{3, 51, 3}

// supported returns an error when a SQLite version, as sqlite_version() writes it, is too old for this layout.
func supported(version string) error {
	var have [3]int
	parts := strings.SplitN(version, ".", len(have))
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 {
			return fmt.Errorf("SQLite version %q is not a version", version)
		}
		have[i] = n
	}
	if len(parts) != len(have) {
		return fmt.Errorf("SQLite version %q is not a version", version)
	}
	for i := range have {
		if have[i] > oldest[i] {
			return nil
		}
		if have[i] < oldest[i] {
			return fmt.Errorf("SQLite %s can lose commits when a checkpoint runs beside them (WAL-reset bug); at least %d.%d.%d is needed",
				version, oldest[0], oldest[1], oldest[2])
		}
	}
	return nil
}

// connector opens connections whose settings are proven: they are asked for in the data source name and read back.
type connector struct {
	driver.Connector
	want []setting
}

type setting struct{ pragma, value string }

// settings are what every connection must have. wal_autocheckpoint=0 leaves checkpoints to Run.
func settings(readOnly bool) []setting {
	query := "0"
	if readOnly {
		query = "1"
	}
	return []setting{
		{"busy_timeout", "5000"},
		{"journal_mode", "wal"},
		{"synchronous", "2"}, // FULL
		{"wal_autocheckpoint", "0"},
		{"foreign_keys", "0"},
		{"journal_size_limit", strconv.Itoa(walKeep)},
		{"query_only", query},
	}
}

// newConnector asks for the settings in the data source name and demands them from every new connection. cacheKiB is the size of a
// connection's page cache.
func newConnector(path string, readOnly bool, cacheKiB int) (*connector, error) {
	want := settings(readOnly)
	return newConnectorAsking(path, want, want, cacheKiB)
}

func newConnectorAsking(path string, ask, want []setting, cacheKiB int) (*connector, error) {
	q := url.Values{}
	for _, s := range ask {
		q.Add("_pragma", s.pragma+"("+s.value+")")
	}
	q.Add("_pragma", fmt.Sprintf("cache_size(-%d)", cacheKiB))
	q.Add("_pragma", "temp_store(memory)") // a statement of many rows may have to be undone: without this it writes to a file for that
	dsn := (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
	inner, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	return &connector{Connector: inner, want: want}, nil
}

// Connect implements [driver.Connector].
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.verify(ctx, conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func (c *connector) verify(ctx context.Context, conn driver.Conn) error {
	version, err := scalar(ctx, conn, "SELECT sqlite_version()")
	if err != nil {
		return err
	}
	if err := supported(version); err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	for _, s := range c.want {
		got, err := scalar(ctx, conn, "PRAGMA "+s.pragma)
		if err != nil {
			return err
		}
		if got != s.value {
			return fmt.Errorf("sqlite: a connection has %s=%s instead of %s: refused", s.pragma, got, s.value)
		}
	}
	return nil
}

// scalar returns the first column of a query's first row as text.
func scalar(ctx context.Context, conn driver.Conn, query string) (string, error) {
	rows, err := conn.(driver.QueryerContext).QueryContext(ctx, query, nil)
	if err != nil {
		return "", fmt.Errorf("sqlite: %s: %w", query, err)
	}
	defer func() { _ = rows.Close() }()
	row := make([]driver.Value, len(rows.Columns()))
	if err := rows.Next(row); err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("no answer")
		}
		return "", fmt.Errorf("sqlite: %s: %w", query, err)
	}
	return fmt.Sprint(row[0]), nil
}
