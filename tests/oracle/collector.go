package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
)

// scheme under which the case's own text is handed to the resolver.
const scheme = "kase"

// textProvider serves one configuration text, so that it needs no file.
type textProvider struct{ text string }

func (p textProvider) Retrieve(context.Context, string, confmap.WatcherFunc) (*confmap.Retrieved, error) {
	return confmap.NewRetrievedFromYAML([]byte(p.text))
}
func (textProvider) Scheme() string                 { return scheme }
func (textProvider) Shutdown(context.Context) error { return nil }

// resolve expands a Collector configuration with exactly the variables of env set.
func resolve(ctx context.Context, text string, env map[string]string) (*confmap.Conf, error) {
	for name, value := range env {
		if err := os.Setenv(name, value); err != nil {
			return nil, err
		}
		defer os.Unsetenv(name)
	}
	r, err := confmap.NewResolver(confmap.ResolverSettings{
		URIs: []string{scheme + ":"},
		ProviderFactories: []confmap.ProviderFactory{
			confmap.NewProviderFactory(func(confmap.ProviderSettings) confmap.Provider { return textProvider{text} }),
			envprovider.NewFactory(),
			yamlprovider.NewFactory(),
		},
		DefaultScheme: "env",
	})
	if err != nil {
		return nil, err
	}
	defer r.Shutdown(ctx)
	return r.Resolve(ctx)
}

// pipelineSection is the part of a Collector configuration that orders processors.
type pipelineSection struct {
	Processors []component.ID `mapstructure:"processors"`
}

// collectorStages configures the transform and filter processors of the wanted pipeline, in order.
// Every such processor of the file is validated, as the Collector does, whether used or not.
// Other processors are passed over.
func collectorStages(ctx context.Context, c *kase) ([]stage, error) {
	conf, err := resolve(ctx, c.CollectorConfig, c.Env)
	if err != nil {
		return nil, err
	}
	stages := map[component.ID]stage{}
	declared := map[component.ID]bool{}
	bodies, err := conf.Sub("processors")
	if err != nil {
		return nil, err
	}
	for key := range bodies.ToStringMap() {
		var id component.ID
		if err := id.UnmarshalText([]byte(key)); err != nil {
			return nil, err
		}
		declared[id] = true
		f, ok := factories[id.Type().String()]
		if !ok {
			continue
		}
		body, err := bodies.Sub(key)
		if err != nil {
			return nil, fmt.Errorf("processors::%s: %w", id, err)
		}
		if stages[id], err = newStage(f, body); err != nil {
			return nil, fmt.Errorf("processors::%s: %w", id, err)
		}
	}
	section, err := conf.Sub("service::pipelines")
	if err != nil {
		return nil, err
	}
	pipelines := map[string]pipelineSection{}
	for key := range section.ToStringMap() {
		body, err := section.Sub(key)
		if err != nil {
			return nil, fmt.Errorf("service::pipelines::%s: %w", key, err)
		}
		var p pipelineSection
		if err := body.Unmarshal(&p, confmap.WithIgnoreUnused()); err != nil {
			return nil, fmt.Errorf("service::pipelines::%s: %w", key, err)
		}
		pipelines[key] = p
	}
	name, err := choose(pipelines, c)
	if err != nil {
		return nil, err
	}
	var chosen []stage
	for _, id := range pipelines[name].Processors {
		if !declared[id] {
			return nil, fmt.Errorf("service::pipelines::%s: references processor %q which is not configured", name, id)
		}
		if s, ok := stages[id]; ok {
			chosen = append(chosen, s)
		}
	}
	return chosen, nil
}

// choose picks the case's pipeline, or the only one of its signal.
func choose(pipelines map[string]pipelineSection, c *kase) (string, error) {
	if c.Pipeline != "" {
		if _, ok := pipelines[c.Pipeline]; !ok {
			return "", fmt.Errorf("no pipeline %q", c.Pipeline)
		}
		return c.Pipeline, nil
	}
	found := ""
	for name := range pipelines {
		if kind, _, _ := strings.Cut(name, "/"); kind == c.Signal {
			if found != "" {
				return "", fmt.Errorf("several pipelines for %s", c.Signal)
			}
			found = name
		}
	}
	if found == "" {
		return "", fmt.Errorf("no pipeline for %s", c.Signal)
	}
	return found, nil
}
