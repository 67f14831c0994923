package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/filterprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/transformprocessor"
	"go.opentelemetry.io/collector/client"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/processor"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
	"gopkg.in/yaml.v3"
)

// kase is one question and, after answer, its answer. See README.md for each field.
type kase struct {
	ID        string `json:"id"`
	Processor string `json:"processor,omitempty"`
	Signal    string `json:"signal"`
	Config    string `json:"config,omitempty"`

	CollectorConfig string            `json:"collector_config,omitempty"`
	Pipeline        string            `json:"pipeline,omitempty"`
	Env             map[string]string `json:"env,omitempty"`

	Input    json.RawMessage     `json:"input,omitempty"`
	Inputs   []json.RawMessage   `json:"inputs,omitempty"`
	InputPB  []byte              `json:"input_pb,omitempty"`
	WantPB   bool                `json:"want_pb,omitempty"`
	Metadata map[string][]string `json:"metadata,omitempty"`

	ConfigError string            `json:"config_error,omitempty"`
	Error       string            `json:"error,omitempty"`
	Output      json.RawMessage   `json:"output,omitempty"`
	Outputs     []json.RawMessage `json:"outputs,omitempty"`
	Errors      []string          `json:"errors,omitempty"`
	OutputPB    []byte            `json:"output_pb,omitempty"`
	Dropped     bool              `json:"dropped,omitempty"`
	Logs        []string          `json:"logs,omitempty"`
	Failed      []string          `json:"failed,omitempty"`
	Uncovered   string            `json:"uncovered,omitempty"`
}

// factories are the processors whose configuration holds OTTL.
var factories = map[string]processor.Factory{
	"transform": transformprocessor.NewFactory(),
	"filter":    filterprocessor.NewFactory(),
	"library":   newLibraryFactory(),
}

// newStage turns a processor's body into a validated configuration.
func newStage(f processor.Factory, body *confmap.Conf) (stage, error) {
	cfg := f.CreateDefaultConfig()
	if err := body.Unmarshal(cfg); err != nil {
		return stage{}, err
	}
	if v, ok := cfg.(interface{ Validate() error }); ok {
		if err := v.Validate(); err != nil {
			return stage{}, err
		}
	}
	return stage{factory: f, config: cfg}, nil
}

// bareStage reads a processor's body as written: nothing is expanded.
func bareStage(name, body string) (stage, error) {
	f, ok := factories[name]
	if !ok {
		return stage{}, fmt.Errorf("unknown processor %q", name)
	}
	m := map[string]any{}
	if err := yaml.Unmarshal([]byte(body), &m); err != nil {
		return stage{}, err
	}
	return newStage(f, confmap.NewFromStringMap(m))
}

func (c *kase) runner(core zapcore.Core) (runner, error) {
	ctx := context.Background()
	if len(c.Metadata) > 0 {
		ctx = client.NewContext(ctx, client.Info{Metadata: client.NewMetadata(c.Metadata)})
	}
	var stages []stage
	var err error
	if c.CollectorConfig != "" {
		stages, err = collectorStages(ctx, c)
	} else {
		var s stage
		s, err = bareStage(c.Processor, c.Config)
		stages = []stage{s}
	}
	if err != nil {
		return nil, err
	}
	return newRunner(ctx, c.Signal, stages, core)
}

// notCovered is what the modules under stubs say instead of an answer.
var notCovered = regexp.MustCompile(`oracle: not covered: [A-Za-z ]+`)

// answer fills in the result fields. A panic of the reference is reported, not passed on.
func (c *kase) answer() {
	defer func() {
		if r := recover(); r != nil {
			c.Error = fmt.Sprintf("panic: %v", r)
		}
		said := append([]string{c.ConfigError, c.Error}, append(c.Errors, c.Logs...)...)
		c.Uncovered = notCovered.FindString(strings.Join(said, "\n"))
	}()
	core, seen := observer.New(zapcore.WarnLevel)
	run, err := c.runner(core)
	if err != nil {
		c.ConfigError = err.Error()
		return
	}
	if len(c.Inputs) > 0 {
		for _, in := range c.Inputs {
			out, _, err := run(in, asJSON, asJSON)
			text := ""
			if err != nil {
				text = err.Error()
			}
			if out == nil {
				out = []byte("null")
			}
			c.Outputs, c.Errors = append(c.Outputs, out), append(c.Errors, text)
		}
	} else {
		in, from := []byte(c.Input), asJSON
		if len(c.Input) == 0 {
			in, from = c.InputPB, asProto
		}
		to := from
		if c.WantPB {
			to = asProto
		}
		out, dropped, err := run(in, from, to)
		if err != nil {
			c.Error = err.Error()
		}
		if c.Dropped = dropped; to == asProto {
			c.OutputPB = out
		} else {
			c.Output = out
		}
	}
	for _, e := range seen.All() {
		fields := e.ContextMap()
		line := e.Message
		if cause, ok := fields["error"]; ok {
			line += ": " + fmt.Sprint(cause)
		}
		c.Logs = append(c.Logs, line)
		for _, key := range []string{"statement", "condition"} {
			if text, ok := fields[key].(string); ok {
				c.Failed = append(c.Failed, text)
			}
		}
	}
}

// answerAll reads cases until the end of input. Each answer is handed out before the next case is begun, so that the first
// one that is missing tells which case never ended.
func answerAll(in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 1<<20), 1<<30)
	w := bufio.NewWriter(out)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for lines.Scan() {
		var c kase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return fmt.Errorf("bad case: %w", err)
		}
		c.answer()
		if err := enc.Encode(&c); err != nil {
			fmt.Fprintln(os.Stderr, "oracle:", c.ID, err)
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return lines.Err()
}
