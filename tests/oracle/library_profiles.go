//go:build profiles

package main

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/pprofile"
	"go.uber.org/zap"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlprofile"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlprofilesample"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlresource"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlscope"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/ottlfuncs"
)

// libraryContext is a context: how its parser is made, and how its records are visited.
type libraryContext[K any] struct {
	name     string
	parser   func(map[string]ottl.Factory[K], component.TelemetrySettings, ...ottl.Option[K]) (ottl.Parser[K], error)
	prefixes func() ottl.Option[K]
	visit    func(d pprofile.Profiles, visitor func(K) error) error
}

// in adds the context to a collection of parsers.
func (c libraryContext[K]) in(pc *ottl.ParserCollection[profileGroup]) error {
	parser, err := c.parser(ottlfuncs.StandardFuncs[K](), pc.Settings, c.prefixes())
	if err != nil {
		return err
	}
	return ottl.WithParserCollectionContext(c.name, &parser, ottl.WithStatementConverter(c.convert))(pc)
}

// convert makes a group of parsed statements, and parses its conditions.
func (c libraryContext[K]) convert(pc *ottl.ParserCollection[profileGroup], statements ottl.StatementsGetter, parsed []*ottl.Statement[K]) (profileGroup, error) {
	group := statements.(libraryGroup)
	var options []ottl.Option[K]
	if group.context == "" {
		options = append(options, c.prefixes())
	}
	parser, err := c.parser(ottlfuncs.StandardConverters[K](), pc.Settings, options...)
	if err != nil {
		return nil, err
	}
	conditions, err := parser.ParseConditions(group.conditions)
	if err != nil {
		return nil, err
	}
	return &sequences[K]{
		conditions: ottl.NewConditionSequence(conditions, pc.Settings, ottl.WithConditionSequenceErrorMode[K](group.errorMode)),
		asked:      len(conditions) > 0,
		statements: ottl.NewStatementSequence(parsed, pc.Settings, ottl.WithStatementSequenceErrorMode[K](group.errorMode)),
		visit:      c.visit,
	}, nil
}

// sequences are the conditions, one of which has to hold, and the statements of a group.
type sequences[K any] struct {
	conditions ottl.ConditionSequence[K]
	asked      bool
	statements ottl.StatementSequence[K]
	visit      func(d pprofile.Profiles, visitor func(K) error) error
}

func (s *sequences[K]) run(ctx context.Context, d pprofile.Profiles) error {
	return s.visit(d, func(record K) error {
		if s.asked {
			if holds, err := s.conditions.Eval(ctx, record); err != nil || !holds {
				return err
			}
		}
		return s.statements.Execute(ctx, record)
	})
}

// parseLibrary parses groups with the library's own collection of parsers.
func parseLibrary(set component.TelemetrySettings, groups []libraryGroup) ([]profileGroup, error) {
	if set.Logger == nil {
		set.Logger = zap.NewNop()
	}
	all, err := ottl.NewParserCollection(set,
		libraryContext[*ottlresource.TransformContext]{
			ottlresource.ContextName, ottlresource.NewParser, ottlresource.EnablePathContextNames, visitResources,
		}.in,
		libraryContext[*ottlscope.TransformContext]{
			ottlscope.ContextName, ottlscope.NewParser, ottlscope.EnablePathContextNames, visitScopes,
		}.in,
		libraryContext[*ottlprofile.TransformContext]{
			ottlprofile.ContextName, ottlprofile.NewParser, ottlprofile.EnablePathContextNames, visitProfiles,
		}.in,
		libraryContext[*ottlprofilesample.TransformContext]{
			ottlprofilesample.ContextName, ottlprofilesample.NewParser, ottlprofilesample.EnablePathContextNames, visitSamples,
		}.in)
	if err != nil {
		return nil, err
	}
	var parsed []profileGroup
	for _, group := range groups {
		var run profileGroup
		if group.context == "" {
			run, err = all.ParseStatements(group, ottl.WithContextInferenceConditions(group.conditions))
		} else {
			run, err = all.ParseStatementsWithContext(group.context, group, true)
		}
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, run)
	}
	return parsed, nil
}

// closer is what all contexts are.
type closer interface{ Close() }

func visitOne[K closer](record K, visitor func(K) error) error {
	defer record.Close()
	return visitor(record)
}

func visitResources(d pprofile.Profiles, visitor func(*ottlresource.TransformContext) error) error {
	for _, resource := range d.ResourceProfiles().All() {
		if err := visitOne(ottlresource.NewTransformContext(resource.Resource(), resource), visitor); err != nil {
			return err
		}
	}
	return nil
}

func visitScopes(d pprofile.Profiles, visitor func(*ottlscope.TransformContext) error) error {
	for _, resource := range d.ResourceProfiles().All() {
		for _, scope := range resource.ScopeProfiles().All() {
			record := ottlscope.NewTransformContext(scope.Scope(), resource.Resource(), scope, resource)
			if err := visitOne(record, visitor); err != nil {
				return err
			}
		}
	}
	return nil
}

func visitProfiles(d pprofile.Profiles, visitor func(*ottlprofile.TransformContext) error) error {
	for _, resource := range d.ResourceProfiles().All() {
		for _, scope := range resource.ScopeProfiles().All() {
			for _, profile := range scope.Profiles().All() {
				record := ottlprofile.NewTransformContext(resource, scope, profile, d.Dictionary())
				if err := visitOne(record, visitor); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func visitSamples(d pprofile.Profiles, visitor func(*ottlprofilesample.TransformContext) error) error {
	for _, resource := range d.ResourceProfiles().All() {
		for _, scope := range resource.ScopeProfiles().All() {
			for _, profile := range scope.Profiles().All() {
				for _, sample := range profile.Samples().All() {
					record := ottlprofilesample.NewTransformContext(resource, scope, profile, sample, d.Dictionary())
					if err := visitOne(record, visitor); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}
