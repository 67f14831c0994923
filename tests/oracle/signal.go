package main

import (
	"context"
	"fmt"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/xconsumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pprofile"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.opentelemetry.io/collector/processor/xprocessor"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// encoding selects how a message is written down.
type encoding bool

const (
	asJSON  encoding = false
	asProto encoding = true
)

// stage is one configured processor of a chain.
type stage struct {
	factory processor.Factory
	config  component.Config
}

// message is one telemetry message of some signal, taken through a chain of processors.
type runner func(in []byte, from, to encoding) (out []byte, dropped bool, err error)

// signalKind ties together what the four signals do the same way with different types.
// D is the pdata type, C the consumer interface.
type signalKind[D, C any] struct {
	readJSON, readProto   func([]byte) (D, error)
	writeJSON, writeProto func(D) ([]byte, error)
	create                func(ctx context.Context, f processor.Factory, s processor.Settings, cfg component.Config, next C) (C, error)
	sink                  func(into *[]D) (C, error)
	consume               func(ctx context.Context, c C, d D) error
}

var traces = signalKind[ptrace.Traces, consumer.Traces]{
	readJSON:   (&ptrace.JSONUnmarshaler{}).UnmarshalTraces,
	readProto:  (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces,
	writeJSON:  (&ptrace.JSONMarshaler{}).MarshalTraces,
	writeProto: (&ptrace.ProtoMarshaler{}).MarshalTraces,
	create: func(ctx context.Context, f processor.Factory, s processor.Settings, cfg component.Config, next consumer.Traces) (consumer.Traces, error) {
		return f.CreateTraces(ctx, s, cfg, next)
	},
	sink: func(into *[]ptrace.Traces) (consumer.Traces, error) {
		return consumer.NewTraces(func(_ context.Context, d ptrace.Traces) error { *into = append(*into, d); return nil },
			consumer.WithCapabilities(consumer.Capabilities{MutatesData: true}))
	},
	consume: func(ctx context.Context, c consumer.Traces, d ptrace.Traces) error { return c.ConsumeTraces(ctx, d) },
}

var metrics = signalKind[pmetric.Metrics, consumer.Metrics]{
	readJSON:   (&pmetric.JSONUnmarshaler{}).UnmarshalMetrics,
	readProto:  (&pmetric.ProtoUnmarshaler{}).UnmarshalMetrics,
	writeJSON:  (&pmetric.JSONMarshaler{}).MarshalMetrics,
	writeProto: (&pmetric.ProtoMarshaler{}).MarshalMetrics,
	create: func(ctx context.Context, f processor.Factory, s processor.Settings, cfg component.Config, next consumer.Metrics) (consumer.Metrics, error) {
		return f.CreateMetrics(ctx, s, cfg, next)
	},
	sink: func(into *[]pmetric.Metrics) (consumer.Metrics, error) {
		return consumer.NewMetrics(func(_ context.Context, d pmetric.Metrics) error { *into = append(*into, d); return nil },
			consumer.WithCapabilities(consumer.Capabilities{MutatesData: true}))
	},
	consume: func(ctx context.Context, c consumer.Metrics, d pmetric.Metrics) error {
		return c.ConsumeMetrics(ctx, d)
	},
}

var logs = signalKind[plog.Logs, consumer.Logs]{
	readJSON:   (&plog.JSONUnmarshaler{}).UnmarshalLogs,
	readProto:  (&plog.ProtoUnmarshaler{}).UnmarshalLogs,
	writeJSON:  (&plog.JSONMarshaler{}).MarshalLogs,
	writeProto: (&plog.ProtoMarshaler{}).MarshalLogs,
	create: func(ctx context.Context, f processor.Factory, s processor.Settings, cfg component.Config, next consumer.Logs) (consumer.Logs, error) {
		return f.CreateLogs(ctx, s, cfg, next)
	},
	sink: func(into *[]plog.Logs) (consumer.Logs, error) {
		return consumer.NewLogs(func(_ context.Context, d plog.Logs) error { *into = append(*into, d); return nil },
			consumer.WithCapabilities(consumer.Capabilities{MutatesData: true}))
	},
	consume: func(ctx context.Context, c consumer.Logs, d plog.Logs) error { return c.ConsumeLogs(ctx, d) },
}

var profiles = signalKind[pprofile.Profiles, xconsumer.Profiles]{
	readJSON:   (&pprofile.JSONUnmarshaler{}).UnmarshalProfiles,
	readProto:  (&pprofile.ProtoUnmarshaler{}).UnmarshalProfiles,
	writeJSON:  (&pprofile.JSONMarshaler{}).MarshalProfiles,
	writeProto: (&pprofile.ProtoMarshaler{}).MarshalProfiles,
	create: func(ctx context.Context, f processor.Factory, s processor.Settings, cfg component.Config, next xconsumer.Profiles) (xconsumer.Profiles, error) {
		x, ok := f.(xprocessor.Factory)
		if !ok {
			return nil, fmt.Errorf("%s has no profiles", f.Type())
		}
		return x.CreateProfiles(ctx, s, cfg, next)
	},
	sink: func(into *[]pprofile.Profiles) (xconsumer.Profiles, error) {
		return xconsumer.NewProfiles(func(_ context.Context, d pprofile.Profiles) error { *into = append(*into, d); return nil },
			consumer.WithCapabilities(consumer.Capabilities{MutatesData: true}))
	},
	consume: func(ctx context.Context, c xconsumer.Profiles, d pprofile.Profiles) error {
		return c.ConsumeProfiles(ctx, d)
	},
}

// chain builds the processors from the last to the first, each feeding the next one.
func (k signalKind[D, C]) chain(ctx context.Context, stages []stage, core zapcore.Core) (runner, error) {
	var out []D
	head, err := k.sink(&out)
	if err != nil {
		return nil, err
	}
	for i := len(stages) - 1; i >= 0; i-- {
		set := processortest.NewNopSettings(stages[i].factory.Type())
		if core != nil {
			set.Logger = zap.New(core)
		}
		if head, err = k.create(ctx, stages[i].factory, set, stages[i].config, head); err != nil {
			return nil, err
		}
	}
	return func(in []byte, from, to encoding) ([]byte, bool, error) {
		out = out[:0]
		d, err := k.read(in, from)
		if err != nil {
			return nil, false, fmt.Errorf("input: %w", err)
		}
		if err := k.consume(ctx, head, d); err != nil {
			return nil, false, err
		}
		if len(out) == 0 {
			return nil, true, nil
		}
		b, err := k.write(out[0], to)
		return b, false, err
	}, nil
}

func (k signalKind[D, C]) read(in []byte, e encoding) (D, error) {
	if e == asProto {
		return k.readProto(in)
	}
	return k.readJSON(in)
}

func (k signalKind[D, C]) write(d D, e encoding) ([]byte, error) {
	if e == asProto {
		return k.writeProto(d)
	}
	return k.writeJSON(d)
}

func newRunner(ctx context.Context, signal string, stages []stage, core zapcore.Core) (runner, error) {
	switch signal {
	case "traces":
		return traces.chain(ctx, stages, core)
	case "metrics":
		return metrics.chain(ctx, stages, core)
	case "logs":
		return logs.chain(ctx, stages, core)
	case "profiles":
		return profiles.chain(ctx, stages, core)
	}
	return nil, fmt.Errorf("unknown signal %q", signal)
}
