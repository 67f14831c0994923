// Package ottlfuncs takes the place of the functions for profiles, whose module no proxy serves at this version. Its
// function can be named and not be called.
package ottlfuncs

import (
	"errors"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
)

// profileIDArguments are those of ProfileID.
type profileIDArguments[K any] struct{ Target ottl.Getter[K] }

// WithProfileConverters adds the function that declines.
func WithProfileConverters[K any](known map[string]ottl.Factory[K]) map[string]ottl.Factory[K] {
	decline := func(ottl.FunctionContext, ottl.Arguments) (ottl.ExprFunc[K], error) {
		return nil, errors.New("oracle: not covered: ProfileID")
	}
	known["ProfileID"] = ottl.NewFactory("ProfileID", &profileIDArguments[K]{}, decline)
	return known
}
