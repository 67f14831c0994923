// Package ottlprofile takes the place of the profile context, whose module no proxy serves at this version. It has the
// names that the processors use; whoever wants a parser of it is declined, so nothing else is ever reached.
package ottlprofile

import (
	"errors"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pprofile"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
)

// ContextName is what paths of this context begin with.
const ContextName = "profile"

// TransformContext is what statements would run on.
type TransformContext struct{}

// Close gives nothing back.
func (*TransformContext) Close() {}

// Options of the functions below.
type (
	TransformContextOption  func(*TransformContext)
	StatementSequenceOption func(*ottl.StatementSequence[*TransformContext])
	ConditionSequenceOption func(*ottl.ConditionSequence[*TransformContext])
)

// NewParser declines.
func NewParser(
	map[string]ottl.Factory[*TransformContext], component.TelemetrySettings, ...ottl.Option[*TransformContext],
) (none ottl.Parser[*TransformContext], err error) {
	return none, errors.New("oracle: not covered: profiles")
}

// NewTransformContext has nothing to hold.
func NewTransformContext(
	pprofile.ResourceProfiles, pprofile.ScopeProfiles, pprofile.Profile, pprofile.ProfilesDictionary, ...TransformContextOption,
) *TransformContext {
	return new(TransformContext)
}

// EnablePathContextNames changes nothing.
func EnablePathContextNames() ottl.Option[*TransformContext] {
	return func(*ottl.Parser[*TransformContext]) {}
}

// WithCache changes nothing.
func WithCache(*pcommon.Map) TransformContextOption { return func(*TransformContext) {} }

// WithStatementSequenceErrorMode changes nothing.
func WithStatementSequenceErrorMode(ottl.ErrorMode) StatementSequenceOption {
	return func(*ottl.StatementSequence[*TransformContext]) {}
}

// WithConditionSequenceErrorMode changes nothing.
func WithConditionSequenceErrorMode(ottl.ErrorMode) ConditionSequenceOption {
	return func(*ottl.ConditionSequence[*TransformContext]) {}
}

// NewStatementSequence is never reached: there are no statements without a parser.
func NewStatementSequence(
	statements []*ottl.Statement[*TransformContext], set component.TelemetrySettings, _ ...StatementSequenceOption,
) ottl.StatementSequence[*TransformContext] {
	return ottl.NewStatementSequence(statements, set)
}

// NewConditionSequence is never reached either.
func NewConditionSequence(
	conditions []*ottl.Condition[*TransformContext], set component.TelemetrySettings, _ ...ConditionSequenceOption,
) ottl.ConditionSequence[*TransformContext] {
	return ottl.NewConditionSequence(conditions, set)
}
