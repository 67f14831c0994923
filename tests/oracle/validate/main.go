// Command validate says of each configuration what `otelcol validate` says of it, as a line of JSON.
//
// The Collector is one of the modules that rules are about: the transform, filter and tail sampling processors, the
// count and forward connectors, and receivers and exporters that do nothing.
package main

import (
	"context"
	"encoding/json"
	"os"

	"github.com/open-telemetry/opentelemetry-collector-contrib/connector/countconnector"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/filterprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/transformprocessor"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/connector/forwardconnector"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/nopexporter"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/nopreceiver"
	"go.opentelemetry.io/collector/service/telemetry"
)

// said is what there is to say of a file; an empty error is none.
type said struct {
	File  string `json:"file"`
	Error string `json:"error"`
}

func factories() (otelcol.Factories, error) {
	var out otelcol.Factories
	var err error
	if out.Receivers, err = otelcol.MakeFactoryMap[receiver.Factory](nopreceiver.NewFactory()); err != nil {
		return out, err
	}
	if out.Exporters, err = otelcol.MakeFactoryMap[exporter.Factory](nopexporter.NewFactory()); err != nil {
		return out, err
	}
	out.Processors, err = otelcol.MakeFactoryMap[processor.Factory](
		transformprocessor.NewFactory(),
		filterprocessor.NewFactory(),
		tailsamplingprocessor.NewFactory(),
	)
	if err != nil {
		return out, err
	}
	out.Telemetry = telemetry.NewFactory(func() component.Config { return struct{}{} })
	out.Connectors, err = otelcol.MakeFactoryMap[connector.Factory](
		forwardconnector.NewFactory(), countconnector.NewFactory())
	return out, err
}

func validate(file string) error {
	collector, err := otelcol.NewCollector(otelcol.CollectorSettings{
		BuildInfo: component.BuildInfo{Command: "otelcol", Version: "0.165.1"},
		Factories: factories,
		ConfigProviderSettings: otelcol.ConfigProviderSettings{
			ResolverSettings: confmap.ResolverSettings{
				URIs: []string{file},
				ProviderFactories: []confmap.ProviderFactory{
					envprovider.NewFactory(), fileprovider.NewFactory(), yamlprovider.NewFactory(),
				},
				DefaultScheme: "env",
			},
		},
	})
	if err != nil {
		return err
	}
	return collector.DryRun(context.Background())
}

func main() {
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for _, file := range os.Args[1:] {
		line := said{File: file}
		if err := validate(file); err != nil {
			line.Error = err.Error()
		}
		if err := out.Encode(line); err != nil {
			os.Exit(1)
		}
	}
}
