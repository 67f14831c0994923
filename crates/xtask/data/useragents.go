package main

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/ua-parser/uap-go/uaparser"
	"gopkg.in/yaml.v3"
)

// writeUserAgents prints the expressions that tell browsers and systems, in their order. Those for devices are left out:
// no function asks for them.
func writeUserAgents(out *bufio.Writer) {
	head(out, "github.com/ua-parser/uap-go", `A line is the kind ("browser" or "system"), the expression, and the templates of the name and of the parts of the
version, each behind a tab. An empty template stands for the group of its place, $1 for the first.`,
		`Copyright the authors of uap-core
Licensed under the Apache License, Version 2.0: https://www.apache.org/licenses/LICENSE-2.0`)
	var all struct {
		Browsers []map[string]string `yaml:"user_agent_parsers"`
		Systems  []map[string]string `yaml:"os_parsers"`
	}
	check(yaml.Unmarshal(uaparser.DefinitionYaml, &all))
	print := func(kind string, rows []map[string]string, fields ...string) {
		for _, row := range rows {
			expression := row["regex"]
			if flags := row["regex_flag"]; flags != "" {
				expression = "(?" + flags + ")" + expression
			}
			known := 1
			if _, ok := row["regex_flag"]; ok {
				known++
			}
			cells := []string{kind, expression}
			for _, field := range fields {
				if _, ok := row[field]; ok {
					known++
				}
				cells = append(cells, row[field])
			}
			if known != len(row) || strings.Count(strings.Join(cells, ""), "\t") > 0 || strings.ContainsAny(strings.Join(cells, ""), "\n\r") {
				panic(fmt.Sprint("a row of another form: ", row))
			}
			fmt.Fprintln(out, strings.TrimRight(strings.Join(cells, "\t"), "\t"))
		}
	}
	print("browser", all.Browsers, "family_replacement", "v1_replacement", "v2_replacement", "v3_replacement")
	print("system", all.Systems, "os_replacement", "os_v1_replacement", "os_v2_replacement", "os_v3_replacement", "os_v4_replacement")
}
