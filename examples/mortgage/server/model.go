package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

const maxModelBytes = 1 << 20

// Model is a logistic regression on plain inputs: the document evidence/v*/model.json.
type Model struct {
	Name      string  `json:"name"`
	Version   string  `json:"version"`
	Kind      string  `json:"kind"`
	Predicts  string  `json:"predicts"`
	Terms     []Term  `json:"terms"`
	Intercept float64 `json:"intercept"`
	Threshold float64 `json:"threshold"` // a score at or above it is a denial

	Digest string `json:"-"` // sha256:… of the file
}

// Term is coefficient · featureᵖᵒʷᵉʳ; power is 1 or 2.
type Term struct {
	Feature     string  `json:"feature"`
	Power       int     `json:"power"`
	Coefficient float64 `json:"coefficient"`
}

// ReadModel reads a model file and refuses it when its digest is not the wanted one ("" takes any).
func ReadModel(path, wanted string) (*Model, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the model: %w", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxModelBytes+1))
	if err != nil {
		return nil, fmt.Errorf("cannot read the model: %w", err)
	}
	if len(text) > maxModelBytes {
		return nil, fmt.Errorf("model %s is larger than %d bytes", path, maxModelBytes)
	}
	sum := sha256.Sum256(text)
	digest := "sha256:" + hex.EncodeToString(sum[:])
	if wanted != "" && wanted != digest {
		return nil, fmt.Errorf("model %s has digest %s, not %s as this pod was told", path, digest, wanted)
	}
	model := &Model{Digest: digest}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(model); err != nil {
		return nil, fmt.Errorf("model %s: %w", path, err)
	}
	if err := model.check(); err != nil {
		return nil, fmt.Errorf("model %s: %w", path, err)
	}
	return model, nil
}

func (m *Model) check() error {
	switch {
	case m.Kind != "logistic-regression" || m.Predicts != "deny":
		return fmt.Errorf("is a %q that predicts %q; only a logistic-regression of deny is served", m.Kind, m.Predicts)
	case m.Version == "":
		return errors.New("has no version")
	case len(m.Terms) == 0:
		return errors.New("has no terms")
	case !(m.Threshold > 0 && m.Threshold < 1):
		return fmt.Errorf("threshold %v is not between 0 and 1", m.Threshold)
	}
	for _, term := range m.Terms {
		if term.Feature == "" || (term.Power != 1 && term.Power != 2) {
			return fmt.Errorf("term %+v: needs a feature and power 1 or 2", term)
		}
	}
	return nil
}

// MissingFeature says which input a row lacks.
type MissingFeature string

func (f MissingFeature) Error() string { return "no value for " + string(f) }

// Score is the probability of denial, summed in the order of the terms as at training time.
func (m *Model) Score(row map[string]*float64) (float64, error) {
	total := m.Intercept
	for _, term := range m.Terms {
		value := row[term.Feature]
		if value == nil {
			return 0, MissingFeature(term.Feature)
		}
		power := *value
		if term.Power == 2 {
			power = *value * *value
		}
		// The conversion keeps the compiler from fusing multiply and add, which would round differently.
		total += float64(term.Coefficient * power)
	}
	score := 1 / (1 + math.Exp(-total))
	if math.IsNaN(score) {
		return 0, errors.New("the values are too large")
	}
	return score, nil
}
