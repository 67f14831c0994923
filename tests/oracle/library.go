package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/xconsumer"
	"go.opentelemetry.io/collector/pdata/pprofile"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/xprocessor"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
)

// libraryConfig is the body of a transform processor for profiles, as far as it is asked for here. A group without a context
// is one whose context is inferred.
type libraryConfig struct {
	ErrorMode         ottl.ErrorMode `mapstructure:"error_mode"`
	ProfileStatements []any          `mapstructure:"profile_statements"`

	groups []libraryGroup
}

// libraryGroup is a group of statements.
type libraryGroup struct {
	context    string
	conditions []string
	statements []string
	errorMode  ottl.ErrorMode
}

// GetStatements makes a group one that a collection of parsers takes.
func (g libraryGroup) GetStatements() []string { return g.statements }

// profileGroup is a parsed group, to be run over a message.
type profileGroup interface {
	run(ctx context.Context, d pprofile.Profiles) error
}

// Validate parses everything.
func (c *libraryConfig) Validate() error {
	_, err := c.parse(component.TelemetrySettings{})
	return err
}

func (c *libraryConfig) parse(set component.TelemetrySettings) ([]profileGroup, error) {
	if c.groups == nil {
		if err := c.read(); err != nil {
			return nil, err
		}
	}
	return parseLibrary(set, c.groups)
}

// read takes the list apart: texts alone are one group.
func (c *libraryConfig) read() error {
	var flat libraryGroup
	for _, entry := range c.ProfileStatements {
		switch entry := entry.(type) {
		case string:
			flat.statements = append(flat.statements, entry)
		case map[string]any:
			group, err := readGroup(entry, c.ErrorMode)
			if err != nil {
				return err
			}
			c.groups = append(c.groups, group)
		default:
			return fmt.Errorf("a group cannot be a %T", entry)
		}
	}
	if flat.errorMode = c.ErrorMode; len(flat.statements) > 0 {
		if len(c.groups) > 0 {
			return errors.New("groups and statements in one list")
		}
		c.groups = []libraryGroup{flat}
	}
	return nil
}

func readGroup(entry map[string]any, mode ottl.ErrorMode) (group libraryGroup, err error) {
	texts := func(value any) (all []string) {
		list, _ := value.([]any)
		for _, text := range list {
			all = append(all, fmt.Sprint(text))
		}
		return all
	}
	group.errorMode = mode
	for key, value := range entry {
		switch key {
		case "context":
			group.context = strings.ToLower(fmt.Sprint(value))
		case "conditions":
			group.conditions = texts(value)
		case "statements":
			group.statements = texts(value)
		case "error_mode":
			err = errors.Join(err, group.errorMode.UnmarshalText([]byte(fmt.Sprint(value))))
		default:
			err = errors.Join(err, fmt.Errorf("groups have no %q", key))
		}
	}
	return group, err
}

// newLibraryFactory is a processor that the reference does not have: it runs statements in those contexts for profiles that
// its library has, also where no processor takes them.
func newLibraryFactory() processor.Factory {
	return xprocessor.NewFactory(
		component.MustNewType("library"),
		func() component.Config { return &libraryConfig{ErrorMode: ottl.IgnoreError} },
		xprocessor.WithProfiles(func(_ context.Context, set processor.Settings, config component.Config, next xconsumer.Profiles) (xprocessor.Profiles, error) {
			groups, err := config.(*libraryConfig).parse(set.TelemetrySettings)
			if err != nil {
				return nil, err
			}
			return &libraryProcessor{groups: groups, next: next}, nil
		}, component.StabilityLevelDevelopment))
}

type libraryProcessor struct {
	component.StartFunc
	component.ShutdownFunc
	groups []profileGroup
	next   xconsumer.Profiles
}

// Capabilities says that messages are changed.
func (*libraryProcessor) Capabilities() consumer.Capabilities {
	return consumer.Capabilities{MutatesData: true}
}

// ConsumeProfiles runs the groups, each over the whole message.
func (p *libraryProcessor) ConsumeProfiles(ctx context.Context, d pprofile.Profiles) error {
	for _, group := range p.groups {
		if err := group.run(ctx, d); err != nil {
			return err
		}
	}
	return p.next.ConsumeProfiles(ctx, d)
}
