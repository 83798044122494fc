package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"cordboard/config"
	"cordboard/table"
	"cordboard/tables"
)

// openTables makes the data tables that files define.
func (s *Server) openTables(ctx context.Context) error {
	files, err := loadTables(s.cfg.Tables, s.cfg.path)
	if err != nil {
		return err
	}
	s.tables = table.New(s.store)
	if err := s.tables.Adopt(ctx, files); err != nil {
		return fmt.Errorf("tables: %w", err)
	}
	return nil
}

// loadTables reads the files of data tables. The error names every mistake with its place.
func loadTables(names []string, resolve func(string) string) ([]table.File, error) {
	ship, err := fs.Glob(tables.FS, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("tables: %w", err)
	}
	sources, err := filesOf("tables", names, resolve, shipped{tables.FS, ship})
	if err != nil {
		return nil, err
	}
	var problems config.Problems
	var files []table.File
	homes := map[string]string{}
	for _, src := range sources {
		f, found := table.ReadFile(src.name, src.src)
		problems = append(problems, found...)
		if other := homes[f.Name]; other != "" && len(found) == 0 {
			return nil, errors.Join(problems.Err(), fmt.Errorf("%s: the table %s is also defined in %s", src.name, f.Name, other))
		}
		homes[f.Name] = src.name
		if filepath.IsAbs(src.name) { // other nodes may keep the file elsewhere
			f.File = filepath.Base(src.name)
		}
		files = append(files, f)
	}
	return files, problems.Err()
}
