//go:build !profiles

package main

import (
	"errors"

	"go.opentelemetry.io/collector/component"
)

// parseLibrary declines: the contexts for profiles are in a module that no proxy serves at this version.
func parseLibrary(component.TelemetrySettings, []libraryGroup) ([]profileGroup, error) {
	return nil, errors.New("oracle: not covered: profilesample")
}
