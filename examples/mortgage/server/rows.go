package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// notInputs are columns of the records that no form asks for; they never leave this program.
var notInputs = []string{"application", "afam", "deny"}

// ReadSlices reads every NAME.csv of a folder into request bodies.
func ReadSlices(folder string) (map[string][][]byte, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.csv"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no .csv file in %s", folder)
	}
	all := make(map[string][][]byte, len(paths))
	for _, path := range paths {
		bodies, err := readRows(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all[strings.TrimSuffix(filepath.Base(path), ".csv")] = bodies
	}
	return all, nil
}

func readRows(path string) ([][]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) < 2 {
		return nil, fmt.Errorf("has no rows")
	}
	bodies := make([][]byte, 0, len(rows)-1)
	for line, row := range rows[1:] {
		body, err := requestBody(rows[0], row)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", line+1, err)
		}
		bodies = append(bodies, body)
	}
	return bodies, nil
}

func requestBody(header, row []string) ([]byte, error) {
	inputs := map[string]float64{}
	for i, name := range header {
		if slices.Contains(notInputs, name) {
			continue
		}
		value, err := strconv.ParseFloat(row[i], 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		inputs[name] = value
	}
	return json.Marshal(inputs)
}
