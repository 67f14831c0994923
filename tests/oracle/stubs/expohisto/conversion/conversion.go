// Package conversion takes the place of the module that turns exponential histograms into explicit ones and that no
// proxy serves at this version. It has the names that are called, and declines.
package conversion

import "errors"

// errDeclined starts as every answer does that the oracle marks as uncovered.
var errDeclined = errors.New("oracle: not covered: exponential histogram conversion")

// Counts is a list of bucket counts.
type Counts interface {
	Len() int
	At(int) uint64
}

// Buckets is one side of a histogram.
type Buckets struct {
	Offset int32
	Counts Counts
}

// ExponentialHistogram is what would be converted.
type ExponentialHistogram struct {
	Count              uint64
	Scale              int32
	ZeroThreshold      float64
	ZeroCount          uint64
	Positive, Negative Buckets
}

// ToExplicit declines.
func ToExplicit(ExponentialHistogram, []float64, string) ([]uint64, error) { return nil, errDeclined }
