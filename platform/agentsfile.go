package platform

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// ReadAgents reads a file that lists agents, one a line, in cells between commas. Lines without anything, and those that
// begin with #, are passed over. Each gets the cells of a line without the blanks around them, at most so many: the last one
// has the rest of the line, commas included. An error of each is said of the file and the line.
func ReadAgents(path string, cells int, each func(cells []string) error) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("agents_file: %w", err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	for line := 1; sc.Scan(); line++ {
		text := strings.TrimSpace(sc.Text())
		if text == "" || text[0] == '#' {
			continue
		}
		row := strings.SplitN(text, ",", cells)
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		if err := each(row); err != nil {
			return fmt.Errorf("agents_file: %s:%d: %w", path, line, err)
		}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("agents_file: %s: %w", path, err)
	}
	return nil
}
